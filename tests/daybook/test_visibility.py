"""The whole of who sees what: every page, mail and log line, walked by the whole cast (P1, P-01, I5).

Ada's things carry canaries, a word for each thing and state. Nothing here is listed by hand but what each
kind of mail is sent by: addresses come from the page itself, tables from the schema, the rest from the table
in core/visibility.py. Commands are walked in cli/test_privacy.py.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, get_args

import pytest
from pydantic import SecretStr
from sqlalchemy import delete
from starlette.routing import Route

from config.schema import Configuration
from connectors.contract import Sighting
from connectors.memory import Memory, Tool
from core.exits import Terms
from core.memory import Choice, Lesson, OwnRule
from core.memory import Memory as Lessons
from core.model import Activity
from core.visibility import DEEDS, Matter, Role, State, Thing, may_see
from daybook import deeds, links, logs
from daybook.house import House, Member
from daybook.links import PURPOSES, Purpose
from daybook.mail import letters
from daybook.mail.send import Carrier
from daybook.page import door
from daybook.page.app import create
from daybook.page.shown import name
from daybook.store import schema
from daybook.words import full_date
from tests.daybook.conftest import CAST, TODAY, YESTERDAY, Clock, draft, drafted, member, minted
from tests.daybook.mail.said import parsed
from tests.daybook.page.browser import FROM_OUR_PAGE, Browser
from tests.daybook.page.conftest import comes_to
from tests.daybook.store.test_schema import fill

ROLES: tuple[Role, ...] = get_args(Role)

Canaries = dict[str, set[tuple[Thing, State]]]

CANARIES: Canaries = {
    "kanarie-evidence": {("evidence", "unconfirmed")},
    "kanarie-open": {("draft", "unconfirmed")},
    "kanarie-edited": {("draft", "unconfirmed")},
    "kanarie-dismissed": {("draft", "confirmed")},
    "kanarie-confirmed": {("draft", "confirmed"), ("entry", "confirmed")},
    "kanarie-reason": {("posting", "unconfirmed")},
    "kanarie-lesson": {("memory", "unconfirmed")},
    "kanarie-rule": {("memory", "unconfirmed")},
    "kanarie-account": {("connection", "unconfirmed")},
    "kanarie-token": {("token", "unconfirmed")},
    "kanarie-log": {("access_log", "unconfirmed")},
    "kanarie-remark": {("remark", "unconfirmed")},
}
"""What each stands in; who may see one of its things in that state may see it."""
FILLED = "kanarie-filled"
"""Stands in every table that has an owner, a new one too: it goes to nobody but her."""
NAMES = ("ada@northwind.example", "Ada Example")


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """With the connections that every table was filled from."""
    more = dict.fromkeys(("memory", "jira", "calendar"), configuration.connections["memory"])
    return configuration.model_copy(update={"connections": more})


@pytest.fixture
def house(house: House, tool: Tool) -> House:
    every = {connection: Memory(tool) for connection in ("memory", "jira", "calendar")}
    return House(house.configuration, house.policy, every, house.store, house.clock)


@pytest.fixture
def planted(house: House, ada: Member, clock: Clock) -> Member:
    """A canary in every thing of Ada's, in every state it can have."""
    with house.store.writing() as tx:
        fill(tx, ada.contributor, FILLED)
        for table in (schema.remarks, schema.mails):  # one has a canary of its own, one would go out today
            tx.connection.execute(delete(table))
        tx.rollout.add(clock(), "stage", "normal", "Everybody takes part.", Terms().model_dump_json())
        tx.remarks.add(ada.id, clock(), "draft", 1, "kanarie-remark")
        title = Activity(
            source="memory", uid="m", kind="meeting", title="kanarie-evidence", start=clock(),
            end=clock() + timedelta(hours=1),
        )  # fmt: skip
        tx.evidence.apply(
            "memory", [Sighting(origin="o", activities=((ada.id, title),))], {ada.id: ada.zone}, clock()
        )
        tx.grants.save(ada.id, "memory", "kanarie-account", SecretStr("kanarie-token"), clock())
        tx.access.log(ada.id, clock(), "administrator otto", "figures", "kanarie-log")
        choice = Choice(project="internal", target="none")
        lesson = Lesson(about="series:memory:s", choice=choice, weight=1, times=1, last=YESTERDAY)
        rule = OwnRule(about="title:memory:cal:t", says="never", shown="kanarie-rule", made=YESTERDAY)
        tx.memory.keep(ada.id, Lessons(lessons=(lesson,), rules=(rule,)), "kanarie-lesson")
    one = {key: draft(key, at, text=f"kanarie-{key}") for key, at in AT.items()}
    drafted(house, ada, *one.values())
    assert deeds.edit(house, ada, "edited", 1, minutes=15).done
    assert deeds.dismiss(house, ada, "dismissed", 1).done
    assert deeds.confirm(house, ada, YESTERDAY, {"confirmed": 1}).done
    comes_to(house, ada, state="refused", reason="kanarie-reason")
    return ada


