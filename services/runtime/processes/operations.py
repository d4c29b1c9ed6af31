"""How the processes of an instance are: a page for people and JSON for programs. Neither tells of anybody."""

import contextlib
import html
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from services.runtime.keyed import Lock
from services.runtime.processes.supervisor import ENDED, SILENT, Condition, Supervisor

PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>{title}</title><style>
:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:80rem}}
table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.3rem 1.2rem .3rem 0;vertical-align:top;
border-bottom:1px solid color-mix(in srgb,currentColor 15%,transparent);font-variant-numeric:tabular-nums}}
p{{display:flex;gap:1.5rem}}th,td:nth-child(-n+5){{white-space:nowrap}}td:nth-child(n+6){{width:40%}}
</style><h1>{title}</h1><p><a href="/">{home}</a>
<a href="?in={other}">{speak}</a><a href="/operations/processes">JSON</a></p>
<table><tr>{head}</tr>
{rows}</table></html>"""
CHINESE = {
    "Operations": "运行状况",
    "To the pages": "返回页面",
    "中文": "English",
    "process": "进程",
    "state": "状态",
    "pid": "进程号",
    "runs for": "已运行",
    "restarts": "重启次数",
    "behind": "落后",
    "trouble": "问题",
    "running": "运行中",
    "waiting": "等待中",
    "ended": "已结束",
    "positions": "条事件",
    "seconds": "秒",
    SILENT: "没有应答。",
    ENDED: "已停止，正在重新启动。",
}
"""For the English words; what a process says of itself is shown as it says it."""
COLUMNS = ("process", "state", "pid", "runs for", "restarts", "behind", "trouble")


@contextlib.asynccontextmanager
async def operations(supervisor: Supervisor, listener: socket.socket, key: str = "") -> AsyncIterator[None]:
    """Answers ``/operations`` and ``/operations/processes`` on a socket for the length of a block.

    Args:
        key: the secret in the address of the pages, which opens this one too; empty for none.
    """

    async def page(request: web.Request) -> web.Response:
        asked = request.query.get("in", request.headers.get("Accept-Language", ""))
        language = "en" if asked.lower().startswith("en") else "zh"  # as on the pages of the services
        say = _say(language)
        rows = "\n".join(_row(condition, time.time(), say) for condition in await supervisor.conditions())
        text = PAGE.format(
            language=language,
            other="en" if language == "zh" else "zh",
            title=say("Operations"),
            home=say("To the pages"),
            speak=say("中文"),
            head="".join(f"<th>{say(each)}" for each in COLUMNS),
            rows=rows,
        )
        return web.Response(text=text, content_type="text/html")

    async def nowhere(_: web.Request) -> web.Response:
        raise web.HTTPFound("/operations")

    async def processes(_: web.Request) -> web.Response:
        items = [asdict(condition) for condition in await supervisor.conditions()]
        return web.json_response({"items": items}, dumps=lambda value: json.dumps(value, ensure_ascii=False))

    app = web.Application(middlewares=[_locked(Lock(key))] if key else [])
    app.router.add_get("/operations", page)
    app.router.add_get("/operations/processes", processes)
    app.router.add_get("/operations/{elsewhere:.*}", nowhere)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield
    finally:
        await runner.cleanup()


def _locked(lock: Lock) -> Middleware:
    @web.middleware
    async def locked(request: web.Request, handler: Handler) -> web.StreamResponse:
        cookies = request.headers.get("Cookie", "")
        if refusal := lock.refusal(cookies, request.path, request.raw_path.partition("?")[2]):
            return web.Response(status=refusal.status_code, body=bytes(refusal.body), headers=refusal.headers.items())
        return await handler(request)

    return locked


def _say(language: str) -> Callable[[str], str]:
    return (lambda word: CHINESE.get(word, word)) if language == "zh" else (lambda word: word)


def _row(condition: Condition, now: float, say: Callable[[str], str]) -> str:
    runs = f"{now - condition.since:,.0f} {say('seconds')}" if condition.pid else ""
    is_ = (condition.name, say(condition.state), condition.pid or "", runs, condition.restarts)
    cells = (*is_, _behind(condition, say), " ".join(map(say, condition.trouble)))
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in cells)


def _behind(condition: Condition, say: Callable[[str], str]) -> str:
    """What is behind, and how far; nothing is said of what is not."""
    behind: Sequence[str] = [
        f"{' ← '.join(lag.of.values())} {lag.value:,.0f} {say(lag.what.rpartition('_')[2])}"
        for lag in condition.lag
        if lag.value >= 1
    ]
    return "; ".join(behind)
