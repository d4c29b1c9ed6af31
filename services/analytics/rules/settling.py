"""Tells analytics' own log what the rules find."""

from contracts.common import Actor, Role
from services.analytics.deciders import ALERT
from services.analytics.domain.alert_commands import SettleAlert
from services.analytics.rules.rule import AnyRule, Finding
from services.chassis.handler import CommandContext, CommandHandler

ACTOR = Actor(role=Role.SYSTEM, id="rules")


async def settle(handler: CommandHandler, rule: AnyRule, finding: Finding) -> None:
    """Appends what the finding changes.

    No idempotency key: the alert itself is compared with what the log holds. A step that is repeated after a crash,
    perhaps cut otherwise, ends with the same alert, since the engine notes what it is about to tell.
    """
    await handler.handle(ALERT, finding.alert, settling(rule, finding), CommandContext(ACTOR))


def settling(rule: AnyRule, finding: Finding) -> SettleAlert:
    """What the log is told of a finding."""
    return SettleAlert(
        alert=finding.alert,
        rule=rule.rule,
        rule_version=rule.version,
        key=finding.key,
        place=finding.place,
        severity=rule.severity,
        window_from=finding.window_from,
        window_to=finding.window_to,
        evidence=finding.evidence,
        due_at=finding.due_at,
        again=rule.again,
        effective_at=finding.effective_at,
    )
