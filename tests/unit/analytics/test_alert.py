"""An alert from its raising to its closing, step by step."""

from datetime import timedelta

from contracts.analytics import (
    AlertAcknowledged,
    AlertClosed,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    AlertRevised,
    Severity,
)
from contracts.common import EventRef
from services.analytics.deciders import ALERT
from services.analytics.domain.alert_commands import AcknowledgeAlert, CloseAlert, EscalateAlert, SettleAlert
from services.analytics.domain.refusals import AlertIsClosed, AlertNotAcknowledged, AlertTaken, AlertUnknown
from tests.unit.given import NOON, story

given = story(ALERT)
WHERE = {"alert": "a-1", "place": "yinchuan/jinfeng"}
LATER = NOON + timedelta(days=30)


def refs(*positions):
    return tuple(EventRef(source="incidents", position=p, id=f"e-{p}") for p in positions)


def finding(*positions, again=3):
    return SettleAlert(
        again=again,
        **WHERE,
        rule="repeated-disturbance",
        rule_version=1,
        key="wanda-a-1812",
        severity=Severity.ATTENTION,
        window_from=NOON,
        window_to=LATER,
        evidence=refs(*positions),
        effective_at=NOON,
    )


RAISED = AlertRaised(
    **WHERE,
    rule="repeated-disturbance",
    rule_version=1,
    key="wanda-a-1812",
    severity=Severity.ATTENTION,
    window_from=NOON,
    window_to=LATER,
    count=3,
    evidence=refs(1, 2, 3),
    effective_at=NOON,
)
TAKEN = AlertAcknowledged(**WHERE, by="officer-gu", effective_at=NOON)
CLOSED = AlertClosed(**WHERE, by="officer-gu", feedback="acted", effective_at=NOON)


def revised(*positions):
    return AlertRevised(
        **WHERE,
        window_from=NOON,
        window_to=LATER,
        count=len(positions),
        evidence=refs(*positions),
        effective_at=NOON,
    )


def test_a_finding_raises_an_alert_once():
    given().when(finding(1, 2, 3)).then(RAISED).when(finding(1, 2, 3)).nothing()


def test_a_finding_that_grows_or_vanishes_revises_it():
    given(RAISED).when(finding(1, 2, 3, 4)).then(revised(1, 2, 3, 4)).when(finding()).then(revised()).when(
        finding()
    ).nothing()


def test_nothing_found_raises_nothing():
    given().when(finding()).nothing()


def test_one_officer_takes_it_and_a_second_is_told_who_has_it():
    given(RAISED).when(AcknowledgeAlert(by="officer-gu")).then(TAKEN).when(AcknowledgeAlert(by="officer-gu")).nothing()
    refusal = given(RAISED, TAKEN).when(AcknowledgeAlert(by="officer-chen")).refused(AlertTaken)
    assert "officer-gu" in refusal.sentence


def test_it_is_escalated_once_while_nobody_has_it():
    escalated = AlertEscalated(**WHERE, to="supervisor", effective_at=NOON)
    given(RAISED).when(EscalateAlert(to="supervisor")).then(escalated).when(EscalateAlert(to="supervisor")).nothing()
    given(RAISED, TAKEN).when(EscalateAlert(to="supervisor")).nothing()


def test_who_took_it_closes_it_and_a_supervisor_may():
    done = CloseAlert(by="officer-gu", feedback="acted")
    given(RAISED, TAKEN).when(done).then(CLOSED).when(done).nothing()
    given(RAISED, TAKEN).when(CloseAlert(by="officer-chen", feedback="acted")).refused(AlertTaken)
    over = CloseAlert(by="supervisor-1", feedback="false-alarm", supervisor=True)
    given(RAISED, TAKEN).when(over).then(
        AlertClosed(**WHERE, by="supervisor-1", feedback="false-alarm", effective_at=NOON)
    )


def test_what_nobody_took_nobody_closes():
    given(RAISED).when(CloseAlert(by="officer-gu", feedback="acted")).refused(AlertNotAcknowledged)


def test_what_is_closed_stays_closed():
    given(RAISED, TAKEN, CLOSED).when(AcknowledgeAlert(by="officer-chen")).refused(AlertIsClosed)
    given(RAISED, TAKEN, CLOSED).when(CloseAlert(by="officer-gu", feedback="false-alarm")).refused(AlertIsClosed)


def reopened(count):
    return AlertReopened(**WHERE, count=count, effective_at=NOON)


def test_a_closed_alert_is_reopened_by_as_many_new_events_as_raise_one():
    closed = given(RAISED, TAKEN, CLOSED)
    closed.when(finding(1, 2, 3, 4, 5)).then(revised(1, 2, 3, 4, 5))
    closed.when(finding(1, 2, 3, 4, 5, 6)).then(revised(1, 2, 3, 4, 5, 6), reopened(6))
    again = given(RAISED, TAKEN, CLOSED, revised(1, 2, 3, 4, 5, 6), reopened(6))
    again.when(finding(1, 2, 3, 4, 5, 6)).nothing()
    again.when(finding(*range(1, 10))).then(revised(*range(1, 10)))  # it is open: nobody is told twice
    again.when(AcknowledgeAlert(by="officer-chen")).then(
        AlertAcknowledged(**WHERE, by="officer-chen", effective_at=NOON)
    )


def test_events_before_the_closing_reopen_nothing_though_they_are_told_in_parts_again():
    closed = given(RAISED, revised(1, 2, 3, 4, 5, 6), TAKEN, CLOSED, revised(1, 2, 3))
    closed.when(finding(1, 2, 3, 4, 5, 6)).then(revised(1, 2, 3, 4, 5, 6))


def test_an_alert_of_which_nothing_was_left_is_reopened_by_a_new_event_alone():
    settled = given(RAISED, TAKEN, revised())
    settled.when(finding(1, 2, 3)).then(revised(1, 2, 3))
    settled.when(finding(1, 2, 4)).then(revised(1, 2, 4), reopened(3))


def test_what_was_never_raised_is_unknown():
    for command in (
        AcknowledgeAlert(by="officer-gu"),
        EscalateAlert(to="supervisor"),
        CloseAlert(by="officer-gu", feedback="acted"),
    ):
        given().when(command).refused(AlertUnknown)
