"""A provider that nobody here wrote signs somebody in, by all that its own standard asks of us."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests
from pydantic import SecretStr

from connectors.contract import Refused
from connectors.manners import Manners
from connectors.openid import Provider, Registration, Somebody
from daybook.sandbox.visitor import Page
from tests.connectors.consenting import BACK, VERIFIER
from tests.foreign.conftest import HERE, Strange

LONG = 60
"""Seconds on a busy machine."""
SECRET = "a+secret/with:what=needs%quoting"


@pytest.fixture
def issuer(node: Strange) -> Iterator[str]:
    environment = {"PATH": os.environ["PATH"], "CLIENT_ID": "daybook", "CLIENT_SECRET": SECRET, "BACK": BACK}
    with subprocess.Popen(
        ["node", HERE / "openid_provider.mjs"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdout is not None
        yield json.loads(running.stdout.readline())["issuer"]
        running.terminate()


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as browser:
        browser.trust_env = False
        yield browser


def brought_back(browser: requests.Session, address: str, name: str) -> dict[str, str]:
    """Go through its own pages as somebody with a browser; gives what is brought back to us."""
    answer = browser.get(address, timeout=LONG, allow_redirects=False)
    for _ in range(20):
        while answer.is_redirect:
            there = urljoin(answer.url, answer.headers["Location"])
            if there.startswith(BACK):
                return dict(parse_qsl(urlsplit(there).query))
            answer = browser.get(there, timeout=LONG, allow_redirects=False)
        (form, *_) = Page(answer.url, answer.status_code, answer.text).forms
        said = form.filled({"login": name, "password": "any"})
        there = urljoin(answer.url, form.action)
        answer = browser.post(there, data=said, timeout=LONG, allow_redirects=False)
    raise AssertionError("it never let us go")


def test_a_certified_provider_signs_ada_in_and_a_code_counts_once(
    issuer: str, browser: requests.Session
) -> None:
    us = Registration(name="Provider", issuer=issuer, client="daybook", secret=SecretStr(SECRET))
    provider = Provider(us, lambda: datetime.now(UTC), Manners())
    said = brought_back(browser, provider.question(BACK, "state", "nonce", VERIFIER), "ada")
    assert (said["state"], said["iss"]) == ("state", issuer)
    answer = (said["code"], BACK, "nonce", VERIFIER, said["iss"])
    assert provider.answer(*answer) == Somebody(issuer=issuer, subject="ada", email="ada@northwind.example")
    with pytest.raises(Refused, match="used before"):
        provider.answer(*answer)


def test_a_certified_provider_refuses_another_verifier_and_we_another_nonce(
    issuer: str, browser: requests.Session
) -> None:
    us = Registration(name="Provider", issuer=issuer, client="daybook", secret=SecretStr(SECRET))
    provider = Provider(us, lambda: datetime.now(UTC), Manners())
    for nonce, verifier, word in (("nonce", "x" * 43, "used before"), ("other", VERIFIER, "somebody else")):
        said = brought_back(browser, provider.question(BACK, "state", "nonce", VERIFIER), "ada")
        with pytest.raises(Refused, match=word):
            provider.answer(said["code"], BACK, nonce, verifier, said["iss"])


def test_a_certified_provider_signs_ada_out_where_we_send_her(issuer: str, browser: requests.Session) -> None:
    """Once signed in, it asks nothing the next time; once signed out, it asks who she is."""
    us = Registration(name="Provider", issuer=issuer, client="daybook", secret=SecretStr(SECRET))
    provider = Provider(us, lambda: datetime.now(UTC), Manners())
    question = provider.question(BACK, "state", "nonce", VERIFIER)
    brought_back(browser, question, "ada")
    assert browser.get(question, timeout=LONG, allow_redirects=False).headers["Location"].startswith(BACK)
    there = provider.farewell()
    assert there is not None
    asks = browser.get(there, timeout=LONG)
    (form,) = Page(asks.url, asks.status_code, asks.text).forms
    done = browser.post(urljoin(asks.url, form.action), data=form.filled({"logout": "yes"}), timeout=LONG)
    assert (asks.status_code, done.status_code) == (200, 200)
    assert not browser.get(question, timeout=LONG, allow_redirects=False).headers["Location"].startswith(BACK)
