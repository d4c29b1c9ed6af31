"""Who may enter which page, and how places, people and items are named there."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from contracts.common import Role
from contracts.mediation import WITHHELD
from services.analytics.pages.gazetteer import Gazetteer
from services.analytics.pages.problem_map import Spot, nearest, problem_title
from services.analytics.pages.rooms import CHOOSABLE, HOMES, ROLE_NAMES, ROOMS, SWITCHER, TEAHOUSE, home, may_enter
from services.analytics.pages.shapes import (
    Commitment,
    Incident,
    Issue,
    Listing,
    NextSession,
    PlaceSums,
    Problem,
    ProblemBuilding,
)
from services.analytics.pages.site import Site
from services.analytics.pages.start import CAN, INTERFACES
from services.analytics.pages.teahouse.cards import overdue_days, owing, stage, title_of
from services.analytics.pages.teahouse.page import may_raise
from services.analytics.pages.viewer import View
from services.analytics.pages.wall.incidents import waiting_order
from services.analytics.pages.wall.nets import Nets, counted
from services.analytics.pages.words import Words

NOW = datetime(2025, 1, 14, 12, 41, tzinfo=UTC)
WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"
NAMES = Gazetteer.shipped()


def test_an_overseer_enters_one_room():
    assert [room.path for room in ROOMS if room.linked and may_enter(room, "overseer")] == ["/overseer"]


def test_each_role_of_the_contracts_has_a_name():
    assert {role.value for role in Role} <= ROLE_NAMES.keys()


@pytest.mark.parametrize("role", CHOOSABLE)
def test_each_role_may_enter_its_home(role: str):
    assert home(role) == "/officer/" or [room for room in ROOMS if room.path == home(role) and may_enter(room, role)]


@pytest.mark.parametrize("role", [role for role in CHOOSABLE if home(role) == "/start"])
def test_a_role_that_begins_at_the_start_is_told_what_it_can_do_and_where(role: str):
    rooms = [room.path for room in ROOMS if room.linked and may_enter(room, role)]
    assert role in CAN
    assert rooms or INTERFACES[role]


def test_a_patrol_reports_on_a_page_of_its_own_and_reads_its_mail():
    assert [room.path for room in ROOMS if room.linked and may_enter(room, "patrol")] == ["/mailbox", "/report"]
    assert home("patrol") == "/report"


def test_each_role_of_the_contracts_has_a_home_and_those_of_the_switcher_are_roles():
    assert {role.value for role in Role} - {"system"} <= set(CHOOSABLE)
    assert set(SWITCHER) <= set(CHOOSABLE) & HOMES.keys()


def test_no_room_admits_a_role_that_does_not_exist():
    assert {role for room in ROOMS for role in room.roles} <= {role.value for role in Role}


def test_a_place_is_named_and_a_unit_by_its_door():
    assert NAMES.place(WANDA, "zh") == "万达公寓"
    assert NAMES.place(f"{WANDA}/wanda-a/1812", "zh") == "A-1812"
    assert NAMES.place("somewhere/north-end", "en") == "North end"


def test_a_building_of_another_city_is_called_what_it_is_registered_as_once_that_is_known():
    tower, names = "harbin/nangang/hexing/tower-1", Gazetteer.shipped()
    assert (names.place(tower, "zh"), names.lacks(tower), names.lacks(f"{tower}/1203")) == ("Tower 1", True, True)
    names.registered.update({tower: "一号楼", f"{WANDA}/wanda-a": "another name"})
    assert (names.place(tower, "zh"), names.place(f"{tower}/1203", "en")) == ("一号楼", "一号楼 1203")
    assert names.building(f"{tower}/1203", "zh") == "一号楼"
    assert names.place(f"{WANDA}/wanda-a", "zh") == "万达公寓 A 座"
    assert not any(map(names.lacks, [tower, f"{tower}/1203", f"{WANDA}/wanda-a/1812", ""]))


def test_visitors_hear_of_buildings_only():
    assert NAMES.building(f"{WANDA}/wanda-a/1812", "en") == "Wanda Tower A"


def test_a_category_is_named_by_its_first_and_last_segment():
    assert NAMES.category("dispute/deposit", "zh") == "纠纷 · 押金"
    assert NAMES.category("crime/theft", "en") == "Theft"
    assert NAMES.category("crime/odd-thing", "en") == "Crime · Odd thing"


def test_a_building_is_called_by_its_own_name_only_where_the_names_know_it():
    assert NAMES.knows_building(f"{WANDA}/wanda-a/1812")
    assert NAMES.knows_building("yinchuan/helan/xigang/tianehu/tianehu-07")
    assert not NAMES.knows_building("yinchuan/jinfeng/beijing-zhonglu/elsewhere/house-1/0101")


def issue(**more: object) -> Issue:
    return Issue(**{"id": "i", "title": "t", "place": WANDA, "raised_at": NOW, **more})  # type: ignore[arg-type]


def promise(due_on: date, *, kept: bool = False) -> Commitment:
    return Commitment(id=str(due_on), owner="o", promise="p", due_on=due_on, fulfilled_at=NOW if kept else None)


@pytest.mark.parametrize(("language", "said"), [("zh", "居民事项 · 噪音"), ("en", "A resident's item · Noise")])
def test_an_item_whose_title_is_not_released_is_told_by_its_category(language, said):
    site = Site(httpx.AsyncClient(), "embedded", False, lambda: NOW, None)
    view = View(site, TEAHOUSE, "resident", Words(language), "light", "")
    assert title_of(view, issue(title=WITHHELD, title_withheld=True, category="noise")) == said
    on_the_map = Problem(id="i", kind="agenda-item", category="noise", title=WITHHELD, place=WANDA, phase="raised")
    assert problem_title(view, on_the_map) == said.partition(" · ")[0]
    assert title_of(view, issue(title="Lamp", category="noise")) == "Lamp"


def test_an_item_is_raised_where_there_is_a_place():
    assert may_raise("resident", WANDA)
    assert not may_raise("resident", "")
    assert not may_raise("analyst", WANDA)


def test_an_item_on_an_agenda_is_a_stage_further():
    assert stage(issue()) == "raised"
    assert stage(issue(next_session=NextSession(id="s", starts_at=NOW))) == "placed"
    assert stage(issue(phase="disputed", commitments=(promise(date(2025, 1, 2)),))) == "committed"


def test_the_promise_that_counts_is_the_next_open_one():
    kept, next_one, later = promise(date(2025, 1, 1), kept=True), promise(date(2025, 1, 9)), promise(date(2025, 2, 1))
    assert owing(issue(commitments=(later, kept, next_one))) == next_one
    assert overdue_days(next_one, date(2025, 1, 12)) == 3
    assert overdue_days(kept, date(2025, 1, 12)) == 0


def test_whom_nobody_goes_to_stands_first():
    def incident(name: str, **more: object) -> Incident:
        return Incident(id=name, category="noise", place=WANDA, reported_at=NOW, **more)  # type: ignore[arg-type]

    listed = [
        incident("sent", officers=("o",), priority="emergency"),
        incident("routine", priority="routine"),
        incident("urgent", priority="urgent"),
    ]
    assert [item.id for item in sorted(listed, key=waiting_order)] == ["urgent", "routine", "sent"]


def test_a_click_on_the_map_means_the_nearest_building_or_none():
    at = {"latitude": 38.488, "longitude": 106.234}
    spot = Spot(ProblemBuilding(id="a", name="A", location=at), ())
    assert nearest((spot,), 38.4881, 106.2341) == spot
    assert nearest((spot,), 39.0, 106.2341) is None
    assert nearest((), 38.0, 106.0) is None


def beijing(_: str) -> Words:
    return Words("en")


def test_the_four_nets_are_counted_from_what_the_services_say():
    def case(**more: object) -> Incident:
        return Incident(id="i", category="noise", place=WANDA, **more)  # type: ignore[arg-type]

    cases = [
        case(reported_at=NOW, officers=("a", "b"), waited_seconds=300, wait_measured=True),
        case(reported_at=NOW, officers=("b",), waited_seconds=0, wait_measured=False),
        case(
            reported_at=NOW - timedelta(days=1),
            officers=("c",),
            resolved_at=NOW,
            waited_seconds=500,
            wait_measured=True,
        ),
    ]
    ledger = PlaceSums(occupants=100, to_verify=2, overdue=1)
    assert counted(Listing[Incident](items=cases), ledger, NOW, beijing) == Nets(
        today=2, out=2, verified=0.98, overdue=1, response=400
    )
    assert counted(Listing[Incident](), PlaceSums(), NOW, beijing) == Nets()


def test_a_page_of_a_list_is_no_total():
    today = Incident(id="i", category="noise", place=WANDA, reported_at=NOW)
    before = Incident(id="j", category="noise", place=WANDA, reported_at=NOW - timedelta(days=1))
    part = Listing[Incident](items=(today, before), next="j")
    assert counted(part, PlaceSums(), NOW, beijing) == Nets(today=1, more_open=True)
    assert counted(Listing[Incident](items=(today,), next="i"), PlaceSums(), NOW, beijing).more_today


def test_what_is_reported_today_is_told_by_the_day_of_each_place():
    def at(place: str) -> Words:
        return Words("en", "America/Vancouver" if place == "vancouver" else "Asia/Shanghai")

    late = datetime(2025, 1, 14, 7, 30, tzinfo=UTC)  # of the 13th in Vancouver, where it is the 14th by now
    cases = [Incident(id=place, category="noise", place=place, reported_at=late) for place in ("vancouver", WANDA)]
    assert counted(Listing[Incident](items=cases), PlaceSums(), NOW, at).today == 1


def test_the_houses_of_an_estate_are_named_by_their_number():
    tiandu = "yinchuan/xingqing/fenghuang/tiandu-16"
    assert NAMES.place(f"{tiandu}/tiandu-16-04", "zh") == "天都十六区 4 号楼"
    assert NAMES.place(f"{tiandu}/tiandu-16-04/0302", "en") == "Tiandu 16, house 4 0302"
    assert NAMES.building(f"{tiandu}/tiandu-16-04/0302", "en") == "Tiandu 16, house 4"
