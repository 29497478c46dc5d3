"""What a stranger can write stands on pages and in mails as text, and runs nowhere (S-01, S-05, S-06).

Each page is opened without our Content-Security-Policy, so that escaping alone has to hold. The control is
the same pages with the escaping taken off.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, Dialog, Locator, Request, Route
from sqlalchemy import delete
from starlette.responses import HTMLResponse

import daybook.page
from config.schema import Configuration, SignIn
from connectors.contract import Sighting
from connectors.manners import Manners
from connectors.openid import Provider, Registration
from core.day import Absence, Ignored, Overlapped, Parked
from core.exits import Terms
from core.memory import Choice, Lesson, OwnRule
from core.memory import Memory as Lessons
from core.model import Activity, Reason
from daybook import deeds
from daybook.house import House, Member
from daybook.mail import letters
from daybook.page import door, render
from daybook.page.app import create
from daybook.page.guard import HEADERS, Guard, allowed
from daybook.page.render import CONTENT_TYPES, ICON, SCRIPT, STYLE
from daybook.page.shown import name
from daybook.store import schema
from daybook.store.replies import Reply
from tests.checks.conftest import Site
from tests.connectors.openid_provider import CLIENT, OpenIdProvider
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, minted
from tests.daybook.page.browser import FROM_OUR_PAGE, Browser, Page
from tests.daybook.page.conftest import comes_to, everything, token
from tests.daybook.store.test_schema import fill
from tests.daybook.test_visibility import WAYS, every, occasion, post, whole

__all__ = ["every", "occasion", "post"]

PAYLOAD = (
    "</textarea></title></style></script>--><script>alert(1)</script>"
    "<img src=//elsewhere.example/x onerror=alert(2)><svg onload=alert(3)>"
    "\"' onfocus=alert(4) autofocus x=\"' {{7*7}} javascript:alert(5)"
)
"""Breaks out of whatever it may stand in: text, a title, a style, a comment, either kind of quotes."""
BACK = "https://daybook.northwind.example/sign-in/back"
FILES = {path: (CONTENT_TYPES[path.rpartition(".")[2]], content) for path, content in (STYLE, ICON)}
STRANGE = {
    "Accept-Language": PAYLOAD,
    "Referer": f"https://elsewhere.example/?{PAYLOAD}",
    "User-Agent": PAYLOAD,
    "X-Forwarded-For": PAYLOAD,
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Proto": PAYLOAD,
    "Forwarded": f'host="{PAYLOAD}"',
}
"""Headers that anybody can send; what comes of a Host or an Origin has a test of its own."""

Answers = dict[str, httpx.Response]


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Everybody and everything is called by it."""
    more = dict.fromkeys(("memory", "jira", "calendar"), configuration.connections["memory"])
    called = {"name": PAYLOAD, "client": PAYLOAD, "category": PAYLOAD}
    changes: dict[str, Any] = {
        "organisation": PAYLOAD,
        "connections": more,
        "people": tuple(
            one.model_copy(update={"name": f"{one.name} {PAYLOAD}"}) for one in configuration.people
        ),
        "projects": {key: one.model_copy(update=called) for key, one in configuration.projects.items()},
    }
    return configuration.model_copy(update=changes)


@pytest.fixture
def house(house: House) -> House:
    every = dict.fromkeys(house.configuration.connections, house.connectors["memory"])
    return replace(house, connectors=every)


