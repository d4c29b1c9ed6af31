"""Which logs a command takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

Which = Annotated[
    str | None, typer.Argument(metavar="[LOG]", help="registry, incidents, mediation, analytics or city; default: all.")
]
One = Annotated[str, typer.Argument(metavar="LOG", help="registry, incidents, mediation, analytics or city.")]
Signer = Annotated[
    str | None,
    typer.Option("--signer", metavar="KEY", help="Public key of who signed, in base64; default: this instance's own."),
]
SigningKey = Annotated[
    Path | None,
    typer.Option("--key", metavar="PEM", help="Ed25519 private key to sign with; default: log.key of the data folder."),
]


class KeyUnusable(Exception):
    """A file holds no private key to sign with."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} holds no Ed25519 private key (PKCS #8, PEM): openssl genpkey -algorithm ed25519.")


def chosen(name: str | None, there: Mapping[str, Any], what: str = "log") -> list[str]:
    """The logs, or services, that a name means; all where there is none."""
    if name is not None and name not in there:
        raise typer.BadParameter(f"{name!r} is no {what}; there are {', '.join(there)}.")
    return [name] if name else list(there)


def signing_key(data: Path | None, given: Path | None) -> Any:
    """The private key in a file, else the instance's own.

    Raises:
        KeyUnusable: the file holds none.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from services.runtime.folder import DataFolder

    path = given or DataFolder.open(data).path / "log.key"
    pem = given.read_bytes() if given else DataFolder.open(data).log_key()
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise KeyUnusable(path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(path)
    return key


def signer_of(data: Path | None, signer: str | None) -> str:
    """The public key that is named, else the instance's own."""
    from services.chassis.eventstore.signed import public_text

    return signer or public_text(signing_key(data, None).public_key())
