"""What an event says, in Chinese and in English; it names nobody."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from contracts.common import Event
from contracts.incidents import (
    CaseOpened,
    DutyEnded,
    DutyStarted,
    IncidentReopened,
    IncidentReported,
    IncidentResolved,
    IncidentTriaged,
    OfficersArrived,
    OfficersDispatched,
    OfficersEnRoute,
    OfficersRecalled,
    TextErased,
)


class Words(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


CHANNELS: Mapping[str, Words] = {
    "phone-110": Words("110 电话", "by phone to 110"),
    "hotline-12345": Words("12345 热线", "by hotline 12345"),
    "counter": Words("窗口", "at the counter"),
    "patrol": Words("巡逻", "by a patrol"),
    "app": Words("应用", "by the app"),
    "sensor": Words("感知设备", "by a sensor"),
    "import": Words("导入", "by an import"),
}
PRIORITIES: Mapping[str, Words] = {
    "emergency": Words("紧急", "emergency"),
    "urgent": Words("加急", "urgent"),
    "routine": Words("一般", "routine"),
}
OUTCOMES: Mapping[str, Words] = {
    "settled": Words("现场处置完毕", "settled"),
    "handed-to-mediation": Words("移交调解", "handed to mediation"),
    "handed-to-investigation": Words("移交侦查", "handed to investigation"),
    "unfounded": Words("不实警情", "unfounded"),
    "duplicate": Words("重复报警", "a duplicate"),
}
ERASURES: Mapping[str, Words] = {
    "resident-request": Words("当事人要求", "at the person's request"),
    "retention-ended": Words("保存期满", "its retention has ended"),
    "written-in-error": Words("误写", "written in error"),
}
PURPOSES: Mapping[str, Words] = {
    "response": Words("处警", "to respond"),
    "investigation": Words("侦查", "to investigate"),
    "mediation": Words("调解", "to mediate"),
    "review": Words("核查", "to review"),
    "resident-request": Words("居民申请", "at the resident's request"),
    "emergency": Words("紧急情况", "in an emergency"),
}


def _reported(event: IncidentReported) -> Words:
    channel = CHANNELS[event.channel.value]
    drill = Words("演练：", "Drill: ") if event.drill else Words("", "")
    return Words(f"{drill.zh}接报（{channel.zh}）", f"{drill.en}Reported {channel.en}")


def _triaged(event: IncidentTriaged) -> Words:
    priority = PRIORITIES[event.priority.value]
    return Words(f"研判：{priority.zh}", f"Judged {priority.en}")


def _dispatched(event: OfficersDispatched) -> Words:
    late = Words("（补录）", " (entered afterwards)") if event.entered_late else Words("", "")
    return Words(f"派警{late.zh}：{'、'.join(event.officers)}", f"Sent{late.en}: {', '.join(event.officers)}")


def _recalled(event: OfficersRecalled) -> Words:
    return Words(f"召回：{'、'.join(event.officers)}", f"Recalled: {', '.join(event.officers)}")


def _en_route(event: OfficersEnRoute) -> Words:
    return Words(f"{event.officer} 出发", f"{event.officer} set out")


def _arrived(event: OfficersArrived) -> Words:
    minutes, seconds = divmod(event.waited_seconds, 60)
    zh = f"{minutes} 分 {seconds} 秒" if minutes else f"{seconds} 秒"
    en = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    late = Words("", "") if event.measured else Words("（补录）", " (entered afterwards)")
    return Words(f"{event.officer} 到场，用时 {zh}{late.zh}", f"{event.officer} arrived after {en}{late.en}")


def _resolved(event: IncidentResolved) -> Words:
    outcome = OUTCOMES[event.outcome]
    return Words(f"办结：{outcome.zh}", f"Resolved: {outcome.en}")


def _reopened(_: IncidentReopened) -> Words:
    return Words("重新受理", "Reopened")


def _opened(event: CaseOpened) -> Words:
    purpose = PURPOSES[event.purpose]
    return Words(f"查阅：{purpose.zh}", f"Read {purpose.en}")


def _erased(event: TextErased) -> Words:
    ground = ERASURES[event.ground]
    return Words(f"文字内容已销毁：{ground.zh}", f"Text erased: {ground.en}")


def _on_duty(event: DutyStarted) -> Words:
    return Words(f"{event.officer} 上岗", f"{event.officer} came on duty")


def _off_duty(event: DutyEnded) -> Words:
    return Words(f"{event.officer} 下岗", f"{event.officer} went off duty")


SAID: Mapping[type[Event], Callable[[Any], Words]] = {
    IncidentReported: _reported,
    IncidentTriaged: _triaged,
    OfficersDispatched: _dispatched,
    OfficersRecalled: _recalled,
    OfficersEnRoute: _en_route,
    OfficersArrived: _arrived,
    IncidentResolved: _resolved,
    IncidentReopened: _reopened,
    CaseOpened: _opened,
    TextErased: _erased,
    DutyStarted: _on_duty,
    DutyEnded: _off_duty,
}


def said(event: Event) -> Words:
    """What an event of an incident says."""
    return SAID[type(event)](event)
