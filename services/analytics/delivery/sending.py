"""Sending one message over one channel, in a thread of its own, for no longer than the channel allows."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.analytics.delivery.channels import Channel


class NotDelivered(Exception):
    """An attempt failed; its text says why and holds no address, which may be secret."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. id: of its task; the same at each attempt. about: what of. title, body: in both languages."""

    id: str
    about: str
    title: str
    body: str


Send = Callable[[Message], None]
"""Sends it or raises; may block."""


def sender(channel: Channel, folder: Path | None) -> Send:
    """How a channel sends.

    Raises:
        ValueError: the channel lacks what it needs.
    """
    if channel.kind == "mailbox":
        return _keep  # it is read from the record itself
    if channel.kind == "folder":
        if folder is None:
            raise ValueError("The channel folder needs MAPLEBRIDGE_ALERT_FOLDER.")
        return _into(folder)
    if channel.address is None:
        raise ValueError(f"The channel {channel.id} needs an address.")
    return _over(channel.address.get_secret_value())


def _keep(_: Message) -> None:
    return


def _into(folder: Path) -> Send:
    def write(message: Message) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # one file a task: an attempt that is repeated after a crash writes the same file again
            name = hashlib.sha256(message.id.encode()).hexdigest()[:12]
            file = folder / f"{message.about[:60]}-{name}.txt"
            part = file.with_suffix(".part")
            part.write_text(f"{message.title}\n\n{message.body}\n", encoding="utf-8")
            part.replace(file)
        except OSError as error:
            raise NotDelivered(f"The folder cannot be written: {error.strerror}.") from error

    return write


def _over(address: str) -> Send:
    def notify(message: Message) -> None:
        import apprise  # half a second, which only who uses it waits for

        courier = apprise.Apprise()
        if not courier.add(address):
            raise NotDelivered("The address of the channel is none that apprise knows: correct it.")
        if not courier.notify(title=message.title, body=message.body):
            raise NotDelivered("The channel refused the message or did not answer.")

    return notify


class Line:
    """One channel's line: one message at a time, each in a thread that is left behind when it takes too long.

    A thread that hangs cannot be ended; it is a daemon, and until it comes back the line takes nothing else on.
    """

    def __init__(self, channel: Channel, send: Send) -> None:
        self.channel = channel
        self._send = send
        self._hangs = False

    async def send(self, message: Message) -> None:
        """Sends it, within the channel's time.

        Raises:
            NotDelivered: it was refused, took too long, or the attempt before still hangs.
        """
        if self._hangs:
            raise NotDelivered("The attempt before this one still has no answer.")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def settle(error: Exception | None) -> None:
            self._hangs = False
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def work() -> None:
            error: Exception | None = None
            try:
                self._send(message)
            except NotDelivered as refusal:
                error = refusal
            except Exception as fault:  # noqa: BLE001 - whatever a courier raises is a failed attempt, and on record
                error = NotDelivered(f"The channel failed: {type(fault).__name__}.")
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, error)

        self._hangs = True
        threading.Thread(target=work, name=f"delivery:{self.channel.id}", daemon=True).start()
        try:
            await asyncio.wait_for(done, self.channel.timeout_seconds)
        except TimeoutError:
            raise NotDelivered(f"No answer within {self.channel.timeout_seconds:g} seconds.") from None
