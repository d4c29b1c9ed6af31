"""What an event says, in Chinese and in English; it names nobody."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from contracts.common import Event
from contracts.registry import (
    OccupantRegistered,
    OccupantVerified,
    OperatorAssigned,
    TenancyCorrected,
    TenancyStarted,
    TenantMovedOut,
    UnitClassified,
    UnitRecordCorrected,
    UnitRegistered,
    UseObserved,
    VerificationFailed,
)
from services.chassis.zones import local_day, zone_of


class Words(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


USES: Mapping[str, Words] = {
    "hotel": Words("酒店", "hotel"),
    "studio": Words("工作室", "studio"),
    "rental": Words("租户", "rental"),
    "owner-occupied": Words("业主自住", "owner-occupied"),
    "vacant": Words("空置", "vacant"),
    "other": Words("其他", "another use"),
}
CATEGORIES: Mapping[str, Words] = {
    "long-let": Words("长租", "a long let"),
    "short-let": Words("短租", "a short let"),
    "owner": Words("业主自住", "owners"),
}
METHODS: Mapping[str, Words] = {
    "document-seen": Words("查看证件", "document seen"),
    "register-query": Words("系统查询", "register queried"),
    "network-identity": Words("网络身份认证", "network identity"),
    "in-person": Words("当面核实", "in person"),
}
REASONS: Mapping[str, Words] = {
    "nobody-home": Words("家中无人", "nobody home"),
    "document-missing": Words("未带证件", "document missing"),
    "document-mismatch": Words("证件不符", "document does not match"),
    "no-cooperation": Words("不予配合", "no cooperation"),
    "system-away": Words("系统不可用", "system away"),
}


def _registered(event: UnitRegistered) -> Words:
    return Words(
        f"{event.number} 登记入册，{event.floor} 层", f"{event.number} entered the ledger, floor {event.floor}"
    )


def _classified(event: UnitClassified) -> Words:
    use = USES[event.use_class.value]
    return Words(f"登记用途：{use.zh}", f"Registered as {use.en}")


def _corrected(event: UnitRecordCorrected) -> Words:
    use = USES[event.use_class.value]
    return Words(f"更正登记用途：{use.zh}（{event.reason}）", f"Record corrected to {use.en} ({event.reason})")


def _observed(event: UseObserved) -> Words:
    use = USES[event.observed_use.value]
    there = event.organisation
    zh = f"实地查看：{use.zh}" + (f"，实际单位 {there}" if there else "") + ("，与登记不符" if event.differs else "")
    en = f"Seen: {use.en}" + (f", by {there}" if there else "") + (", unlike the register" if event.differs else "")
    return Words(zh, en)


def _operated(event: OperatorAssigned) -> Words:
    if event.operator is None:
        return Words("经营者撤出", "The operator left")
    return Words(f"经营者：{event.operator}", f"Operated by {event.operator}")


def _started(event: TenancyStarted) -> Words:
    category = CATEGORIES[event.category.value]
    filed = Words("，租赁已备案", ", lease filed") if event.lease_filing else Words("", "")
    return Words(f"入住：{category.zh}{filed.zh}", f"Moved in: {category.en}{filed.en}")


def _occupied(event: OccupantRegistered) -> Words:
    if event.verification_due_at is None:
        return Words("登记居住人", "Occupant registered")
    return Words("登记居住人，待核验", "Occupant registered, to be verified")


def _verified(event: OccupantVerified) -> Words:
    method = METHODS[event.method]
    return Words(f"身份已核验：{method.zh}", f"Occupant verified: {method.en}")


def _failed(event: VerificationFailed) -> Words:
    reason = REASONS[event.reason]
    return Words(f"核验未成：{reason.zh}", f"Verification failed: {reason.en}")


def _moved_out(_: TenantMovedOut) -> Words:
    return Words("退房", "Moved out")


def _tenancy_corrected(event: TenancyCorrected) -> Words:
    zone = zone_of(event.place)
    since = local_day(event.effective_at, zone)
    until = local_day(event.ended_at, zone) if event.ended_at else None
    zh = f"更正居住登记：{since} 入住，" + (f"{until} 搬出" if until else "仍在居住")
    en = f"Tenancy corrected: moved in {since}, " + (f"moved out {until}" if until else "lives there still")
    if until is None and event.verification_due_at is not None and event.to_verify:
        due = local_day(event.verification_due_at, zone)
        zh, en = f"{zh}，核验期限 {due}", f"{en}, to be verified by {due}"
    why = Words(f"（{event.reason}）", f" ({event.reason})") if event.reason else Words("", "")
    return Words(zh + why.zh, en + why.en)


SAID: Mapping[type[Event], Callable[[Any], Words]] = {
    UnitRegistered: _registered,
    UnitClassified: _classified,
    UnitRecordCorrected: _corrected,
    UseObserved: _observed,
    OperatorAssigned: _operated,
    TenancyStarted: _started,
    OccupantRegistered: _occupied,
    OccupantVerified: _verified,
    VerificationFailed: _failed,
    TenantMovedOut: _moved_out,
    TenancyCorrected: _tenancy_corrected,
}


def said(event: Event) -> Words:
    """What an event of a unit says."""
    return SAID[type(event)](event)
