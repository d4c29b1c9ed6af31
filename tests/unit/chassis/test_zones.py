"""One rule from a place to a time zone: the nearest place that the settings give one, else that of the instance."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql

from services.chassis import zones
from services.chassis.settings import Settings

EVENING = datetime(2026, 10, 1, 3, 30, tzinfo=UTC)
"""Still 30 September in Vancouver, 1 October in China."""


@pytest.fixture(autouse=True)
def _fresh():
    zones.settings.cache_clear()
    yield
    zones.settings.cache_clear()


@pytest.fixture
def two_cities(monkeypatch):
    monkeypatch.setenv("MAPLEBRIDGE_ZONE", "Asia/Urumqi")
    monkeypatch.setenv("MAPLEBRIDGE_ZONES", '{"farcity": "America/Vancouver", "farcity/east": "America/Edmonton"}')


def test_without_settings_every_place_is_in_china():
    assert zones.zone_of("yinchuan/jinfeng") == "Asia/Shanghai"


@pytest.mark.usefixtures("two_cities")
def test_the_nearest_place_counts_on_whole_segments():
    assert zones.zone_of("farcity/west/quay") == "America/Vancouver"
    assert zones.zone_of("farcity/east/1") == "America/Edmonton"
    assert zones.zone_of("farcity-2") == "Asia/Urumqi"
    assert zones.zone_of(None) == "Asia/Urumqi"


@pytest.mark.usefixtures("two_cities")
def test_a_day_is_that_of_the_place_in_a_query_too():
    assert zones.local_day(EVENING, zones.zone_of("farcity")) == date(2026, 9, 30)
    assert zones.local_day(EVENING, zones.zone_of("yinchuan")) == date(2026, 10, 1)
    said = zones.today_at(sa.column("place", sa.Text), EVENING)
    sql = str(sa.select(said).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    assert sql.index("farcity/east") < sql.index("'farcity'"), "the nearest goes first"
    assert sql.index("2026-09-30") < sql.index("ELSE '2026-10-01'")


def test_a_day_ends_by_its_own_zone():
    ended = zones.end_of_day(date(2026, 9, 30), "America/Vancouver")
    assert ended.astimezone(UTC) == datetime(2026, 10, 1, 6, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize("said", ["EST5EDT", "+08:00", "Mars/Olympus"])
def test_only_iana_names_of_places_are_taken(said, monkeypatch):
    monkeypatch.setenv("MAPLEBRIDGE_ZONE", said)
    with pytest.raises(ValidationError):
        Settings()
