"""What people do about what is open: cases go on, alerts are taken, promises kept, items confirmed."""

import random
from datetime import datetime, timedelta
from typing import Any, Final

from services.runtime.demonstration.city import CITY, TIANEHU, WANDA
from services.runtime.demonstration.hands import Hands, Item
from services.runtime.demonstration.teahouse import RESIDENTS
from services.runtime.demonstration.teahouse import resident as resident_id
from services.runtime.demonstration.townspeople import (
    DISPATCHER,
    MEDIATOR,
    STAFF,
    officer,
    officers_at,
    partner,
    resident,
)

PATIENCE: Final = {
    "reported": timedelta(seconds=50),
    "reopened": timedelta(seconds=50),
    "triaged": timedelta(seconds=40),
    "dispatched": timedelta(seconds=45),
    "en-route": timedelta(minutes=4),
    "arrived": timedelta(minutes=12),
}
"""How long a case stays in a phase, at least."""

ALERT_TAKEN: Final = timedelta(minutes=40)
"""Whoever tries the demonstration may be the one who takes it."""

ALERT_CLOSED: Final = timedelta(minutes=90)
ALERTS_OPEN: Final = 3
"""So many alerts may stay open while nobody has done with them."""

ASKED: Final = 12
"""Residents who are asked before somebody has an item to confirm."""

URGENT: Final = frozenset({"crime", "dispute"})


async def goes_on(hands: Hands, chance: random.Random, now: datetime) -> bool:
    """The case that has waited longest beyond its patience goes one step further; whether there was one."""
    cases = await hands.items(DISPATCHER, "/incidents/cases", state="open", place=CITY, limit=100)
    ripe = [(_waited(case, now) - PATIENCE[case["phase"]], case) for case in cases if case["phase"] in PATIENCE]
    ripe = [(over, case) for over, case in ripe if over > timedelta() and not case["drill"]]
    if not ripe:
        return False
    _, case = max(ripe, key=lambda one: (one[0], one[1]["id"]))
    await _step(hands, chance, case)
    return True


async def open_cases(hands: Hands) -> int:
    """How many cases are open."""
    return len(await hands.items(DISPATCHER, "/incidents/cases", state="open", place=CITY, limit=100))


def _waited(case: Item, now: datetime) -> timedelta:
    return now - moment_of(case["phase_since"])


def moment_of(told: str) -> datetime:
    """A moment as the services write it."""
    return datetime.fromisoformat(told)


async def _step(hands: Hands, chance: random.Random, case: Item) -> None:
    path, phase = f"/incidents/cases/{case['id']}", case["phase"]
    if phase in {"reported", "reopened"} and case["priority"] is None:
        urgent = case["category"].partition("/")[0] in URGENT
        await hands.command(DISPATCHER, f"{path}/triage", {"priority": "urgent" if urgent else "routine"})
    elif phase in {"reported", "reopened", "triaged"}:
        sent = chance.choice(officers_at(case["place"]))
        await hands.command(DISPATCHER, f"{path}/dispatches", {"officers": [sent]})
    else:
        who = officer(case["officers"][0])
        verb: dict[str, tuple[str, dict[str, Any]]] = {
            "dispatched": ("departures", {}),
            "en-route": ("arrivals", {}),
            "arrived": ("resolution", {"outcome": "settled"}),
        }
        name, body = verb[phase]
        await hands.command(who, f"{path}/{name}", body)


async def alerts_are_taken(hands: Hands, chance: random.Random, now: datetime) -> bool:
    """An alert that waits is taken; one of too many is closed; whether anything was done."""
    watch = officer(chance.choice(officers_at(WANDA)))
    alerts = await hands.items(watch, "/analytics/alerts", state="open", place=WANDA, limit=50)
    alerts.sort(key=lambda alert: alert["raised_at"])
    for alert in alerts:
        path = f"/analytics/alerts/{alert['id']}"
        taken = alert.get("acknowledged_at")
        if not taken and now - moment_of(alert["raised_at"]) > ALERT_TAKEN:
            return await hands.command(watch, f"{path}/acknowledgement") is not None
        if taken and alert.get("by") in STAFF and len(alerts) > ALERTS_OPEN and now - moment_of(taken) > ALERT_CLOSED:
            taker = officer(alert["by"])
            return await hands.command(taker, f"{path}/closure", {"feedback": "acted"}) is not None
    return False


async def somebody_is_verified(hands: Hands, chance: random.Random, now: datetime) -> None:
    """The verification that falls due next is made; one that is overdue waits for a real officer."""
    who = officer(chance.choice(officers_at(WANDA)))
    tasks = await hands.items(who, "/registry/verifications", state="open", place=WANDA, limit=20)
    tasks = [
        task for task in tasks if not task["overdue"] and now - moment_of(task["moved_in_at"]) > timedelta(hours=2)
    ]
    if tasks:
        task = min(tasks, key=lambda one: (one["due_at"], one["subject"]))
        path = f"/registry/units/{task['unit']}/tenancies/{task['tenancy']}/verifications"
        await hands.command(who, path, {"subject": task["subject"], "method": "document-seen"})


async def a_promise_is_kept(hands: Hands, chance: random.Random) -> None:
    """Whoever promised the next thing at the teahouse has done it; with the last promise the item is resolved."""
    items = await hands.items(MEDIATOR, "/mediation/issues", kind="agenda-item", state="open", place=TIANEHU, limit=50)
    promised = [item for item in items if item["commitments"]]
    if not promised:
        return
    item = chance.choice(promised)
    path = f"/mediation/issues/{item['id']}"
    open_promises = [made for made in item["commitments"] if not made["fulfilled_at"]]
    if open_promises:
        made = open_promises[0]
        await hands.command(partner(made["owner"]), f"{path}/commitments/{made['id']}/fulfilment")
    if len(open_promises) <= 1:
        await hands.command(MEDIATOR, f"{path}/resolution")


async def a_resident_confirms(hands: Hands, chance: random.Random) -> None:
    """Somebody looks after their own items, and says that one is done."""
    for number in chance.sample(range(1, RESIDENTS + 1), ASKED):
        who = resident(resident_id(number))
        items = await hands.items(who, "/mediation/issues", kind="agenda-item", state="waiting", limit=10)
        if items:
            await hands.command(who, f"/mediation/issues/{chance.choice(items)['id']}/confirmation")
            return
