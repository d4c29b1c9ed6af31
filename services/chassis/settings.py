"""Settings, from the environment (``MAPLEBRIDGE_...``) or handed in by who composes the services."""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts import topics
from contracts.common import HOME_ZONE, NamedPlace, ZoneName, form
from contracts.zones import is_zone

PREFIX = "MAPLEBRIDGE_"
TOPIC_PREFIX = form(
    r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$",
    "topic-prefix",
    "It must be 1 to 100 letters, digits, dots, hyphens and underscores, and begin with no dot.",
)


class SettingMissing(LookupError):
    """Something that is needed was not set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{PREFIX}{name.upper()} is not set: set it in the environment.")


class SettingMalformed(ValueError):
    """Something was set to what it cannot be; its value is not repeated, it may be secret."""

    def __init__(self, name: str, want: str) -> None:
        super().__init__(f"{PREFIX}{name.upper()} must be {want}.")


class Settings(BaseSettings):
    """All settings; each field is read from ``MAPLEBRIDGE_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    dsn: Annotated[SecretStr | None, Field(description="Address of the databases; {service} stands for the name.")] = (
        None
    )
    owner_dsn: Annotated[SecretStr | None, Field(description="The same as the owner, for migrations and rebuilds.")] = (
        None
    )
    admin_dsn: Annotated[
        SecretStr | None, Field(description="As who may make roles and databases; unset: they are there.")
    ] = None
    connections: Annotated[int, Field(description="Most connections of a service and kind.", ge=2, le=500)] = 8
    master_key: Annotated[SecretStr | None, Field(description="Wraps the keys of personal data; 32 bytes, base64.")] = (
        None
    )
    issuer: Annotated[str, Field(description="Who makes the access tokens (claim iss).")] = "maplebridge-development"
    audience: Annotated[str, Field(description="Whom the access tokens are for (claim aud).")] = "maplebridge"
    jwks_file: Annotated[Path | None, Field(description="File with the issuer's public keys (JWKS).")] = None
    jwks_url: Annotated[str | None, Field(description="Address of the issuer's public keys (JWKS).")] = None
    token_leeway_seconds: Annotated[float, Field(description="How far clocks may differ.", ge=0, le=300)] = 30
    log_format: Annotated[Literal["json", "pretty"], Field(description="Logs for machines or for people.")] = "json"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="The least to log.")] = "info"
    otlp_endpoint: Annotated[str | None, Field(description="Where spans go (OTLP over HTTP); unset: nowhere.")] = None
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(description="Port to listen on.", ge=0, le=65535)] = 8080
    clock: Annotated[Literal["system", "demonstration"], Field(description="Which time it is.")] = "system"
    clock_file: Annotated[Path | None, Field(description="Where the demonstration's clock writes itself down.")] = None
    addresses: Annotated[
        dict[str, str], Field(description="Where each service answers, where they are apart: JSON, name to address.")
    ] = {}
    platform_token: Annotated[
        SecretStr | None, Field(description="Bearer token (role system) with which services read each other's logs.")
    ] = None
    zone: Annotated[
        ZoneName, Field(description="Where days are counted, as an IANA name, where nothing says otherwise.")
    ] = HOME_ZONE
    zones: Annotated[
        dict[NamedPlace, ZoneName], Field(description="Zones of places that have another: JSON, place to IANA name.")
    ] = {}
    body_limit: Annotated[int, Field(description="Largest request body in bytes.", ge=1024)] = 262_144
    requests_at_once: Annotated[int, Field(description="Most requests under way in a process.", ge=1)] = 512
    half_request_seconds: Annotated[
        float, Field(description="How long a head or a body may take to arrive.", gt=0, le=300)
    ] = 15
    rate_per_address: Annotated[
        float, Field(description="Requests a second that one address may keep up; 0: no limit.", ge=0)
    ] = 100
    rate_per_principal: Annotated[
        float, Field(description="Requests a second that one holder of a token may keep up; 0: no limit.", ge=0)
    ] = 100
    allowed_hosts: Annotated[
        tuple[str, ...], Field(description="Names that it answers by, besides IP addresses: JSON; empty: any.")
    ] = ()
    trusted_proxies: Annotated[
        str, Field(description="Addresses and networks whose X-Forwarded headers are believed, commas between.")
    ] = "127.0.0.1"
    snapshot_every: Annotated[int, Field(description="Events that a load folds before a snapshot is taken.", ge=1)] = (
        500
    )
    kafka: Annotated[str | None, Field(description="Kafka's brokers to begin with: host:port, commas between.")] = None
    kafka_security: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], Field(description="What the listener speaks.")
    ] = "PLAINTEXT"
    kafka_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Field(description="How user and password are shown (SASL).")
    ] = "SCRAM-SHA-512"
    kafka_user: Annotated[str | None, Field(description="Who logs in to Kafka (SASL).")] = None
    kafka_password: Annotated[SecretStr | None, Field(description="With which password (SASL).")] = None
    kafka_ca_file: Annotated[Path | None, Field(description="Whom to trust (PEM); unset: whom the system trusts.")] = (
        None
    )
    kafka_cert_file: Annotated[Path | None, Field(description="Our certificate (PEM), where Kafka wants one.")] = None
    kafka_key_file: Annotated[Path | None, Field(description="Its private key (PEM).")] = None
    topic_prefix: Annotated[str, Field(description="Begins the topics' names.", pattern=TOPIC_PREFIX)] = topics.PREFIX
    topic_partitions: Annotated[int, Field(description="Partitions of a new topic of events.", ge=1, le=1000)] = (
        topics.PARTITIONS
    )
    topic_replicas: Annotated[int, Field(description="Copies of a new topic, on so many brokers.", ge=1, le=9)] = (
        topics.REPLICAS
    )
    stream_folder: Annotated[
        Path | None,
        Field(description="Where this stream worker alone keeps its tables; unset: nowhere, it reads them again."),
    ] = None
    erasure_folder: Annotated[
        Path | None, Field(description="Where the ledger of erasures is kept, apart from the databases.")
    ] = None
    read_wait_seconds: Annotated[float, Field(description="Longest wait for a Maple-After.", ge=0, le=60)] = 5

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return _zone(zone)

    @field_validator("zones")
    @classmethod
    def _known_zones(cls, zones: dict[str, str]) -> dict[str, str]:
        return {place: _zone(zone) for place, zone in zones.items()}

    def database(self, service: str) -> str:
        """The address of a service's database, as the application.

        Raises:
            SettingMissing: ``dsn`` is not set.
        """
        return _address("dsn", self.dsn, service)

    def address(self, service: str) -> str:
        """Where a service answers over HTTP.

        Raises:
            SettingMissing: ``addresses`` does not name it.
        """
        if service not in self.addresses:
            raise SettingMissing("addresses")
        return self.addresses[service].rstrip("/")

    def owner_database(self, service: str) -> str:
        """The same, as the owner.

        Raises:
            SettingMissing: ``owner_dsn`` is not set.
        """
        return _address("owner_dsn", self.owner_dsn, service)

    def master_key_bytes(self) -> bytes:
        """The master key.

        Raises:
            SettingMissing: it is not set. SettingMalformed: it is not 32 bytes in base64.
        """
        if self.master_key is None:
            raise SettingMissing("master_key")
        try:
            key = base64.b64decode(self.master_key.get_secret_value().strip(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            raise SettingMalformed("master_key", "32 random bytes in base64")
        return key


def _zone(zone: str) -> str:
    if not is_zone(zone):
        raise ValueError("it must be the IANA name of a place's time zone, such as Asia/Shanghai")
    return zone


def _address(name: str, dsn: SecretStr | None, service: str) -> str:
    if dsn is None:
        raise SettingMissing(name)
    return dsn.get_secret_value().replace("{service}", service)
