"""Commands over HTTP from 64 connections to one worker, beside the framework alone."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from joserfc import jwt
from joserfc.jwk import ECKey

from services.chassis.eventstore.bulk import BulkWriter
from tests.benchmarks.a_log import LogMeasure, a_unit
from tests.benchmarks.load import NextRequest, load, request
from tests.benchmarks.measure import sized

CONNECTIONS, EACH = 64, sized(100, 2)
BODY = json.dumps({"observed_use": "hotel", "organisation": "星河民宿"}, ensure_ascii=False).encode()


class HttpMeasure(LogMeasure):
    """A server of ours and the echo server, each in a process of its own; only one is asked at a time."""

    unit = "requests/s"
    against = "FastAPI echo of the same body"
    kind: str

    async def prepare(self) -> None:
        """Starts both."""
        await super().prepare()
        self.key = ECKey.generate_key("P-256")
        self.numbers = itertools.count()
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.port = self.served(self.kind, *self.arguments())
        self.echo = self.served("echo")

    def arguments(self) -> tuple[str, ...]:
        """What the server of ours is told."""
        return (self.server.dsn("bench", "maplebridge_app"),)

    def served(self, *arguments: str) -> int:
        """Starts a server; answers its port."""
        command = [sys.executable, "-m", "tests.benchmarks.served", *arguments]
        process = self.processes[arguments[0]] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.stack.enter_context(contextlib.closing(Ended(process)))
        assert process.stdout is not None
        return int(process.stdout.readline())

    def clients(self) -> list[NextRequest]:
        """What each connection sends."""
        return [self.client(f"/units/wanda-a-{number}/observations") for number in range(CONNECTIONS)]

    def client(self, path: str) -> NextRequest:
        """Requests with a key each."""
        return lambda: request(path, BODY, Idempotency_Key=f"k-{next(self.numbers)}")

    async def ours(self) -> int:
        """Through our server."""
        await load(self.port, self.clients(), EACH)
        return CONNECTIONS * EACH

    async def reference(self) -> int:
        """The same requests, echoed."""
        await load(self.echo, self.clients(), EACH)
        return CONNECTIONS * EACH


class Ended:
    """A process, to be closed."""

    def __init__(self, process: "subprocess.Popen[Any]") -> None:
        self.process = process

    @classmethod
    def started(cls, command: Sequence[str], environment: Mapping[str, str]) -> Self:
        """A process that says nothing, in this environment and more."""
        nowhere = subprocess.DEVNULL
        return cls(subprocess.Popen(command, env={**os.environ, **environment}, stdout=nowhere, stderr=nowhere))

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


class HttpAppend(HttpMeasure):
    """An append alone: no token, no state; on disk when it answers."""

    name = "http-append"
    kind = "append"
    target = 0.75


class HttpCommand(HttpMeasure):
    """As users send it: ES256 token, scope, state, one event, If-Match, Idempotency-Key; on disk when it answers."""

    name = "http-command"
    kind = "registry"
    target = 0.60
    units: ClassVar[int] = CONNECTIONS

    async def prepare(self) -> None:
        """Registers the units too."""
        await super().prepare()
        self.versions = dict.fromkeys(range(self.units), 1)
        rows = [a_unit(number) for number in range(self.units)]
        await BulkWriter(self.database.pool).write(rows)
        now = datetime.now(UTC)
        claims = {
            "iss": "maplebridge-development",
            "aud": "maplebridge",
            "sub": "officer-gu",
            "role": "officer",
            "places": ["yinchuan/jinfeng"],
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=1)).timestamp()),
        }
        self.token = jwt.encode({"alg": "ES256", "kid": "bench"}, claims, self.key, algorithms=["ES256"])

    def arguments(self) -> tuple[str, ...]:
        """Both roles' addresses, and the issuer's public key."""
        jwks = {"keys": [self.key.as_dict(private=False) | {"kid": "bench", "use": "sig", "alg": "ES256"}]}
        return self.server.dsn("bench", "maplebridge_app"), self.server.dsn("bench"), json.dumps(jwks)

    def clients(self) -> list[NextRequest]:
        """Units of its own for each connection, so that each knows their versions."""
        return [self.officer(number) for number in range(CONNECTIONS)]

    def officer(self, number: int) -> NextRequest:
        """Somebody who looks at every unit of theirs in turn, and saw its version before."""
        mine = itertools.cycle(range(number, self.units, CONNECTIONS))

        def following() -> bytes:
            number = next(mine)
            version = self.versions[number]
            self.versions[number] += 1
            return request(
                f"/units/wanda-a-{number}/observations",
                BODY,
                Authorization=f"Bearer {self.token}",
                Idempotency_Key=f"k-{next(self.numbers)}",
                If_Match=f'"{version}"',
            )

        return following

    async def reference(self) -> int:
        """The same bytes, echoed; the versions are not moved by it."""
        before = dict(self.versions)
        done = await super().reference()
        self.versions.update(before)
        return done
