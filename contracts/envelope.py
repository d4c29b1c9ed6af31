"""What every message carries beside its payload: CloudEvents 1.0 attributes and our extensions."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contracts.common import Actor, Frozen, Identifier, Instant


class Envelope(Frozen):
    """One event on its way.

    Attributes:
        specversion: of CloudEvents.
        id: the event's own id; unique within ``source``.
        source: the service whose log holds it.
        type: name and version, such as ``registry.tenant-moved-out.v1``.
        subject: the aggregate, equal to ``stream``.
        time: when it became true (``effective_at``).
        datacontenttype: always JSON.
        stream: the sequence of events of one aggregate.
        version: place within the stream, from 1, without gaps.
        position: place within the source's log, from 1, without gaps, in commit order.
        effective_at: when it became true.
        recorded_at: when the log learned of it; never runs backwards along positions.
        causation_id: the id of the command or event that caused it.
        correlation_id: shared by all that one request caused.
        actor: role and id of who acted, never a name.
        traceparent: W3C trace context, where tracing is on.
        data: the payload, as the contract of ``type`` describes it.
    """

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    source: Identifier
    type: Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9-]+\.v[0-9]+$")]
    subject: str
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    stream: str
    version: Annotated[int, Field(ge=1)]
    position: Annotated[int, Field(ge=1)]
    effective_at: Instant
    recorded_at: Instant
    causation_id: str | None = None
    correlation_id: str | None = None
    actor: Actor
    traceparent: str | None = None
    data: dict[str, Any]
