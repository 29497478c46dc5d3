"""Signing in at the organisation's provider: out to it, back with its answer, and out again for good.

Nothing is kept here while the browser is away: what it asked with is made of one random cookie, so an
answer fits the browser that asked, and no other (login fixation). As in lending, the way back is an address
where a look acts; it takes an answer that the provider gives once, and goes on to an address without it.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connectors.contract import Fault, Refused
from daybook.house import House
from daybook.links import ME, SESSION
from daybook.page import words
from daybook.page.cookies import Cookies, emptied
from daybook.page.door import sign_in_page, too_many
from daybook.page.guesses import Guesses
from daybook.page.proofs import proof
from daybook.page.render import PROOF, page, plain
from daybook.signing_in import SignedIn, sign_in

if TYPE_CHECKING:
    from connectors.openid import Provider

log = structlog.get_logger()

HERE = "/sign-in"
BACK = f"{HERE}/back"
OUT = "/sign-out"
AWAY = timedelta(minutes=10)
"""How long an answer may take."""
ASKED = "sign-in"
"""The cookie of a browser that is away: what it asked with, when, and where it wants to go on."""
PLACE = re.compile(r"/(day|own|report|rollout|invite|delegate|prepare|confirm)/[a-z0-9-]+")
"""Pages of ours; nobody is sent anywhere else."""
FIRST = f"/day/{ME}"
MOST_FIELDS = 5


class SigningIn:
    """All of the way, for one house."""

    def __init__(self, house: House, provider: Provider) -> None:
        self._house, self._provider = house, provider
        self._cookies, self._guesses = Cookies(house), Guesses()
        page_ = house.configuration.page
        assert page_ is not None, "who signs in does so on a page"
        self._redirect = f"{page_.url}{BACK}"

    def show(self, _: Request) -> Response:
        return sign_in_page(self._house, FIRST, status=200)

    async def out(self, request: Request) -> Response:
        """Off to the provider, by a page: what forms may lead to is this site alone."""
        form = await request.form(max_files=0, max_fields=MOST_FIELDS)
        place = str(form.get("back", ""))
        return await run_in_threadpool(self._out, request, place if PLACE.fullmatch(place) else FIRST)

    def _out(self, request: Request, place: str) -> Response:
        with self._house.store.reading() as tx:
            session = tx.sessions.find(request.cookies.get(self._cookies.name(ME), ""), self._house.clock())
        if session is not None and session.link is None:
            return RedirectResponse(place, 303)
        begun = int(self._house.clock().timestamp())
        asked = f"{secrets.token_urlsafe(32)}.{begun}.{place[1:].replace('/', '.')}"
        try:
            there = self._provider.question(
                self._redirect, _made("state", asked), _made("nonce", asked), _made("verifier", asked)
            )
        except Fault as fault:
            return self._failed(fault)
        response = page(
            "signing_in.html", title=words.GOING, there=there, name=self._provider.registration.name
        )
        self._cookies.give(response, ASKED, asked, AWAY, "lax")
        return response

    async def back(self, request: Request) -> Response:
        """What the provider's answer came to."""
        return await run_in_threadpool(self._back, request)

    def _back(self, request: Request) -> Response:
        now, said = self._house.clock(), request.query_params
        address = request.client.host if request.client else ""
        if self._guesses.too_many(address, now):
            return too_many()
        asked = request.cookies.get(self._cookies.name(ASKED), "")
        place = self._place(asked)
        if not place or not compare_digest(_made("state", asked).encode(), said.get("state", "").encode()):
            self._guesses.wrong(address, now)
            return plain(403, words.NOT_ASKED)
        response = self._answered(request, asked, place)
        self._cookies.drop(response, ASKED)
        return response

    def _answered(self, request: Request, asked: str, place: str) -> Response:
        said, name = request.query_params, self._provider.registration.name
        if "error" in said:
            return plain(403, words.not_signed_in(words.SIGN_IN_DENIED.format(name=name)))
        try:
            somebody = self._provider.answer(
                said.get("code", ""),
                self._redirect,
                _made("nonce", asked),
                _made("verifier", asked),
                said.get("iss"),
            )
        except Fault as fault:
            return self._failed(fault)
        signed_in = sign_in(self._house, somebody, name)
        if not isinstance(signed_in, SignedIn):
            return plain(403, words.not_signed_in(signed_in.reason))
        with self._house.store.writing() as tx:
            tx.sessions.drop(request.cookies.get(self._cookies.name(ME), ""))
        response = RedirectResponse(place, 303)
        self._cookies.give(response, ME, signed_in.secret, SESSION)
        return response

    def _place(self, asked: str) -> str:
        """Where a browser that asked in time wants to go on; empty where it did not."""
        _, begun, place = (*asked.split(".", 2), "", "")[:3] if asked.count(".") >= 2 else ("", "", "")
        late = (
            not begun.isdecimal()
            or not 0 <= self._house.clock().timestamp() - int(begun) < AWAY.total_seconds()
        )
        return "" if late else f"/{place.replace('.', '/')}"

    def _failed(self, fault: Fault) -> Response:
        """In words for who wanted in; why, is for the administrator."""
        log.warning("provider.failed", reason=str(fault))
        name = self._provider.registration.name
        if isinstance(fault, Refused) and fault.whose == "account":
            return plain(403, words.not_signed_in(words.NOT_BELIEVED.format(name=name)))
        return plain(503, words.provider_away(name, self._house.sign_in_required))

    async def end(self, request: Request) -> Response:
        """Signed out, in this browser or in all of theirs."""
        form = await request.form(max_files=0, max_fields=MOST_FIELDS)
        everywhere, said = form.get("everywhere") == "yes", str(form.get(PROOF, ""))
        return await run_in_threadpool(self._end, request, said, everywhere)

    def _end(self, request: Request, said: str, everywhere: bool) -> Response:
        secret = request.cookies.get(self._cookies.name(ME), "")
        with self._house.store.writing() as tx:
            session = tx.sessions.find(secret, self._house.clock())
            if not compare_digest(proof(secret).encode(), said.encode()):
                refused = plain(403, words.NO_PROOF)
                return refused if session is not None else emptied(refused)
            if session is not None and everywhere:
                tx.sessions.end(session.contributor)
            tx.sessions.drop(secret)
        name = self._provider.registration.name
        response = plain(200, words.signed_out(name), there=self._farewell(), name=name)
        self._cookies.drop(response, ME)
        return emptied(response)

    def _farewell(self) -> str | None:
        """Where they sign out there too; signed out here they are also while the provider is away."""
        try:
            return self._provider.farewell()
        except Fault:
            return None


def _made(what: str, asked: str) -> str:
    """A secret of this browser's own question: nobody without its cookie can tell it."""
    return sha256(f"{what} {asked}".encode()).hexdigest()
