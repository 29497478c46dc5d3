"""What stands in an address in place of a token, and what shows that a form is of a page of ours.

A cookie comes along by itself, so every form carries a proof: of this session, or of the token that it began
with (S-05).
"""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from hmac import compare_digest

from starlette.responses import Response

from daybook import links
from daybook.house import House
from daybook.links import ME, Purpose
from daybook.page.cookies import Cookies
from daybook.store.links import Link

KEPT: tuple[Purpose, ...] = ("day", "confirm", "less", "invite", "own", "report", "rollout", "prepare")
"""Purposes whose token a session takes the place of; one for a delegate leads on to another."""
NAME = re.compile(r"[0-9a-f]{8}")
_TOKEN = re.compile(r"/(?P<purpose>[a-z]+)/(?P<token>[a-z0-9-]+)(?P<rest>.*)")


def by_session(shown: str) -> bool:
    """Whether what stands in an address needs a cookie beside it."""
    return shown == ME or NAME.fullmatch(shown) is not None


def proof(secret: str) -> str:
    """What shows that a form is of a page of this session: without the cookie nobody can tell it."""
    return sha256(f"form {secret}".encode()).hexdigest()


def is_ours(house: House, said: str, proof: str, link: Link) -> bool:
    """Whether a form is of a page with this proof, or of the token that its session stands for."""
    if compare_digest(proof.encode(), said.encode()):
        return True
    with house.store.reading() as tx:
        of_token = tx.links.find(said, house.clock())
    return of_token is not None and compare_digest(of_token.token, link.token)


def leave_token(house: House, cookies: Cookies, response: Response) -> None:
    """Where a form leads on to a token's address, this browser gets a session in its place (S-04)."""
    found, now = _TOKEN.match(response.headers["location"]), house.clock()
    if found is None or found["purpose"] not in KEPT or by_session(found["token"]):
        return
    with house.store.writing() as tx:
        link = tx.links.find(found["token"], now)
        if link is None:
            return
        secret = tx.sessions.begin(link.contributor, now, now + links.SESSION, found["token"])
    name = secrets.token_hex(4)
    response.headers["location"] = f"/{found['purpose']}/{name}{found['rest']}"
    cookies.give(response, name, secret, links.SESSION)
