"""Ids of what a request makes."""

from uuid import NAMESPACE_URL, uuid5

from services.chassis.access import Principal
from services.chassis.http import CommandCall
from services.chassis.service import ServiceContext


def made(context: ServiceContext, call: CommandCall, principal: Principal, what: str) -> str:
    """A new id; the same one for each repeat of a request, so that a repeat answers the same and makes nothing twice.

    Args:
        what: tells apart what one request makes.
    """
    if call.key is None:
        return str(context.new_id())
    return str(uuid5(NAMESPACE_URL, f"{principal.role.value} {principal.id} {call.key} {what}"))
