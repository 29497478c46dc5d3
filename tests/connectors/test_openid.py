"""A provider's answer is believed where it is true in every part; each lie has a word of its own (S-05)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwk, jwt
from pydantic import SecretStr

from connectors.contract import Fault, Refused, Unavailable
from connectors.manners import Manners
from connectors.openid import KEYS_REST, OFF, STANDS, Provider, Registration, Somebody
from tests.connectors.consenting import BACK, VERIFIER, brought_back, pressed
from tests.connectors.openid_provider import CLIENT, OpenIdProvider, elliptic, rsa

ADA, NONCE = "ada@northwind.example", "a-nonce-of-this-browser"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(clock: Clock) -> Iterator[OpenIdProvider]:
    site = OpenIdProvider(BACK, clock)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def provider(site: OpenIdProvider, clock: Clock) -> Provider:
    return known_as(site, clock)


def known_as(site: OpenIdProvider, clock: Clock, **more: Any) -> Provider:
    said = {"name": "Northwind", "issuer": site.url, "client": CLIENT, "secret": SecretStr(site.app.secret)}
    return Provider(Registration(**(said | more)), clock, Manners())


def allowed(provider: Provider, email: str = ADA) -> dict[str, str]:
    """What a browser brings back from the provider."""
    return brought_back(pressed(provider.question(BACK, "s", NONCE, VERIFIER), email))


def fetched(
    provider: Provider, said: dict[str, str], nonce: str = NONCE, verifier: str = VERIFIER
) -> Somebody:
    return provider.answer(said["code"], BACK, nonce, verifier, said.get("iss"))


def refusal(provider: Provider, **more: str) -> str:
    with pytest.raises(Refused) as refused:
        fetched(provider, allowed(provider), **more)
    assert refused.value.whose == "account"
    assert ADA not in str(refused.value)
    return str(refused.value)


def test_whoever_signs_in_is_known_by_account_and_verified_address(
    provider: Provider, site: OpenIdProvider
) -> None:
    assert fetched(provider, allowed(provider)) == Somebody(issuer=site.url, subject=f"s-{ADA}", email=ADA)


def test_an_address_that_only_userinfo_tells_counts_too(provider: Provider, site: OpenIdProvider) -> None:
    site.at_userinfo = True
    assert fetched(provider, allowed(provider)).email == ADA


def test_userinfo_about_somebody_else_is_a_lie(provider: Provider, site: OpenIdProvider) -> None:
    site.at_userinfo, site.lies = True, {"sub": "s-ben"}
    assert "somebody else" in refusal(provider)


def test_userinfo_that_does_not_say_about_whom_is_none_either(
    provider: Provider, site: OpenIdProvider
) -> None:
    """OpenID Connect Core 5.3.2: `sub` is always in it, and must be that of the ID token."""
    site.at_userinfo = site.of_nobody = True
    assert "somebody else" in refusal(provider)


@pytest.mark.parametrize(
    ("claim", "lie", "word"),
    [
        ("iss", "https://evil.example", "another issuer"),
        ("iss", None, "another issuer"),
        ("aud", "another-app", "another application"),
        ("aud", ["another-app", "third"], "another application"),
        ("aud", [CLIENT, "another-app"], "asked for by another application"),
        ("azp", "another-app", "asked for by another application"),
        ("nonce", "of-another-browser", "answers somebody else"),
        ("nonce", None, "answers somebody else"),
        ("exp", 1_700_000_000, "time is over"),
        ("exp", None, "time is over"),
        ("iat", 4_000_000_000, "a clock is wrong"),
        ("iat", None, "a clock is wrong"),
        ("sub", "", "names nobody"),
        ("sub", ["s-ada"], "names nobody"),
    ],
)
def test_S05_a_claim_that_does_not_fit_is_a_lie(
    provider: Provider, site: OpenIdProvider, claim: str, lie: Any, word: str
) -> None:
    site.lies = {claim: lie}
    assert word in refusal(provider)


def test_several_audiences_are_fine_where_we_are_who_asked(provider: Provider, site: OpenIdProvider) -> None:
    site.lies = {"aud": [CLIENT, "another-app"], "azp": CLIENT}
    assert fetched(provider, allowed(provider)).email == ADA


def test_two_clocks_may_differ_a_little_and_not_more(
    provider: Provider, site: OpenIdProvider, clock: Clock
) -> None:
    now = int(clock().timestamp())
    for off, good in ((OFF - timedelta(seconds=5), True), (OFF + timedelta(seconds=5), False)):
        seconds = int(off.total_seconds())
        for lies in ({"exp": now - seconds}, {"iat": now + seconds}):
            site.lies = lies
            if good:
                assert fetched(provider, allowed(provider)).email == ADA
            else:
                assert "time" in refusal(provider)


def _part(said: dict[str, Any]) -> str:
    return _text(json.dumps(said).encode())


def _text(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _unsigned(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def _with_the_public_key_as_a_password(claims: dict[str, Any]) -> str:
    signed = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(claims)}"
    return f"{signed}.{_text(hmac.digest(rsa('first').as_pem(private=False), signed.encode(), 'sha256'))}"


def _by_somebody_else(claims: dict[str, Any]) -> str:
    stranger = jwk.RSAKey.generate_key(2048, {"kid": "first"})
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, stranger)


def _with_its_own_key_inside(claims: dict[str, Any]) -> str:
    stranger = jwk.RSAKey.generate_key(2048, {"kid": "own"})
    header = {"alg": "RS256", "kid": "own", "jwk": stranger.as_dict(private=False)}
    return jwt.encode(header, claims, stranger)


def _altered(claims: dict[str, Any]) -> str:
    head, _, sign = jwt.encode({"alg": "RS256", "kid": "first"}, claims, rsa("first")).split(".")
    return f"{head}.{_part(claims | {'email': 'ben@northwind.example'})}.{sign}"


@pytest.mark.parametrize(
    "signed",
    [
        _unsigned,
        _with_the_public_key_as_a_password,
        _by_somebody_else,
        _with_its_own_key_inside,
        _altered,
        lambda claims: "",
        lambda claims: "a.b.c",
        lambda claims: json.dumps(claims),
    ],
)
def test_S05_only_the_providers_own_signature_is_believed(
    provider: Provider, site: OpenIdProvider, signed: Callable[[dict[str, Any]], str]
) -> None:
    site.signed = signed
    assert "not signed with a key of theirs" in refusal(provider)


def test_elliptic_keys_are_as_good(provider: Provider, site: OpenIdProvider) -> None:
    site.keys, site.algorithm = [elliptic("curve")], "ES256"
    assert fetched(provider, allowed(provider)).email == ADA


@pytest.mark.parametrize(
    "foreign",
    [
        {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "new"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "off the curve"},
        {"kty": "RSA", "use": "sig", "kid": "broken"},
        {"kty": "RSA", "n": 7, "e": [], "kid": "numbers"},
        {"kty": "oct", "k": "AA", "kid": "secret"},
    ],
    ids=lambda one: one["kid"],
)
def test_a_key_that_we_cannot_read_hides_none_of_the_others(
    provider: Provider, site: OpenIdProvider, foreign: dict[str, Any]
) -> None:
    site.foreign = [foreign]
    assert fetched(provider, allowed(provider)).email == ADA


def test_a_key_that_was_changed_is_looked_for_once_and_the_old_one_no_longer_counts(
    provider: Provider, site: OpenIdProvider, clock: Clock
) -> None:
    assert fetched(provider, allowed(provider))
    site.keys = [rsa("second")]
    clock.now += KEYS_REST
    assert fetched(provider, allowed(provider)).email == ADA
    site.signed = lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, rsa("first"))
    assert "not signed with a key of theirs" in refusal(provider)


def test_forged_key_names_do_not_make_us_ask_again_and_again(
    provider: Provider, site: OpenIdProvider
) -> None:
    assert fetched(provider, allowed(provider))
    site.signed = lambda claims: jwt.encode({"alg": "RS256", "kid": "forged"}, claims, rsa("forged"))
    for _ in range(5):
        refusal(provider)
    assert site.counts["GET /keys"] == 1


def test_S05_a_code_is_worth_something_once_and_to_who_asked_alone(provider: Provider) -> None:
    said = allowed(provider)
    assert fetched(provider, said)
    with pytest.raises(Refused, match="used before"):
        fetched(provider, said)
    assert "used before" in refusal(provider, verifier="x" * 43)
    assert "answers somebody else" in refusal(provider, nonce="another")


@pytest.mark.parametrize("issuer", [None, "https://evil.example"])
def test_S05_an_answer_of_another_provider_is_mixed_up(provider: Provider, issuer: str | None) -> None:
    with pytest.raises(Refused, match="another provider answered"):
        provider.answer(allowed(provider)["code"], BACK, NONCE, VERIFIER, issuer)


def test_an_address_that_was_not_verified_is_none(site: OpenIdProvider, clock: Clock) -> None:
    site.unverified.add(ADA)
    for vouches in (False, True):
        provider = known_as(site, clock, vouches=vouches)
        assert fetched(provider, allowed(provider)).email is None


def test_a_provider_that_is_vouched_for_may_leave_out_what_it_verified(
    site: OpenIdProvider, clock: Clock
) -> None:
    site.lies = {"email_verified": None}
    for vouches, email in ((False, None), (True, ADA)):
        provider = known_as(site, clock, vouches=vouches)
        assert fetched(provider, allowed(provider)).email == email


@pytest.mark.parametrize(
    ("says", "word"),
    [
        ({"issuer": "https://evil.example"}, "another issuer"),
        ({"token_endpoint": None}, "not what OpenID Connect asks for"),
    ],
)
def test_a_provider_that_says_something_strange_of_itself_signs_nobody_in(
    provider: Provider, site: OpenIdProvider, says: dict[str, Any], word: str
) -> None:
    site.says = says
    with pytest.raises(Refused, match=word) as refused:
        provider.question(BACK, "s", NONCE, VERIFIER)
    assert refused.value.whose == "connection"


@pytest.mark.parametrize(
    "says",
    [
        {"jwks_uri": "http://169.254.169.254/keys"},
        {"end_session_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "http://elsewhere.example/"},
    ],
)
def test_S10_what_a_provider_names_is_never_asked_inside_our_own_network_nor_run(
    provider: Provider, site: OpenIdProvider, says: dict[str, str]
) -> None:
    site.says = says
    with pytest.raises(Refused):
        provider.metadata()


def test_a_wrong_secret_is_the_administrators_to_repair(site: OpenIdProvider, clock: Clock) -> None:
    provider = known_as(site, clock, secret=SecretStr("wrong"))
    with pytest.raises(Refused, match="registration") as refused:
        fetched(provider, allowed(provider))
    assert refused.value.whose == "connection" and "wrong" not in str(refused.value)


def test_a_provider_that_is_away_says_later(site: OpenIdProvider, clock: Clock) -> None:
    provider = known_as(site, clock)
    site.faults.script("GET /.well-known/openid-configuration", "503")
    with pytest.raises(Fault) as away:
        provider.metadata()
    assert isinstance(away.value, Unavailable)
    assert provider.metadata().issuer == site.url


def test_what_it_says_of_itself_is_asked_anew_after_an_hour(
    provider: Provider, site: OpenIdProvider, clock: Clock
) -> None:
    for _ in range(3):
        provider.metadata()
    clock.now += STANDS
    provider.metadata()
    assert site.counts["GET /.well-known/openid-configuration"] == 2