@pytest.fixture
def planted(house: House, ada: Member, clock: Clock) -> Member:
    """It stands in every table that belongs to somebody, and in all that tools and people say of a day."""
    with house.store.writing() as tx:
        fill(tx, ada.contributor, PAYLOAD)
        for table in (schema.days, schema.mails):  # one is no sheet that a page could show, one would go out
            tx.connection.execute(delete(table))
        told = {"task": PAYLOAD, "container": PAYLOAD, "series": PAYLOAD, "labels": (PAYLOAD,)}
        meeting = Activity(
            source="memory", uid="m", kind="meeting", title=PAYLOAD, start=clock() - timedelta(days=1),
            end=clock() - timedelta(hours=23), **told,
        )  # fmt: skip
        sighting = Sighting(origin="o", activities=((ada.id, meeting),))
        tx.evidence.apply("memory", [sighting], {ada.id: ada.zone}, clock())
        tx.rollout.add(clock(), "stage", "normal", PAYLOAD, Terms().model_dump_json())
        tx.replies.keep(ada.id, "r", Reply(at=clock(), why="words", words=PAYLOAD, left=1))
        choice = Choice(project="internal", target="none")
        lesson = Lesson(about="series:memory:s", choice=choice, weight=1, times=1, last=YESTERDAY)
        rule = OwnRule(about="title:memory:cal:t", says="never", shown=PAYLOAD, made=YESTERDAY)
        tx.memory.keep(ada.id, Lessons(lessons=(lesson,), rules=(rule,)), PAYLOAD)
    said: dict[str, Any] = {
        "text": PAYLOAD,
        "category": PAYLOAD,
        "target": f"memory:{PAYLOAD}",
        "because": (Reason(kind="meeting", minutes=30, sentence=PAYLOAD),),
        "about": ("title:memory:cal:t",),
    }
    first = draft("a", "10:00", **said)
    moved = first.suggestion.model_copy(update={"key": "d", "text": f"moved {PAYLOAD}"})
    drafted(
        house, ada,
        first,
        draft("b", "11:00", **said | {"target": "memory:WEB-12"}),
        draft("c", "12:00", **said | {"target": "memory:WEB-12"}),
        draft("d", "13:00", **said, decision="edited", noticed=False).model_copy(update={"seen": moved}),
        draft("e", "14:00", **said, decision="dismissed"),
        draft("f", "15:00", text=PAYLOAD, project=PAYLOAD, attributed={PAYLOAD: 30}),
        absences=(Absence(uid="l", why=PAYLOAD),),
        overlapped=(Overlapped(uid="o", minutes=30, why=PAYLOAD),),
        ignored=(Ignored(uid="i", why=PAYLOAD, about="title:memory:cal:t"),),
        parked=(Parked(uid="p", why=PAYLOAD),),
    )  # fmt: skip
    assert deeds.confirm(house, ada, YESTERDAY, {"c": 1}).done
    comes_to(house, ada, state="refused", reason=PAYLOAD, whose="entry")
    return ada


def queried() -> list[str]:
    """Every name that a page looks for behind the question mark."""
    sources = (file.read_text("utf-8") for file in Path(daybook.page.__file__).parent.glob("*.py"))
    asked = (re.findall(r'(?:query|said)\.get\("(\w+)"', source) for source in sources)
    return sorted({name for names in asked for name in names})


def looks(house: House, who: Member, every: Any) -> Iterator[tuple[str, httpx.Response]]:
    """Every address, plainly, and with all it can be asked being the payload."""
    addresses, browser = every()
    asked = "&".join(f"{each}={quote(PAYLOAD)}" for each in queried())
    for one in addresses:
        if one.method != "GET":
            continue
        path = one.path.replace("{token}", token(minted(house, who, one.purpose or "day")))
        path = path.replace("{connection}", "memory")
        for query in (f"on={YESTERDAY}&draft={name('a')}", asked):
            answer = browser.client.get(f"{path}?{query}", headers=STRANGE, follow_redirects=True)
            yield f"GET {one.path}?{query[:9]}", answer
    yield "GET nowhere", browser.client.get(f"/{quote(PAYLOAD)}", headers=STRANGE)
    yield "GET a token", browser.client.get(f"/day/{quote(PAYLOAD)}", headers=STRANGE)


