"""Who is let in, judged by the head of a request alone."""

import pytest

from services.chassis.settings import Settings
from services.runtime.admission import UNSAID, Admission, Head, own_names

HERE = "127.0.0.1:8080"


def asked(host: str = HERE, origin: str | None = None, *, length: int = 0, address: str = "10.0.0.1") -> Head:
    return Head(address, host, origin, length)


def admission(*, edge: bool = False, **settings) -> Admission:
    return Admission(Settings(**settings), hosts=own_names("127.0.0.1"), edge=edge)


@pytest.mark.parametrize("host", [HERE, "localhost:8080", "LOCALHOST", "[::1]:8080", "192.168.1.7:8080"])
def test_names_of_this_machine_and_addresses_are_ours(host):
    assert admission().refusal(asked(host)) is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "[::1", "@"])
def test_a_name_that_somebody_else_lets_point_here_is_refused(host):
    problem = admission().refusal(asked(host))
    assert problem is not None
    assert (problem.status, problem.name) == (421, "foreign-host")


def test_a_name_in_the_settings_is_ours():
    assert admission(allowed_hosts=("Maple.example",)).refusal(asked("maple.example")) is None


def test_without_names_every_name_will_do():
    assert Admission(Settings()).refusal(asked("registry:8080")) is None


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8080"])
def test_what_the_page_of_another_site_sends_is_refused(origin):
    problem = admission().refusal(asked(origin=origin))
    assert problem is not None
    assert (problem.status, problem.name) == (403, "foreign-origin")


def test_our_own_pages_may_send():
    assert admission().refusal(asked(origin=f"http://{HERE}")) is None
    assert admission().refusal(asked("localhost:8080", "https://localhost:8080")) is None


def test_a_body_is_refused_by_what_it_says_of_itself():
    problem = admission(body_limit=2048).refusal(asked(length=2049))
    assert problem is not None
    assert problem.status == 413
    assert admission(body_limit=2048).refusal(asked(length=2048)) is None
    assert admission(body_limit=2048).refusal(asked(length=UNSAID)) is None


def test_no_more_than_there_is_room_for_are_under_way():
    door = admission(requests_at_once=1)
    with door.inside():
        problem = door.refusal(asked())
        assert problem is not None
        assert (problem.status, problem.headers["Retry-After"]) == (503, "1")
    assert door.refusal(asked()) is None


def test_one_address_that_asks_too_often_is_held_back_and_others_are_not():
    door = admission(edge=True, rate_per_address=1)
    refused = [problem for _ in range(50) if (problem := door.refusal(asked()))]
    assert refused
    assert {(problem.status, problem.headers["Retry-After"]) for problem in refused} == {(429, "1")}
    assert door.refusal(asked(address="10.0.0.2")) is None


def test_addresses_of_one_network_of_ipv6_are_one_client():
    door = admission(edge=True, rate_per_address=1)
    assert any(door.refusal(asked(address=f"2001:db8::{number:x}")) for number in range(50))
    assert door.refusal(asked(address="2001:db8:0:1::1")) is None


def test_behind_a_gateway_addresses_are_not_counted():
    door = admission(rate_per_address=1)
    assert not any(door.refusal(asked()) for _ in range(50))
