"""The rules of an incident."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.common import Occurred, Sealed
from contracts.incidents import (
    Channel,
    IncidentReopened,
    IncidentReported,
    IncidentResolved,
    IncidentTriaged,
    OfficersArrived,
    OfficersDispatched,
    OfficersEnRoute,
    OfficersRecalled,
    Priority,
)
from services.incidents.deciders import INCIDENT
from services.incidents.domain.incident import Phase
from services.incidents.domain.incident_commands import (
    Arrive,
    DispatchOfficers,
    RecallOfficers,
    ReopenIncident,
    ReportIncident,
    ResolveIncident,
    SetOut,
    TriageIncident,
)
from services.incidents.domain.refusals import (
    HappenedBeforeItsCause,
    IncidentExists,
    IncidentIsResolved,
    IncidentNotResolved,
    IncidentUnknown,
    NotYetHappened,
    OccurrenceEndsBeforeItBegins,
    OccurrenceInTheFuture,
    OfficerNotDispatched,
    ZoneUnknown,
)
from tests.unit.given import NOON, story

given = story(INCIDENT)
PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
HALF_PAST_TEN = datetime(2024, 6, 30, 2, 30, tzinfo=UTC)


def minutes(count):
    return timedelta(minutes=count)


def happened(earliest=HALF_PAST_TEN, latest=None, zone="Asia/Shanghai"):
    return Occurred(earliest=earliest, latest=latest or earliest, zone=zone)


def report(**changes):
    told = {
        "incident": "i-1",
        "category": "noise/neighbour",
        "place": PLACE,
        "occurred": happened(),
        "channel": Channel.PHONE_110,
        "source_unit": "wanda-a-1812",
        "caller_unit": "wanda-a-1811",
    }
    return ReportIncident(**{**told, **changes})


def was_reported(**changes):
    told = report(**changes)
    return IncidentReported(**told.model_dump(exclude={"zone"}), effective_at=told.occurred.earliest)


def was_triaged(priority=Priority.URGENT, category="noise/neighbour", at=NOON):
    return IncidentTriaged(incident="i-1", place=PLACE, priority=priority, category=category, effective_at=at)


def were_dispatched(*officers, at=NOON, late=False):
    return OfficersDispatched(incident="i-1", place=PLACE, officers=officers, entered_late=late, effective_at=at)


def were_recalled(*officers, at=NOON):
    return OfficersRecalled(incident="i-1", place=PLACE, officers=officers, effective_at=at)


def is_en_route(officer, at=NOON):
    return OfficersEnRoute(incident="i-1", place=PLACE, officer=officer, effective_at=at)


def arrived(officer, waited, at=NOON, measured=True):
    return OfficersArrived(
        incident="i-1", place=PLACE, officer=officer, waited_seconds=waited, measured=measured, effective_at=at
    )


def was_resolved(outcome="settled", at=NOON, note=None):
    return IncidentResolved(incident="i-1", place=PLACE, outcome=outcome, note=note, effective_at=at)


def was_reopened(at=NOON):
    return IncidentReopened(incident="i-1", place=PLACE, effective_at=at)


# report


def test_a_report_enters_the_casebook_as_of_when_it_happened():
    state = given().when(report()).then(was_reported()).state
    assert (state.phase, state.category) == (Phase.REPORTED, "noise/neighbour")


def test_a_report_may_know_only_an_interval():
    interval = happened(HALF_PAST_TEN, HALF_PAST_TEN + minutes(60))
    given().when(report(occurred=interval)).then(was_reported(occurred=interval))


def test_the_same_report_twice_changes_nothing():
    given(was_reported()).when(report()).nothing()


def test_the_same_words_sealed_anew_are_the_same_report():
    first, again = (Sealed(key="case:i-1", text=text) for text in ("b25l", "dHdv"))
    given(was_reported(description=first)).when(report(description=again)).nothing()


def test_a_report_repeated_after_its_end_changes_nothing():
    given(was_reported(), was_resolved()).when(report()).nothing()


def test_an_id_stands_for_one_report():
    given(was_reported()).when(report(category="crime/theft")).refused(IncidentExists, pointer="/incident")


def test_an_interval_cannot_end_before_it_begins():
    upside_down = happened(HALF_PAST_TEN, HALF_PAST_TEN - minutes(1))
    given().when(report(occurred=upside_down)).refused(OccurrenceEndsBeforeItBegins, pointer="/occurred/latest")


def test_what_has_not_happened_yet_cannot_be_reported():
    tomorrow = happened(NOON + timedelta(days=1))
    given().when(report(occurred=tomorrow)).refused(OccurrenceInTheFuture, pointer="/occurred/earliest")


def test_an_interval_cannot_reach_into_the_future():
    reaching = happened(HALF_PAST_TEN, NOON + timedelta(hours=1))
    given().when(report(occurred=reaching)).refused(OccurrenceInTheFuture, pointer="/occurred/latest")


def test_a_clock_that_is_a_little_ahead_is_believed():
    ahead = happened(NOON + minutes(9))
    given().when(report(occurred=ahead)).then(was_reported(occurred=ahead))


@pytest.mark.parametrize(
    "zone", ["Asia/Yinchuan", "etc//passwd", "/etc/localtime", "Asia", "EST5EDT", "right/Asia/Shanghai"]
)
def test_the_time_zone_must_be_one_of_this_world(zone):
    given().when(report(occurred=happened(zone=zone))).refused(ZoneUnknown, pointer="/occurred/zone")


def test_a_report_that_names_no_time_repeats_the_first():
    untimed = report(occurred=None)
    first = given().when(untimed).then(was_reported(occurred=happened(NOON)))
    first.when(untimed, now=NOON + minutes(5)).nothing()


def test_a_report_with_words_is_not_the_one_without():
    words = Sealed(key="case:i-1", text="b25l")
    given(was_reported()).when(report(description=words)).refused(IncidentExists)


# triage


def test_a_dispatcher_judges_how_soon():
    state = given(was_reported()).when(TriageIncident(priority=Priority.URGENT)).then(was_triaged()).state
    assert (state.phase, state.priority) == (Phase.TRIAGED, Priority.URGENT)


def test_triage_may_find_another_category():
    triage = TriageIncident(priority=Priority.EMERGENCY, category="crime/assault")
    state = given(was_reported()).when(triage).then(was_triaged(Priority.EMERGENCY, "crime/assault")).state
    assert state.category == "crime/assault"


def test_judging_alike_again_changes_nothing():
    given(was_reported(), was_triaged()).when(TriageIncident(priority=Priority.URGENT)).nothing()


def test_a_new_judgement_while_officers_drive_does_not_call_them_back():
    past = given(was_reported(), were_dispatched("officer-li"))
    state = past.when(TriageIncident(priority=Priority.URGENT)).then(was_triaged()).state
    assert (state.phase, state.dispatched_at("officer-li")) == (Phase.DISPATCHED, NOON)


# dispatch, en route, arrive


def test_officers_are_sent():
    sent = DispatchOfficers(officers=("officer-li", "officer-ma"))
    given(was_reported()).when(sent).then(were_dispatched("officer-li", "officer-ma"))


def test_who_was_sent_is_not_sent_twice():
    past = given(was_reported(), were_dispatched("officer-li"))
    past.when(DispatchOfficers(officers=("officer-li",))).nothing()
    past.when(DispatchOfficers(officers=("officer-li", "officer-ma", "officer-ma"))).then(were_dispatched("officer-ma"))


def test_a_reinforcement_does_not_undo_the_arrival():
    past = given(was_reported(), were_dispatched("officer-li"), arrived("officer-li", 60))
    state = past.when(DispatchOfficers(officers=("officer-ma",))).then(were_dispatched("officer-ma")).state
    assert state.phase is Phase.ARRIVED


def test_an_officer_sets_out():
    past = given(was_reported(), were_dispatched("officer-li"))
    state = past.when(SetOut(officer="officer-li")).then(is_en_route("officer-li")).state
    assert state.phase is Phase.EN_ROUTE


def test_setting_out_twice_or_after_arriving_changes_nothing():
    past = (was_reported(), were_dispatched("officer-li"))
    given(*past, is_en_route("officer-li")).when(SetOut(officer="officer-li")).nothing()
    given(*past, arrived("officer-li", 60)).when(SetOut(officer="officer-li")).nothing()


def test_a_second_officer_on_the_way_does_not_undo_the_arrival():
    past = given(was_reported(), were_dispatched("officer-li", "officer-ma"), arrived("officer-li", 60))
    assert past.when(SetOut(officer="officer-ma")).then(is_en_route("officer-ma")).state.phase is Phase.ARRIVED


@pytest.mark.parametrize("command", [SetOut(officer="officer-ma"), Arrive(officer="officer-ma")])
def test_nobody_goes_who_was_not_sent(command):
    given(was_reported(), were_dispatched("officer-li")).when(command).refused(OfficerNotDispatched, pointer="/officer")
    given(was_reported()).when(command).refused(OfficerNotDispatched, pointer="/officer")


def test_the_wait_is_counted_from_when_the_platform_learned_of_it():
    past = given(was_reported(), were_dispatched("officer-li", at=HALF_PAST_TEN + minutes(2)))
    arrival = Arrive(officer="officer-li", reported_at=HALF_PAST_TEN + minutes(80))
    past.when(arrival).then(arrived("officer-li", 10 * 60))


def test_the_wait_is_counted_from_the_end_of_the_interval_where_no_more_is_known():
    interval = happened(HALF_PAST_TEN, HALF_PAST_TEN + minutes(30))
    past = given(was_reported(occurred=interval), were_dispatched("officer-li", at=HALF_PAST_TEN))
    past.when(Arrive(officer="officer-li")).then(arrived("officer-li", 60 * 60))


def test_a_wait_is_never_negative():
    past = given(was_reported(occurred=happened(NOON)), were_dispatched("officer-li"))
    past.when(Arrive(officer="officer-li", reported_at=NOON + minutes(1))).then(arrived("officer-li", 0))


def test_what_was_done_during_an_outage_is_entered_with_its_times_and_is_no_response_time():
    past = (
        given(
            was_reported(),
        )
        .when(DispatchOfficers(officers=("officer-li",), effective_at=HALF_PAST_TEN + minutes(5)))
        .then(were_dispatched("officer-li", at=HALF_PAST_TEN + minutes(5), late=True))
    )
    there = HALF_PAST_TEN + minutes(20)
    arrival = Arrive(officer="officer-li", effective_at=there, reported_at=NOON)
    past.when(arrival).then(arrived("officer-li", 20 * 60, at=there, measured=False))


def test_an_old_incident_that_is_entered_all_at_once_gives_no_response_time():
    past = given(was_reported(), were_dispatched("officer-li", at=NOON))
    entered = Arrive(officer="officer-li", reported_at=NOON)
    past.when(entered, now=NOON + timedelta(seconds=30)).then(
        arrived("officer-li", 30, at=NOON + timedelta(seconds=30), measured=False)
    )
    travelled = NOON + minutes(5)
    past.when(entered, now=travelled).then(arrived("officer-li", 5 * 60, at=travelled))


def test_an_outage_after_the_report_leaves_the_wait_from_the_report():
    past = given(was_reported(), were_dispatched("officer-li", at=HALF_PAST_TEN + minutes(5), late=True))
    there = HALF_PAST_TEN + minutes(20)
    arrival = Arrive(officer="officer-li", effective_at=there, reported_at=HALF_PAST_TEN + minutes(2))
    past.when(arrival).then(arrived("officer-li", 18 * 60, at=there, measured=False))


def test_a_dispatch_of_a_moment_ago_is_not_late():
    at = NOON - minutes(9)
    given(was_reported()).when(DispatchOfficers(officers=("officer-li",), effective_at=at)).then(
        were_dispatched("officer-li", at=at)
    )


@pytest.mark.parametrize(
    ("at", "refusal"), [(HALF_PAST_TEN - minutes(11), HappenedBeforeItsCause), (NOON + minutes(11), NotYetHappened)]
)
def test_nobody_is_sent_before_it_happened_or_tomorrow(at, refusal):
    sent = DispatchOfficers(officers=("officer-li",), effective_at=at)
    given(was_reported()).when(sent).refused(refusal, pointer="/effective_at")


def test_after_a_reopening_the_wait_is_counted_from_there():
    reopened = NOON - minutes(5)
    past = given(
        was_reported(), was_resolved(at=HALF_PAST_TEN), was_reopened(at=reopened), were_dispatched("officer-li")
    )
    past.when(Arrive(officer="officer-li", reported_at=HALF_PAST_TEN)).then(arrived("officer-li", 5 * 60))


def test_a_recalled_officer_is_sent_no_more():
    past = given(was_reported(), was_triaged(), were_dispatched("officer-li", "officer-ma"), is_en_route("officer-li"))
    one = past.when(RecallOfficers(officers=("officer-li",))).then(were_recalled("officer-li"))
    assert (one.state.phase, one.state.dispatched_at("officer-li")) == (Phase.DISPATCHED, None)
    one.when(Arrive(officer="officer-li")).refused(OfficerNotDispatched)
    both = one.when(RecallOfficers(officers=("officer-ma", "officer-li"))).then(were_recalled("officer-ma"))
    assert both.state.phase is Phase.TRIAGED
    both.when(RecallOfficers(officers=("officer-ma",))).nothing()
    both.when(DispatchOfficers(officers=("officer-li",))).then(were_dispatched("officer-li"))


def test_only_who_was_sent_is_recalled_and_only_while_it_lasts():
    past = given(was_reported(), were_dispatched("officer-li"))
    past.when(RecallOfficers(officers=("officer-ma",))).refused(OfficerNotDispatched, pointer="/officer")
    over = given(was_reported(), were_dispatched("officer-li"), was_resolved())
    over.when(RecallOfficers(officers=("officer-li",))).refused(IncidentIsResolved)


def test_a_task_lasts_from_the_dispatch_to_the_recall_or_the_end():
    sent = (was_reported(), were_dispatched("officer-li"))
    assert given(*sent).state.is_task_of("officer-li")
    assert not given(*sent).state.is_task_of("officer-ma")
    for end in (were_recalled("officer-li"), was_resolved()):
        assert not given(*sent, end).state.is_task_of("officer-li")
    assert not given(*sent, was_resolved(), was_reopened()).state.is_task_of("officer-li")


def test_arriving_twice_changes_nothing():
    past = given(was_reported(), were_dispatched("officer-li"), arrived("officer-li", 60))
    past.when(Arrive(officer="officer-li")).nothing()


def test_an_arrival_told_late_holds_from_when_it_happened():
    sent_at = HALF_PAST_TEN + minutes(1)
    there_at = HALF_PAST_TEN + minutes(7)
    past = given(was_reported(), were_dispatched("officer-li", at=sent_at))
    arrival = Arrive(officer="officer-li", effective_at=there_at, reported_at=HALF_PAST_TEN)
    past.when(arrival).then(arrived("officer-li", 7 * 60, at=there_at))


def test_nobody_arrives_before_being_sent():
    past = given(was_reported(), were_dispatched("officer-li", at=HALF_PAST_TEN))
    early = Arrive(officer="officer-li", effective_at=HALF_PAST_TEN - minutes(11))
    past.when(early).refused(HappenedBeforeItsCause, pointer="/effective_at")


def test_a_phone_that_is_a_little_slow_arrives_when_sent():
    past = given(was_reported(), were_dispatched("officer-li", at=HALF_PAST_TEN))
    slow = Arrive(officer="officer-li", effective_at=HALF_PAST_TEN - minutes(9), reported_at=HALF_PAST_TEN)
    past.when(slow).then(arrived("officer-li", 0, at=HALF_PAST_TEN))


def test_nobody_arrives_tomorrow():
    past = given(was_reported(), were_dispatched("officer-li"))
    ahead = Arrive(officer="officer-li", effective_at=NOON + minutes(11))
    past.when(ahead).refused(NotYetHappened, pointer="/effective_at")


def test_a_phone_that_is_a_little_fast_arrives_now():
    past = given(was_reported(occurred=happened(NOON)), were_dispatched("officer-li"))
    fast = Arrive(officer="officer-li", effective_at=NOON + minutes(9), reported_at=NOON)
    past.when(fast).then(arrived("officer-li", 0, at=NOON))


# resolve, reopen


def test_an_incident_is_dealt_with():
    note = Sealed(key="case:i-1", text="bm90ZQ==")
    past = given(was_reported(), were_dispatched("officer-li"))
    state = past.when(ResolveIncident(outcome="settled", note=note)).then(was_resolved(note=note)).state
    assert state.phase is Phase.RESOLVED


def test_what_turns_out_unfounded_needs_nobody_sent():
    given(was_reported()).when(ResolveIncident(outcome="unfounded")).then(was_resolved("unfounded"))


def test_the_same_end_twice_changes_nothing():
    given(was_reported(), was_resolved()).when(ResolveIncident(outcome="settled")).nothing()


@pytest.mark.parametrize(
    "command",
    [
        ResolveIncident(outcome="unfounded"),
        TriageIncident(priority=Priority.URGENT),
        DispatchOfficers(officers=("officer-li",)),
        SetOut(officer="officer-li"),
        Arrive(officer="officer-li"),
    ],
)
def test_nothing_more_is_done_about_a_resolved_incident(command):
    given(was_reported(), was_resolved()).when(command).refused(IncidentIsResolved)


def test_an_incident_cannot_end_before_it_happened():
    early = ResolveIncident(outcome="settled", effective_at=HALF_PAST_TEN - minutes(30))
    given(was_reported()).when(early).refused(HappenedBeforeItsCause, pointer="/effective_at")


def test_what_was_not_over_is_reopened_and_officers_are_sent_anew():
    past = given(was_reported(), were_dispatched("officer-li"), was_resolved())
    reopened = past.when(ReopenIncident()).then(was_reopened())
    assert reopened.state.phase is Phase.REOPENED
    reopened.when(Arrive(officer="officer-li")).refused(OfficerNotDispatched)
    reopened.when(DispatchOfficers(officers=("officer-li",))).then(were_dispatched("officer-li"))


def test_only_what_is_resolved_can_be_reopened():
    given(was_reported()).when(ReopenIncident()).refused(IncidentNotResolved)


@pytest.mark.parametrize(
    "command",
    [
        TriageIncident(priority=Priority.URGENT),
        DispatchOfficers(officers=("officer-li",)),
        SetOut(officer="officer-li"),
        Arrive(officer="officer-li"),
        ResolveIncident(outcome="settled"),
        ReopenIncident(),
    ],
)
def test_nothing_is_done_about_what_nobody_reported(command):
    given().when(command).refused(IncidentUnknown, pointer="/incident")


def test_what_happens_now_is_of_the_day_of_its_place():
    untimed = report(occurred=None, zone="America/Vancouver")
    given().when(untimed).then(was_reported(occurred=happened(NOON, zone="America/Vancouver")))
