"""What the processes of an instance load, for the one that they are forked from; nobody else imports this."""

import gc
import signal

from services.runtime.cli import main
from services.runtime.composition import build_of
from services.runtime.databases import SERVICES
from services.runtime.processes import city, gateway, loading, migrating, pages, relay, service, stream, topics

LOADED = (main, city, gateway, loading, migrating, pages, relay, service, stream, topics, *map(build_of, SERVICES))

# Who ends an instance may send this to all of its processes; those that were forked end in order, by the supervisor.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
gc.collect()
gc.freeze()  # a collection in a process that was forked would write to the pages that all share
