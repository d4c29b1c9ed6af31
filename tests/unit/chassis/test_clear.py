"""A password in the clear is warned of where it leaves this machine, and only there."""

import logging

import pytest

from services.chassis.kafka import clear


@pytest.fixture
def warned(caplog):
    log = logging.getLogger("aiokafka.conn")
    filters = list(log.filters)
    log.filters.clear()

    def said():
        log.warning(clear.WARNING)
        log.warning("Something else")
        return [record.message for record in caplog.records]

    yield said
    log.filters[:] = filters


def test_on_this_machine_nothing_is_said_and_other_warnings_are(warned):
    clear.accept_on_this_machine("127.0.0.1:9092,localhost:9092,[::1]:9092")
    assert warned() == ["Something else"]


@pytest.mark.parametrize("bootstrap", ["kafka:9092", "127.0.0.1:9092,10.0.0.7:9092"])
def test_over_a_network_it_is_said(warned, bootstrap):
    clear.accept_on_this_machine(bootstrap)
    assert warned() == [clear.WARNING, "Something else"]


def test_it_is_the_warning_of_the_client(monkeypatch):
    from aiokafka import conn

    assert clear.WARNING in conn.AIOKafkaConnection._do_sasl_handshake.__code__.co_consts
