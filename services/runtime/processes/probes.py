"""The HTTP of a process that answers no requests: whether it lives, whether it works, its metrics."""

from collections.abc import Sequence

from fastapi import FastAPI

from services.chassis.http.health import Check, Measure, health, measured
from services.chassis.telemetry import Telemetry


def probes(checks: Sequence[Check], telemetry: Telemetry, measure: Measure = measured) -> FastAPI:
    """An application with /health/live, /health/ready and /metrics; the arguments are those of ``health``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health(checks, telemetry, measure))
    return app
