"""Make the secrets of a trial: passwords, Kafka's users, the master key, a development issuer and its tokens.

    .venv/bin/python deploy/make_secrets.py

They go to deploy/secrets/, readable for their owner alone; what is there is never overwritten. For anything but a
trial the tokens come from your own OIDC issuer, and the master key from where you keep keys.
"""

import base64
import json
import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.common import Role
from services.chassis.access import Issuer, Principal
from services.chassis.settings import Settings
from services.runtime.kafka.users import MECHANISM, SECURITY, Users
from services.runtime.principals import CITY_PLATFORM, principals

FOLDER = Path(__file__).parent / "secrets"
LASTS = timedelta(days=90)


def main(folder: Path) -> int:
    """Writes the files; answers 1 after one sentence where some are there already."""
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        sys.stderr.write(f"{folder} is there already: remove it to make other secrets, and the databases with it.\n")
        return 1
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key = Ed25519PrivateKey.generate().private_bytes(*pem)
    for name, content in {"issuer.key": key, **_files(Issuer(key))}.items():
        # read by the containers' own user: in a folder that nobody else may enter
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    sys.stdout.write(f"The secrets are in {folder}.\n")
    sys.stdout.write("Open the pages with ?key= and the MAPLEBRIDGE_PAGES_KEY of pages.env.\n")
    return 0


def _files(issuer: Issuer) -> dict[str, bytes]:
    admin, owner, application = (secrets.token_urlsafe(24) for _ in range(3))
    postgres = {
        "POSTGRES_PASSWORD": admin,
        "MAPLEBRIDGE_OWNER_PASSWORD": owner,
        "MAPLEBRIDGE_APPLICATION_PASSWORD": application,
    }
    at = "postgres:5432"
    databases = {
        "MAPLEBRIDGE_DSN": f"postgresql://maplebridge_app:{application}@{at}/{{service}}",
        "MAPLEBRIDGE_OWNER_DSN": f"postgresql://maplebridge_owner:{owner}@{at}/{{service}}",
        "MAPLEBRIDGE_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    platform = {"MAPLEBRIDGE_PLATFORM_TOKEN": issuer.issue(Principal(Role.SYSTEM, "platform"), LASTS)}
    return {
        "postgres.env": _lines(postgres),
        "databases.env": _lines(databases),
        "admin.env": _lines({"MAPLEBRIDGE_ADMIN_DSN": f"postgresql://postgres:{admin}@{at}/postgres"}),
        "platform.env": _lines(platform),
        "pages.env": _lines(
            {"MAPLEBRIDGE_PAGES_SECRET": secrets.token_urlsafe(32), "MAPLEBRIDGE_PAGES_KEY": secrets.token_urlsafe(24)}
        ),
        "jwks.json": json.dumps(issuer.jwks).encode(),
        **_kafka(),
    }


def _kafka() -> dict[str, bytes]:
    """Each process that goes to Kafka gets its own password alone; the broker and its health check have the others."""
    names = [name for name in principals(Settings()) if name != CITY_PLATFORM]
    users = Users.of(names)
    logins = {
        name: _lines({"MAPLEBRIDGE_KAFKA_USER": login.user, "MAPLEBRIDGE_KAFKA_PASSWORD": login.password})
        for name in names
        if (login := users.login(name))
    }
    passwords = {name: value for name, value in users.properties().items() if name.endswith("jaas.config")}
    operator = {
        "security.protocol": SECURITY,
        "sasl.mechanism": MECHANISM,
        "sasl.jaas.config": users.jaas([]),
    }
    return {
        "kafka.env": _lines({f"KAFKA_{name.replace('.', '_').upper()}": value for name, value in passwords.items()}),
        "kafka-client.properties": "".join(f"{name}={value}\n" for name, value in operator.items()).encode(),
        **{f"kafka-{name}.env": content for name, content in logins.items()},
    }


def _lines(values: dict[str, str]) -> bytes:
    return "".join(f"{name}='{value}'\n" for name, value in values.items()).encode()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
