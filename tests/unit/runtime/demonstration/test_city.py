"""The simulated city is the same each time, breaks no rule, and names nobody."""

import hashlib
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from contracts.catalogue import CATALOGUE
from services.analytics.pages.gazetteer import Gazetteer
from services.analytics.words import name
from services.runtime.demonstrated import NEIGHBOUR
from services.runtime.demonstration.calls import KINDS
from services.runtime.demonstration.figures import BEGIN, END
from services.runtime.demonstration.run import happenings
from services.runtime.demonstration.scenario import planned
from tests.unit.runtime.demonstration.deciding import sealed

LATIN = re.compile(r"[A-Za-z]")
NAMES = Gazetteer.shipped()
STRINGS = re.compile(r'"((?:[^"\\]|\\.)*)"')
ROOTS = (
    "yinchuan/jinfeng/beijing-zhonglu/wanda",
    "yinchuan/xingqing/fenghuang/tiandu-16",
    "yinchuan/helan/xigang/tianehu",
)


def fingerprint(happened):
    digest = hashlib.sha256()
    for one in happened:
        row = one.row
        digest.update(f"{one.service} {row.stream} {row.version} {row.event.id} {row.recorded_at}".encode())
        digest.update(row.event.data)
        digest.update(row.event.metadata)
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_city(city):
    assert fingerprint(happenings(planned(16), sealed)) == fingerprint(city.happened)
    assert fingerprint(happenings(planned(17), sealed)) != fingerprint(city.happened)


def test_every_event_is_recorded_in_order_of_time_and_none_after_the_end(city):
    last = BEGIN
    for one in city.happened:
        assert last <= one.row.recorded_at <= END
        last = one.row.recorded_at


def test_every_stream_counts_its_versions_without_a_gap(city):
    versions = defaultdict(int)
    for one in city.happened:
        versions[one.service, one.row.stream] += 1
        assert one.row.version == versions[one.service, one.row.stream]


def test_every_event_has_an_id_of_its_own(city):
    ids = Counter(one.row.event.id for one in city.happened)
    assert ids.most_common(1)[0][1] == 1
    assert all(ident.version == 7 for ident in list(ids)[:100])


def test_every_event_reads_back_by_its_contract(city):
    for one in city.happened[::37]:
        assert CATALOGUE.decode(one.row.event.type, one.row.event.data) == one.event


def test_no_name_phone_or_document_and_no_free_text_stands_in_any_event(city):
    personal = {text for text in city.secrets if len(text) > 1}
    assert len(personal) > 9_000
    for one in city.happened:
        assert personal.isdisjoint(STRINGS.findall(one.row.event.data.decode()))
    everything = b"".join(one.row.event.data for one in city.happened if one.service == "registry").decode()
    assert not [text for text in sorted(personal)[::400] if text in everything]


def test_what_was_sealed_stands_under_the_key_of_its_subject_or_case(city):
    for event in city.events("registry.occupant-registered.v1"):
        assert event.name.key == event.phone.key == event.document.key == f"subject:{event.subject}"
    for event in city.events("incidents.incident-reported.v1"):
        assert event.description is None or event.description.key == f"case:{event.incident}"


def test_every_place_lies_in_the_city_and_every_unit_in_its_building(city):
    for one in city.happened:
        place = getattr(one.event, "place", None)
        assert place is None or place == "yinchuan" or place.startswith("yinchuan/")
        assert place is None or len(place.split("/")) <= 6
    units = {event.unit: event.place for event in city.events("registry.unit-registered.v1")}
    for event in city.events("incidents.incident-reported.v1"):
        if event.source_unit:
            assert units[event.source_unit] == event.place
    assert all(place.startswith(ROOTS) for place in units.values())


def test_nobody_acts_under_a_name(city):
    for about in {one.row.event.metadata for one in city.happened}:
        assert about.isascii()


def test_every_person_is_a_subject_before_they_are_spoken_of(city):
    known = set()
    for one in city.happened:
        if one.event.type == "registry.subject-key-created.v1":
            known.add(one.event.subject)
        elif one.event.type == "registry.occupant-registered.v1":
            assert one.event.subject in known
        elif one.event.type == "mediation.dispute-logged.v1":
            assert {party.subject for party in one.event.parties} <= known


