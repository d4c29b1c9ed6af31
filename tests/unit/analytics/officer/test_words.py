"""Everything that the officer's page says is in the catalogue, and everything in the catalogue is said."""

import json
import re

from services.analytics.pages.officer.catalogue import catalogue, translated
from services.analytics.pages.officer.extract import said
from services.analytics.pages.officer.problems import PROBLEMS
from services.analytics.pages.officer.shell import STATIC
from services.analytics.problems import STATUSES as ANALYTICS
from services.incidents.problems import STATUSES as INCIDENTS
from services.registry.problems import STATUSES as REGISTRY

CALLS = re.compile(r'\b(?:t|plural)\("((?:[^"\\]|\\.)*)"')
NOT_AN_OFFICERS = {
    "AlreadyClassified",
    "BuildingExists",
    "BuildingPlaceTooDeep",
    "BuildingPlaceUnlikeItsId",
    "BuildingUnknown",
    "ClassifiedOtherwise",
    "FloorOutsideBuilding",
    "GapOutsideSpan",
    "FloorsUpsideDown",
    "IncidentExists",
    "IncidentNotResolved",
    "OfficersUnknown",
    "SourceNamesIncident",
    "NoDrillOfResidents",
    "ResidentsUseTheApp",
    "FigureTooFine",
    "FiguresIncomplete",
    "NothingToRelease",
    "ReportChanged",
    "LogAway",
    "LogNotThatFar",
    "NothingToCorrect",
    "OccurrenceEndsBeforeItBegins",
    "OccurrenceInTheFuture",
    "PeriodMissing",
    "OccurrenceTooLongAgo",
    "OfficerUnnamed",
    "RoundExists",
    "RoundWithoutUnits",
    "SpanNotOver",
    "SpanOutsideYears",
    "SpanUpsideDown",
    "SurveyBeforeBuilding",
    "TenantsStillThere",
    "UnitBeforeBuilding",
    "UnitDiffers",
    "UnitElsewhere",
    "UnitExists",
    "UnitIdNotItsDoor",
    "UnitTwiceInRound",
    "UnitsBeyondFloors",
    "ZoneUnknown",
}
"""Refusals of commands that this page does not send."""


def messages() -> set[str | tuple[str, ...]]:
    return {message for message, _ in said()}


def in_catalogue() -> set[str | tuple[str, ...]]:
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in translated() if message.id}


def kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def test_every_message_of_the_page_is_in_the_catalogue_and_none_is_left_over() -> None:
    assert in_catalogue() == messages()


def test_no_message_is_hidden_from_the_extraction() -> None:
    known = {each if isinstance(each, str) else each[0] for each in messages()}
    for path in STATIC.rglob("*.js"):
        for found in CALLS.findall(path.read_text("utf-8")):
            assert found in known, (path.name, found)


def test_every_message_is_translated_and_none_is_doubtful() -> None:
    for message in translated():
        if message.id:
            texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
            assert texts, message.id
            assert all(texts), message.id
            assert not message.fuzzy, message.id


def test_a_translation_fills_the_same_places_and_says_nothing_aloud() -> None:
    for message in translated():
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
        for text in texts:
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", ids[-1])), ids
            assert not re.search(r"[!！]", text + ids[0]), ids


def test_chinese_words_have_no_latin_letters() -> None:
    words = catalogue("zh")
    allowed = re.compile(r"{\w+}|A-1812")
    for text in words["messages"].values():
        for each in [text] if isinstance(text, str) else text:
            assert not re.search(r"[A-Za-z]", allowed.sub("", each)), each
    assert not any(re.search(r"[A-Za-z]", sentence) for sentence in words["problems"].values())


def test_every_refusal_that_an_officer_can_meet_has_a_sentence_in_both_languages() -> None:
    names = {each.__name__ for statuses in (REGISTRY, INCIDENTS, ANALYTICS) for each in statuses}
    assert {kebab(name) for name in names - NOT_AN_OFFICERS} <= set(PROBLEMS)
    for language in ("zh", "en"):
        assert set(catalogue(language)["problems"]) == set(PROBLEMS)


def test_the_catalogue_is_json_in_both_languages() -> None:
    for language in ("zh", "en"):
        told = json.loads(json.dumps(catalogue(language)))
        assert set(told) == {"messages", "problems", "places", "organisations", "staff", "categories"}
