"""The OpenAPI document: every route is told of, every example is true."""

import pytest

from contracts.common import Role
from services.registry import answers, bodies, examples
from services.registry.app import build
from tests.integration.serving import serving


@pytest.mark.parametrize("model", [model for model in vars(answers).values() if isinstance(model, type)])
def test_every_example_of_an_answer_is_one(model):
    for example in getattr(model, "model_config", {}).get("json_schema_extra", {}).get("examples", ()):
        said = model.model_validate(example)
        assert said.model_dump(mode="json").keys() == example.keys()


async def test_the_examples_of_the_commands_are_carried_out_one_after_the_other(database):
    def example(body):
        return body.model_config["json_schema_extra"]["examples"][0]

    async with serving("registry", build, database) as served:
        officer = served.caller(Role.SUPERVISOR, "yinchuan")

        async def carried_out(path, body):
            answer = await officer.post(path, example(body))
            assert answer.status_code == 201, (path, answer.text)
            return answer.json()

        await carried_out("/buildings", bodies.BuildingBody)
        await carried_out("/buildings/wanda-a/units", bodies.UnitBody)
        unit = "/units/wanda-a-1812"
        wide = example(bodies.SurveyBody) | {"highest_floor": 31}
        assert (await officer.post("/buildings/wanda-a/surveys", wide)).status_code == 201
        await carried_out("/buildings/wanda-a/surveys", bodies.SurveyBody)
        await carried_out(f"{unit}/classifications", bodies.ClassificationBody)
        await carried_out(f"{unit}/observations", bodies.ObservationBody)
        await carried_out(f"{unit}/operators", bodies.OperatorBody)
        arrived = await carried_out(f"{unit}/move-ins", bodies.MoveInBody)
        tenancy = f"{unit}/tenancies/{arrived['id']}"
        verified = example(bodies.VerificationBody) | {
            "subject": arrived["subjects"][0],
            "effective_at": "2024-06-05T10:00:00+08:00",
        }
        assert (await officer.post(f"{tenancy}/verifications", verified)).status_code == 201
        await carried_out(f"{tenancy}/move-out", bodies.MoveOutBody)
        [wrong] = [
            item["id"]
            for item in (await officer.get(f"{unit}/history")).json()["items"]
            if item["type"] == "registry.unit-classified.v1"
        ]
        corrected = example(bodies.CorrectionBody) | {"corrects": wrong}
        assert (await officer.post(f"{unit}/corrections", corrected)).status_code == 201
        await officer.get("/units")
        visit_round = (await carried_out("/visit-rounds", bodies.RoundBody))["id"]
        await carried_out(f"/visit-rounds/{visit_round}/visits", bodies.VisitBody)
        await carried_out(f"/visit-rounds/{visit_round}/closing", bodies.ClosingBody)


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