def test_the_last_evening_is_as_drawn(city):
    phase = {}
    for one in city.happened:
        if one.event.type.startswith("incidents.") and "yinchuan-110" not in one.row.event.metadata.decode():
            phase[one.event.incident] = one.event
    left = [event for event in phase.values() if event.type != "incidents.incident-resolved.v1"]
    assert Counter(event.type.split(".")[1] for event in left) == {
        "incident-reported": 1,
        "officers-arrived": 2,
        "officers-en-route": 1,
    }
    noise = [
        event
        for event in city.events("incidents.incident-reported.v1")
        if event.source_unit == "wanda-a-1812" and event.category.startswith(("noise", "dispute"))
    ]
    since = END - timedelta(days=30)
    assert len([event for event in noise if event.effective_at >= since]) == 3
    assert max(event.effective_at for event in noise) == datetime.fromisoformat("2025-01-14T20:38:36+08:00")


def test_rules_find_only_what_the_scenario_means_to_be_found(city):
    """No source unit gathers three complaints in thirty days by accident."""
    heard = defaultdict(list)
    for event in city.events("incidents.incident-reported.v1"):
        if event.source_unit and event.category.split("/")[0] in {"noise", "dispute"}:
            heard[event.source_unit].append(event.effective_at)
    busy = {
        unit
        for unit, moments in heard.items()
        for first, third in zip(sorted(moments), sorted(moments)[2:], strict=False)
        if third - first <= timedelta(days=30)
    }
    raised = {event.key for event in city.events("analytics.alert-raised.v1") if event.rule == "repeated-disturbance"}
    assert busy == raised | {"wanda-a-1812", "wanda-c-0306"}
    assert len(raised) == 5


def test_every_alert_of_history_names_its_evidence_and_was_taken_and_closed_by_an_officer(city):
    places = {(one.service, one.position): one for one in city.happened}
    fate = defaultdict(list)
    for one in city.happened:
        if one.event.type.startswith("analytics.alert"):
            fate[one.event.alert].append(one)
    assert 8 <= len(fate) <= 20
    for raised, *rest in fate.values():
        assert [one.event.type.split(".")[1] for one in rest] == ["alert-acknowledged", "alert-closed"]
        assert rest[0].event.by == rest[1].event.by
        assert raised.row.recorded_at < rest[0].row.recorded_at < rest[1].row.recorded_at
        for ref in raised.event.evidence:
            found = places[ref.source, ref.position]
            assert found.id == ref.id
            assert getattr(found.event, "source_unit", None) or found.event.unit == raised.event.key


def test_one_verification_is_overdue_at_the_end_and_few_ever_were(city):
    due, late = {}, []
    for one in city.happened:
        event = one.event
        if event.type == "registry.occupant-registered.v1" and event.verification_due_at:
            due[event.tenancy, event.subject] = event
        elif event.type == "registry.occupant-verified.v1":
            task = due.pop((event.tenancy, event.subject))
            if event.effective_at > task.verification_due_at:
                late.append(event)
        elif event.type == "registry.tenant-moved-out.v1":
            for subject in event.subjects:
                due.pop((event.tenancy, subject), None)
    overdue = [event for event in due.values() if event.verification_due_at < END]
    assert {event.unit for event in overdue} == {"wanda-b-0417"}
    assert {event.unit for event in due.values()} >= {"wanda-b-2708", "wanda-a-2714"}
    assert 1 <= len(late) <= 8


def test_every_category_of_the_city_has_a_chinese_name_on_the_feed_and_on_the_pages(city):
    told = {event.category for one in city.happened if "/" in getattr(event := one.event, "category", "")}
    living = {f"{kind}/{each}" for kind, names in KINDS.items() for each in names}
    assert len(told) > 20
    for category in told | living:
        assert not LATIN.search(name(category).zh), category
        assert not LATIN.search(NAMES.category(category, "zh")), category


def test_whoever_looks_as_a_resident_has_items_of_each_state(city):
    raised = {one.issue for one in city.events("mediation.issue-raised.v1") if one.raised_by == NEIGHBOUR}
    resolved = {one.issue for one in city.events("mediation.issue-resolved.v1")} & raised
    confirmed = {one.issue for one in city.events("mediation.resolution-confirmed.v1")} & raised
    assert raised > resolved > confirmed > set()
