"""Answers as the documentation shows them; a test holds each against its model. Nobody in them is real."""

from typing import Any

from pydantic import ConfigDict

TOWER = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
TENANCY = "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"
SUBJECT = "0190a7c2-7d61-7f02-9a3b-4c5d6e7f8091"
EVENT = "0190a7c2-9a10-7c55-9d0e-0b1c2d3e4f50"

UNIT: dict[str, Any] = {
    "id": "wanda-a-1812",
    "label": "A-1812",
    "building": "wanda-a",
    "number": "1812",
    "floor": 18,
    "place": f"{TOWER}/1812",
    "capacity": 1,
    "use_class": "rental",
    "class_since": "2024-01-01T00:00:00+08:00",
    "colour": "rental",
    "operator": None,
    "observed_use": "hotel",
    "organisation": "星河民宿",
    "observed_at": "2024-06-29T21:15:00+08:00",
    "differs": True,
    "tenancies": 1,
    "occupants": 1,
    "to_verify": 1,
    "overdue": 0,
    "version": 7,
}
BUILDING: dict[str, Any] = {
    "id": "wanda-a",
    "name": "万达公寓 A 座",
    "place": TOWER,
    "zone": "Asia/Shanghai",
    "location": {"longitude": 106.2324, "latitude": 38.4872, "system": "CGCS2000"},
    "lowest_floor": -2,
    "highest_floor": 30,
    "units": 720,
    "counts": {"hotel": 388, "studio": 71, "rental": 94, "owner-occupied": 146, "vacant": 21},
    "occupied": 699,
    "occupants": 512,
    "to_verify": 7,
    "overdue": 1,
    "findings": 3,
}
OCCUPANT: dict[str, Any] = {
    "subject": SUBJECT,
    "due_at": "2024-07-03T18:00:00+08:00",
    "verified_at": None,
    "method": None,
    "overdue": False,
    "attempts": [{"at": "2024-07-01T10:30:00+08:00", "reason": "nobody-home"}],
    "erased_at": None,
}
HELD: dict[str, Any] = {
    "tenancy": TENANCY,
    "category": "long-let",
    "since": "2024-06-28T16:00:00+08:00",
    "ended_at": None,
    "lease_filing": "jf-2024-00381",
    "registered_by": "property-manager",
    "occupants": [OCCUPANT],
}
ASKED: dict[str, Any] = {
    "as_of": "2024-06-30T20:00:00+08:00",
    "known_at": None,
    "position": {"registry": 41208},
}
FLOORS: dict[str, Any] = {**BUILDING, **ASKED, "floors": [{"floor": 18, "units": [UNIT]}]}
UNIT_STATE: dict[str, Any] = {
    **UNIT,
    **ASKED,
    "building_name": "万达公寓 A 座",
    "tenancies_held": [HELD],
}
HISTORY: dict[str, Any] = {
    "id": EVENT,
    "version": 7,
    "type": "registry.use-observed.v1",
    "effective_at": "2024-06-29T21:15:00+08:00",
    "recorded_at": "2024-06-29T21:16:08+08:00",
    "actor": {"role": "officer", "id": "officer-gu"},
    "words": {
        "zh": "实地查看：酒店，实际单位 星河民宿，与登记不符",
        "en": "Seen: hotel, by 星河民宿, unlike the register",
    },
}
TASK: dict[str, Any] = {
    "unit": "wanda-a-1812",
    "label": "A-1812",
    "building": "wanda-a",
    "building_name": "万达公寓 A 座",
    "number": "1812",
    "floor": 18,
    "place": f"{TOWER}/1812",
    "colour": "rental",
    "tenancy": TENANCY,
    "subject": SUBJECT,
    "category": "long-let",
    "moved_in_at": "2024-06-28T16:00:00+08:00",
    "due_at": "2024-07-03T18:00:00+08:00",
    "overdue": False,
    "verified_at": None,
    "method": None,
    "calendar": "official",
    "lease_filed": True,
    "registered_by": "property-manager",
    "attempts": [{"at": "2024-07-01T10:30:00+08:00", "reason": "nobody-home"}],
    "last_met_at": "2024-05-14T19:40:00+08:00",
    "version": 7,
}
ROUND: dict[str, Any] = {
    "id": "0190a7c3-1f00-7aa1-8b2c-3d4e5f607182",
    "place": TOWER,
    "officer": "officer-gu",
    "day_part": "evening",
    "doors_count": 1,
    "effective_at": "2024-06-30T19:00:00+08:00",
    "closed_at": None,
    "visited": None,
    "met": None,
    "version": 2,
}
DOOR: dict[str, Any] = {
    "unit": "wanda-a-1812",
    "label": "A-1812",
    "number": "1812",
    "floor": 18,
    "colour": "rental",
    "outcome": "met",
    "at": "2024-06-30T19:12:00+08:00",
    "last_met_at": "2024-06-30T19:12:00+08:00",
    "to_verify": 1,
}
ROUND_STATE: dict[str, Any] = {**ROUND, "doors": [DOOR]}
RECORD: dict[str, Any] = {
    "stream": f"subject-{SUBJECT}",
    "version": 2,
    "position": 41207,
    "events": [{"id": EVENT, "type": "registry.record-opened.v1"}],
    "repeated": False,
    "id": SUBJECT,
    "place": f"{TOWER}/1812",
    "purpose": "verification",
    "name": "顾小满",
    "phone": "13900000000",
    "document": None,
}
OPENING: dict[str, Any] = {
    "id": 41207,
    "at": "2024-06-30T19:10:00+08:00",
    "subject": SUBJECT,
    "place": f"{TOWER}/1812",
    "purpose": "verification",
    "task": TENANCY,
    "fields": ["name", "phone"],
    "actor": {"role": "officer", "id": "officer-gu"},
}


def shown(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a model whose documentation shows an example."""
    return ConfigDict(json_schema_extra={"examples": [example]})