AT = {"open": "08:00", "edited": "09:00", "dismissed": "10:00", "confirmed": "11:00"}


# --- every address of the page -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """One way of asking the page for something."""

    method: str
    path: str
    purpose: Purpose | None
    """Of the link that opens it; None for what everybody may ask."""
    matters: tuple[Matter, ...]
    """What it says is on it."""


@pytest.fixture
def every(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[list[Address], Browser]]:
    """All addresses there are, from the page itself, and a browser to open them with."""

    def discovered() -> tuple[list[Address], Browser]:
        said: dict[Any, tuple[Purpose, tuple[Matter, ...]]] = {}
        made = door.Door.to

        def to(
            self: door.Door, purpose: Purpose, answer: door.Answer, *matters: Matter, afar: bool = False
        ) -> door.Endpoint:
            endpoint = made(self, purpose, answer, *matters, afar=afar)
            said[endpoint] = purpose, matters
            return endpoint

        with monkeypatch.context() as patch:
            patch.setattr(door.Door, "to", to)
            app = create(house)
        found = []
        for route in app.routes:
            assert isinstance(route, Route)
            assert route.methods
            purpose, matters = said.get(route.endpoint, (None, ()))
            assert bool(purpose) == ("{token}" in route.path), f"{route.path} opens past the door"
            found += [
                Address(method, route.path, purpose, matters) for method in sorted(route.methods - {"HEAD"})
            ]
        return sorted(found, key=lambda one: "erase" in one.matters), Browser(app)

    return discovered


def form() -> list[tuple[str, str]]:
    """Every field there is, filled with what is Ada's: whoever sends it tries to reach it."""
    fields = [
        ("on", f"{YESTERDAY}"),
        ("sure", "yes"),
        ("connection", "memory"),
        ("said", "nothing"),
        ("side", "take"),
    ]
    fields += [("confirmed", "too"), ("length", "30"), ("text", "theirs"), ("mail", "on"), ("there", "yes")]
    return fields + [pair for key in AT for pair in (("draft", name(key)), ("revision", "1"))]


def asked(browser: Browser, address: Address, token: str) -> str:
    """All that comes back: headers and text."""
    path = address.path.replace("{token}", token).replace("{connection}", "memory")
    if address.method == "POST":
        answer = browser.sent(path, form())
    else:
        query = f"?on={YESTERDAY}&draft={name('open')}"
        answer = browser.client.request(address.method, path + query, headers=FROM_OUR_PAGE)
    assert answer.status_code < 500, f"{address.method} {address.path}"
    return f"{answer.status_code} {dict(answer.headers)} {answer.text}"


def token(house: House, cast: str, purpose: Purpose) -> str:
    """A link of theirs that works, whatever was pressed meanwhile."""
    with house.store.writing() as tx:
        row = tx.people.enrol(f"{cast.lower()}@northwind.example", house.clock())
        tx.people.invited(row.id, house.policy_version, house.clock())
        tx.people.acknowledge(row.id, house.policy_version, house.clock())
    return minted(house, member(house, cast), purpose).rpartition("/")[2]


