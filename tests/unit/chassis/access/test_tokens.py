"""A token says who somebody is, and nothing else does."""

import base64
import json
from datetime import timedelta

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from contracts.common import Role
from services.chassis.access import (
    Issuer,
    Principal,
    TokenEndless,
    TokenExpired,
    TokenForeign,
    TokenForged,
    TokenMalformed,
    TokenRefused,
    Verifier,
    new_issuer_key,
)
from services.chassis.access.jwks import AskedKeys, KeysAway, verifier
from services.chassis.settings import SettingMissing, Settings

NOON = 1_800_000_000
KEY = new_issuer_key()
LI = Principal(Role.OFFICER, "officer-li", ("yinchuan/jinfeng",), subject="s1")


class Wall:
    """A clock on the wall that a test sets."""

    def __init__(self) -> None:
        self.time = float(NOON)

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def issuer(wall) -> Issuer:
    return Issuer(KEY, now=wall)


@pytest.fixture
def verify(issuer, wall):
    return Verifier(issuer.jwks, now=wall).verify


def signed(claims, *, key=KEY, algorithm="Ed25519", header=None) -> str:
    imported = OKPKey.import_key(key) if isinstance(key, bytes) else key
    return jwt.encode({"alg": algorithm} | (header or {}), claims, imported, algorithms=[algorithm])


def claims(**other):
    said = {"iss": "maplebridge-development", "aud": "maplebridge", "sub": "officer-li", "role": "officer"}
    return {key: value for key, value in (said | {"iat": NOON, "exp": NOON + 60} | other).items() if value is not None}


@pytest.mark.parametrize(
    "principal",
    [
        LI,
        Principal(Role.OPERATOR, "operator-7", org="hotel-7"),
        Principal(Role.ADMINISTRATOR, "root"),
        Principal(Role.SUPERVISOR, "s", ("yinchuan", "vancouver")),
    ],
)
def test_what_the_issuer_says_is_what_the_verifier_reads(issuer, verify, principal):
    assert verify(issuer.issue(principal)) == principal
    assert verify(issuer.issue(principal)) == principal


def test_a_token_is_good_until_it_expires_and_a_little_longer(issuer, verify, wall):
    token = issuer.issue(LI, timedelta(minutes=5))
    wall.time += 5 * 60 + 29
    assert verify(token) == LI
    wall.time += 1
    with pytest.raises(TokenExpired):
        verify(token)


def test_a_token_that_would_never_end_is_refused(verify):
    verify(signed(claims(exp=NOON + 400 * 86_400)))
    with pytest.raises(TokenEndless):
        verify(signed(claims(exp=NOON + 401 * 86_400)))


def test_a_remembered_token_expires_like_any_other(issuer, verify, wall):
    token = issuer.issue(LI, timedelta(minutes=5))
    assert verify(token) == LI
    wall.time += 10 * 60
    with pytest.raises(TokenExpired):
        verify(token)


def test_few_tokens_are_remembered(issuer, wall):
    small = Verifier(issuer.jwks, now=wall, capacity=2)
    for number in range(5):
        small.verify(issuer.issue(Principal(Role.OFFICER, f"officer-{number}", ("yinchuan",))))
    assert len(small._known) == 2


def test_a_token_of_another_key_is_forged(verify, wall):
    with pytest.raises(TokenForged):
        verify(Issuer(new_issuer_key(), now=wall).issue(LI))


def test_a_token_of_another_key_under_our_keys_name_is_forged(issuer, verify):
    header = {"kid": issuer.jwks["keys"][0]["kid"]}
    with pytest.raises(TokenForged):
        verify(signed(claims(places=["yinchuan"]), key=new_issuer_key(), header=header))


@pytest.mark.parametrize("other", [{"iss": "elsewhere"}, {"aud": "elsewhere"}, {"aud": ["a", "b"]}])
def test_a_token_from_or_for_somebody_else_is_foreign(verify, other):
    with pytest.raises(TokenForeign):
        verify(signed(claims(**other)))


@pytest.mark.parametrize("other", [{"nbf": NOON + 60}, {"iat": NOON + 60}])
def test_a_token_from_the_future_is_foreign(verify, other):
    with pytest.raises(TokenForeign):
        verify(signed(claims(**other, exp=NOON + 600)))


def test_one_of_several_audiences_suffices(verify):
    assert verify(signed(claims(aud=["elsewhere", "maplebridge"]))).id == "officer-li"


@pytest.mark.parametrize(
    "other",
    [
        {"role": "king"},
        {"role": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "officer li"},
        {"exp": None},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": float("nan")},
        {"iat": float("-inf")},
        {"exp": "tomorrow"},
        {"iat": None},
        {"places": ["yinchuan/.."]},
        {"places": [""]},
        {"places": "yinchuan"},
        {"places": ["Yinchuan"]},
        {"places": ["a"] * 101},
        {"places": [1]},
        {"org": "Hotel 7"},
        {"subject": "../s1"},
        {"subject": 7},
    ],
)
def test_claims_that_say_something_else_are_malformed(verify, other):
    with pytest.raises(TokenMalformed):
        verify(signed(claims(**other)))


