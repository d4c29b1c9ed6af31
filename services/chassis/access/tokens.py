"""Access tokens: signed claims about who somebody is (JWT, RFC 7519)."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OKPKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from contracts.common import Identifier, Role
from services.chassis.access.places import parse_place
from services.chassis.access.principal import Principal
from services.chassis.access.refusals import TokenEndless, TokenExpired, TokenForeign, TokenForged, TokenMalformed
from services.chassis.ids import uuid7

# signatures with a private and a public half only; Ed25519 is RFC 9864's name of what was called EdDSA
ALGORITHMS = ("Ed25519", "EdDSA", "ES256", "RS256", "PS256")
LONGEST = 8192
LASTS_AT_MOST = timedelta(days=400).total_seconds()
"""Longest time from now that a token may be valid: a year, and a month to replace it in."""
REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS))
REGISTRY.max_payload_length = LONGEST

Now = Callable[[], float]
"""Seconds since 1970 by the wall; a demonstration's clock does not lengthen a token."""


class KeySource(Protocol):
    """Where the public keys of an issuer come from."""

    def keys(self) -> KeySet:
        """Those known now."""
        ...

    async def refresh(self) -> bool:
        """Looks for newer ones, not too often; True where it looked."""
        ...


class GivenKeys:
    """Public keys that stay as they are (a JWKS, RFC 7517)."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = key_set(jwks)

    def keys(self) -> KeySet:
        """As given."""
        return self._keys

    async def refresh(self) -> bool:
        """There are no others."""
        return False


Moment = Annotated[int | float, Field(ge=0, le=253_402_300_799, allow_inf_nan=False)]
"""Seconds since 1970, before the year 10000."""


class Claims(BaseModel):
    """What a token has to say; claims that it has besides are ignored."""

    model_config = ConfigDict(strict=True)

    iss: str
    sub: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@:|-]{0,119}$")]
    aud: str | list[str]
    exp: Moment
    iat: Moment
    nbf: Moment = 0
    role: Annotated[Role, Field(strict=False)]
    places: Annotated[list[Annotated[str, AfterValidator(parse_place)]], Field(max_length=100)] = []
    org: Identifier | None = None
    subject: Identifier | None = None

    def principal(self) -> Principal:
        """Who it is about."""
        return Principal(self.role, self.sub, tuple(self.places), self.org, self.subject)


class Issuer:
    """Makes tokens; the development issuer of an embedded instance, and of tests.

    Args:
        pem: Ed25519 private key, PKCS #8 in PEM. issuer, audience: claims ``iss`` and ``aud``.
    """

    def __init__(
        self,
        pem: bytes,
        *,
        issuer: str = "maplebridge-development",
        audience: str = "maplebridge",
        now: Now = time.time,
    ) -> None:
        key = OKPKey.import_key(pem)
        key.ensure_kid()
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._now = now

    @property
    def jwks(self) -> dict[str, Any]:
        """The public half, for a ``Verifier``."""
        return {"keys": [self._key.as_dict(private=False) | {"use": "sig", "alg": "Ed25519"}]}

    def issue(self, principal: Principal, lifetime: timedelta = timedelta(hours=12)) -> str:
        """A token about somebody, valid from now."""
        moment = int(self._now())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": principal.id,
            "role": principal.role.value,
            "places": list(principal.places),
            "iat": moment,
            "exp": moment + int(lifetime.total_seconds()),
            "jti": str(uuid7()),
        }
        own = {"org": principal.org, "subject": principal.subject}
        claims |= {name: value for name, value in own.items() if value is not None}
        header = {"alg": "Ed25519", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["Ed25519"])


class Verifier:
    """Tells who a token is about, and remembers what it has verified until it expires.

    Args:
        keys: public keys as a JWKS, or where they come from. issuer, audience: that a token must be from and for.
        leeway: seconds by which clocks may differ. now: wall clock. capacity: most tokens remembered.
    """

    def __init__(
        self,
        keys: Mapping[str, Any] | KeySource,
        *,
        issuer: str = "maplebridge-development",
        audience: str = "maplebridge",
        leeway: float = 30,
        now: Now = time.time,
        capacity: int = 1024,
    ) -> None:
        self._source = GivenKeys(keys) if isinstance(keys, Mapping) else keys
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway
        self._now = now
        self._capacity = capacity
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    async def principal(self, token: str) -> Principal:
        """Who a token is about; an issuer that has changed its keys is asked for the new ones.

        Raises:
            TokenMalformed, TokenForged, TokenForeign, TokenExpired, TokenEndless: it cannot be used.
        """
        try:
            return self.verify(token)
        except TokenForged:
            if not await self._source.refresh():
                raise
            self._known.clear()
            return self.verify(token)

    def verify(self, token: str) -> Principal:
        """The same with the keys that are known now."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None:
            self._refuse_expired(known[0])
            self._known.move_to_end(digest)
            return known[1]
        claims = self._checked(self._claims(token))
        self._known[digest] = (claims.exp, claims.principal())
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return claims.principal()

    def _claims(self, token: str) -> Claims:
        if len(token) > LONGEST or not token.isascii():
            raise TokenMalformed
        try:
            payload = jwt.decode(token, self._source.keys(), algorithms=list(ALGORITHMS), registry=REGISTRY).claims
            return Claims.model_validate(payload)
        except (ValidationError, RecursionError):
            raise TokenMalformed from None
        except (InvalidKeyIdError, JoseError) as error:
            raise refused(error) from None
        except ValueError:
            raise TokenMalformed from None

    def _checked(self, claims: Claims) -> Claims:
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if claims.iss != self._issuer or self._audience not in audiences:
            raise TokenForeign
        if max(claims.iat, claims.nbf) > self._now() + self._leeway:
            raise TokenForeign("The access token is from the future: set the clock of the machine that made it.")
        self._refuse_expired(claims.exp)
        if claims.exp - self._now() > LASTS_AT_MOST + self._leeway:
            raise TokenEndless
        return claims

    def _refuse_expired(self, expiry: float) -> None:
        if expiry + self._leeway <= self._now():
            raise TokenExpired


def refused(error: JoseError) -> TokenForged | TokenMalformed:
    """What an error of the library means here."""
    forged = ("bad_signature", "invalid_key_id", "missing_key", "invalid_key_type", "unsupported_algorithm")
    return TokenForged() if error.error in forged else TokenMalformed()


def key_set(jwks: Mapping[str, Any]) -> KeySet:
    """The public keys of a JWKS that signatures are made with; symmetric keys are left out."""
    keys = [key for key in jwks.get("keys", ()) if key.get("kty") in {"OKP", "EC", "RSA"} and key.get("use") != "enc"]
    if not keys:
        raise ValueError("The JWKS holds no public key to verify signatures with: give the issuer's own.")
    serialised: KeySetSerialization = {"keys": keys}
    return KeySet.import_key_set(serialised)


def new_issuer_key() -> bytes:
    """A fresh Ed25519 private key, PKCS #8 in PEM."""
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(*pem)
