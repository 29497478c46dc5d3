"""Lending an account: out to the tool that asks its owner, and back with the answer.

The way back is the one address where a look acts, because the tool sends people
there. It takes a state that is good once and the cookie of the browser that asked,
shows nothing itself, and goes on at once, so that no code stays in an address.
"""

from __future__ import annotations

import re
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.model import Verdict
from daybook import consenting
from daybook.house import House
from daybook.languages import _
from daybook.page import words
from daybook.page.cookies import Cookies
from daybook.page.door import Visit
from daybook.page.render import plain
from daybook.tools import called

AGAIN = "/connect/again"
ASKED = "asked"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Lending:
    """The two ends of the way, for one house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._cookies = Cookies(house)

    def out(self, visit: Visit) -> Response:
        """Off to the tool, by a page and not by a redirect: what forms may lead to is this site alone."""
        connection = visit.stated("connection")
        browser = visit.cookies.get(self._cookies.name(ASKED), "")
        if not TOKEN.fullmatch(browser):
            browser = secrets.token_urlsafe(32)
        back, drafts = visit.here, visit.stated("drafts") == "yes"
        there = consenting.ask(visit.house, visit.who, connection, back, browser, drafts)
        if isinstance(there, Verdict):
            return plain(422, (words.NOT_CONNECTED, _(there.reason)))
        response = visit.show(
            "going.html",
            title=words.GOING,
            there=there,
            called=called(visit.house, connection),
            may=words.may(visit.house.connectors[connection].abilities.posts, drafts),
        )
        self._cookies.give(response, ASKED, browser, consenting.LASTS, "lax")
        return response

    async def back(self, request: Request) -> Response:
        """What the tool's answer came to, on the page that asked."""
        said = request.query_params
        outcome = await run_in_threadpool(
            consenting.answer,
            self._house,
            request.path_params["connection"],
            said.get("state", ""),
            request.cookies.get(self._cookies.name(ASKED), ""),
            said.get("code", ""),
            said.get("error", ""),
        )
        if outcome is None:
            return RedirectResponse(AGAIN, 303)
        word = self._said(outcome, request.path_params["connection"])
        return RedirectResponse(f"{outcome.back}?said={word}", 303)

    def _said(self, outcome: consenting.Outcome, connection: str) -> str:
        """The word for it in words.SAID."""
        if not outcome.connected:
            return "not_lent"
        if outcome.drafts:
            return "shown"
        return "lent" if self._house.connectors[connection].abilities.posts else "lent_to_read"


def again(_: Request) -> Response:
    return plain(404, words.ASK_AGAIN)
