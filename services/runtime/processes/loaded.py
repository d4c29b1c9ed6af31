"""What the processes of an instance load, for the one that they are forked from; nobody else imports this."""

import gc
import inspect
import signal

import faust
import httpcore
import uvloop
from uvicorn.protocols.http import auto as http
from uvicorn.protocols.websockets import auto as websockets

from services.runtime.composition import build_of
from services.runtime.databases import SERVICES
from services.runtime.processes import (
    city,
    commands,
    gateway,
    loading,
    migrating,
    pages,
    relay,
    service,
    stream,
    topics,
)
from services.runtime.trust import trust

LOADED = (commands, city, gateway, loading, migrating, pages, relay, service, stream, topics, *map(build_of, SERVICES))
LATER = (httpcore, uvloop, http, websockets)
"""What libraries load when they are first used."""

trust()
faust.Settings("none")  # loads what an application consists of
inspect.getmodule(inspect.currentframe())  # looks through all modules, as Faust does for its agents

# Who ends an instance may send this to all of its processes; those that were forked end in order, by the supervisor.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
gc.collect()
gc.freeze()  # a collection in a process that was forked would write to the pages that all share
