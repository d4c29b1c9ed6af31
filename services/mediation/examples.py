"""Answers as the documentation shows them; every person and organisation in them is invented."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

ISSUE = {
    "id": "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e",
    "kind": "agenda-item",
    "title": "湖边步道路灯不亮",
    "title_withheld": False,
    "place": "yinchuan/helan/xigang/tianehu",
    "category": "facilities/lighting",
    "building": None,
    "floor": None,
    "phase": "committed",
    "times_disputed": 0,
    "raised_at": "2024-06-20T07:00:00Z",
    "resolved_at": None,
    "answered_at": None,
    "awaits": None,
    "commitments": [
        {
            "id": "0190a7c2-9a10-7c55-9d0e-0b1c2d3e4f50",
            "owner": "org-lights",
            "promise": "更换十二盏路灯",
            "due_on": "2024-07-15",
            "made_at": "2024-06-27T11:30:00Z",
            "fulfilled_at": None,
            "late_days": None,
            "missed_at": None,
            "overdue": False,
        }
    ],
    "next_session": {
        "id": "0190a7c2-aaaa-7c55-9d0e-0b1c2d3e4f50",
        "starts_at": "2024-07-04T11:30:00Z",
        "venue": "民生茶馆",
    },
    "version": 2,
}
DISPUTE = {
    "id": "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e",
    "category": "dispute/deposit",
    "place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812",
    "label": "A-1812",
    "phase": "mediating",
    "mediator": "mediator-guo",
    "source_unit": "wanda-a-1812",
    "parties": 2,
    "incident": None,
    "sessions": 1,
    "outcome": None,
    "logged_at": "2024-06-20T07:00:00Z",
    "resolved_at": None,
    "version": 3,
}
ITEM = {"id": "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e", "title": "湖边步道路灯不亮", "phase": "committed"}
SESSION = {
    "id": "0190a7c2-aaaa-7c55-9d0e-0b1c2d3e4f50",
    "kind": "teahouse",
    "place": "yinchuan/helan/xigang/tianehu",
    "starts_at": "2024-07-04T11:30:00Z",
    "venue": "天鹅湖社区民生茶馆",
    "agenda": [ITEM["id"]],
    "organisations": ["org-lights"],
    "residents": 9,
    "closed_at": "2024-07-04T13:00:00Z",
    "version": 4,
}
RATES = {
    "raised": 148,
    "resolved": 136,
    "confirmed": 118,
    "unanswered": 12,
    "pending": 6,
    "disputed": 1,
    "open": 12,
    "resolved_percent": 91.9,
    "confirmed_percent": 86.8,
}
OPENING = {
    "id": 1234,
    "at": "2024-06-27T11:30:00Z",
    "kind": "dispute",
    "case": DISPUTE["id"],
    "place": DISPUTE["place"],
    "purpose": "mediation",
    "own_task": True,
    "fields": ["summary", "minutes"],
    "actor": {"role": "mediator", "id": "mediator-guo"},
}
SAID = {
    "id": "0190a7c2-bbbb-7c55-9d0e-0b1c2d3e4f50",
    "effective_at": "2024-06-27T11:30:00Z",
    "recorded_at": "2024-06-27T11:30:05Z",
    "actor": {"role": "mediator", "id": "mediator-guo"},
}


def example(*said: Mapping[str, Any]) -> ConfigDict:
    """An example of an answer, put together from parts."""
    together = {name: value for part in said for name, value in part.items()}
    return ConfigDict(frozen=True, json_schema_extra={"examples": [together]})
