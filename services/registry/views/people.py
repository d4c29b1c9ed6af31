"""Subjects: where they are, what is sealed of them, and who read it."""

from typing import Any

import sqlalchemy as sa

from services.registry.views.tables import erasures, occupants, openings, subjects


def subject(subject: str) -> "sa.Select[Any]":
    """Where a subject was registered first and last, and when they were erased."""
    last = (
        sa.select(occupants.c.place)
        .where(occupants.c.subject == subjects.c.id)
        .order_by(occupants.c.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            subjects.c.id,
            sa.func.coalesce(last, subjects.c.place).label("place"),
            erasures.c.effective_at.label("erased_at"),
        )
        .outerjoin(erasures, erasures.c.subject == subjects.c.id)
        .where(subjects.c.id == subject)
    )


def sealed_fields(subject: str) -> "sa.Select[Any]":
    """The latest ciphertext of each personal field; a field that a later registration left out stays."""
    rows = sa.select(occupants).where(occupants.c.subject == subject).subquery("rows")

    def newest(field: str) -> "sa.ScalarSelect[Any]":
        column = rows.c[field]
        query = sa.select(column).where(column.is_not(None)).order_by(rows.c.position.desc()).limit(1)
        return query.scalar_subquery()

    return sa.select(*(newest(field).label(field) for field in ("name", "phone", "document")))


def last_unit(subject: str) -> "sa.Select[Any]":
    """The unit that a subject was registered in last."""
    last = occupants.c.position.desc()
    return sa.select(occupants.c.unit).where(occupants.c.subject == subject).order_by(last).limit(1)


def lived_in(subject: str) -> "sa.Select[Any]":
    """The units that a subject was ever registered in."""
    return sa.select(occupants.c.unit.distinct()).where(occupants.c.subject == subject)


def registrations(subject: str) -> "sa.Select[Any]":
    """The tenancies of units under which a subject was ever registered."""
    which = occupants.c.subject == subject
    held = (occupants.c.unit, occupants.c.tenancy)
    return sa.select(*held).distinct().where(which).order_by(*held)


def opened(which: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    """Every reading of personal fields.

    Args:
        which: a condition on the table ``openings``, scope included.
    """
    return sa.select(openings).where(which)