def test_a_token_without_a_signature_is_refused(issuer, verify):
    body = issuer.issue(LI).split(".")[1]
    for algorithm in ("none", "None", "NONE"):
        header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).decode().rstrip("=")
        for signature in ("", "AAAA"):
            with pytest.raises(TokenRefused):
                verify(f"{header}.{body}.{signature}")


def test_a_public_key_is_no_shared_secret(issuer, verify):
    shared = OctKey.import_key(base64.urlsafe_b64decode(issuer.jwks["keys"][0]["x"] + "="))
    with pytest.raises(TokenRefused):
        verify(jwt.encode({"alg": "HS256"}, claims(), shared, algorithms=["HS256"]))


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_garbage_is_refused(garbage):
    check = Verifier(Issuer(KEY).jwks).verify
    for text in (garbage, f"{garbage}.{garbage}.{garbage}", f"eyJhbGciOiJFZDI1NTE5In0.{garbage}.{garbage}"):
        with pytest.raises(TokenRefused):
            check(text)


@given(st.integers(0, 10_000), st.sampled_from("ABCabc019-_."))
def test_a_changed_character_is_refused(at, other):
    token = Issuer(KEY).issue(LI)
    at %= len(token)
    assume(other != token[at])
    changed = token[:at] + other + token[at + 1 :]
    # base64 has spare bits in the last character of a part: what decodes to the same bytes is the same token
    parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
    try:
        same = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in changed.split(".")] == parts
    except ValueError:
        same = False
    if not same:
        with pytest.raises(TokenRefused):
            Verifier(Issuer(KEY).jwks).verify(changed)


def test_a_very_long_token_is_not_looked_at(verify):
    with pytest.raises(TokenMalformed):
        verify("e" * 100_000)


def test_no_refusal_repeats_the_token(verify, wall):
    token = Issuer(new_issuer_key(), now=wall).issue(LI)
    with pytest.raises(TokenRefused) as refused:
        verify(token)
    assert token not in str(refused.value)
    assert refused.value.__cause__ is None


class TestAnOutsideIssuer:
    """An OpenID provider with keys of its own, that changes them now and then."""

    @pytest.mark.parametrize(
        ("key", "algorithm"), [(ECKey.generate_key("P-256"), "ES256"), (RSAKey.generate_key(2048), "RS256")]
    )
    async def test_signs_with_the_usual_algorithms(self, key, algorithm, wall):
        key.ensure_kid()
        check = Verifier({"keys": [key.as_dict(private=False)]}, now=wall)
        token = signed(claims(places=["yinchuan"]), key=key, algorithm=algorithm, header={"kid": key.kid})
        assert (await check.principal(token)).places == ("yinchuan",)

    async def test_is_asked_for_its_keys_and_again_when_a_key_is_unknown(self, wall):
        published, asked, seconds = [Issuer(KEY, now=wall)], [], [0.0]

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            return httpx.Response(200, json=published[-1].jwks)

        client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        check = Verifier(AskedKeys("https://id.example/jwks", client, now=lambda: seconds[0]), now=wall)
        assert await check.principal(published[0].issue(LI)) == LI
        published.append(Issuer(new_issuer_key(), now=wall))
        with pytest.raises(TokenForged):  # asked a moment ago
            await check.principal(published[1].issue(LI))
        seconds[0] = 61
        assert await check.principal(published[1].issue(LI)) == LI
        with pytest.raises(TokenForged):
            await check.principal(published[0].issue(LI))
        assert asked == ["https://id.example/jwks"] * 2

    @pytest.mark.parametrize(
        "reply", [httpx.Response(500), httpx.Response(200, text="x"), httpx.Response(200, json={})]
    )
    async def test_that_cannot_be_reached_is_not_the_askers_fault(self, reply, issuer, wall):
        client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: reply))
        with pytest.raises(KeysAway, match="MAPLEBRIDGE_JWKS_URL"):
            await Verifier(AskedKeys("https://id.example/jwks", client), now=wall).principal(issuer.issue(LI))

    def test_may_be_named_by_a_file(self, tmp_path):
        issuer = Issuer(KEY)
        (tmp_path / "jwks.json").write_text(json.dumps(issuer.jwks))
        assert verifier(Settings(jwks_file=tmp_path / "jwks.json")).verify(issuer.issue(LI)) == LI

    def test_has_to_be_named(self):
        with pytest.raises(SettingMissing, match="MAPLEBRIDGE_JWKS_FILE"):
            verifier(Settings())


def test_a_key_set_of_secrets_verifies_nothing():
    with pytest.raises(ValueError, match="no public key"):
        Verifier({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]})


def test_the_public_half_holds_nothing_private(issuer):
    assert "d" not in issuer.jwks["keys"][0]
