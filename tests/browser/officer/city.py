"""An invented city, in the shapes of the services' answers, for the officer's page to be tried against."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.mediation import WITHHELD

NOW = datetime(2025, 1, 16, 12, 40, tzinfo=UTC)
"""20:40 in Yinchuan."""

PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda"
OFFICER = "officer-ma"
CLASSES = ("hotel", "studio", "rental", "owner-occupied", "vacant")
PERSON = {"name": "沈知远", "phone": "13900001234", "document": "640104199003074218"}
"""Invented; the number only has a right check character."""


def said(moment: datetime) -> str:
    """As the services write it."""
    return moment.isoformat().replace("+00:00", "Z")


def unit(building: str, floor: int, door: int, colour: str, **more: Any) -> dict[str, Any]:
    """A unit as the registry answers it."""
    number = f"{floor:02}{door:02}"
    letter = building[-1].upper()
    return {
        "id": f"{building}-{number}",
        "building": building,
        "number": number,
        "floor": floor,
        "place": f"{PLACE}/{building}/{number}",
        "capacity": 1,
        "label": f"{letter}-{number}",
        "use_class": None if colour == "vacant" else colour,
        "colour": colour,
        "class_since": said(NOW - timedelta(days=300)),
        "operator": None,
        "observed_use": None,
        "organisation": None,
        "observed_at": None,
        "differs": False,
        "tenancies": 0,
        "occupants": 0,
        "to_verify": 0,
        "overdue": 0,
        "version": 2,
        "tenancies_held": [],
        **more,
    }


@dataclass
class City:
    """What the fake services know, and what tests turn.

    Attributes:
        commands: every command that was carried out, in order. asked: every request, as (method, path, headers).
        loses_answers: carry the next commands out, then cut the line. refuses_tokens: all tokens have run out.
        zones: of buildings that have another than the city's. holds_answers: whoever asks waits, commands go through.
        lineage: the history of all logs, as a token says it.
    """

    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    verifications: dict[str, dict[str, Any]] = field(default_factory=dict)
    rounds: dict[str, dict[str, Any]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    duty: dict[str, Any] = field(default_factory=lambda: {"version": 1, "on": False})
    commands: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    loses_answers: int = 0
    refuses_tokens: bool = False
    away: bool = False
    holds_answers: bool = False
    zones: dict[str, str] = field(default_factory=dict)
    mode: str = "embedded"
    imported: bool = True
    lineage: str = "3f9c2b7d"

    def add(self, one: dict[str, Any]) -> None:
        """Puts a unit into the ledger."""
        self.units[one["id"]] = one

    def somebody_else(self, unit: str, zh: str, en: str) -> None:
        """A colleague changes a unit meanwhile."""
        self.units[unit]["version"] += 1
        self.history.setdefault(unit, []).insert(
            0,
            {
                "id": f"e-{len(self.history.get(unit, []))}",
                "version": self.units[unit]["version"],
                "type": "registry.use-observed.v1",
                "effective_at": said(NOW),
                "recorded_at": said(NOW),
                "actor": {"role": "property-manager", "id": "pm-1"},
                "words": {"zh": zh, "en": en},
            },
        )


def the_city() -> City:
    """Three towers, two alerts, two incidents, three verifications, a round, four items."""
    city = City()
    for building in ("wanda-a", "wanda-b", "wanda-c"):
        for floor in range(1, 28):
            for door in range(1, 13):
                colour = CLASSES[(floor * 5 + door * 7 + len(building)) % 23 % 5]
                city.add(unit(building, floor, door, colour))
    _tenants(city)
    _alerts(city)
    _incidents(city)
    _round(city)
    _issues(city)
    return city


def _tenants(city: City) -> None:
    for building, floor, door, days, due in (
        ("wanda-b", 27, 8, 2, 2),
        ("wanda-b", 4, 11, 8, -1),
        ("wanda-c", 15, 3, 1, 3),
    ):
        home = unit(building, floor, door, "rental", tenancies=1, occupants=1, to_verify=1, version=5)
        since = NOW - timedelta(days=days)
        tenancy, subject = f"t-{home['number']}", f"s-{home['number']}"
        due_at = said(NOW + timedelta(days=due, hours=3 if due > 0 else -3))
        home["tenancies_held"] = [
            {
                "tenancy": tenancy,
                "category": "long-let",
                "since": said(since),
                "ended_at": None,
                "lease_filing": "zl-2025-118",
                "registered_by": "property-manager",
                "occupants": [
                    {
                        "subject": subject,
                        "due_at": due_at,
                        "verified_at": None,
                        "method": None,
                        "overdue": due < 0,
                        "attempts": [],
                    }
                ],
            }
        ]
        city.add(home)
        city.verifications[f"{tenancy}.{subject}"] = {
            "unit": home["id"],
            "label": home["label"],
            "building": building,
            "building_name": f"万达公寓 {building[-1].upper()} 座",
            "number": home["number"],
            "floor": floor,
            "place": home["place"],
            "colour": "rental",
            "tenancy": tenancy,
            "subject": subject,
            "category": "long-let",
            "moved_in_at": said(since),
            "due_at": due_at,
            "overdue": due < 0,
            "verified_at": None,
            "calendar": "official",
            "lease_filed": True,
            "registered_by": "property-manager",
            "attempts": [],
            "last_met_at": said(NOW - timedelta(days=1)),
        }


def _alert(
    alert: str, rule: str, unit: str, label: str, headline: dict[str, str], detail: dict[str, str] | None
) -> dict[str, Any]:
    times = (NOW - timedelta(days=25), NOW - timedelta(days=12), NOW - timedelta(minutes=2))
    return {
        "id": alert,
        "rule": rule,
        "rule_version": 1,
        "severity": "alarm",
        "key": unit,
        "unit": unit,
        "label": label,
        "place": f"{PLACE}/{unit[:7]}/{unit[8:]}",
        "words": headline,
        "detail": detail,
        "raised_at": said(NOW - timedelta(minutes=2)),
        "due_at": None,
        "state": "raised",
        "by": None,
        "acknowledged_at": None,
        "closed_at": None,
        "feedback": None,
        "count": 3,
        "window_from": said(NOW - timedelta(days=30)),
        "window_to": said(NOW),
        "version": 1,
        "evidence": [
            {
                "source": "incidents",
                "position": 40 + n,
                "id": f"ev-{n}",
                "type": "incidents.incident-reported.v1",
                "at": said(at),
                "place": PLACE,
                "label": label,
                "words": {"zh": "噪音警情", "en": "Noise reported"},
            }
            for n, at in enumerate(times)
        ],
    }


def _alerts(city: City) -> None:
    headline = {"zh": "同一声源第 3 次噪音", "en": "Noise no. 3 from one unit"}
    city.alerts["al-1"] = _alert("al-1", "repeated-disturbance", "wanda-a-1812", "A-1812", headline, None)
    overdue = {"zh": "核验逾期", "en": "Verification overdue"}
    city.alerts["al-2"] = _alert("al-2", "verification-overdue", "wanda-b-0411", "B-0411", overdue, None) | {
        "state": "acknowledged",
        "by": OFFICER,
        "version": 2,
        "count": 1,
        "due_at": said(NOW - timedelta(days=1, hours=3)),
        "raised_at": said(NOW - timedelta(days=1)),
    }


def _incidents(city: City) -> None:
    for id_, category, label, phase, minutes in (
        ("in-1", "noise/music", "A-1812", "dispatched", 6),
        ("in-2", "help/locked-out", "B-0902", "en-route", 14),
    ):
        city.incidents[id_] = {
            "id": id_,
            "category": category,
            "place": f"{PLACE}/wanda-{label[0].lower()}/{label[2:]}",
            "label": label,
            "phase": phase,
            "phase_since": said(NOW - timedelta(minutes=minutes - 2)),
            "priority": "urgent" if phase == "dispatched" else "routine",
            "channel": "phone-110",
            "source_unit": None,
            "caller_unit": None,
            "officers": [OFFICER],
            "outcome": None,
            "drill": False,
            "reported_at": said(NOW - timedelta(minutes=minutes)),
            "dispatched_at": said(NOW - timedelta(minutes=minutes - 2)),
            "arrived_at": None,
            "version": 3,
        }


def _round(city: City) -> None:
    doors = []
    for n, (id_, label, colour) in enumerate(
        (
            ("wanda-a-2903", "A-2903", "rental"),
            ("wanda-a-2911", "A-2911", "studio"),
            ("wanda-a-2806", "A-2806", "owner-occupied"),
            ("wanda-a-2714", "A-2714", "rental"),
            ("wanda-b-2708", "B-2708", "rental"),
            ("wanda-a-2602", "A-2602", "studio"),
        )
    ):
        met = None if n == 3 else said(NOW - timedelta(days=20 * n + 4))
        doors.append(
            {
                "unit": id_,
                "label": label,
                "number": label[2:],
                "floor": int(label[2:4]),
                "colour": colour,
                "outcome": None,
                "at": None,
                "last_met_at": met,
                "to_verify": int(label == "B-2708"),
            }
        )
    city.rounds["ro-1"] = {
        "id": "ro-1",
        "place": PLACE,
        "officer": OFFICER,
        "day_part": "evening",
        "effective_at": said(NOW),
        "closed_at": None,
        "visited": 0,
        "met": 0,
        "version": 1,
        "doors": doors,
    }


def _issues(city: City) -> None:
    for id_, title, phase, due in (
        ("is-1", "电梯夜间停用，老人上不了楼", "committed", "2025-01-20"),
        ("is-2", "地下车库照明坏了三盏", "committed", "2025-01-12"),
        ("is-3", "单元门禁失灵", "resolved", "2025-01-08"),
        ("is-4", WITHHELD, "raised", None),
    ):
        promises = (
            [
                {
                    "id": "c-1",
                    "owner": "property-wanda",
                    "promise": "派人修复并张贴告示",
                    "due_on": due,
                    "made_at": said(NOW - timedelta(days=9)),
                    "fulfilled_at": said(NOW) if phase == "resolved" else None,
                    "late_days": None,
                    "missed_at": None,
                    "overdue": False,
                }
            ]
            if due
            else []
        )
        city.issues.append(
            {
                "id": id_,
                "kind": "agenda-item",
                "title": title,
                "title_withheld": title == WITHHELD,
                "place": PLACE,
                "category": "other",
                "building": None,
                "floor": None,
                "phase": phase,
                "times_disputed": 0,
                "raised_at": said(NOW - timedelta(days=11)),
                "resolved_at": None,
                "answered_at": None,
                "awaits": "resident" if phase == "resolved" else None,
                "commitments": promises,
                "next_session": None,
                "version": 1,
            }
        )
