"""Where things are and who works there. Places are the article's; staff and organisations are invented."""

from typing import Final

from contracts.common import Role
from services.runtime.demonstration.plan import actor

CITY: Final = "yinchuan"
WANDA: Final = "yinchuan/jinfeng/beijing-zhonglu/wanda"
TIANDU: Final = "yinchuan/xingqing/fenghuang/tiandu-16"
TIANEHU: Final = "yinchuan/helan/xigang/tianehu"
TOWERS: Final = ("wanda-a", "wanda-b", "wanda-c")

COMMUNITIES: Final = (
    "yinchuan/jinfeng/beijing-zhonglu/changcheng",
    "yinchuan/jinfeng/beijing-zhonglu/yuehai",
    "yinchuan/jinfeng/zhengyuan/manchun",
    "yinchuan/jinfeng/zhengyuan/senlin",
    "yinchuan/jinfeng/shanghai-xilu/kangping",
    "yinchuan/xingqing/fenghuang/nanmen",
    "yinchuan/xingqing/fenghuang/yinhe",
    "yinchuan/xingqing/xinhua/gulou",
    "yinchuan/xingqing/xinhua/zhongshan",
    "yinchuan/xingqing/shengli/liqun",
    "yinchuan/xixia/helanshan/xihua",
    "yinchuan/xixia/helanshan/wenchang",
    "yinchuan/xixia/ningda/huaiyuan",
    "yinchuan/helan/xigang/yuxiang",
    "yinchuan/helan/jingui/jingui",
    "yinchuan/yongning/yanghe/yanghe",
    "yinchuan/lingwu/chengqu/dongta",
)
"""Communities of the rest of the city, as the city platform names them."""

WANDA_OFFICERS: Final = ("officer-gu", "officer-chen", "officer-ma")
TIANDU_OFFICERS: Final = ("officer-bai", "officer-ding", "officer-lu")
TIANEHU_OFFICERS: Final = ("officer-yang", "officer-he")
MEDIATORS: Final = ("mediator-sha", "mediator-wang")

REGISTRAR: Final = actor(Role.SUPERVISOR, "supervisor-01")
DISPATCHERS: Final = (actor(Role.DISPATCHER, "dispatcher-01"), actor(Role.DISPATCHER, "dispatcher-02"))
WANDA_PROPERTY: Final = actor(Role.PROPERTY_MANAGER, "manager-wanda")
TIANDU_PROPERTY: Final = actor(Role.PROPERTY_MANAGER, "manager-tiandu")
CITY_PLATFORM: Final = actor(Role.INTEGRATOR, "integrator-yinchuan-110")
FIRMS_PORTAL: Final = actor(Role.INTEGRATOR, "integrator-security-firms")
CITY_SOURCE: Final = "yinchuan-110"

PROPERTY: Final = "property"
FIRE: Final = "fire-brigade"
COMMITTEE: Final = "committee"
STATION: Final = "station"


def hotel(number: int) -> str:
    """The id of an invented hotel, from 1."""
    return f"hotel-{number:02d}"
