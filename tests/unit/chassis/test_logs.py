"""Logs hold types and places, never a value that somebody typed in."""

import io
import json
import logging

import pytest
import structlog
import uvicorn
from pydantic import BaseModel

from contracts.refusals import Refused
from services.chassis.logs import Repeats, described, set_up_logging
from services.chassis.settings import Settings


class Person(BaseModel):
    """Somebody."""

    age: int


@pytest.fixture
def stream():
    """Where the logs go; what was set up before comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail_with_a_name() -> None:
    try:
        Person(age="王小明")
    except ValueError as error:
        raise KeyError("王小明") from error


async def test_a_line_is_json_with_what_hangs_together(stream):
    set_up_logging(Settings(), stream)
    with structlog.contextvars.bound_contextvars(correlation_id="order-7"):
        await structlog.get_logger("services.x").ainfo("Answered.", status=200)
    (line,) = lines(stream)
    assert (line["event"], line["status"], line["level"], line["logger"]) == ("Answered.", 200, "info", "services.x")
    assert line["correlation_id"] == "order-7"
    assert line["timestamp"].endswith("Z")


def test_other_libraries_log_alike_and_the_talkative_ones_less(stream):
    set_up_logging(Settings(), stream)
    logging.getLogger("uvicorn.error").info("Started.")
    logging.getLogger("httpx").info("GET http://x/?name=王小明")
    logging.getLogger("uvicorn.access").info("GET /?name=王小明")
    assert [line["event"] for line in lines(stream)] == ["Started."]


def test_a_server_that_set_up_its_own_logs_before_logs_as_the_others_do(stream, capsys):
    uvicorn.Config(app=None, log_level="error")
    set_up_logging(Settings(), stream)
    logging.getLogger("uvicorn.error").info("Started.")
    logging.getLogger("uvicorn.access").info("GET /?name=王小明")
    assert [line["event"] for line in lines(stream)] == ["Started."]
    assert capsys.readouterr() == ("", "")


def test_an_exception_shows_types_and_places_of_itself_and_its_causes(stream):
    set_up_logging(Settings(), stream)
    try:
        fail_with_a_name()
    except KeyError:
        structlog.get_logger().exception("Failed.")
        logging.getLogger("somewhere").exception("Failed.")
    for line in lines(stream):
        assert "builtins.KeyError" in line["exception"]
        assert "ValidationError" in line["exception"]
        assert "in fail_with_a_name" in line["exception"]
    assert "王小明" not in stream.getvalue()
    assert "\\u738b" not in stream.getvalue()


def test_pretty_logs_show_no_more(stream):
    set_up_logging(Settings(log_format="pretty"), stream)
    try:
        fail_with_a_name()
    except KeyError:
        structlog.get_logger().exception("Failed.")
    assert "Failed." in stream.getvalue()
    assert "KeyError" in stream.getvalue()
    assert "王小明" not in stream.getvalue()


def test_the_least_level_counts(stream):
    set_up_logging(Settings(log_level="warning"), stream)
    structlog.get_logger().info("no")
    structlog.get_logger().warning("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


def test_a_sentence_of_ours_is_shown_since_it_names_nobody():
    Refused.__module__ = "contracts.refusals"
    assert "It overlaps." in described(Refused("It overlaps."))


def test_a_group_shows_what_is_in_it_and_a_circle_ends():
    error = ValueError("王小明")
    error.__cause__ = error
    text = described(ExceptionGroup("both", [error, KeyError("x")]))
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "王小明" not in text


def test_a_group_that_is_the_cause_of_what_is_in_it_ends_too():
    error = ValueError()
    group = ExceptionGroup("both", [error])
    error.__cause__ = group
    assert described(error).count("builtins.ValueError") == 1
    assert described(group).count("ExceptionGroup") == 1


class TestAFailureThatRepeats:
    """One line a second and cause; the next line says how many were left out."""

    @pytest.fixture
    def clock(self, monkeypatch):
        at = [100.0]
        monkeypatch.setattr("services.chassis.logs.time.monotonic", lambda: at[0])
        monkeypatch.setattr(Repeats.__init__, "__defaults__", (lambda: at[0],))
        return at

    def test_is_one_line_a_second(self, stream, clock):
        set_up_logging(Settings(), stream)
        logger = structlog.get_logger("services.x")
        for number in range(50):
            logger.warning("request_failed", cause="ConnectionError", correlation_id=f"c-{number}", after=number)
        clock[0] += 1
        logger.warning("request_failed", cause="ConnectionError", correlation_id="c-last")
        assert [line.get("suppressed") for line in lines(stream)] == [None, 49]

    def test_does_not_hide_another_one(self, stream, clock):
        set_up_logging(Settings(), stream)
        for part in ("kpi", "floors", "kpi"):
            structlog.get_logger("services.x").warning("projection_waits", projection=part)
        assert [line["projection"] for line in lines(stream)] == ["kpi", "floors"]

    def test_of_one_cause_is_one_line_whatever_it_meets(self, stream, clock):
        set_up_logging(Settings(), stream)
        for part in ("kpi", "floors", "register"):
            structlog.get_logger("services.x").warning("projection_waits", projection=part, cause="ConnectionError")
        structlog.get_logger("services.x").warning("projection_waits", projection="kpi", cause="TimeoutError")
        assert [line["cause"] for line in lines(stream)] == ["ConnectionError", "TimeoutError"]

    def test_hides_nothing_that_went_well(self, stream, clock):
        set_up_logging(Settings(), stream)
        for _ in range(3):
            structlog.get_logger("services.x").info("Answered.", status=200)
        assert len(lines(stream)) == 3

    def test_of_a_library_is_one_line_a_second_too(self, stream, clock):
        set_up_logging(Settings(), stream)
        for port in range(9000, 9050):
            logging.getLogger("aiokafka").error("Unable to connect to 127.0.0.1:%s", port)
        clock[0] += 1
        logging.getLogger("aiokafka").error("Unable to connect to 127.0.0.1:%s", 1)
        assert [line["event"] for line in lines(stream)] == [
            "Unable to connect to 127.0.0.1:9000",
            "Unable to connect to 127.0.0.1:1 (suppressed: 49)",
        ]
