"""What nobody was there for goes to the officer who comes on duty later: while it is open, and once."""

import asyncio
from datetime import timedelta

from contracts.common import Role
from contracts.incidents import DutyEnded, DutyStarted
from contracts.mediation import CommitmentFulfilled, CommitmentMissed
from services.analytics.delivery.ledger import PLACES_OF_NOBODY, Ledger
from services.analytics.delivery.recipients import Named, Recipients, roster
from services.analytics.delivery.worker import hand_on
from services.chassis.reading import rows
from tests.integration.analytics.happenings import NOON, TOWER
from tests.integration.analytics.test_alerts import raised

DISTRICT = "yinchuan/jinfeng"


def on_duty(station, officer, place=DISTRICT):
    begun = DutyStarted(officer=officer, place=place, effective_at=station.clock.now())
    station.put("incidents", [(f"duty-{officer}", begun)])


def missed(issue, commitment):
    told = {"issue": issue, "commitment": commitment, "owner": "property-1", "place": TOWER, "effective_at": NOON}
    return (f"issue-{issue}", CommitmentMissed(**told))


def letters(listed):
    return sorted((item["about"], item["kind"], item["to"] or "nobody") for item in listed["items"])


async def mailbox(station, enough):
    return letters(await station.until("/mailbox", station.caller(Role.SUPERVISOR), lambda told: enough(letters(told))))


async def handed_on(station):
    """Looks once more, as the worker does every second."""
    await station.read_all()
    context = station.served.context
    ledger, clock = Ledger(context.database.pool), context.clock
    await hand_on(context.database, ledger, Recipients((), roster(context.database, clock)), clock, clock)


async def test_an_open_alert_goes_to_who_comes_on_duty_once_however_often_that_is_looked_for(station):
    supervisor = station.caller(Role.SUPERVISOR)
    alert = (await raised(station, supervisor))["id"]
    await mailbox(station, lambda told: told == [(alert, "alert", "nobody")])
    assert [row["place"] for row in await rows(station.served.context.database.engine, PLACES_OF_NOBODY)]
    on_duty(station, "officer-far", "yinchuan/xingqing")
    on_duty(station, "officer-ma")
    on_duty(station, "officer-bai")  # both are read at once
    both = [(alert, "alert", "officer-bai"), (alert, "alert", "officer-ma")]
    await mailbox(station, lambda told: told == both)
    on_duty(station, "officer-late")
    await asyncio.gather(*(handed_on(station) for _ in range(3)))
    assert letters((await supervisor.get("/mailbox")).json()) == both
    assert await rows(station.served.context.database.engine, PLACES_OF_NOBODY) == []
    kept = (await supervisor.get(f"/alerts/{alert}/deliveries")).json()
    assert (alert, "alert", "nobody") in letters(kept)  # and what was so at first stays on record


async def test_an_alert_told_again_after_a_crash_reaches_nobody_twice(station):
    alert = (await raised(station, station.caller(Role.SUPERVISOR)))["id"]
    await mailbox(station, lambda told: told == [(alert, "alert", "nobody")])
    (event, *_) = await station.served.context.store.load(f"alert-{alert}")
    (policy,) = station.service.policies
    on_duty(station, "officer-ma")
    await station.read_all()
    await policy.react(event)  # it was killed before its checkpoint, and somebody is on duty now
    await mailbox(station, lambda told: told == [(alert, "alert", "officer-ma")])
    ended = DutyEnded(officer="officer-ma", place=DISTRICT, effective_at=NOON)
    station.put("incidents", [("duty-officer-ma", ended)])
    await station.read_all()
    await policy.react(event)  # and once more, when nobody is
    on_duty(station, "officer-bai")
    await handed_on(station)
    await mailbox(station, lambda told: told == [(alert, "alert", "officer-ma")])


async def test_what_was_taken_or_kept_meanwhile_is_no_news(station):
    supervisor = station.caller(Role.SUPERVISOR)
    alert = (await raised(station, supervisor))["id"]
    station.put("mediation", [missed("q-1", "c-1"), missed("q-1", "c-2")])
    await mailbox(station, lambda told: len(told) == 3)
    await supervisor.post(f"/alerts/{alert}/acknowledgement")
    kept = {"issue": "q-1", "commitment": "c-2", "late_days": 1, "place": TOWER, "effective_at": NOON}
    station.put("mediation", [("issue-q-1", CommitmentFulfilled(**kept))])
    await station.read_all()
    on_duty(station, "officer-ma")
    nobodys = [(alert, "alert", "nobody"), ("issue-q-1", "promise", "nobody")]
    assert await mailbox(station, lambda told: ("issue-q-1", "promise", "officer-ma") in told) == sorted(
        [*nobodys, ("issue-q-1", "promise", "officer-ma")]
    )


async def test_an_escalation_without_a_supervisor_goes_to_who_is_on_duty(station):
    on_duty(station, "officer-ma")
    await station.read_all()
    alert = (await raised(station, station.caller(Role.SUPERVISOR)))["id"]
    station.clock.moment = NOON + timedelta(hours=5)
    await mailbox(station, lambda told: told == [(alert, "alert", "officer-ma"), (alert, "escalation", "officer-ma")])


async def test_whoever_is_named_by_now_is_told_too(station):
    alert = (await raised(station, station.caller(Role.SUPERVISOR)))["id"]
    await mailbox(station, lambda told: told == [(alert, "alert", "nobody")])
    await station.read_all()
    context = station.served.context
    named = Recipients([Named(place=DISTRICT, officers=("officer-gu",))])
    assert await hand_on(context.database, Ledger(context.database.pool), named, context.clock, context.clock) == 1
    await mailbox(station, lambda told: told == [(alert, "alert", "officer-gu")])
