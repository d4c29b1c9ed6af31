"""A policy of what may leave: the one that ships is accepted, and one that allows too much is refused in a sentence."""

from pathlib import Path

import pytest
import yaml

from contracts.city import AreaLevel
from services.analytics.city.policy import HERE, CitySettings, PolicyRefused, policy

SHIPPED = yaml.safe_load((HERE / "policy.yaml").read_text("utf-8"))
NOISE = {"id": "noise", "kind": "incident", "category": "noise", "area": "community", "period": "month"}
ITEMS = {"id": "items", "kind": "agenda-item", "area": "community", "period": "month"}


def read(folder: Path, **changes):
    path = folder / "ours.yaml"
    path.write_text(yaml.safe_dump({**SHIPPED, **changes}), encoding="utf-8")
    return policy(CitySettings(policy=path))


def test_the_policy_that_ships_tells_no_count_below_five_and_nothing_finer_than_a_community():
    shipped = policy(CitySettings())
    assert shipped.minimum == 5
    assert shipped.fewest_places == 3
    assert {measure.area for measure in shipped.measures} == {AreaLevel.COMMUNITY}
    assert shipped.crs == "urn:ogc:def:crs:OGC:1.3:CRS84"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        # of seven items six were resolved: that one was not is a count that neither may tell
        (
            {"measures": [ITEMS, ITEMS | {"id": "done", "kind": "agenda-item-resolved"}]},
            "items and done count the same",
        ),
        ({"zone": "EST5EDT"}, "zone: EST5EDT is no time zone of a place: use an IANA name such as Asia/Shanghai."),
        ({"minimum": 2}, "minimum: a minimum of 2 tells of single people; 3 is the least."),
        ({"minimum": 0}, "minimum: a minimum of 0 tells of single people; 3 is the least."),
        ({"fewest_places": 1}, "fewest_places: with fewest_places below 2 a count may be that of one door; 2 is the"),
        (
            {"measures": [NOISE | {"area": "building"}]},
            "measures/0/area: the area 'building' is not one of city, district, station, community; nothing finer",
        ),
        ({"measures": [NOISE | {"area": "unit"}]}, "measures/0/area: the area 'unit' is not one of"),
        ({"measures": [NOISE | {"period": "hour"}]}, "measures/0/period: the period 'hour' is not one of year, month"),
        ({"measures": [NOISE | {"kind": "occupant"}]}, "measures/0/kind: the kind 'occupant' is not one of incident"),
        ({"measures": [NOISE, NOISE | {"category": "help"}]}, "two measures are called noise."),
        (
            {"measures": [NOISE, NOISE | {"id": "all", "category": None, "area": "city"}]},
            "noise and all count the same, and the difference of the two would tell what neither does; keep one",
        ),
        ({"measures": [NOISE, NOISE | {"id": "loud", "category": "noise/music"}]}, "noise and loud count the same"),
        ({"measures": [NOISE, NOISE | {"id": "daily", "period": "day"}]}, "noise and daily count the same"),
        (
            {"centres": {"yinchuan": {"longitude": 106.2309, "latitude": 38.49}}},
            "centres/yinchuan/longitude: a centre has at most two digits after the point",
        ),
        ({"centres": {"a/b/c/d/house-1": {"longitude": 1.0, "latitude": 1.0}}}, "centres/a/b/c/d/house-1"),
        ({"crs": "GCJ-02"}, "crs: "),
        ({"measures": [NOISE | {"category": "Noise!"}]}, "measures/0/category: It must be a category"),
        ({"subjects": True}, "subjects: Extra inputs are not permitted."),
    ],
)
def test_a_policy_that_allows_too_much_is_refused_in_one_sentence(tmp_path, changes, sentence):
    with pytest.raises(PolicyRefused) as refused:
        read(tmp_path, **changes)
    text = str(refused.value)
    assert text.startswith(f"ours.yaml is refused as a policy of what may leave for the city: {sentence}")
    assert "\n" not in text


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    path = tmp_path / "ours.yaml"
    for content in (b"minimum: [", b"\xff\xfe", None):
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        with pytest.raises(PolicyRefused, match="cannot be read as YAML"):
            policy(CitySettings(policy=path))


def test_measures_side_by_side_are_no_overlap(tmp_path):
    beside = [NOISE, NOISE | {"id": "noises", "category": "noises"}, NOISE | {"id": "items", "kind": "agenda-item"}]
    assert len(read(tmp_path, measures=beside).measures) == 3
