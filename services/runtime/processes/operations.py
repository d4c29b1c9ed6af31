"""How the processes of an instance are: a page for people and JSON for programs. Neither tells of anybody."""

import contextlib
import html
import json
import socket
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict

from aiohttp import web

from services.runtime.processes.supervisor import Condition, Supervisor

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>Operations</title><style>body{{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:70rem}}
table{{border-collapse:collapse}}td,th{{text-align:left;padding:.2rem 1.2rem .2rem 0;vertical-align:top}}
</style><h1>Operations</h1><table><tr><th>process<th>state<th>pid<th>runs for<th>restarts<th>behind<th>trouble</tr>
{rows}</table></html>"""


@contextlib.asynccontextmanager
async def operations(supervisor: Supervisor, listener: socket.socket) -> AsyncIterator[None]:
    """Answers ``/operations`` and ``/operations/processes`` on a socket for the length of a block."""

    async def page(_: web.Request) -> web.Response:
        rows = "\n".join(_row(condition, time.time()) for condition in await supervisor.conditions())
        return web.Response(text=PAGE.format(rows=rows), content_type="text/html")

    async def processes(_: web.Request) -> web.Response:
        items = [asdict(condition) for condition in await supervisor.conditions()]
        return web.json_response({"items": items}, dumps=lambda value: json.dumps(value, ensure_ascii=False))

    app = web.Application()
    app.router.add_get("/operations", page)
    app.router.add_get("/operations/processes", processes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield
    finally:
        await runner.cleanup()


def _row(condition: Condition, now: float) -> str:
    runs = f"{now - condition.since:,.0f} s" if condition.pid else ""
    is_ = (condition.name, condition.state, condition.pid or "", runs, condition.restarts)
    cells = (*is_, _behind(condition), " ".join(condition.trouble))
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in cells)


def _behind(condition: Condition) -> str:
    """What is behind, in the metric's own unit; nothing is said of what is not."""
    behind: Sequence[str] = [
        f"{lag.what.removeprefix('maplebridge_')} {' '.join(lag.of.values())}: {lag.value:,.6g}"
        for lag in condition.lag
        if lag.value
    ]
    return "; ".join(behind)
