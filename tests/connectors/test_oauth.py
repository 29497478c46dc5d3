"""What we send to an authorization server, and what we make of each answer it can give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from pydantic import SecretStr

from connectors.contract import Authorization, Fault, Paced, Refused, Unavailable
from connectors.manners import Manners
from connectors.oauth import Tokens, WebAuthority, challenge, lacking, question

TOKEN, REVOKE = "https://auth.tool.example/token", "https://auth.tool.example/revoke"
AUTHORIZATION = Authorization(
    authorize="https://auth.tool.example/authorize?tenant=1",
    token=TOKEN,
    revoke=REVOKE,
    client="daybook",
    secret=SecretStr("app-s3cret"),
    scopes=("read:me", "write:time", "offline_access"),
    extras={"audience": "api.tool.example", "prompt": "consent"},
)
BACK = "https://daybook.example/connect/tool/back"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {"access_token": "acc3ss", "token_type": "bearer", "expires_in": 3600}


@pytest.fixture
def authority() -> WebAuthority:
    return WebAuthority("Tool", AUTHORIZATION, lambda: NOW, Manners())


def sent(number: int = 0) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(responses.calls[number].request.body.decode()).items()}


def test_the_challenge_is_the_one_of_rfc_7636_appendix_b() -> None:
    assert challenge(AUTHORIZATION, VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_question_carries_all_it_needs_and_neither_secret_nor_verifier() -> None:
    there = question(AUTHORIZATION, BACK, "st4te", VERIFIER)
    assert {name: value for name, (value,) in parse_qs(urlsplit(there).query).items()} == {
        "tenant": "1",
        "response_type": "code",
        "client_id": "daybook",
        "redirect_uri": BACK,
        "scope": "read:me write:time offline_access",
        "state": "st4te",
        "code_challenge": challenge(AUTHORIZATION, VERIFIER),
        "code_challenge_method": "S256",
        "audience": "api.tool.example",
        "prompt": "consent",
    }
    assert VERIFIER not in there and "s3cret" not in there


@responses.activate
def test_a_code_is_exchanged_once_with_its_verifier_and_address(authority: WebAuthority) -> None:
    responses.post(TOKEN, json=GOOD | {"refresh_token": "r3fresh", "scope": "read:me write:time"})
    tokens = authority.exchange("c0de", VERIFIER, BACK)
    assert sent() == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "code_verifier": VERIFIER,
        "redirect_uri": BACK,
        "client_id": "daybook",
        "client_secret": "app-s3cret",
    }
    assert tokens.refresh and tokens.refresh.get_secret_value() == "r3fresh"
    assert tokens.expires_at == NOW + timedelta(hours=1)
    assert tokens.scopes == ("read:me", "write:time")
    assert lacking(AUTHORIZATION, tokens) == ()
    assert "acc3ss" not in repr(tokens) and "r3fresh" not in repr(tokens)


@responses.activate
def test_a_public_client_sends_no_secret_and_a_refresh_no_scope(authority: WebAuthority) -> None:
    responses.post(TOKEN, json=GOOD)
    public = AUTHORIZATION.model_copy(update={"secret": None})
    tokens = WebAuthority("Tool", public, lambda: NOW, Manners()).refresh(SecretStr("r3fresh"))
    assert sent() == {"grant_type": "refresh_token", "refresh_token": "r3fresh", "client_id": "daybook"}
    assert tokens.refresh is None


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (None, ()),
        (("read:me", "write:time"), ()),
        (("read:me", "offline_access", "more"), ("write:time",)),
        ((), ("read:me", "write:time")),
    ],
)
def test_what_was_not_granted_is_known(scopes: tuple[str, ...] | None, missing: tuple[str, ...]) -> None:
    tokens = Tokens(access=SecretStr("a"), expires_at=NOW, scopes=scopes)
    assert lacking(AUTHORIZATION, tokens) == missing


@responses.activate
@pytest.mark.parametrize(
    ("said", "lasts"),
    [
        (3599, timedelta(seconds=3599)),
        ("3599", timedelta(seconds=3599)),
        (None, timedelta(minutes=5)),
        (-5, timedelta(0)),
        (10**12, timedelta(days=1)),
    ],
)
def test_a_life_that_is_odd_is_taken_with_care(authority: WebAuthority, said: Any, lasts: timedelta) -> None:
    responses.post(TOKEN, json=GOOD | {"expires_in": said})
    assert authority.refresh(SecretStr("r")).expires_at == NOW + lasts


@responses.activate
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<html>Log in</html>"),
        (200, '{"access_token": "acc'),
        (200, ""),
        (200, "[]"),
        (200, "null"),
        (200, '{"token_type": "bearer"}'),
        (200, '{"access_token": 7}'),
        (200, '{"access_token": null, "token_type": "bearer"}'),
        (200, '{"access_token": "a", "scope": {"x": 1}}'),
        (200, '{"error": "invalid_grant"}'),
        (200, "access_token=a&token_type=bearer"),
        (302, ""),
        (408, ""),
        (500, "oops"),
        (503, "<html>"),
    ],
)
def test_what_holds_no_token_is_no_token_and_asked_for_once(
    authority: WebAuthority, status: int, body: str
) -> None:
    responses.post(TOKEN, body=body, status=status, headers={"Location": "https://evil.example/"})
    with pytest.raises(Unavailable):
        authority.refresh(SecretStr("r"))
    assert len(responses.calls) == 1


@responses.activate
def test_a_tool_that_is_too_busy_says_for_how_long(authority: WebAuthority) -> None:
    responses.post(TOKEN, status=429, headers={"Retry-After": "7"})
    with pytest.raises(Paced) as caught:
        authority.refresh(SecretStr("r"))
    assert caught.value.wait == timedelta(seconds=7)


@responses.activate
@pytest.mark.parametrize(
    ("status", "body", "whose"),
    [
        (400, {"error": "invalid_grant"}, "account"),
        (
            403,
            {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."},
            "account",
        ),
        # Atlassian
        (403, {"error": "unauthorized_client", "error_description": "refresh_token is invalid"}, "account"),
        (400, {"error": "invalid_request", "error_description": "authorization_code is invalid"}, "account"),
        (401, {"error": "invalid_client"}, "connection"),
        (400, {"error": "unauthorized_client"}, "connection"),
        (400, {"error": "redirect_uri_mismatch"}, "connection"),
        (401, {"error": "access_denied", "error_description": "Unauthorized"}, "connection"),
        (404, {"error": {"code": 404}}, "connection"),
        (400, [], "connection"),
    ],
)
def test_R08_a_no_says_who_must_act(authority: WebAuthority, status: int, body: Any, whose: str) -> None:
    responses.post(TOKEN, json=body, status=status)
    with pytest.raises(Refused) as caught:
        authority.refresh(SecretStr("r3fresh"))
    assert caught.value.whose == whose
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("minutes", [-90, -1, 0, 1, 90])
def test_R08_a_clock_that_is_seen_to_be_wrong_is_named_first(authority: WebAuthority, minutes: int) -> None:
    date = format_datetime(NOW + timedelta(minutes=minutes), usegmt=True)
    responses.post(TOKEN, json={"error": "invalid_grant"}, status=400, headers={"Date": date})
    with pytest.raises(Refused) as caught:
        authority.refresh(SecretStr("r"))
    said = str(caught.value)
    assert "clock" in said
    assert ("90 minutes behind" in said, "90 minutes ahead" in said) == (minutes == 90, minutes == -90)


@responses.activate
def test_I9_no_fault_quotes_what_was_sent(authority: WebAuthority) -> None:
    echoed = {"error": "r3fresh", "error_description": "app-s3cret c0de r3fresh " + VERIFIER}
    responses.post(TOKEN, json=echoed, status=400)
    responses.post(REVOKE, json=echoed, status=400)
    said = ""
    for call in (
        lambda: authority.refresh(SecretStr("r3fresh")),
        lambda: authority.exchange("c0de", VERIFIER, BACK),
        lambda: authority.revoke(SecretStr("r3fresh")),
    ):
        with pytest.raises(Fault) as caught:
            call()
        said += str(caught.value)
    assert not [secret for secret in ("r3fresh", "s3cret", "c0de", VERIFIER) if secret in said]


@responses.activate
@pytest.mark.parametrize(("status", "body"), [(200, ""), (200, "{}"), (400, '{"error": "invalid_token"}')])
def test_P10_what_is_gone_already_is_given_back(authority: WebAuthority, status: int, body: str) -> None:
    responses.post(REVOKE, body=body, status=status)
    authority.revoke(SecretStr("r3fresh"))
    assert sent() == {"token": "r3fresh", "client_id": "daybook", "client_secret": "app-s3cret"}


@responses.activate
@pytest.mark.parametrize("status", [500, 503, 401, 404])
def test_P10_what_was_not_heard_is_not_given_back(authority: WebAuthority, status: int) -> None:
    responses.post(REVOKE, status=status)
    with pytest.raises(Fault):
        authority.revoke(SecretStr("r3fresh"))


def test_S10_an_authority_at_an_inner_address_is_not_spoken_to() -> None:
    inner = AUTHORIZATION.model_copy(update={"token": "https://169.254.169.254/token"})
    with pytest.raises(Refused):
        WebAuthority("Tool", inner, lambda: NOW, Manners()).refresh(SecretStr("r"))
