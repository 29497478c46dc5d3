"""Every answer that is a page: of all addresses, to looks and to forms, and of every odd state."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from jinja2 import Environment

from config.schema import SignIn
from connectors.manners import Manners
from connectors.openid import Provider, Registration
from daybook.house import House, Member
from daybook.page.app import create
from daybook.page.guard import LARGEST_FORM
from daybook.page.render import PROOF
from daybook.page.shown import name
from tests.checks import days
from tests.connectors.openid_provider import CLIENT, OpenIdProvider
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, member, minted
from tests.daybook.page.browser import FROM_OUR_PAGE, Browser
from tests.daybook.page.conftest import token
from tests.daybook.test_visibility import Address

Answers = dict[str, httpx.Response]

NEVER_THE_SAME = re.compile(r"[0-9a-f]{4}-[a-z2-7]{20,}|[0-9a-f]{8,}|/(own|day|invite|report|rollout)\b")
"""In two pages that are otherwise one: links, names of drafts, and where they are."""
FORM = {
    "on": f"{YESTERDAY}", "connection": "memory", "said": "nothing", "length": "30", "text": "theirs",
    "mail": "on", "address": "ben@northwind.example", "until": f"{TODAY}",
}  # fmt: skip
"""Fields for whatever form is sent; none of them is a yes to leaving."""


def of_addresses(house: House, who: Member, addresses: list[Address], browser: Browser) -> Answers:
    """Looks first, so that what they show is not what the forms left."""
    found: Answers = {}
    for one in sorted(addresses, key=lambda one: one.method):
        path = one.path.replace("{token}", token(minted(house, who, one.purpose or "day")))
        path = path.replace("{connection}", "memory")
        if one.method == "GET":
            answer = browser.client.get(f"{path}?on={YESTERDAY}&draft={name('a')}")
            found[f"GET {one.path}"] = _led(browser, answer)
        else:
            found[f"POST {one.path}"] = sent(browser, path, **FORM, draft=name("b"), revision="1")
    return found


def of_states(house: House, clock: Clock) -> Answers:
    """What an address shows when things are otherwise than on a full day."""
    found: Answers = {}
    browser = Browser(create(house))

    def look(what: str, address: str) -> None:
        found[what] = browser.client.get(address.removeprefix("https://daybook.northwind.example"))

    for cast, day in {"Ben": days.empty, "Mara": days.on_leave, "Otto": days.nothing}.items():
        who = member(house, cast)
        day(house, who)
        for purpose in ("day", "confirm", "less"):
            look(f"{purpose}, {day.__name__}", minted(house, who, purpose))
        look(f"week, {day.__name__}", minted(house, who) + "/week")
    ben = member(house, "Ben")
    drafted(house, ben, draft("l", "09:00", about=("title:memory:lunch",)))
    say = sent(browser, path(minted(house, ben)) + "/dismiss", draft=name("l"), revision="1")
    found["dismissed, and asked why"] = say
    drafted(house, ben, draft("c", "10:00"), draft("d", "11:00"))
    one = path(minted(house, ben, "confirm"))
    found["confirm"] = browser.client.get(one)
    found["confirmed by the mail's button"] = sent(browser, one, draft=name("c"), revision="1")
    found["confirmed already"] = sent(browser, one, draft=name("d"), revision="1")
    found["a form another tab was quicker with"] = sent(
        browser, path(minted(house, ben)) + "/confirm", draft=name("d"), revision="7"
    )
    found["a form of a stranger"] = browser.client.post(one, headers={"Sec-Fetch-Site": "cross-site"})
    found["too large a form"] = browser.client.post(
        one, content=b"x", headers=FROM_OUR_PAGE | {"Content-Length": f"{LARGEST_FORM + 1}"}
    )
    look("a session that is over", "/day/0123abcd")
    look("nowhere", "/nowhere")
    found["not in this way"] = browser.client.post("/", headers=FROM_OUR_PAGE)
    mine = path(minted(house, ben, "own"))
    found["unsure of leaving"] = sent(browser, f"{mine}/mine/erase")
    found["erased"] = sent(browser, f"{mine}/mine/erase", sure="yes", confirmed="too")
    found["left"] = sent(browser, path(minted(house, member(house, "Otto"), "invite")) + "/leave", sure="yes")
    mara = minted(house, member(house, "Mara"))
    with house.store.writing() as tx:
        tx.rollout.add(house.clock(), "stopped", "normal", "Too many left.", "")
    look("day, while Daybook is stopped", mara)
    look("how the rollout goes, while it is stopped", f"{mara}/rollout")
    clock.wait(days=8)
    look("a link that is closed", mara)
    for _ in range(25):
        look("too many wrong links", "/day/0123-wrong")
    return found


def of_signing_in(house: House, provider: OpenIdProvider) -> Answers:
    """Where the organisation has accounts, and links alone open nothing."""
    page = house.configuration.page
    assert page is not None
    sign_in = SignIn(issuer=provider.url, client_id=CLIENT, name="Northwind Accounts")
    asking = page.model_copy(update={"sign_in": sign_in, "links": "sign-in-required"})
    known = Registration(name=sign_in.name, issuer=provider.url, client=CLIENT, secret=provider.app.secret)
    browser = Browser(
        create(
            replace(
                house,
                configuration=house.configuration.model_copy(update={"page": asking}),
                provider=Provider(known, house.clock, Manners()),
            )
        )
    )
    mine = path(minted(house, member(house, "Mara")))
    return {
        "sign in": browser.client.get("/sign-in"),
        "out to sign in": sent(browser, "/sign-in", back=mine),
        "back with nothing": _led(browser, browser.client.get("/sign-in/back?state=x&code=y")),
        "a link that is not enough": browser.client.get(mine),
        "arriving from elsewhere": browser.client.get(mine, headers={"Sec-Fetch-Site": "cross-site"}),
    }


def sent(browser: Browser, path: str, **fields: str) -> httpx.Response:
    """What a form of the page that a link opens leads to."""
    fields = {PROOF: path.split("/")[2]} | fields if path.count("/") > 1 else fields
    answer = browser.client.post(path, data=fields, headers=FROM_OUR_PAGE)
    if answer.status_code == 307:
        answer = browser.client.post(answer.headers["location"], data=fields, headers=FROM_OUR_PAGE)
    return _led(browser, answer)


def _led(browser: Browser, answer: httpx.Response) -> httpx.Response:
    while answer.status_code == 303:
        answer = browser.client.get(answer.headers["location"])
    return answer


def path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


@dataclass(frozen=True)
class Saved:
    """One page as it was answered."""

    status: int
    headers: dict[str, str]
    text: str


Pages = dict[str, Saved]


def html(answers: Answers) -> Pages:
    """Those that are pages, by what led to them, and of those that are alike the first."""
    found: dict[str, tuple[str, Saved]] = {}
    for what, one in answers.items():
        if one.headers.get("content-type", "").startswith("text/html"):
            headers = {key: said for key, said in one.headers.items() if key != "content-encoding"}
            saved = Saved(one.status_code, headers, one.text)
            found.setdefault(NEVER_THE_SAME.sub("", one.text), (what, saved))
    return dict(found.values())


def unlike(pages: Pages) -> Pages:
    """Without those in which nothing stands where it does not stand in one before."""
    known: set[str] = set()
    found: Pages = {}
    for what, page in pages.items():
        shape = _Shape(page.text).found
        if not shape <= known:
            found[what] = page
        known |= shape
    return found


class _Shape(HTMLParser):
    """What elements there are and where, and which heading follows which; not how many, nor their words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._within: list[str] = []
        self._heading = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        here = ".".join([tag, said.get("class") or "", said.get("role") or "", said.get("type") or ""])
        self.found.add("/".join([*self._within, here]))
        if re.fullmatch("h[1-6]", tag):
            self.found.add(f"{self._heading} then {tag}")
            self._heading = tag
        if tag not in ("meta", "link", "input", "br"):
            self._within.append(here)

    def handle_endtag(self, tag: str) -> None:
        while self._within and not self._within.pop().startswith(f"{tag}."):
            pass


@contextmanager
def rendering() -> Iterator[set[str]]:
    """The templates of what is answered meanwhile."""
    used: set[str] = set()
    found = Environment.get_template

    def noted(self: Environment, name: Any, *more: Any) -> Any:
        used.add(str(name))
        return found(self, name, *more)

    with patch.object(Environment, "get_template", noted):
        yield used


@dataclass(frozen=True)
class Walk:
    """All that was gathered."""

    pages: Pages
    templates: set[str]

    def write(self, file: Path) -> None:
        pages = {what: asdict(one) for what, one in self.pages.items()}
        file.write_text(json.dumps({"pages": pages, "templates": sorted(self.templates)}), "utf-8")

    @classmethod
    def read(cls, file: Path) -> Walk:
        said = json.loads(file.read_text("utf-8"))
        return cls({what: Saved(**one) for what, one in said["pages"].items()}, {*said["templates"]})


def once(file: Path, gather: Callable[[], Walk]) -> Walk:
    """What is gathered for this session, by whichever worker comes first."""
    with file.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not file.exists():
            file.touch()
            gather().write(file)
    assert file.stat().st_size, "a page broke while all were gathered; the first of these tests says which"
    return Walk.read(file)
