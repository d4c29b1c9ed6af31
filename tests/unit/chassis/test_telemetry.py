"""Metrics count, spans reach from a command to its projections, and without an endpoint nothing is traced."""

from types import SimpleNamespace

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry, traceparent


def events(*traces):
    return [SimpleNamespace(about={"traceparent": each} if each else {}, position=n) for n, each in enumerate(traces)]


@pytest.fixture
def traced():
    """A telemetry whose spans stay here."""
    telemetry, kept = Telemetry("registry", Settings(otlp_endpoint="http://127.0.0.1:9")), InMemorySpanExporter()
    telemetry._provider._active_span_processor._span_processors = (SimpleSpanProcessor(kept),)
    yield telemetry, kept
    telemetry.close()


def test_two_services_in_one_process_count_apart():
    one, other = Telemetry("registry"), Telemetry("incidents")
    one.command("ObserveUse", "applied", 0.01)
    assert b'maplebridge_commands_total{outcome="applied",type="ObserveUse"} 1.0' in one.render()
    assert b"ObserveUse" not in other.render()


def test_everything_that_is_measured_is_shown():
    telemetry = Telemetry("registry")
    telemetry.append(0.004, 3)
    telemetry.lag("register", "registry", 12, 1.5)
    telemetry.dead_letters("register", 2)
    telemetry.stopped("register", "registry", stopped=True)
    telemetry.topic_records("register", "registry", "hole", 2)
    telemetry.delivery("mail", "failed")
    telemetry.observe("register", "registry", events(None, None))
    shown = telemetry.render().decode()
    for line in (
        "maplebridge_append_events_sum 3.0",
        "maplebridge_append_seconds_count 1.0",
        'maplebridge_lag_positions{read_model="register",source="registry"} 12.0',
        'maplebridge_lag_seconds{read_model="register",source="registry"} 1.5',
        'maplebridge_dead_letters{read_model="register"} 2.0',
        'maplebridge_reader_stopped{read_model="register",source="registry"} 1.0',
        'maplebridge_topic_records_total{read_model="register",source="registry",verdict="hole"} 2.0',
        'maplebridge_alert_deliveries_total{channel="mail",outcome="failed"} 1.0',
        'maplebridge_projected_events_total{read_model="register",source="registry"} 2.0',
    ):
        assert line in shown


def test_without_an_endpoint_there_is_no_trace():
    telemetry = Telemetry("registry", Settings())
    with telemetry.span("command ObserveUse"):
        assert traceparent() is None


def test_a_trace_reaches_from_the_request_to_the_projection(traced):
    telemetry, kept = traced
    incoming = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    with telemetry.span("request", incoming), telemetry.span("command ObserveUse"):
        carried = traceparent()
    telemetry.observe("register", "registry", events(carried, carried, None))
    spans = {span.name: span for span in kept.get_finished_spans()}
    assert {f"{span.context.trace_id:032x}" for span in spans.values()} == {"a" * 32}
    assert spans["command ObserveUse"].parent.span_id == spans["request"].context.span_id
    assert spans["project register"].parent.span_id == spans["command ObserveUse"].context.span_id
    assert len(kept.get_finished_spans()) == 3


def test_a_span_notes_an_exception_by_its_type_alone(traced):
    telemetry, kept = traced
    with pytest.raises(ValueError, match="王小明"), telemetry.span("command"):
        raise ValueError("王小明")
    (span,) = kept.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "王小明" not in span.to_json()


def test_a_broken_trace_begins_a_new_one(traced):
    telemetry, kept = traced
    with telemetry.span("request", "nonsense"):
        pass
    assert kept.get_finished_spans()[0].parent is None
