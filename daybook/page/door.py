"""How a token opens a page: for one purpose, for one person, and only so many wrong ones a minute.

Unknown, expired and misplaced tokens get the same answer, to the byte (S-04).
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.visibility import Matter, opens
from daybook import choosing, delegates, links
from daybook.delegates import Grant
from daybook.house import House, Member
from daybook.links import Purpose
from daybook.page import words
from daybook.page.render import page, plain
from daybook.store.links import Link

MOST_WRONG = 20
"""Wrong tokens from one address within a minute."""
MOST_ADDRESSES = 10_000
MOST_FIELDS = 5_000
OPEN_FOR = 12 * 60 * 60
"""Seconds after which a page was left open, and how long its form took says nothing."""
A_MINUTE = timedelta(minutes=1)
LONGEST_NUMBER = 10
"""Digits of a revision; more were never given out, and Python refuses to read 4,300 of them."""


@dataclass(frozen=True)
class Visit:
    """One request of somebody whose token opened the door."""

    house: House
    link: Link
    token: str
    who: Member
    """Whose things these are."""
    by: Grant | None
    """By which somebody else came in; None: it is themselves."""
    query: Mapping[str, str]
    form: FormData = field(default_factory=FormData)
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def here(self) -> str:
        """The path of what their link opens."""
        return f"/{self.link.purpose}/{self.token}"

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
            here=self.here,
            name=self.who.person.name,
            organisation=self.house.configuration.organisation,
            policy=self.house.policy,
            version=self.house.policy_version,
            since=self.house.policy_since,
            chooses=bool(choosing.offering(self.house)),
            opened=int(self.house.clock().timestamp()),
            short=words.SHORT if self.house.store.shortage() else "",
            **shown,
        )


Answer = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class To(Protocol):
    """Makes an endpoint of an answer: `Door.to`."""

    def __call__(self, purpose: Purpose, answer: Answer, *matters: Matter) -> Endpoint: ...


class Guesses:
    """Counts wrong tokens by address, so that nobody can go on guessing."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def too_many(self, address: str, now: datetime) -> bool:
        with self._lock:
            times = self._wrong.get(address, deque())
            while times and times[0] <= now - A_MINUTE:
                times.popleft()
            return len(times) >= MOST_WRONG

    def wrong(self, address: str, now: datetime) -> None:
        with self._lock:
            times = self._wrong.setdefault(address, deque(maxlen=MOST_WRONG))
            times.append(now)
            self._wrong.move_to_end(address)
            while len(self._wrong) > MOST_ADDRESSES:
                self._wrong.popitem(last=False)


class Door:
    """Opens pages to those who hold a token."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._guesses = Guesses()

    def to(self, purpose: Purpose, answer: Answer, *matters: Matter) -> Endpoint:
        """An endpoint that gives what its holder sees; the store waits in a thread, not the others.

        Takes    matters: what of its contributor is on the page, and what it is for; whoever may not see
                 and do all of that finds it closed (P1)
        """
        allowed = opens(links.HOLDERS[purpose], matters)

        async def endpoint(request: Request) -> Response:
            if not allowed:
                return closed()
            token = request.path_params["token"]
            address = request.client.host if request.client else ""
            found = await run_in_threadpool(self._opened, purpose, token, address)
            if isinstance(found, Response):
                return found
            link, who, by = found
            form = FormData()
            if request.method == "POST":
                form = await request.form(max_files=0, max_fields=MOST_FIELDS)
            visit = Visit(self._house, link, token, who, by, request.query_params, form, request.cookies)
            return await run_in_threadpool(answer, visit)

        return endpoint

    def _opened(
        self, purpose: Purpose, token: str, address: str
    ) -> tuple[Link, Member, Grant | None] | Response:
        now = self._house.clock()
        if self._guesses.too_many(address, now):
            return too_many()
        with self._house.store.reading() as tx:
            link = links.behind(tx, purpose, token, now)
            who = self._house.member(tx, link.contributor) if link else None
            by = delegates.holder(self._house, tx, who, link) if link and who and link.delegate else None
        if link is None or who is None or (link.delegate and by is None):
            self._guesses.wrong(address, now)
            return closed()
        return link, who, by


def closed() -> Response:
    return plain(404, words.CLOSED)


def too_many() -> Response:
    response = plain(429, words.TOO_MANY)
    response.headers["Retry-After"] = "60"
    return response