def forms(house: House, who: Member, shown: Answers) -> Iterator[tuple[str, httpx.Response]]:
    """Every form of these pages by each of its buttons, the payload typed into it; and into all it hides."""
    browser, seen = Browser(create(house)), set[str]()
    found = [
        (page, form, button)
        for page in map(Page, shown.values())
        for form in page.forms
        for button in form.buttons
        if form.method == "post"
    ]
    for page, form, button in sorted(found, key=lambda one: one[2].action.endswith(("/leave", "/erase"))):
        what = re.sub(r"[0-9a-f]{4}-[a-z2-7]{20,}", "{token}", button.action) + button.value
        if what in seen:
            continue
        seen.add(what)
        for meant in ({"on", "draft", "revision", "proof", "connection"}, {"proof"}):
            fields = [(field, value if field in meant else PAYLOAD) for field, value in form.fields]
            fields += [(button.name, button.value)] * bool(button.name)
            fields += [(field, PAYLOAD) for field in ("text", "sentence", "why", "credential")]
            sent = browser.sent(urljoin(page.url, button.action), fields, **STRANGE)
            if sent.status_code == 303:
                sent = browser.client.get(sent.headers["location"])
            yield f"POST {what} {len(meant)}", sent


def signing_in(house: House, clock: Clock) -> Iterator[tuple[str, httpx.Response]]:
    """A provider that is called so, and says so of whoever signs in."""
    site = OpenIdProvider(BACK, clock)
    site.start()
    page = house.configuration.page
    assert page is not None
    sign_in = SignIn(issuer=site.url, client_id=CLIENT, name=PAYLOAD)
    strict = page.model_copy(update={"sign_in": sign_in, "links": "sign-in-required"})
    registration = Registration(name=PAYLOAD, issuer=site.url, client=CLIENT, secret=site.app.secret)
    asking = replace(
        house,
        configuration=house.configuration.model_copy(update={"page": strict}),
        provider=Provider(registration, house.clock, Manners()),
    )
    app = create(asking)
    for lies in ({}, {"email": PAYLOAD}, {"sub": PAYLOAD, "name": PAYLOAD}, {"iss": PAYLOAD}):
        site.lies, browser = lies, Browser(app)
        yield f"sign in, {lies}", browser.client.get("/sign-in", headers=STRANGE)
        going = browser.client.post("/sign-in", data={"back": PAYLOAD}, headers=FROM_OUR_PAGE)
        yield f"going, {lies}", going
        (there,) = (href for _, href in Page(going).links)
        back = urlsplit(_allowed(there))
        yield f"back, {lies}", browser.client.get(f"{back.path}?{back.query}", follow_redirects=True)
    for query in ("error", "code", "state", "iss"):
        yield f"back with {query}", browser.client.get(f"/sign-in/back?{query}={quote(PAYLOAD)}")
    site.stop()


def _allowed(address: str) -> str:
    """Say there who one is, and yes; gives where it sends the browser back to."""
    with httpx.Client(trust_env=False) as client:
        form = {"email": "ada@northwind.example", "answer": "allow"}
        return client.post(address, data=form).headers["location"]


def unlike(answers: Answers) -> Answers:
    """Of pages that are alike but for names and links, the first."""
    found: dict[str, tuple[str, httpx.Response]] = {}
    for what, answer in answers.items():
        if answer.headers.get("content-type", "").startswith("text/html"):
            alike = re.sub(r"[0-9a-f]{4}-[a-z2-7]{20,}|[0-9a-f]{8,}|/[a-z]+/\{?token", "", answer.text)
            found.setdefault(alike, (what, answer))
    return dict(found.values())


@pytest.fixture
def pages(planted: Member, house: House, every: Any, clock: Clock) -> Answers:
    """Every page there is, each with the payload wherever it gets to."""
    with house.store.writing() as tx:
        tx.rollout.add(clock(), "stopped", "normal", PAYLOAD, "")
    shown = dict(looks(house, planted, every))
    shown |= dict(forms(house, planted, unlike(shown)))
    shown |= dict(signing_in(house, clock))
    assert [what for what, answer in shown.items() if answer.status_code >= 500] == []
    return unlike(shown)


Opened = Callable[..., list[str]]


