"""The OpenAPI document: every route is told of, every example is true."""

import pytest

from contracts.common import Role
from services.registry import answers, api, arrivals, examples, rounds
from services.registry.app import build
from services.registry.domain.building_commands import RegisterBuilding, SurveyFloors
from services.registry.domain.tenancy_commands import CorrectTenancy, MoveIn, MoveOut, VerifyOccupant
from services.registry.domain.unit_commands import AssignOperator, ClassifyUnit, CorrectRecord, ObserveUse, RegisterUnit
from services.registry.domain.visit_round_commands import CloseVisitRound, PlanVisitRound, RecordVisit
from tests.declared import commands_of
from tests.integration.serving import serving


@pytest.mark.parametrize("model", [model for model in vars(answers).values() if isinstance(model, type)])
def test_every_example_of_an_answer_is_one(model):
    for example in getattr(model, "model_config", {}).get("json_schema_extra", {}).get("examples", ()):
        said = model.model_validate(example)
        assert said.model_dump(mode="json").keys() == example.keys()


async def test_the_examples_of_the_commands_are_carried_out_one_after_the_other(database):
    examples_of = {
        command.model: command.example for part in (api, arrivals, rounds) for command in commands_of(part.router)
    }
    async with serving("registry", build, database) as served:
        officer = served.caller(Role.SUPERVISOR, "yinchuan")

        async def carried_out(path, model, **changes):
            answer = await officer.post(path, (examples_of.pop(model) or {}) | changes)
            assert answer.status_code == 201, (path, answer.text)
            return answer.json()

        await carried_out("/buildings", RegisterBuilding)
        await carried_out("/buildings/wanda-a/units", RegisterUnit)
        unit = "/units/wanda-a-1812"
        wide = examples_of[SurveyFloors] | {"highest_floor": 31}
        assert (await officer.post("/buildings/wanda-a/surveys", wide)).status_code == 201
        await carried_out("/buildings/wanda-a/surveys", SurveyFloors)
        await carried_out(f"{unit}/classifications", ClassifyUnit)
        await carried_out(f"{unit}/observations", ObserveUse)
        await carried_out(f"{unit}/operators", AssignOperator)
        arrived = await carried_out(f"{unit}/move-ins", MoveIn)
        tenancy = f"{unit}/tenancies/{arrived['id']}"
        verified = {
            "subject": arrived["subjects"][0],
            "method": "document-seen",
            "effective_at": "2024-06-05T10:00:00+08:00",
        }
        await carried_out(f"{tenancy}/verifications", VerifyOccupant, **verified)
        await carried_out(f"{tenancy}/move-out", MoveOut)
        await carried_out(f"{tenancy}/corrections", CorrectTenancy, ended_at="2024-06-10T09:00:00+08:00")
        [wrong] = [
            item["id"]
            for item in (await officer.get(f"{unit}/history")).json()["items"]
            if item["type"] == "registry.unit-classified.v1"
        ]
        await carried_out(f"{unit}/corrections", CorrectRecord, corrects=wrong)
        await officer.get("/units")
        visit_round = (await carried_out("/visit-rounds", PlanVisitRound))["id"]
        await carried_out(f"/visit-rounds/{visit_round}/visits", RecordVisit)
        await carried_out(f"/visit-rounds/{visit_round}/closing", CloseVisitRound)
    assert not examples_of


async def test_every_route_says_what_it_does_and_who_may(city):
    document = (await city.served.client.get("/openapi.json")).json()
    told = [
        (path, method, route)
        for path, methods in document["paths"].items()
        for method, route in methods.items()
        if not path.startswith(("/health", "/metrics", "/docs"))
    ]
    assert len(told) >= 22
    for path, method, route in told:
        assert route["summary"], (path, method)
        assert route["description"], (path, method)
    shown = document["components"]["schemas"]["UnitAnswer"]["examples"]
    # FastAPI leaves nulls out of its document
    assert shown == [{name: value for name, value in examples.UNIT.items() if value is not None}]
