"""Units as of a moment: class, operator, what was seen, who lives there, and the colour that follows."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.selectable import LateralFromClause
from sqlalchemy.sql.visitors import replacement_traverse

from services.registry.views.moment import Moment, in_force
from services.registry.views.tables import (
    attempts,
    buildings,
    classes,
    departures,
    erasures,
    observations,
    occupants,
    operators,
    spans,
    tenancies,
    units,
    versions,
)

COLOURS = ("hotel", "studio", "rental", "owner-occupied", "vacant")
"""The four colours of the ledger, and none: a unit without a running tenancy and without an operator."""
COLUMNS = (units.c.id, units.c.building, units.c.number, units.c.floor, units.c.place, units.c.capacity)
Condition = sa.ColumnElement[bool]


def last_known(moment: Moment) -> Condition:
    """Whether a row of ``tenancies`` is what was known last of its tenancy, which had begun by then."""
    later = tenancies.alias("later")
    corrected = sa.exists().where(
        later.c.unit == tenancies.c.unit,
        later.c.tenancy == tenancies.c.tenancy,
        later.c.position > tenancies.c.position,
        moment.known(later),
    )
    return sa.and_(moment.true(tenancies), sa.not_(corrected))


def left_at(moment: Moment) -> "sa.ColumnElement[Any]":
    """For the last known row of a tenancy: when the household left, where it had by then."""
    # a departure from before a correction is void, and one after it means that the correction knew of no end
    departed = (
        sa.select(sa.func.max(departures.c.effective_at))
        .where(
            departures.c.unit == tenancies.c.unit,
            departures.c.tenancy == tenancies.c.tenancy,
            departures.c.position > tenancies.c.position,
            moment.true(departures),
        )
        .correlate(tenancies)
        .scalar_subquery()
    )
    return sa.func.coalesce(departed, sa.case((tenancies.c.ended_at <= moment.as_of, tenancies.c.ended_at)))


def runs(moment: Moment) -> Condition:
    """Whether a row of ``tenancies`` is the last known one and its household held the unit."""
    return sa.and_(last_known(moment), left_at(moment).is_(None))


def due(column: str) -> "sa.ColumnElement[Any]":
    """For a row of ``occupants`` beside its tenancy: ``due_at`` or ``calendar`` as registered, or as corrected."""
    return sa.case((tenancies.c.corrected, tenancies.c[column]), else_=occupants.c[column])


def erased(moment: Moment) -> Condition:
    """Whether the person of a row of ``occupants`` had been erased: nothing is left to verify."""
    return sa.exists().where(erasures.c.subject == occupants.c.subject, moment.true(erasures))


def verified(moment: Moment) -> Condition:
    """Whether the person of a row of ``occupants`` had been verified."""
    return sa.exists().where(
        attempts.c.unit == occupants.c.unit,
        attempts.c.tenancy == occupants.c.tenancy,
        attempts.c.subject == occupants.c.subject,
        attempts.c.succeeded,
        moment.true(attempts),
    )


def _households(moment: Moment) -> LateralFromClause:
    """How many live in a unit, and how many of them are still to be verified."""
    lives = sa.and_(
        occupants.c.unit == tenancies.c.unit, occupants.c.tenancy == tenancies.c.tenancy, moment.known(occupants)
    )
    there = (
        sa.select(
            tenancies.c.tenancy,
            occupants.c.subject,
            sa.case((sa.or_(verified(moment), erased(moment)), None), else_=due("due_at")).label("due_at"),
        )
        .select_from(tenancies)
        .outerjoin(occupants, lives)
        .where(tenancies.c.unit == units.c.id, runs(moment))
        .correlate(units)
        .subquery("there")
    )
    return sa.select(
        sa.func.count(there.c.tenancy.distinct()).label("tenancies"),
        sa.func.count(there.c.subject).label("occupants"),
        sa.func.count(there.c.due_at).label("to_verify"),
        sa.func.count().filter(there.c.due_at < moment.as_of).label("overdue"),
    ).lateral("households")


def states(moment: Moment, which: Condition) -> "sa.Select[Any]":
    """A row for each unit that was on record, with the version of its stream.

    Args:
        which: a condition on the table ``units``, scope included.
    """
    start = units if moment.known_at is not None else spans
    version = versions.c.stream == sa.func.concat("unit-", start.c.id)
    return unversioned(moment, which).add_columns(versions.c.version).join(versions, version)


def unversioned(moment: Moment, which: Condition) -> "sa.Select[Any]":
    """The same without the version; what is known now has been worked out, what was known then is from the facts."""
    if moment.known_at is not None:
        return facts_of(moment, which, units)
    then = sa.and_(_of_spans(which), spans.c.at <= moment.as_of, spans.c.until > moment.as_of)
    return sa.select(*(column for column in spans.c if column.name not in {"at", "until"})).where(then)


def _of_spans(condition: Condition) -> Condition:
    """A condition on the table ``units`` as one on ``spans``, which has the same columns."""

    def column_of(element: Any, **_: Any) -> Any:
        return spans.c[element.name] if getattr(element, "table", None) is units else None

    return replacement_traverse(condition, {}, column_of)


def facts_of(moment: Moment, which: Condition, start: sa.FromClause) -> "sa.Select[Any]":
    """A row for each unit out of its facts: one query, whatever the moment.

    Args:
        start: the table ``units``, or a join of it that knows the moment.
    """
    held = in_force(classes, moment, "unit", units.c.id)
    run_by = in_force(operators, moment, "unit", units.c.id)
    found = in_force(observations, moment, "unit", units.c.id)
    households = _households(moment)
    # a finding is settled once the unit is registered for what was seen
    unsettled = sa.and_(
        sa.func.coalesce(found.c.differs, sa.false()), found.c.observed_use.is_distinct_from(held.c.use_class)
    )
    empty = sa.and_(households.c.tenancies == 0, run_by.c.operator.is_(None))
    return (
        sa.select(
            *COLUMNS,
            held.c.use_class,
            held.c.effective_at.label("class_since"),
            run_by.c.operator,
            found.c.observed_use,
            found.c.organisation,
            found.c.effective_at.label("observed_at"),
            unsettled.label("differs"),
            households.c.tenancies,
            households.c.occupants,
            households.c.to_verify,
            households.c.overdue,
            sa.case((empty, "vacant"), else_=sa.func.coalesce(held.c.use_class, "vacant")).label("colour"),
        )
        .select_from(start)
        .outerjoin(held, sa.true())
        .outerjoin(run_by, sa.true())
        .outerjoin(found, sa.true())
        .join(households, sa.true())
        .where(which, moment.true(units))
    )


def with_names(query: "sa.Select[Any]") -> "sa.Select[Any]":
    """The same rows with the building's name."""
    unit = query.subquery("unit")
    return sa.select(unit, buildings.c.name.label("building_name")).join(buildings, buildings.c.id == unit.c.building)


def of_colour(
    query: "sa.Select[Any]",
    *,
    colour: str | None,
    use_class: str | None,
    operator: str | None,
    differs: bool | None,
) -> "sa.Select[Any]":
    """The rows of ``states`` that have what is asked for; None asks for nothing."""
    unit = query.subquery("unit")
    wanted = {"colour": colour, "use_class": use_class, "operator": operator, "differs": differs}
    conditions = [unit.c[name] == value for name, value in wanted.items() if value is not None]
    return sa.select(unit).where(*conditions)


def labelled(part: str) -> Condition:
    """Units whose label has this part, however it is capitalised: the building's last word, a hyphen, the number."""
    label = sa.func.concat(sa.func.regexp_replace(units.c.building, "^.*-", ""), "-", units.c.number)
    return sa.func.lower(label).contains(part.lower(), autoescape=True)


def places_of(among: Sequence[str]) -> "sa.Select[Any]":
    """Where each of these units is; no row for those that nobody registered."""
    return sa.select(units.c.id, units.c.place).where(units.c.id.in_(among))
