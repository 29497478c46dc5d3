"""A person in front of a stand-in's consent page, and an application that is none of ours."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from daybook.sandbox.visitor import Page

BACK = "https://daybook.example/back"
VERIFIER = "a-verifier-that-nobody-else-could-have-made-up"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def address(authorize: str, client: str, **params: str) -> str:
    asked = {"client_id": client, "redirect_uri": BACK, "response_type": "code", "state": "s&t=1"} | params
    return f"{authorize}?{urlencode({name: value for name, value in asked.items() if value})}"


def opened(url: str) -> requests.Response:
    return requests.get(url, timeout=60, allow_redirects=False)


def pressed(url: str, email: str, answer: str = "allow", **fields: Any) -> requests.Response:
    """Fill in the page's own form and press a button; not following to where it leads."""
    page = opened(url)
    form = Page(url, page.status_code, page.text).form("")
    assert form is not None, page.text
    filled = form.filled({"email": email, "answer": answer})
    for name, values in fields.items():
        filled = [pair for pair in filled if pair[0] != name] + [(name, value) for value in values]
    return requests.post(url, data=filled, timeout=60, allow_redirects=False)


def brought_back(answer: requests.Response) -> dict[str, str]:
    """What the browser brings to the application."""
    assert answer.status_code == 302, answer.text
    where = answer.headers["Location"]
    assert where.startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(where).query))
