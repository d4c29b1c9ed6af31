"""Passwords in the clear: aiokafka warns of them at each connection, also where they do not leave this machine."""

import ipaddress
import logging

WARNING = "Sending username and password in the clear"
_LOG = logging.getLogger("aiokafka.conn")


def accept_on_this_machine(bootstrap: str) -> None:
    """Leave the warning out from now on where all addresses are this machine's own.

    Args:
        bootstrap: host:port, commas between several.
    """
    if all(map(_is_loopback, bootstrap.split(","))):
        _LOG.addFilter(_other)  # adding it again changes nothing


def _other(record: logging.LogRecord) -> bool:
    return record.msg != WARNING


def _is_loopback(address: str) -> bool:
    host = address.strip().rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
