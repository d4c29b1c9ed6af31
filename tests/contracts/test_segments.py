"""Names become segments of a path that differ where the names differ, and can be read back."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.common import Category, NamedPlace, Place, told
from contracts.segments import name_of, segment_of
from services.analytics.domain.figure_commands import DeclareCoverage, ReportIndicator
from services.incidents.domain.duty import StartDuty
from services.incidents.domain.incident_commands import ReportIncident
from services.mediation.domain.dispute_commands import LogDispute
from services.mediation.domain.issue_commands import RaiseIssue
from services.mediation.domain.session_commands import AnnounceSession
from services.registry.domain.building_commands import RegisterBuilding
from services.registry.domain.visit_round_commands import PlanVisitRound

HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=60)
LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=120)


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("64XX Victoria Dr", "64xx-victoria-dr"),
        ("Café Zürich / 5th Ave.", "cafe-zurich-5th-ave"),
        ("Südstadt", "sudstadt"),
        ("Hauptstraße", "hauptstrasse"),
        ("１２", "12"),
        ("x" * 200, "x" * 80),
        ("中山路12号", "xn--12-py2c21u6xl9z8e"),
        ("解放街12号", "xn--12-sl6c586du93b36b"),
        ("中山路１２号", "xn--12-py2c21u6xl9z8e"),
        ("Ленина 5", "xn---5-6kctpqpb"),
    ],
)
def test_a_name_has_one_segment_for_ever(name, segment):
    assert segment_of(name) == segment


@pytest.mark.parametrize("name", ["中山路12号", "万达公寓a座", "københavn-k", "नमस्ते"])
def test_a_segment_can_be_read_back(name):
    assert name_of(segment_of(name)) == name


@pytest.mark.parametrize("segment", ["jinfeng", "xn--", "xn--\u4e00", "xn--99999999"])
def test_what_is_no_name_in_punycode_is_its_own_name(segment):
    assert name_of(segment) in {segment, ""}


@pytest.mark.parametrize("name", ["", "!?", "🏠"])
def test_a_name_without_letters_or_digits_makes_none(name):
    with pytest.raises(ValueError, match="has no letters or digits"):
        segment_of(name)


@pytest.mark.parametrize(
    "place", ["-", "_", "town/-", "-/town", "town/--/1", "town/_-_", ".", "..", "town/..", "town//a", ""]
)
def test_a_place_that_is_taken_has_a_letter_or_a_digit_in_each_segment(place):
    with pytest.raises(ValidationError):
        TypeAdapter(NamedPlace).validate_python(place)


@pytest.mark.parametrize("place", ["town", "-1", "town/_b/2-", "town/xn--5-6kctpqpb"])
def test_signs_beside_letters_and_digits_are_fine(place):
    assert TypeAdapter(NamedPlace).validate_python(place) == place


@pytest.mark.parametrize(
    "command",
    [
        RegisterBuilding,
        PlanVisitRound,
        ReportIncident,
        StartDuty,
        LogDispute,
        RaiseIssue,
        AnnounceSession,
        ReportIndicator,
        DeclareCoverage,
    ],
)
def test_whatever_names_a_place_first_refuses_signs_alone_in_a_sentence(command):
    with pytest.raises(ValidationError) as refused:
        command.model_validate({"place": "yinchuan/-"})
    (error,) = [each for each in refused.value.errors() if each["loc"] == ("place",)]
    assert told(error) == (
        "It must be the path of a place whose segments each have a letter or a digit, such as yinchuan/jinfeng: signs "
        "alone, such as -, name nothing"
    )


@given(st.sets(HANZI, min_size=2, max_size=20), st.sampled_from(["", "12", " North 7"]))
def test_names_that_differ_have_segments_that_differ(names, end):
    segments = {segment_of(name + end) for name in names}
    assert len(segments) == len({unicodedata.normalize("NFKC", name) for name in names})
    for segment in segments:
        TypeAdapter(Place).validate_python(f"town/{segment}")
    for name in names:
        TypeAdapter(Category).validate_python(segment_of(name, 60))


@given(LATIN)
def test_latin_letters_and_digits_stay_what_they_were(name):
    expected = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-")
    if expected:
        assert segment_of(name) == expected
        assert name_of(expected) == expected
