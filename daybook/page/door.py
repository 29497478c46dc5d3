"""How a token or a session opens a page: for one purpose and one person, few wrong ones a minute.

Unknown, expired and misplaced tokens get the same answer, to the byte (S-04).

An address holds one of three things in the same place:

    a token    as a mail has it; its first form begins a session, and goes there before it does anything
    a name     of that session, in place of the token: it says nothing without the cookie beside it
    `me`       whoever signed in with this browser

Every form carries a proof that it is of a page of ours (S-05). Looking begins no session (S-01).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2s
from itertools import zip_longest
from typing import Any, Literal, Protocol

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.visibility import Matter, opens
from daybook import choosing, delegates, links
from daybook.delegates import Grant
from daybook.house import House, Member
from daybook.links import ME, Purpose
from daybook.page import words
from daybook.page.cookies import Cookies
from daybook.page.guesses import Guesses
from daybook.page.proofs import KEPT, by_session, is_ours, leave_token, proof
from daybook.page.render import PROOF, page, plain, written
from daybook.store.links import Link
from daybook.store.unit import Unit

BEGINNING = 13
"""Characters of a token's beginning: those of its store, and eight that nobody meets by chance."""
MOST_FIELDS = 5_000
OPEN_FOR = 12 * 60 * 60
"""Seconds after which a page was left open, and how long its form took says nothing."""
FROM_A_FILE, FROM_A_SERVER = 1, 4
"""Pages made at once. That is work for the interpreter, which does one thing at a time: two that take turns
are both late. While a server of a database answers, there is time for another."""
LONGEST_NUMBER = 10
"""Digits of a revision; more were never given out, and Python refuses to read 4,300 of them."""


