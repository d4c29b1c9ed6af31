"""The twelve items of the teahouse that are still on their way on the last evening."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.runtime.demonstration.city import COMMITTEE, FIRE, PROPERTY, STATION


@dataclass(frozen=True, slots=True)
class Promise:
    """Who promised what by which day."""

    owner: str
    words: str
    due: date


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item.

    Attributes:
        title, category: as raised. raised: on which day. talked: the teahouse that dealt with it, where one did.
        promises: what was promised there. next_time: it stands on the agenda of Thursday's teahouse.
    """

    title: str
    category: str
    raised: date
    talked: date | None = None
    promises: tuple[Promise, ...] = ()
    next_time: bool = False


JANUARY: Final = date(2025, 1, 2)
OPEN_ITEMS: Final = (
    OpenItem("单元门禁常开", "access/door", JANUARY, JANUARY, (Promise(PROPERTY, "修好门禁", date(2025, 1, 20)),)),
    OpenItem(
        "活动室没有地胶，容易滑倒",
        "facility/floor",
        date(2024, 12, 9),
        date(2024, 12, 19),
        (Promise(PROPERTY, "铺设防滑地胶", date(2025, 1, 24)), Promise(COMMITTEE, "先铺防滑垫", date(2025, 1, 18))),
    ),
    OpenItem(
        "地下车库出口夜间照明",
        "safety/light",
        date(2024, 11, 27),
        date(2024, 12, 5),
        (Promise(PROPERTY, "加装夜间照明", date(2025, 1, 11)),),
    ),
    OpenItem("7 号楼电梯间小卡片", "public-order/leaflets", date(2024, 12, 16), next_time=True),
    OpenItem("3 号楼道充电占道", "safety/charging", date(2025, 1, 8), next_time=True),
    OpenItem(
        "2 号楼消防栓无水",
        "safety/hydrant",
        date(2024, 12, 20),
        JANUARY,
        (Promise(FIRE, "检修消防管网", date(2025, 1, 22)), Promise(PROPERTY, "补足水箱水位", date(2025, 1, 17))),
    ),
    OpenItem(
        "南门夜间车速太快",
        "traffic/speed",
        date(2024, 12, 23),
        JANUARY,
        (Promise(STATION, "晚高峰派人值守", date(2025, 1, 19)),),
    ),
    OpenItem(
        "快递柜挡住轮椅坡道",
        "facility/ramp",
        date(2024, 12, 27),
        JANUARY,
        (Promise(COMMITTEE, "协调移走快递柜", date(2025, 1, 21)),),
    ),
    OpenItem(
        "独居老人紧急呼叫器没电",
        "care/alarm",
        date(2024, 12, 28),
        JANUARY,
        (Promise(COMMITTEE, "逐户更换电池", date(2025, 1, 16)),),
    ),
    OpenItem(
        "地下室堆放纸箱",
        "safety/passage",
        date(2024, 12, 29),
        JANUARY,
        (Promise(FIRE, "复查并清理", date(2025, 1, 23)),),
    ),
    OpenItem(
        "9 号楼顶渗水",
        "facility/roof",
        date(2024, 12, 30),
        JANUARY,
        (Promise(PROPERTY, "天晴后补防水", date(2025, 1, 28)),),
    ),
    OpenItem(
        "院内深夜叫卖",
        "noise/vendor",
        date(2024, 12, 31),
        JANUARY,
        (Promise(STATION, "夜间巡逻劝离", date(2025, 1, 18)),),
        next_time=True,
    ),
)
"""Two wait for Thursday's teahouse; the other ten have promises: the property company five (one overdue), the committee
three, the fire brigade two, the station two."""