@pytest.fixture
def opened(context: Callable[..., BrowserContext]) -> Opened:
    """Opens pages in a real browser, as frames of one; gives all that they did beside being shown."""
    browser = context()

    def ran(*texts: str, headers: dict[str, str] | None = None) -> list[str]:
        page, found = browser.new_page(), list[str]()
        frames = "".join(f"<iframe src=/frame/{number}></iframe>" for number in range(len(texts)))
        told = {f"/frame/{number}": text for number, text in enumerate(texts)} | {"/frames": frames}
        kind = {"Content-Type": "text/html; charset=utf-8"}

        def dialog(box: Dialog) -> None:
            found.append(f"dialog {box.message}")
            box.dismiss()

        def answered(route: Route, request: Request) -> None:
            there = urlsplit(request.url)
            if (
                there.netloc != "daybook.example" and there.hostname != "127.0.0.1"
            ):  # whom people sign in with
                found.append(f"asked {request.url}")
                route.abort()
            elif there.path in FILES:
                file, content = FILES[there.path]
                route.fulfill(body=content, content_type=file)
            elif there.path in told:
                more = headers if headers and there.path != "/frames" else {}
                route.fulfill(body=told[there.path], headers=kind | more)
            else:
                route.fulfill(status=204)

        page.on("dialog", dialog)
        page.on("pageerror", lambda error: found.append(f"error {error}"))
        page.route("**", answered)
        page.goto("https://daybook.example/frames")
        page.close()
        return found

    return ran


def scripted(answer: httpx.Response) -> list[str]:
    """What on a page would run once somebody points at it or presses it."""
    page = Page(answer)
    places = [href for _, href in page.links] + [form.action for form in page.forms]
    return page.styles + [one for one in places if not re.match(r"/|https?://|#|\?|mailto:", one)]


def test_S06_nothing_a_stranger_wrote_runs_on_any_page_even_without_our_policy(
    pages: Answers, opened: Opened
) -> None:
    told = [answer.text for answer in pages.values() if "alert(1)" in answer.text]
    assert len(told) > 40, "the walk goes where it is shown"
    assert {what: found for what, answer in pages.items() if (found := scripted(answer))} == {}
    assert opened(*told) == []


def test_S06_the_same_pages_without_escaping_run_it_and_our_policy_stops_it(
    planted: Member, house: House, opened: Opened
) -> None:
    """The control: what the test before finds, if there is something to be found."""
    page = html.unescape(Browser(create(house)).open(minted(house, planted)).answer.text)
    framed = HEADERS | {
        "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
            "frame-ancestors 'none'", "frame-ancestors 'self'"
        )
    }
    did = opened(page)
    assert {"dialog 1", "dialog 2", "dialog 3", "asked https://elsewhere.example/x"} <= {*did}
    assert opened(page, headers=framed) == []


@pytest.mark.parametrize("kind", get_args(letters.Kind))
def test_S06_nothing_a_stranger_wrote_runs_in_a_mail_and_none_asks_anybody_for_anything(
    planted: Member, house: House, post: list[EmailMessage], occasion: Any, opened: Opened, kind: str
) -> None:
    occasion(kind)
    WAYS[kind](house, planted)
    (message,) = post
    body = message.get_body(("html",))
    assert body is not None
    assert "&lt;script" in body.get_content()
    assert opened(body.get_content()) == []
    assert opened(html.unescape(body.get_content())) != []


# --- looking, with a script-running browser that waits and presses nothing ---------------------------------


@pytest.mark.parametrize("kind", get_args(letters.Kind))
def test_S01_a_scanner_that_runs_scripts_opens_every_address_of_a_mail_and_changes_nothing(
    busy: Member,
    ben: Member,
    site: Site,
    post: list[EmailMessage],
    occasion: Any,
    context: Callable[..., BrowserContext],
    kind: str,
) -> None:
    occasion(kind)
    if kind == "delegate":
        letters.send_delegate(site.house, ben, busy, TODAY, site.link(busy, "delegate"))
    else:
        WAYS[kind](site.house, busy)
    (message,) = post
    addresses = sorted(set(re.findall(rf"{re.escape(site.url)}[^\s\"<>]*", whole(message))))
    assert len(addresses) > 1
    stands = everything(site.house)
    scanner = context()
    with httpx.Client(trust_env=False, follow_redirects=True) as client:
        for address in addresses:
            assert {client.request(how, address).status_code for how in ("HEAD", "GET", "OPTIONS")} <= {
                200,
                405,
            }
            scan(scanner, address)
        assert not client.cookies
    assert scanner.cookies() == []
    assert everything(site.house) == stands
    assert not dict(stands)["sessions"]


