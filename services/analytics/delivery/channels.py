"""Channels as data: over what, to whom, for which places, how patiently."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.common import Frozen, Identifier, NamedPlace
from services.chassis.access import covers

HERE = Path(__file__).parent


class Channel(Frozen):
    """One way to reach somebody.

    Attributes:
        id: its name. kind: the mailbox of the wall, a folder of files, or anything that apprise knows.
        to: whose address it is; empty where each person who is told has a message of their own.
        places: for what happens where; everywhere when empty. address: of apprise.
        timeout_seconds: how long an attempt may take. attempts: after how many it is given up.
        wait_seconds: before the second attempt; twice as long before each further one.
    """

    id: Identifier
    kind: Literal["mailbox", "folder", "apprise"]
    to: Identifier | None = None
    places: tuple[NamedPlace, ...] = ()
    address: SecretStr | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    attempts: Annotated[int, Field(ge=1, le=100)] = 6
    wait_seconds: Annotated[float, Field(ge=0, le=86_400)] = 5

    def serves(self, place: str) -> bool:
        """Whether alerts there go over it."""
        return not self.places or any(covers(mine, place) for mine in self.places)

    def wait_after(self, attempts: int) -> float | None:
        """Seconds until the next attempt; None where it is given up."""
        return None if attempts >= self.attempts else float(self.wait_seconds * 2 ** (attempts - 1))


class _Document(Frozen):
    channels: tuple[Channel, ...]


class DeliverySettings(BaseSettings):
    """Settings of delivery, from ``MAPLEBRIDGE_ALERT_...``.

    Attributes:
        channels: a file of channels; those that ship where unset. folder: where the channel ``folder`` puts its
        files; without it that channel is left out. recipients: a file that says who is told at which place.
    """

    model_config = SettingsConfigDict(env_prefix="MAPLEBRIDGE_ALERT_", extra="ignore", frozen=True)

    channels: Path | None = None
    folder: Path | None = None
    recipients: Path | None = None


def channels(settings: DeliverySettings) -> tuple[Channel, ...]:
    """The channels in use.

    Raises:
        OSError, pydantic.ValidationError: the file cannot be read, or is no list of channels.
    """
    text = (settings.channels or HERE / "channels.yaml").read_text("utf-8")
    listed = _Document.model_validate(yaml.safe_load(text)).channels
    return tuple(channel for channel in listed if channel.kind != "folder" or settings.folder is not None)