def found_in(text: str) -> set[str]:
    return {canary for canary in (*CANARIES, FILLED) if canary in text}


def everything_of(house: House, who: Member) -> dict[str, list[dict[str, Any]]]:
    with house.store.reading() as tx:
        return tx.everything_of(who.id)


@pytest.fixture(autouse=True)
def post(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """All mail that goes out."""
    out: list[EmailMessage] = []
    monkeypatch.setattr(Carrier, "send", lambda _, mail, *__: out.append(parsed(mail)))
    return out


@pytest.fixture(autouse=True)
def log() -> io.StringIO:
    lines = io.StringIO()
    logs.configure(human=False, stream=lines)
    return lines


def whole(message: EmailMessage) -> str:
    """A mail as its reader has it: headers and every part."""
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*map(str, message.values()), *parts])


@pytest.mark.parametrize("viewer", ["Ben", "Mara", "Otto"])
def test_P1_no_address_shows_or_does_anything_of_adas_to_anybody_else(
    planted: Member, house: House, every: Any, post: list[EmailMessage], log: io.StringIO, viewer: str
) -> None:
    """With each link of theirs, by looking and by sending forms that name what is hers."""
    addresses, browser = every()
    stands = everything_of(house, planted)
    for address in addresses:
        shown = asked(browser, address, token(house, viewer, address.purpose or "day"))
        assert found_in(shown) == set(), f"{address.method} {address.path}"
        assert not [one for one in NAMES if one in shown], f"{address.method} {address.path}"
    for said in (*map(whole, post), log.getvalue()):
        assert found_in(said) == set()
        assert not [one for one in NAMES if one in said]
    assert everything_of(house, planted) == stands


