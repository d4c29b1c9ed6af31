"""Only names of places are time zones: what else a machine knows by such a name is none."""

import pytest

from contracts.zones import is_zone


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/Argentina/Ushuaia", "UTC", "Etc/UTC"])
def test_a_place_is_a_zone(name):
    assert is_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        "EST5EDT",
        "EST",
        "PRC",
        "Etc/GMT+5",
        "+08:00",
        "UTC+8",
        "localtime",
        "posixrules",
        "right/Asia/Shanghai",
        "",
        "Asia",
    ],
)
def test_offsets_rules_and_files_of_the_machine_are_none(name):
    assert not is_zone(name)
