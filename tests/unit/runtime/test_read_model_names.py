"""Two services may call a read model the same; each can still be named."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.incidents.views.openings import OPENINGS as OF_INCIDENTS
from services.mediation.views.openings import OPENINGS as OF_MEDIATION
from services.runtime.cli.projections import ReadModelAmbiguous, ReadModelUnknown, found


def part(*models: Any) -> Any:
    return SimpleNamespace(service=SimpleNamespace(read_models=models))


INCIDENTS, MEDIATION = part(SimpleNamespace(name="casebook"), OF_INCIDENTS), part(OF_MEDIATION)
PARTS = {"incidents": INCIDENTS, "mediation": MEDIATION}


def test_a_name_of_its_own_needs_no_service():
    assert found("casebook", PARTS)[1].name == "casebook"
    assert found("incidents.casebook", PARTS)[0] is INCIDENTS


def test_a_shared_name_is_told_apart_by_its_service():
    assert found("incidents.openings", PARTS) == (INCIDENTS, OF_INCIDENTS)
    assert found("mediation.openings", PARTS) == (MEDIATION, OF_MEDIATION)


def test_a_shared_name_alone_is_refused_rather_than_guessed():
    with pytest.raises(ReadModelAmbiguous, match=r"say incidents\.openings or mediation\.openings"):
        found("openings", PARTS)


def test_a_name_that_nobody_has_is_answered_with_those_there_are():
    with pytest.raises(ReadModelUnknown, match="there are casebook, openings"):
        found("building_floors", PARTS)