@pytest.mark.parametrize("role", ROLES)
def test_P01_every_address_shows_each_role_what_the_table_allows_and_no_more(
    planted: Member, house: House, every: Any, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if her own links were opened by somebody in that role."""
    monkeypatch.setattr(links, "HOLDERS", dict.fromkeys(PURPOSES, role))
    addresses, browser = every()
    seen = set()
    for address in addresses:
        found = found_in(asked(browser, address, token(house, "Ada", address.purpose or "day")))
        for canary in found - {FILLED}:
            assert any(may_see(role, *one) for one in CANARIES[canary]), f"{canary}: {address}"
        assert FILLED not in found or role == "owner"
        seen |= found
    expected = {canary for canary, of in CANARIES.items() if any(may_see(role, *one) for one in of)}
    assert seen - {FILLED} <= expected
    if role in ("owner", "delegate"):
        assert seen - {FILLED} == expected, "the walk looks where things are shown"


def test_P01_every_address_says_what_is_on_it(planted: Member, house: House, every: Any) -> None:
    addresses, browser = every()
    for address in addresses:
        found = found_in(asked(browser, address, token(house, "Ada", address.purpose or "day"))) - {FILLED}
        if "everything" not in address.matters:
            for canary in found:
                assert {thing for thing, _ in CANARIES[canary]} & {*address.matters}, f"{canary}: {address}"
        assert address.purpose is None or address.matters
        if address.method == "POST" and address.purpose:
            acting = {*address.matters} & {*DEEDS}
            assert acting or {"everything", "access_log", "remark", "rollout"} & {*address.matters}, address


def test_S15_a_credential_of_hers_is_on_no_page_not_even_her_own(
    planted: Member, house: House, every: Any
) -> None:
    addresses, browser = every()
    for address in addresses:
        shown = asked(browser, address, token(house, "Ada", address.purpose or "day"))
        assert "kanarie-token" not in shown
        assert f"{FILLED}-token" not in shown


# --- every mail --------------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[House, Member], object]] = {
    "digest": lambda house, who: letters.send_digest(house, who.id, TODAY),
    "reminder": lambda house, who: letters.send_reminder(house, who.id, TODAY),
    "lookback": lambda house, who: letters.send_look_back(house, who.id, TODAY),
    "invitation": lambda house, who: letters.send_invitation(house, who.id),
    "own": letters.send_own,
    "announcement": lambda house, who: letters.send_announcement(house, who.id),
    "rollout": lambda house, who: letters.send_stop(house, who.id),
    "report": lambda house, who: letters.send_report(house, who.id, YESTERDAY),
    "delegate": lambda house, who: letters.send_delegate(house, who, who, TODAY, "https://link"),
}
"""How each kind of mail is sent."""
OPEN = {"kanarie-open", "kanarie-edited"}
SHOWS: dict[str, set[str]] = {"digest": OPEN, "reminder": OPEN}
"""What of her own is in one that goes to Ada."""


def test_P01_every_kind_of_mail_is_walked() -> None:
    assert {*get_args(letters.Kind)} - {*WAYS} == set()


@pytest.fixture
def occasion(house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Something to write about, in each kind of mail."""

    def arises(kind: str) -> None:
        match kind:
            case "invitation":
                with house.store.writing() as tx:
                    for row in tx.people.all():
                        tx.people.invited(row.id, "an earlier one", clock())
                        tx.people.acknowledge(row.id, "an earlier one", clock())
            case "announcement":
                monkeypatch.setattr(letters, "to_be_told", lambda *_: True)
            case "rollout":
                with house.store.writing() as tx:
                    tx.rollout.add(clock(), "stopped", "normal", "Too many left.", "")
            case "lookback":
                before = YESTERDAY - timedelta(days=7)
                for cast in CAST:
                    who = member(house, cast)
                    drafted(house, who, draft(f"week of {cast}", "10:00", day=before, text="kanarie-week"))
                    assert deeds.confirm(house, who, before, {f"week of {cast}": 1}).done
            case "report":
                monkeypatch.setattr("daybook.reporting.hears", lambda *_: True)
            case _:
                pass

    return arises


@pytest.mark.parametrize("kind", get_args(letters.Kind))
def test_every_kind_of_mail_names_the_version_of_the_policy_and_since_when_it_holds(
    planted: Member, house: House, post: list[EmailMessage], occasion: Any, kind: str
) -> None:
    occasion(kind)
    WAYS[kind](house, planted)
    (message,) = post
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        said = " ".join(body.get_content().split())
        assert (
            f"version {house.policy_version} of the policy, in force since {full_date(house.policy_since)}."
            in said
        )


@pytest.mark.parametrize("kind", sorted(WAYS.keys() - SHOWS.keys()))
def test_S03_a_mail_that_shows_no_draft_opens_none(
    planted: Member, house: House, post: list[EmailMessage], occasion: Any, kind: str
) -> None:
    """However its reader cuts one of its addresses short."""
    occasion(kind)
    WAYS[kind](house, planted)
    (message,) = post
    found = re.findall(r"/([a-z]+)/([0-9a-f]{4}-[a-z2-7]+)", whole(message))
    assert found
    for purpose, held in found:
        page = Browser(create(house)).open(f"/{purpose}/{held}?on={YESTERDAY}")
        assert page.status == 200
        assert found_in(page.text) <= {"kanarie-account", "kanarie-remark", FILLED}


@pytest.mark.parametrize("kind", get_args(letters.Kind))
def test_P1_a_mail_goes_to_its_owner_and_holds_nothing_of_adas_for_anybody_else(
    planted: Member, house: House, post: list[EmailMessage], log: io.StringIO, occasion: Any, kind: str
) -> None:
    for cast in CAST:
        drafted(house, member(house, cast), draft(f"own of {cast}", "14:00", text=f"a day of {cast}"))
    occasion(kind)
    for cast in CAST:
        WAYS[kind](house, member(house, cast))
    assert [message["To"].addresses[0].addr_spec for message in post] == [
        f"{cast.lower()}@northwind.example" for cast in CAST
    ]
    for message in post:
        hers = "ada@" in message["To"]
        assert found_in(whole(message)) == (SHOWS.get(kind, set()) if hers else set())
        assert hers or not [one for one in NAMES if one in whole(message)]
    assert found_in(log.getvalue()) == set()
