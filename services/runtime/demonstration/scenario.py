"""The whole city of a seed, as a plan."""

from datetime import datetime

from services.runtime.demonstration.calls import Calls
from services.runtime.demonstration.docket import docket
from services.runtime.demonstration.estate import drawn
from services.runtime.demonstration.feed import Feed
from services.runtime.demonstration.figures import END, SEED
from services.runtime.demonstration.households import households
from services.runtime.demonstration.ledger import consolidates, enters_the_ledger
from services.runtime.demonstration.plan import Plan
from services.runtime.demonstration.problems import problems
from services.runtime.demonstration.reports import reports
from services.runtime.demonstration.rounds import rounds, tonight
from services.runtime.demonstration.teahouse import teahouse
from services.runtime.demonstration.tenants import Tenants


def planned(seed: int = SEED, end: datetime = END) -> Plan:
    """Everything that is asked of the platform from New Year 2023 to the evening of 14 January 2025."""
    plan = Plan(seed, end)
    estate = drawn(plan.chance("estate"))
    enters_the_ledger(plan, estate)
    tenants = Tenants(plan, estate)
    tenants.live()
    consolidates(plan, estate)
    rounds(plan, estate)
    tonight(plan)
    households(plan)
    problems(plan)
    teahouse(plan)
    calls = Calls(plan, estate)
    calls.come()
    Feed(plan).come(calls.made)
    docket(plan, calls, tenants.residents)
    reports(plan)
    return plan
