"""Whom a client of ours believes over TLS."""

import ssl
from functools import cache

import httpx


@cache
def trust() -> ssl.SSLContext:
    """The usual authorities, for all clients of the process: to read them takes longer than most requests."""
    return httpx.create_ssl_context()