def scan(scanner: BrowserContext, address: str) -> None:
    """Opens it, waits, scrolls and goes away."""
    page = scanner.new_page()
    page.clock.install()
    page.goto(address)
    page.clock.run_for(timedelta(minutes=2) // timedelta(milliseconds=1))
    page.mouse.move(200, 200)
    page.mouse.wheel(0, 2_000)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.close(run_before_unload=True)


def test_S01_a_page_whose_script_confirms_by_itself_would_be_seen(
    busy: Member, site: Site, context: Callable[..., BrowserContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the scanner."""
    hasty = """const form = document.querySelector("form[action$='/confirm']"), sent = new XMLHttpRequest();
        sent.open("POST", form.action, false); sent.send(new URLSearchParams(new FormData(form)))"""

    def hurried(*said: Any, **shown: Any) -> HTMLResponse:
        made = render.page(*said, **shown)
        return HTMLResponse(bytes(made.body).decode().replace(SCRIPT, hasty), made.status_code)

    policy = HEADERS["Content-Security-Policy"].replace(allowed(SCRIPT), allowed(hasty))
    monkeypatch.setitem(HEADERS, "Content-Security-Policy", policy)
    monkeypatch.setattr(door, "page", hurried)
    stands = everything(site.house)
    scan(context(), site.link(busy))
    assert everything(site.house) != stands


@pytest.fixture
def busy(house: House, ada: Member) -> Member:
    drafted(
        house, ada, draft("a", "10:00"), draft("b", "11:00"), draft("c", "12:00", project=None, target=None)
    )
    assert deeds.confirm(house, ada, YESTERDAY, {"b": 1}).done
    return ada


# --- forms of another site ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["token", "session"])
def test_S05_a_form_on_another_site_confirms_nothing_in_a_real_browser(
    busy: Member, site: Site, context: Callable[..., BrowserContext], by: str
) -> None:
    """The other site knows address and fields of the form, whatever else it may not know."""
    browser = context()
    page = browser.new_page()
    page.goto(site.link(busy))
    if by == "session":
        page.get_by_role("button", name="Dismiss").first.click()
        page.wait_for_url(re.compile(r"/day/[0-9a-f]{8}\b"))
    stands = everything(site.house)
    form = page.locator("form[action$='/confirm']").first
    assert sent_elsewhere(browser, form) == 403
    assert everything(site.house) == stands
    with page.expect_response(lambda answer: answer.status == 303):
        form.locator("button").first.click()
    assert everything(site.house) != stands  # the same form, from our own page


def test_S05_the_same_form_on_another_site_confirms_if_nobody_looks_where_it_comes_from(
    busy: Member, site: Site, context: Callable[..., BrowserContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test before."""
    monkeypatch.setattr(Guard, "_is_ours", lambda *_: True)
    browser = context()
    page = browser.new_page()
    page.goto(site.link(busy))
    stands = everything(site.house)
    sent_elsewhere(browser, page.locator("form[action$='/confirm']").first)
    assert everything(site.house) != stands


def sent_elsewhere(browser: BrowserContext, form: Locator) -> int:
    """The form as another site has it, pressed and then sent by its script; gives the answer's status."""
    action = form.evaluate("form => form.action")
    fields = form.evaluate("form => [...new FormData(form)]")

    def evil(route: Route) -> None:
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(field)}" value="{html.escape(value)}">'
            for field, value in fields
        )
        sends = f'<form method="post" action="{action}">{hidden}<button>Win a phone</button></form>'
        route.fulfill(body=sends, content_type="text/html")

    browser.route("http://elsewhere.example/", evil)
    stranger = browser.new_page()
    stranger.goto("http://elsewhere.example/")
    with stranger.expect_navigation() as going:
        stranger.get_by_role("button").click()
    blind = """([to, of]) => fetch(to, { method: "POST", mode: "no-cors", credentials: "include",
        body: new URLSearchParams(of) }).catch(() => null).then(() => null)"""
    stranger.goto("http://elsewhere.example/")
    stranger.evaluate(blind, [action, fields])
    assert going.value is not None
    return going.value.status
