"""What every service has besides its own routes: documents, health, metrics, a log of requests."""

import re

import pytest
import structlog
from fastapi import APIRouter

from services.chassis.access import RoutesUndeclared
from services.chassis.http import Check, NotReady
from services.chassis.http.health import answered


class TestTheDocument:
    """OpenAPI, written in once for all routes."""

    @pytest.fixture
    async def document(self, small):
        return (await small.client.get("/openapi.json")).json()

    async def test_says_who_may(self, document):
        operation = document["paths"]["/units/{unit}/observations"]["post"]
        assert operation["security"] == [{"bearer": []}]
        assert "May observe the use of a unit: officer (place)." in operation["description"]
        assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"

    async def test_has_problems_and_nothing_of_fastapis_own(self, document):
        for path in document["paths"].values():
            for operation in path.values():
                assert "application/problem+json" in operation["responses"]["4XX"]["content"]
                wrong = {status: each for status, each in operation["responses"].items() if status.startswith("4")}
                assert {kind for each in wrong.values() for kind in each["content"]} == {"application/problem+json"}
        assert "HTTPValidationError" not in document["components"]["schemas"]
        assert document["components"]["schemas"]["Problem"]["properties"]["detail"]

    async def test_says_that_a_command_may_change_nothing(self, document):
        responses = document["paths"]["/units/{unit}/observations"]["post"]["responses"]
        assert responses["200"]["content"] == responses["201"]["content"]
        assert set(responses["201"]["headers"]) == {"Maple-Position", "ETag"}

    async def test_refers_only_to_what_is_in_it(self, document):
        for reference in set(re.findall(r"'\$ref': '([^']+)'", str(document))):
            node = document
            for part in reference.removeprefix("#/").split("/"):
                node = node[part]

    async def test_names_the_address_that_it_is_mounted_at(self, document):
        assert document["servers"] == [{"url": "/registry"}]

    async def test_is_shown_without_the_network(self, small):
        page = (await small.client.get("/docs")).text
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert addresses
        for address in addresses:
            assert address.startswith("/registry/docs/")
            answer = await small.client.get(address.removeprefix("/registry"))
            assert answer.status_code == 200
            assert len(answer.content) > 500
        assert "//" not in re.sub(r"https?://(fastapi|inside)\S*|//.*", "", page)

    @pytest.mark.parametrize("asset", ["x", "..%2f__init__.py", "redoc.standalone.js"])
    async def test_has_no_other_files(self, small, asset):
        assert (await small.client.get(f"/docs/{asset}")).status_code == 404


class TestHealth:
    """Alive, and able to be used."""

    async def test_it_lives_without_a_database(self, small):
        answer = await small.client.get("/health/live")
        assert (answer.status_code, answer.json()) == (200, {"status": "live"})

    async def test_it_is_not_ready_without_one_and_names_what_is_the_matter(self, small):
        answer = await small.client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["status"] == "not ready"
        assert answer.json()["checks"][0] == {"name": "database", "ok": False, "detail": "AttributeError"}

    async def test_a_check_explains_itself_or_is_named_by_its_error(self):
        async def fine() -> None: ...

        async def explained() -> None:
            raise NotReady("the queue is full")

        async def broken() -> None:
            raise RuntimeError("王小明")

        async def silent() -> None:
            raise TimeoutError

        async def degraded() -> str:
            return "kpi holds 2 events aside"

        checks = (fine, explained, broken, silent, degraded)
        answers = [await answered(Check("c", run)) for run in checks]
        assert [(answer.ok, answer.detail) for answer in answers] == [
            (True, None),
            (False, "the queue is full"),
            (False, "RuntimeError"),
            (False, "No answer within 4 s."),
            (True, "kpi holds 2 events aside"),
        ]


async def test_health_metrics_and_documents_need_no_token(small):
    del small.client.headers["authorization"]
    for path in ("/health/live", "/metrics", "/docs", "/openapi.json"):
        assert (await small.client.get(path)).status_code == 200, path


async def test_requests_are_measured_by_template_never_by_path(small):
    await small.client.get("/units/secret-unit")
    text = (await small.client.get("/metrics")).text
    assert 'maplebridge_request_seconds_count{method="GET",route="/units/{unit}",status="200"} 1.0' in text
    assert "secret-unit" not in text


async def test_the_log_of_requests_has_no_value_that_somebody_sent(small):
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        await small.client.post(
            "/units/unit-77/observations",
            json={"use": "hotel", "place": "yinchuan/jinfeng/secret", "occupants": [{"name": "王小明"}]},
            headers={"X-Correlation-ID": "order-7"},
        )
    (line,) = logs
    assert (line["method"], line["route"], line["status"]) == ("POST", "/units/{unit}/observations", 201)
    assert (line["role"], line["correlation_id"]) == ("officer", "order-7")
    for value in ("unit-77", "secret", "王小明", "officer-li", "Bearer"):
        assert value not in str(line)


async def test_health_is_not_logged(small):
    with structlog.testing.capture_logs() as logs:
        await small.client.get("/health/live")
        await small.client.get("/metrics")
    assert [line for line in logs if line["event"] == "Answered."] == []


async def test_every_answer_is_kept_out_of_caches_and_names_its_correlation(small):
    for path in ("/units", "/nowhere", "/units?limit=0"):
        answer = await small.client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-correlation-id"]


async def test_a_route_that_came_later_and_declares_nothing_keeps_it_from_serving(small):
    router = APIRouter()
    router.add_api_route("/backdoor", lambda: "")
    small.app.include_router(router)
    with pytest.raises(RoutesUndeclared, match="/backdoor"):
        async with small.app.router.lifespan_context(small.app):
            pass
