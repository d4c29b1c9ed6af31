"""Every number that comes in is bounded at what can be stored: one that is not would stop whoever folds it."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contracts.catalogue import CATALOGUE
from contracts.common import Count
from contracts.schema import schema_of
from services.analytics.domain.figure_commands import DeclareCoverage, ReportIndicator
from services.runtime.databases import LOGS, SERVICES
from tests.contracts.test_openapi import applications, document_of

SERVICE_FOLDER = Path(__file__).parents[2] / "services"
RELEASED = {
    "analytics.alert-raised.v1/rule_version": "the rules' own file",
    "analytics.alert-raised.v1/count": "counted by the rules",
    "analytics.alert-raised.v1/evidence/*/position": "given by the log",
    "analytics.alert-reopened.v1/count": "counted by the rules",
    "analytics.alert-revised.v1/count": "counted by the rules",
    "analytics.alert-revised.v1/evidence/*/position": "given by the log",
    "analytics.coverage-declared.v1/complete_at/*": "DeclareCoverage",
    "analytics.figures-exported.v1/at": "given by the log",
    "analytics.indicator-corrected.v1/value": "CorrectIndicator",
    "analytics.indicator-released.v1/value": "ReleaseIndicator",
    "analytics.indicator-reported.v1/value": "ReportIndicator",
    "city.figures-published.v1/cells/*/count": "counted from the logs",
    "incidents.officers-arrived.v1/waited_seconds": "two instants, which are bounded",
    "mediation.commitment-fulfilled.v1/late_days": "two days, which are bounded",
    "registry.visit-round-closed.v1/met": "counted in the stream",
    "registry.visit-round-closed.v1/visited": "counted in the stream",
}
"""Numbers of released events, which may not be bounded now, and what bounds them before they are written."""

NOT_FROM_OUTSIDE = {"SettleAlert/evidence/*/position"}
"""Positions that the rules have from the log itself."""


def unbounded(schema: Any, definitions: dict[str, Any], path: str = "") -> Iterator[str]:
    """Pointers of the numbers in a JSON schema that lack a least or a greatest value."""
    if "$ref" in schema:
        yield from unbounded(definitions[schema["$ref"].rpartition("/")[2]], definitions, path)
        return
    if schema.get("type") in {"integer", "number"} and not {"enum", "const"} & schema.keys():
        least, most = {"minimum", "exclusiveMinimum"} & schema.keys(), {"maximum", "exclusiveMaximum"} & schema.keys()
        if not (least and most):
            yield path
    for name, field in schema.get("properties", {}).items():
        yield from unbounded(field, definitions, f"{path}/{name}")
    several = [schema.get("items"), schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    for each in several:
        if isinstance(each, dict):
            yield from unbounded(each, definitions, f"{path}/*")
    for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for each in schema.get(name, ()):
            yield from unbounded(each, definitions, path)


def test_every_number_of_an_event_is_bounded_or_known_to_be_bounded_before():
    found = {
        f"{name}{pointer}"
        for name, model in CATALOGUE.models.items()
        for schema in [schema_of(model)]
        for pointer in unbounded(schema, schema.get("$defs", {}))
    }
    assert found == RELEASED.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_every_number_of_a_command_is_bounded(service):
    names = [path.stem for path in (SERVICE_FOLDER / service / "domain").glob("*_commands.py")]
    modules = [import_module(f"services.{service}.domain.{name}") for name in names]
    models = [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseModel) and each.__module__ == module.__name__
    ]
    assert models
    for model in models:
        schema = model.model_json_schema()
        found = {f"{model.__name__}{pointer}" for pointer in unbounded(schema, schema.get("$defs", {}))}
        assert found <= NOT_FROM_OUTSIDE, model.__name__


@pytest.mark.parametrize("name", LOGS)
async def test_every_number_that_a_request_may_hold_is_bounded(name):
    document = await document_of(applications()[name])
    definitions = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            told = {each["name"]: each["schema"] for each in operation.get("parameters", ())}
            if "requestBody" in operation:
                told |= {kind: each["schema"] for kind, each in operation["requestBody"]["content"].items()}
            for what, schema in told.items():
                assert list(unbounded(schema, definitions)) == [], f"{path} {what}"


def test_an_unbounded_number_is_found_wherever_it_stands():
    class Inner(BaseModel):
        deep: dict[str, tuple[int, ...]]

    class Outer(BaseModel):
        plain: int | None
        inner: list[Inner]
        fine: Count

    schema = Outer.model_json_schema()
    assert list(unbounded(schema, schema["$defs"])) == ["/plain", "/inner/*/deep/*/*"]


@pytest.mark.parametrize("given", [2**62, -1, 10**400])
def test_an_impossible_position_is_refused(given):
    span = {"first": "2024-01-01", "last": "2024-01-31"}
    with pytest.raises(ValidationError, match="complete_at"):
        DeclareCoverage(source="calls", place="yinchuan", span=span, complete_at={"incidents": given})


@pytest.mark.parametrize("given", [1.7e308, -1.7e308, 1.01e12])
def test_an_impossible_figure_is_refused(given):
    span = {"first": "2024-01-01", "last": "2024-01-31"}
    with pytest.raises(ValidationError, match="value"):
        ReportIndicator(indicator="cost", source="s", place="yinchuan", span=span, value=given, unit="CNY")
