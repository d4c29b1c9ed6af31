"""Whatever a client sends that the OpenAPI documents allow or forbid, no service answers with a server error."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.chaos.instance import Instance, instance

SERVICES = ("registry", "incidents", "mediation", "analytics", "city")
ROLES = {
    "registry": "administrator",
    "incidents": "dispatcher",
    "mediation": "mediator",
    "analytics": "officer",
    "city": "data-platform",
}
EXAMPLES = 20


@pytest.fixture(scope="module")
def up(tmp_path_factory) -> Iterator[Instance]:
    """An instance that is sent nonsense."""
    with instance(tmp_path_factory.mktemp("nonsense"), MAPLEBRIDGE_READ_WAIT_SECONDS="0.05") as running:
        running.wait_until_up()
        yield running


def _answers(case: schemathesis.Case) -> None:
    response = case.call()
    if response.status_code == 503 and "not-read-yet" in response.text:
        return  # a position that nothing has reached, waited for as long as it may be
    assert response.status_code < 500, f"{case.as_curl_command()}\n{response.text[:500]}"
    if response.status_code >= 400:
        assert response.headers["content-type"][0].startswith("application/problem+json"), response.text[:300]
        assert "Traceback" not in response.text


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_that_is_sent_makes_a_server_error(up, service):
    with up.client(ROLES[service], "yinchuan") as client:
        headers = {"Authorization": client.headers["authorization"]}
    document = schemathesis.openapi.from_url(f"{up.url}/{service}/openapi.json")
    document.config.update(headers=headers)
    tried = 0
    for found in document.get_all_operations():

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=found.ok().as_strategy())
        def sent(case: schemathesis.Case) -> None:
            _answers(case)

        sent()
        tried += 1
    assert tried >= (3 if service == "city" else 8)
