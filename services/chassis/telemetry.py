"""What a service tells about itself: metrics, spans, logs. None of them holds a value that somebody typed in."""

import contextlib
import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from services.chassis.eventstore.types import Recorded
from services.chassis.settings import Settings

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1000, 10_000)
MOST_TRACES_A_BATCH = 50
CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
REFUSED_RECORD = "refused"
"""What records of topics are counted as that name a position which the owner's log does not have."""
disable_created_metrics()  # type: ignore[no-untyped-call]
PROPAGATOR = TraceContextTextMapPropagator()
NO_SPAN = contextlib.nullcontext(trace.INVALID_SPAN)


class Telemetry:
    """Metrics and spans of one service, in a registry of its own so that several services share a process.

    Args:
        service: name of the service. settings: spans leave the process when they name an OTLP endpoint.

    Attributes:
        refused_records: records of topics that were refused, by reader and source, since the process started.
    """

    def __init__(self, service: str, settings: Settings | None = None) -> None:
        self.service = service
        self.registry = registry = CollectorRegistry()
        self._provider = _provider(service, settings.otlp_endpoint if settings else None)
        self._tracer = self._provider.get_tracer("maplebridge") if self._provider else None
        self._commands = Counter(
            "maplebridge_commands", "Commands by type and outcome.", ["type", "outcome"], registry=registry
        )
        self._command_seconds = Histogram(
            "maplebridge_command_seconds", "Load, decide and append.", ["type"], buckets=SECONDS, registry=registry
        )
        self._append_seconds = Histogram(
            "maplebridge_append_seconds", "One round of group commit.", buckets=SECONDS, registry=registry
        )
        self._append_events = Histogram(
            "maplebridge_append_events", "Events in one round of group commit.", buckets=SIZES, registry=registry
        )
        self._projected = Counter(
            "maplebridge_projected_events", "Events folded in.", ["read_model", "source"], registry=registry
        )
        self._lag_positions = Gauge(
            "maplebridge_lag_positions", "Events not folded in yet.", ["read_model", "source"], registry=registry
        )
        self._lag_seconds = Gauge(
            "maplebridge_lag_seconds", "Age of the oldest of those.", ["read_model", "source"], registry=registry
        )
        self._stopped = Gauge(
            "maplebridge_reader_stopped",
            "1 where a reader has stopped since a log was restored; it must be built anew.",
            ["read_model", "source"],
            registry=registry,
        )
        self._topic_records = Counter(
            "maplebridge_topic_records",
            "Records of topics by what they were: accepted, duplicate, hole, refused, stopped, malformed.",
            ["read_model", "source", "verdict"],
            registry=registry,
        )
        self._dead_letters = Gauge("maplebridge_dead_letters", "Events set aside.", ["read_model"], registry=registry)
        self._relay_lag_positions = Gauge(
            "maplebridge_relay_lag_positions",
            "Events of the log that are not published yet, by topic.",
            ["line"],
            registry=registry,
        )
        self._relay_lag_seconds = Gauge(
            "maplebridge_relay_lag_seconds", "Age of the oldest of those.", ["line"], registry=registry
        )
        self._relay_epoch = Gauge(
            "maplebridge_relay_epoch",
            "Of the lease that this relay holds; 0: another one does.",
            ["line"],
            registry=registry,
        )
        self._relay_sent = Counter(
            "maplebridge_relay_sent", "Records acknowledged by Kafka, watermarks too.", ["line"], registry=registry
        )
        self._relay_stopped = Gauge(
            "maplebridge_relay_stopped", "1 while the relay waits for an operator.", ["line"], registry=registry
        )
        self._deliveries = Counter(
            "maplebridge_alert_deliveries", "Attempts to tell somebody.", ["channel", "outcome"], registry=registry
        )
        self._requests = Histogram(
            "maplebridge_request_seconds",
            "HTTP requests by route template.",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=registry,
        )
        self.refused_records: defaultdict[tuple[str, str], int] = defaultdict(int)
        # finding a series by its labels takes longer than counting; there are few of them
        self._commands_of = functools.cache(self._commands.labels)
        self._command_seconds_of = functools.cache(self._command_seconds.labels)
        self._requests_of = functools.cache(self._requests.labels)

    def command(self, type_: str, outcome: str, seconds: float | None = None) -> None:
        """A command was decided: applied, unchanged, repeated, refused, conflict or failed."""
        self._commands_of(type_, outcome).inc()
        if seconds is not None:
            self._command_seconds_of(type_).observe(seconds)

    def append(self, seconds: float, events: int) -> None:
        """A round of group commit has been written."""
        self._append_seconds.observe(seconds)
        self._append_events.observe(events)

    def lag(self, read_model: str, source: str, positions: int, seconds: float) -> None:
        """How far a read model is behind a log."""
        self._lag_positions.labels(read_model, source).set(positions)
        self._lag_seconds.labels(read_model, source).set(seconds)

    def relay_lag(self, line: str, positions: int, seconds: float) -> None:
        """How far a topic is behind the log."""
        self._relay_lag_positions.labels(line).set(positions)
        self._relay_lag_seconds.labels(line).set(seconds)

    def relay_epoch(self, line: str, epoch: int) -> None:
        """The lease that this relay holds; 0 for none."""
        self._relay_epoch.labels(line).set(epoch)

    def relay_sent(self, line: str, records: int) -> None:
        """Kafka has acknowledged more records."""
        self._relay_sent.labels(line).inc(records)

    def relay_stopped(self, line: str, *, stopped: bool) -> None:
        """The relay waits for an operator, or does not any more."""
        self._relay_stopped.labels(line).set(stopped)

    def stopped(self, read_model: str, source: str, *, stopped: bool) -> None:
        """Whether a reader has stopped and must be built anew."""
        self._stopped.labels(read_model, source).set(int(stopped))

    def topic_records(self, read_model: str, source: str, verdict: str, count: int) -> None:
        """Records of a topic that a reader has looked at; a hole is counted each time that the log is asked."""
        if verdict == REFUSED_RECORD:
            self.refused_records[read_model, source] += count
        self._topic_records.labels(read_model, source, verdict).inc(count)

    def dead_letters(self, read_model: str, count: int) -> None:
        """How many events of a read model lie aside."""
        self._dead_letters.labels(read_model).set(count)

    def delivery(self, channel: str, outcome: str) -> None:
        """An attempt to deliver an alert has ended: sent or failed."""
        self._deliveries.labels(channel, outcome).inc()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; ``route`` is the template, never the path."""
        self._requests_of(method, route, status).observe(seconds)

    def observe(self, read_model: str, source: str, events: Sequence[Recorded]) -> None:
        """A read model has taken in events of a source; the traces of their commands end here."""
        self._projected.labels(read_model, source).inc(len(events))
        if self._tracer is None:
            return
        traces = {event.about.get("traceparent"): event.position for event in events}
        for traceparent, position in list(traces.items())[:MOST_TRACES_A_BATCH]:
            if traceparent:
                with self.span(f"project {read_model}", traceparent, source=source, position=position):
                    pass

    def span(
        self, name: str, traceparent: str | None = None, **attributes: str | int
    ) -> contextlib.AbstractContextManager[Span]:
        """A span around a block; it continues ``traceparent`` (W3C) where one is given, else the current one.

        Without an endpoint it costs nothing and records nothing. An exception is noted by its type alone.
        """
        return NO_SPAN if self._tracer is None else _span(self._tracer, name, traceparent, attributes)

    def render(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    def close(self) -> None:
        """Sends the spans that wait."""
        if self._provider is not None:
            self._provider.shutdown()


@contextlib.contextmanager
def _span(
    tracer: trace.Tracer, name: str, traceparent: str | None, attributes: Mapping[str, str | int]
) -> Iterator[Span]:
    parent = PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None
    with tracer.start_as_current_span(
        name, parent, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def traceparent() -> str | None:
    """The current span as a W3C ``traceparent``, to be carried in an event's metadata; None outside of one."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def _provider(service: str, endpoint: str | None) -> TracerProvider | None:
    if not endpoint:
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": f"maplebridge-{service}"}))
    url = endpoint if endpoint.endswith("/v1/traces") else f"{endpoint.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    return provider
