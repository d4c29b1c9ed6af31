"""One example of each event, as it would stand in the log; invented, and valid by its contract."""

from typing import Any

from contracts.common import Event

Payload = dict[str, Any]
MOMENT = "2024-06-03T12:40:00Z"
ESTATE = "yinchuan/jinfeng/beijing-zhonglu/wanda"
INCIDENT = "018fdd4b-1c00-7aaa-8000-00000000a001"
DISPUTE = "018fdd4b-1c00-7aaa-8000-00000000b001"
ISSUE = "018fdd4b-1c00-7aaa-8000-00000000c001"
SUBJECT = "018fdd4b-1c00-7aaa-8000-00000000d001"
NEIGHBOUR = "018fdd4b-1c00-7aaa-8000-00000000d002"
ALERT = "018fdd4b-1c00-7aaa-8000-00000000e001"
SPAN = {"first": "2024-06-01", "last": "2024-06-30"}


def _sealed(key: str) -> Payload:
    return {"key": key, "text": "q83vEjRWeJCrze8SzfF1pQ5Yc0mGmPO2S8eYcJYbUu0="}


BY_FIELD: Payload = {
    "agenda": [ISSUE],
    "area": "community",
    "after": 400,
    "at": 412,
    "alert": ALERT,
    "building": "wanda-a",
    "awaits_release": False,
    "by": "officer-gu",
    "caller": SUBJECT,
    "caller_unit": "wanda-a-1813",
    "capacity": 1,
    "case": DISPUTE,
    "categories": ["crime", "dispute"],
    "category": "noise/music",
    "cells": [{"area": ESTATE, "count": 14, "centre": {"longitude": 106.23, "latitude": 38.49}}],
    "channel": "phone-110",
    "city": "yinchuan",
    "commitment": "repair-door",
    "complete_at": {"incidents": 41208},
    "crs": "urn:ogc:def:crs:OGC:1.3:CRS84",
    "corrects": "018fdd4b-1c00-7aaa-8000-00000000f001",
    "continues": "yinchuan-110",
    "count": 3,
    "description": _sealed(f"case:{INCIDENT}"),
    "differs": True,
    "dispute": DISPUTE,
    "document": _sealed(f"subject:{SUBJECT}"),
    "drill": False,
    "due_at": MOMENT,
    "due_on": "2024-06-20",
    "ended_at": None,
    "entered_late": False,
    "evidence": [{"source": "incidents", "position": 41208, "id": INCIDENT}],
    "feedback": "acted",
    "fewest_places": 3,
    "fields": ["name", "phone"],
    "floor": 18,
    "gaps": [],
    "ground": "resident-request",
    "highest_floor": 30,
    "incident": INCIDENT,
    "indicator": "building-security-cost",
    "issue": ISSUE,
    "key": "wanda-a-1812",
    "kind": "teahouse",
    "late_days": 0,
    "lease_filing": "lease-2024-0117",
    "location": {"longitude": 106.2309, "latitude": 38.4872, "system": "WGS84"},
    "lowest_floor": 1,
    "measure": "noise-calls",
    "measured": True,
    "measures": [
        {"id": "noise-calls", "kind": "incident", "category": "noise", "area": "community", "period": "month"}
    ],
    "mediator": "mediator-ma",
    "met": 9,
    "method": "document-seen",
    "minimum": 5,
    "minutes": _sealed(f"case:{DISPUTE}"),
    "name": _sealed(f"subject:{SUBJECT}"),
    "note": _sealed(f"case:{INCIDENT}"),
    "number": "1812",
    "observed_use": "hotel",
    "occurred": {"earliest": MOMENT, "latest": MOMENT, "zone": "Asia/Shanghai"},
    "officer": "officer-gu",
    "officers": ["officer-gu", "auxiliary-li"],
    "operator": "hotel-17",
    "organisation": "云栖酒店",
    "organisations": ["property-tianehu", "fire-helan"],
    "outcome": "settled",
    "own_task": True,
    "owner": "property-tianehu",
    "parties": [{"subject": SUBJECT, "household": "wanda-a-1812"}, {"subject": NEIGHBOUR, "household": None}],
    "period": "month",
    "phone": _sealed(f"subject:{SUBJECT}"),
    "place": f"{ESTATE}/wanda-a/1812",
    "present": [SUBJECT, NEIGHBOUR],
    "priority": "urgent",
    "promise": "单元门修好并装闭门器",
    "purpose": "verification",
    "raised_by": SUBJECT,
    "reason": "nobody-home",
    "residents": 14,
    "registrations": [{"unit": "wanda-a-1812", "tenancy": "tenancy-2024-0117"}],
    "round": "round-2024-06-03",
    "rule": "third-noise-call",
    "rule_version": 1,
    "sealed_from": [],
    "session": "teahouse-2024-06-06",
    "settle_days": 3,
    "severity": "attention",
    "since": None,
    "source": "live",
    "source_category": None,
    "source_id": None,
    "source_unit": "wanda-a-1812",
    "span": SPAN,
    "starts_at": "2024-06-06T11:30:00Z",
    "subject": SUBJECT,
    "subjects": [SUBJECT],
    "summary": _sealed(f"case:{DISPUTE}"),
    "task": "tenancy-2024-0117",
    "tenancy": "tenancy-2024-0117",
    "terms": _sealed(f"case:{DISPUTE}"),
    "title": "单元门禁常开",
    "title_withheld": False,
    "to": "supervisor-01",
    "to_verify": [SUBJECT],
    "unit": "wanda-a-1812",
    "units": ["wanda-a-1812", "wanda-a-1813"],
    "use_class": "rental",
    "value": 89000.0,
    "venue": "活动室门口",
    "verification_calendar": "official",
    "verification_due_at": "2024-06-06T10:00:00Z",
    "visited": 12,
    "waited_seconds": 360,
    "within": [ESTATE],
    "window_from": "2024-05-04T12:40:00Z",
    "window_to": MOMENT,
    "zone": "Asia/Shanghai",
}
"""What a field holds in an example, unless its event says otherwise."""