@dataclass(frozen=True)
class Visit:
    """One request of somebody whose token opened the door."""

    house: House
    link: Link
    token: str
    """As the address has it: the token itself, the name of a session, or `me`."""
    who: Member
    """Whose things these are."""
    by: Grant | None
    """By which somebody else came in; None: it is themselves."""
    query: Mapping[str, str]
    form: FormData = field(default_factory=FormData)
    cookies: Mapping[str, str] = field(default_factory=dict)
    came_by: Literal["token", "session", "me"] = "token"
    """A token, a session that began with one, or one of whoever signed in."""
    proof: str = ""
    """What its forms must bring back; empty where the address is proof enough."""

    @property
    def here(self) -> str:
        """The path of what their link opens."""
        return f"/{self.link.purpose}/{self.token}"

    @property
    def by_token(self) -> bool:
        """Whether a token stands in the address that a session can take the place of."""
        return self.came_by == "token" and self.link.purpose in KEPT

    @property
    def whose(self) -> str:
        """Tells who looks at whose things from anybody else, and says neither."""
        seen = f"{self.who.id} {self.by.delegate.id if self.by else ''}"
        return blake2s(seen.encode(), digest_size=8).hexdigest()

    @property
    def hand(self) -> dict[str, Any]:
        """Who does it in their place, where somebody does: drafts keep that."""
        return {"by": self.by.delegate.person.name} if self.by else {}

    def stated(self, name: str) -> str:
        """A field of the form as text; empty where it was left out."""
        value = self.form.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """A field that a form repeats."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    @property
    def named(self) -> Iterator[tuple[str, int]]:
        """The drafts a form names, each with the revision its reader saw."""
        for name, revision in zip_longest(self.all("draft"), self.all("revision"), fillvalue=""):
            yield name, int(revision) if revision.isdecimal() and len(revision) < LONGEST_NUMBER else -1

    def back(self, said: str, count: int = 1, anchor: str = "", at: str = "", **query: Any) -> Response:
        """Go back to what the link shows, with a word on what was done; nothing of the day is in it.

        Takes    at: a page below it
        """
        asked = {name: value for name, value in query.items() if value is not None}
        words_said = "&".join(
            f"{name}={value}" for name, value in (asked | {"said": said, "n": count}).items()
        )
        return RedirectResponse(f"{self.here}{at}?{words_said}{anchor and '#'}{anchor}", 303)

    @property
    def opened(self) -> datetime | None:
        """When the page was made whose form this is: so nothing needs to note who looks when (P-12)."""
        stated, now = self.stated("opened"), self.house.clock()
        seconds = int(stated) if stated.isdecimal() and len(stated) <= LONGEST_NUMBER else 0
        return datetime.fromtimestamp(seconds, UTC) if 0 <= now.timestamp() - seconds < OPEN_FOR else None

    @property
    def said(self) -> str:
        """The sentence about what was just done, if something was."""
        count = self.query.get("n", "1")
        hold = self.house.configuration.posting.hold
        return words.said(self.query.get("said", ""), int(count[:4]) if count.isdecimal() else 1, hold)

    def show(self, template: str, status: int = 200, **shown: Any) -> Response:
        """A page about their own things, with the policy that holds on it."""
        return page(
            template,
            status,
            proof=self.proof,
            here=self.here,
            signed_in=self.came_by == "me",
            name=self.who.person.name,
            whose=self.whose,
            organisation=self.house.configuration.organisation,
            policy=self.house.policy,
            version=self.house.policy_version,
            since=self.house.policy_since,
            chooses=bool(choosing.offering(self.house)),
            opened=int(self.house.clock().timestamp()),
            short=words.SHORT if self.house.store.shortage() else "",
            stated=self.stated,
            **shown,
        )


Answer = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class To(Protocol):
    """Makes an endpoint of an answer: `Door.to`."""

    def __call__(
        self, purpose: Purpose, answer: Answer, *matters: Matter, afar: bool = False
    ) -> Endpoint: ...


class Door:
    """Opens pages to those who hold a token or a session."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._cookies = Cookies(house)
        self._addresses, self._beginnings = Guesses(), Guesses()
        self._turn = CapacityLimiter(FROM_A_SERVER if house.store.is_shared else FROM_A_FILE)

    def to(self, purpose: Purpose, answer: Answer, *matters: Matter, afar: bool = False) -> Endpoint:
        """An endpoint that gives what its holder sees; the store waits in a thread, not the others.

        Takes    matters: what of its contributor is on the page, and what it is for; whoever may not see
                 and do all of that finds it closed (P1)
                 afar: a tool is asked for what is on it, or months are opened, and nobody else's page waits
        """
        allowed = opens(links.HOLDERS[purpose], matters)

        async def endpoint(request: Request) -> Response:
            if not allowed:
                return closed()
            if request.method != "POST":
                request.state.form = FormData()
                turn = None if afar else self._turn
                return await run_sync(self._looked, purpose, answer, request, limiter=turn)
            request.state.form = await request.form(max_files=0, max_fields=MOST_FIELDS)
            return await run_in_threadpool(self._acted, purpose, answer, request)

        return endpoint

    def _looked(self, purpose: Purpose, answer: Answer, request: Request) -> Response:
        found = self._opened(purpose, request)
        return found if isinstance(found, Response) else answer(found)

    def _acted(self, purpose: Purpose, answer: Answer, request: Request) -> Response:
        """What came of a form, if it is one of a page of ours."""
        visit = self._opened(purpose, request)
        if isinstance(visit, Response):
            return visit
        said = visit.stated(PROOF)
        # RFC 8058: a mail program sends a form of its own, keeps no cookie and goes nowhere else
        by_program = visit.link.purpose == "less" and visit.by_token and not said
        if visit.proof and not by_program and not is_ours(self._house, said, visit.proof, visit.link):
            return plain(403, words.NO_PROOF, form=visit.form)
        leads_on = visit.by_token and not by_program
        # 307: the browser sends the same form again, there
        response = RedirectResponse(request.url.path, 307) if leads_on else answer(visit)
        if isinstance(response, RedirectResponse):
            leave_token(self._house, self._cookies, response)
        return response

    def _opened(self, purpose: Purpose, request: Request) -> Visit | Response:
        shown, now = request.path_params["token"], self._house.clock()
        address = request.client.host if request.client else ""
        if self._addresses.too_many(address, now) or self._beginnings.too_many(shown[:BEGINNING], now):
            return too_many()
        kept = by_session(shown)
        secret = self._shown(request, shown) if kept else ""
        if kept and not secret:
            return self._nobody(shown, request)
        with self._house.store.reading() as tx:
            link = self._link(tx, purpose, shown, secret) if secret else links.behind(tx, purpose, shown, now)
            who = self._house.member(tx, link.contributor) if link else None
            by = delegates.holder(self._house, tx, who, link) if link and who and link.delegate else None
        if link is None or who is None or (link.delegate and by is None):
            self._addresses.wrong(address, now)
            if kept:
                return self._nobody(shown, request)
            self._beginnings.wrong(shown[:BEGINNING], now)
            return closed()
        if self._house.sign_in_required and purpose != "less" and not self._is_here(request, by, who):
            return self._stranger(request)
        return Visit(
            self._house,
            link,
            shown,
            who,
            by,
            request.query_params,
            request.state.form,
            request.cookies,
            came_by="me" if shown == ME else "session" if kept else "token",
            proof=proof(secret) if secret else shown if purpose in KEPT else "",
        )

    def _link(self, tx: Unit, purpose: Purpose, shown: str, secret: str) -> Link | None:
        """What this browser may open: what its link does, or what is theirs who signed in."""
        now = self._house.clock()
        session = tx.sessions.find(secret, now)
        if session is None or (session.link is None) != (shown == ME):
            return None  # a cookie is in the hands of its browser, also under another name
        if session.link is not None:
            return links.fitting(tx.links.marked(session.link, now), purpose)
        return links.signed_in(self._house, tx, session, purpose)

    def _shown(self, request: Request, name: str) -> str:
        return request.cookies.get(self._cookies.name(name), "")

    def _is_here(self, request: Request, by: Grant | None, who: Member) -> bool:
        """Whether it is signed in with this browser whom the link was for."""
        with self._house.store.reading() as tx:
            session = tx.sessions.find(self._shown(request, ME), self._house.clock())
        holder = by.delegate if by else who
        return session is not None and session.link is None and session.contributor == holder.id

    def _nobody(self, shown: str, request: Request) -> Response:
        """For an address of a session, without one."""
        if shown == ME:
            return self._stranger(request) if self._house.provider else closed()
        return _arriving(request) or plain(404, words.SESSION_OVER, form=request.state.form)

    def _stranger(self, request: Request) -> Response:
        """For a page that is shown to whoever signed in."""
        page_of_theirs = "/".join(request.url.path.split("/")[:3])
        return _arriving(request) or sign_in_page(
            self._house, page_of_theirs, status=403, form=request.state.form
        )


def _arriving(request: Request) -> Response | None:
    """From another site no strict cookie comes along; from a page of ours, opened in between, it does."""
    elsewhere = request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET"
    return page("arriving.html", title=words.ARRIVING) if elsewhere else None


def sign_in_page(
    house: House, back: str, *, status: int, form: Mapping[str, object] | None = None
) -> Response:
    """The page with the button.

    Takes    back: where they go on once they signed in; form: as for `plain`
    """
    settings = house.configuration.page
    assert settings is not None and settings.sign_in is not None, "only where people can sign in"
    title, *sentences = words.sign_in(settings.sign_in.name, house.sign_in_required)
    shown: dict[str, Any] = {
        "title": title,
        "sentences": sentences,
        "back": back,
        "name": settings.sign_in.name,
    }
    return page("sign_in.html", status, written=written(form or {}), **shown)


def closed() -> Response:
    return plain(404, words.CLOSED)


def too_many() -> Response:
    response = plain(429, words.TOO_MANY)
    response.headers["Retry-After"] = "60"
    return response