BY_TYPE: dict[str, Payload] = {
    "registry.building-registered.v1": {"name": "万达公寓 A 座", "place": f"{ESTATE}/wanda-a"},
    "registry.tenancy-started.v1": {"category": "long-let"},
    "registry.tenancy-corrected.v1": {"category": "long-let", "reason": "登记时写错年份"},
    "registry.unit-record-corrected.v1": {"reason": "登记时选错了类别"},
    "registry.visit-round-planned.v1": {"place": ESTATE, "day_part": "evening"},
    "registry.visit-recorded.v1": {"place": ESTATE, "outcome": "met"},
    "registry.visit-round-closed.v1": {"place": ESTATE},
    "incidents.incident-reopened.v1": {"reason": _sealed(f"case:{INCIDENT}")},
    "incidents.case-opened.v1": {"purpose": "response", "fields": ["description"]},
    "incidents.duty-started.v1": {"place": ESTATE},
    "incidents.duty-ended.v1": {"place": ESTATE},
    "mediation.text-erased.v1": {"kind": "dispute", "ground": "retention-ended"},
    "mediation.case-opened.v1": {"kind": "dispute", "purpose": "mediation", "fields": ["summary", "minutes"]},
    "mediation.dispute-resolved.v1": {"outcome": "agreement-kept"},
    "mediation.dispute-reopened.v1": {"reason": _sealed(f"case:{DISPUTE}")},
    "mediation.issue-raised.v1": {"kind": "agenda-item", "category": "safety/door"},
    "mediation.issue-resolved.v1": {"kind": "agenda-item"},
    "mediation.resolution-confirmed.v1": {"kind": "agenda-item", "by": SUBJECT},
    "mediation.resolution-disputed.v1": {
        "kind": "agenda-item",
        "by": SUBJECT,
        "reason": _sealed(f"case:{ISSUE}"),
    },
    "analytics.indicator-reported.v1": {"source": "security-firm-1", "place": ESTATE, "unit": "CNY"},
    "analytics.indicator-corrected.v1": {"source": "security-firm-1", "place": ESTATE, "unit": "CNY"},
    "analytics.indicator-released.v1": {"source": "security-firm-1", "place": ESTATE, "unit": "CNY"},
    "analytics.coverage-declared.v1": {"place": "yinchuan"},
    "analytics.figures-exported.v1": {"place": "yinchuan", "purpose": "data-platform"},
    "analytics.city-events-read.v1": {"place": "yinchuan"},
    "city.figures-published.v1": {"kind": "incident", "category": "noise"},
}


class ExampleMissing(LookupError):
    """A field of an event has no example yet."""

    def __init__(self, type_name: str, field: str) -> None:
        super().__init__(f"{type_name}/{field}: the field has no example; give it one with Field(examples=[...]).")


def example_of(model: type[Event]) -> Payload:
    """An example payload of an event, every field present. Raises ExampleMissing."""
    own = BY_TYPE.get(model.type, {})
    told = {name: field.examples[0] for name, field in model.model_fields.items() if field.examples}
    values = {"effective_at": MOMENT, **BY_FIELD, **told, **own}
    missing = next((name for name in model.model_fields if name not in values), None)
    if missing is not None:
        raise ExampleMissing(model.type, missing)
    payload = {name: values[name] for name in model.model_fields}
    return model.model_validate(payload).model_dump(mode="json")
