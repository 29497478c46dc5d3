"""What Daybook never does, looked for in what it really is (P-11, P-12).

It sees no screen, keyboard, mouse, window, place or presence; it makes no score, rank, streak or comparison
of people; it counts no looks at a page and no clicks on a link; and nothing but a contributor's own deed
confirms. Each search is shown an offender planted for it, so that one that finds nothing is known to be able.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, String, Table

from config.schema import Configuration
from daybook.installed import connector_types
from daybook.logs import ALLOWED
from daybook.store import schema
from tests.test_arrows import MAY_KNOW, imported, modules, top

ROOT = Path(__file__).parents[1]

# --- what it is made of ------------------------------------------------------------------------------------

WATCHING = re.compile(
    r"screen|keyboard|\bkeys?trokes?|\bmouse|\bpointer|\bwindows?\b(?! of time)|webcam|camera|microphone"
    r"|clipboard|geo(?:location|coder|ip|py)|\blocation|\bgps\b|bluetooth|\bpresence|\bidle|telemetry|analytics"
    r"|activitywatch|surveil|\bmonitor",
    re.IGNORECASE,
)
"""Words of what watches people, in the name or summary of a package, in a scope, an address or a setting."""
WATCHERS = set(
    "Xlib AppKit Quartz Cocoa aw_client aw_core cv2 evdev geocoder geoip2 geopy mixpanel mss objc posthog "
    "psutil pyautogui pyperclip pynput pyscreenshot pyscreeze pywin32 sentry_sdk sounddevice tkinter uinput "
    "win32api win32gui winreg".split()
)
"""Modules through which a program looks at a screen, a hand, a place, or reports on whoever uses it."""
NOT_WATCHING = {
    "opentelemetry-api": "Google's client library asks for it; it sends nothing without an exporter, "
    "which comes with an extra, and daybook/traces.py holds what a span may say",
    "prometheus-client": "figures of the machine, off by default; of people only what metrics/ allows",
}


def locked() -> list[str]:
    """Every package that is installed with Daybook."""
    return re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)


def watching(packages: Iterable[tuple[str, str, Iterable[str]]]) -> set[str]:
    """Which of these (name, summary, top-level modules) could watch somebody."""
    return {
        name
        for name, summary, tops in packages
        if WATCHING.search(f"{name.replace('-', ' ')} {name} {summary}") or WATCHERS & {*tops, name}
    }


def described(name: str) -> tuple[str, str, set[str]]:
    package = metadata.distribution(name)
    tops = {Path(str(file)).parts[0].removesuffix(".py") for file in package.files or ()}
    return name, package.metadata["Summary"] or "", tops


def test_P11_no_package_of_ours_can_see_a_screen_a_hand_or_a_place():
    names = locked()
    assert len(names) > 40, "the lock is not read as it should be"
    assert watching(map(described, names)) == NOT_WATCHING.keys()
    assert not {name for name in names if "opentelemetry" in name and name not in NOT_WATCHING}


@pytest.mark.parametrize(
    "planted",
    [
        ("pynput", "Monitor and control user input devices", ["pynput"]),
        ("quiet-name", "Cross platform screen capture", ["quiet"]),
        ("quiet-name", "A library", ["psutil"]),
        ("geopy", "Python Geocoding Toolbox", ["geopy"]),
    ],
)
def test_a_package_that_watches_is_found(planted):
    assert watching([planted]) == {planted[0]}


def test_P11_no_module_imports_what_watches():
    for room in MAY_KNOW:
        for path, tree in modules(room):
            assert not _sees(tree), path


@pytest.mark.parametrize(
    "planted", ["import psutil", "from pynput import keyboard", "__import__('mss')", "import_module('Xlib')"]
)
def test_an_import_that_watches_is_found(planted):
    assert _sees(ast.parse(planted))


def _sees(tree: ast.AST) -> set[str]:
    by_name = {
        str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else "a module by a name made up"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args
        if getattr(node.func, "id", getattr(node.func, "attr", "")) in ("__import__", "import_module")
    }
    return {name for name in {*imported(tree), *by_name} if top(name) in WATCHERS or " " in name}


# --- what it asks of tools ---------------------------------------------------------------------------------

SCOPES = {
    "calendar.events.owned.readonly": "what stands in one's own calendars",
    "calendar.events.readonly": "and in calendars that all must see",
    "calendar.calendarlist.readonly": "which calendars somebody may choose from",
    "calendar.calendars.readonly": "what the labels of a calendar are called",
    "calendar.app.created": "a calendar of drafts that Daybook made itself",
    "userinfo.email": "whose consent it is",
    "read:jira-work": "issues and their worklogs",
    "read:jira-user": "whose account it is",
    "write:jira-work": "worklogs in one's own name",
    "default": "Asana's only one when the app was registered; what is used of it is said to who is asked",
}
"""Every right that any connector may ask for."""
SCOPE = re.compile(r"(?:https://www\.googleapis\.com/auth/)?((?:calendar|userinfo)\.(?!google)[a-z.]+[a-z])")
ANY_SCOPE = re.compile(
    r"https://www\.googleapis\.com/auth/(.+)|((?:read|write|manage|delete|admin)[:.][\w:.-]+)"
)
TRIED_AND_THROWN_AWAY = "connectors/google_calendar/rights.py"
"""Asks whether wider rights were granted than are needed, and says so; it reads nothing with them."""
NOT_OF_PEOPLE = {
    "presence": "a kind of activity of ours: a task stands in a status",
    "presence/": "and what we call one, by the task's own history",
}


def of_connectors() -> Iterator[tuple[Path, ast.Module]]:
    """What of them runs at an organisation's: not their stand-ins, nor the tool in memory."""
    for path, tree in modules("connectors"):
        if not path.stem.startswith(("sandbox", "stand_in", "memory")):
            yield path, tree


def literals(tree: ast.AST) -> list[str]:
    """Every text the program holds; what its docstrings say is for readers."""
    homes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    spoken = {
        id(inner.value)
        for node in ast.walk(tree)
        if isinstance(node, homes)
        for inner in node.body
        if isinstance(inner, ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken
    ]


def scopes(texts: Iterable[str]) -> set[str]:
    found = (SCOPE.fullmatch(text) or ANY_SCOPE.fullmatch(text) for text in texts)
    return {name for one in found if one for name in one.groups() if name}


def asked_for(texts: Iterable[str]) -> list[str]:
    """Addresses, and words of them, that speak of what people do at their machines or where they are."""
    return [text for text in texts if " " not in text and text not in NOT_OF_PEOPLE and WATCHING.search(text)]


def test_P11_connectors_ask_for_these_rights_and_no_other():
    asking = [tree for path, tree in of_connectors() if path != ROOT / TRIED_AND_THROWN_AWAY]
    texts = [text for tree in asking for text in literals(tree)]
    assert scopes(texts) | {"default"} == SCOPES.keys()
    assert "default" in texts


def test_P11_no_address_that_connectors_ask_is_of_presence_or_place():
    for path, tree in of_connectors():
        assert not asked_for(literals(tree)), path


def test_a_right_and_an_address_that_watch_are_found():
    planted = "https://www.googleapis.com/auth/admin.reports.audit.readonly"
    assert scopes([planted, "read:audit-log:jira"]) - SCOPES.keys()
    for address in ("/users/{id}/presence", "/v1/geolocation", "users/me/locationHistory"):
        assert asked_for([address])


# --- what it shows -----------------------------------------------------------------------------------------

COMPARING = re.compile(
    r"\b(?:scores?|scored|rank(?:s|ed|ing)?|streaks?|leader ?boards?|badges?|trophy|league|productiv\w+|"
    r"efficien\w+|utili[sz]ation|under-?performer|top performers?|(?:fast|slow|lazi|busi)est|idle|inactive|"
    r"last seen|last active|online now|away from keyboard|(?:above|below) average|"
    r"compared (?:to|with) (?:others|your|the team|colleagues|last)|"
    r"(?:more|less|fewer|better|worse|faster|slower|earlier|later) than (?:your |the )?"
    r"(?:colleagues|others|peers|team|average|most people|everybody))\b",
    re.IGNORECASE,
)
"""Words in which people are measured against each other, or their absence is watched."""
TEMPLATES = sorted(
    path
    for folder in ("daybook/page/templates", "daybook/mail/templates", "daybook/page/static")
    for path in (ROOT / folder).iterdir()
    if path.is_file()
)
REFUSING = ("No one is ranked, scored or compared", "no score, rank, streak or comparison of people")
"""Where these words may stand: in the sentences that say there is none of it."""
OF_THE_DEMONSTRATION = ROOT / "daybook" / "demo.py"
"""Its "idle cycle" is one in which no tool had anything new."""
FETCHING = {"audio", "embed", "iframe", "img", "input_image", "object", "script", "source", "track", "video"}
"""Elements for which a mail program or a browser asks somebody, or which run."""
OUR_SCRIPT = '<script type="module"'
OURS = re.compile(r"\{\{|[#?]|/(?!/)|$")
"""An address of our own: it begins with what the page was made with, or stays at this host."""


class _Page(HTMLParser):
    """Collects what of a template would fetch, run, or lead away."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in FETCHING or said.get("type") == "image":
            self.found.append(tag)
        for name, value in attrs:
            if re.fullmatch(r"on[a-z]+|ping", name) and value is not None:
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction", "srcset", "background") and not OURS.match(
                value or ""
            ):
                self.found.append(f"{tag} {name}={value}")


def fetching(text: str) -> list[str]:
    """Pixels, scripts, and addresses that are not ours."""
    page = _Page()
    page.feed(text.replace(OUR_SCRIPT, "<template"))
    remote = re.findall(r"@import|url\([^)]*\)|(?:https?:)?//(?!www\.w3\.org/)[\w.{]+", _code_taken_out(text))
    tagged = re.findall(r"\butm_\w+|[?&](?:url|u|to|next|goto|redirect|click|open)=", text)
    return [*page.found, *remote, *tagged]


def _code_taken_out(text: str) -> str:
    """What is shown and fetched, without the notes and the loops of the template."""
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|/\*.*?\*/", " ", text, flags=re.DOTALL)


def comparing(text: str) -> list[str]:
    for refusal in REFUSING:
        text = text.replace(refusal, "")
    return COMPARING.findall(text)


QUICK = ROOT / "daybook" / "page" / "static" / "quick.js"
"""The one script: it sends forms that somebody submits, and looks at nothing else they do."""
SPYING = re.compile(
    r"sendBeacon|XMLHttpRequest|WebSocket|EventSource|cookie|setInterval|setTimeout|Observer|performance|"
    r"mouse|pointer|touch|scroll\b|visibility|blur|unload|navigator|https?:|import\b|eval|innerHTML"
)


def test_P12_one_script_is_delivered_and_it_watches_nobody():
    found = [
        path
        for room in MAY_KNOW
        for path in (ROOT / room).rglob("*")
        if path.suffix in (".js", ".mjs", ".wasm")
    ]
    assert found == [QUICK]
    said = QUICK.read_text("utf-8")
    assert SPYING.findall(said) == []
    assert said.count("fetch(") == 1
    assert 'await fetch(action, { method: "POST", body })' in said


def test_a_script_that_watches_is_found():
    for planted in (
        "navigator.sendBeacon('/seen')",
        "addEventListener('scroll', seen)",
        "setInterval(seen, 9)",
    ):
        assert SPYING.findall(planted)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_P12_no_template_has_a_pixel_a_script_or_an_address_that_is_not_ours(path):
    assert fetching(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<img src="{{ here }}/seen.gif" width="1" height="1">',
        '<a href="https://click.example/r?to={{ here }}">your day</a>',
        '<a href="{{ here }}?next=https">your day</a>',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
        "<script>fetch('/seen')</script>",
        '<body onload="seen()">',
        '<a ping="/seen" href="{{ here }}">your day</a>',
        "body { background: url(/seen.gif) }",
        "Look at it here: https://other.example/day",
    ],
)
def test_a_pixel_a_script_or_a_click_that_is_counted_is_found(planted):
    assert fetching(planted)


def test_P12_a_browser_is_sent_on_only_after_a_form():
    """A link leads where it says, and nobody is counted on the way to elsewhere: 303 answers what was posted,
    307 has it sent again to the address without the token."""
    sent = [call for _, tree in modules("daybook") for call in calls_of(tree, "RedirectResponse")]
    assert len(sent) > 2
    assert {ast.unparse(call.args[1]) for call in sent} == {"303", "307"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_P11_no_page_and_no_mail_ranks_people_or_says_when_somebody_was_seen(path):
    assert comparing(_code_taken_out(path.read_text("utf-8"))) == []


def test_P11_no_sentence_of_the_program_ranks_people_or_says_when_somebody_was_seen():
    for path, tree in everything():
        sentences = [text for text in literals(tree) if " " in text]
        if path != OF_THE_DEMONSTRATION:
            assert [text for text in sentences if comparing(text)] == [], path


@pytest.mark.parametrize(
    "planted",
    [
        "Your score: 7",
        "A streak of five days",
        "Ben, last seen 10:40",
        "More than your colleagues",
        "idle time",
    ],
)
def test_a_word_that_ranks_or_watches_is_found(planted):
    assert comparing(planted)


# --- what it keeps -----------------------------------------------------------------------------------------

MOMENTS = {
    "contributors.enrolled_at": "when the rollout reached them",
    "contributors.invited_at": "when we wrote to them",
    "contributors.acknowledged_at": "a signature needs its date",
    "contributors.left_at": "nothing is read from then on",
    "grants.saved_at": "when they lent us an account",
    "grants.used_at": "when we last used it: some end after months unused",
    "grants.ends_at": "when the tool ends it",
    "grants.renewing_until": "which of our threads renews it",
    "consents.begun_at": "how long we wait for the tool's answer",
    "draft_calendars.since": "what we show there begins then",
    "draft_calendars.heard_at": "when we last asked the calendar",
    "draft_calendars.not_before": "when we may ask again",
    "draft_calendars.claimed_until": "which of our threads writes it",
    "accounts.ask_at": "when we ask the tool again whose account is whose",
    "days.reconciled_at": "when we last made drafts of it",
    "days.answered_at": "they said that nothing is to add",
    "days.opened_at": "for a week, then it is one of many in a tally and gone",
    "days.said_at": "for a week, then it is one of many in a tally and gone",
    "postings.due_at": "when it goes out",
    "mails.claimed_at": "which of our threads sends it",
    "mails.sent_at": "when we sent it, not when anybody read it",
    "mails.not_before": "when we try again",
    "links.expires_at": "how long it opens the page",
    "sessions.expires_at": "how long a browser needs no token in its address",
    "links.used_at": "a link that confirms does so once",
    "replies.at": "when their answer came, to show it with it",
    "access.at": "when somebody looked at them: it is they who read this",
    "remarks.at": "when they wrote to us",
    "remarks.answered_at": "when they were answered",
}
"""Every moment that is kept of a person, and what it is for."""
NUMBERS = {
    "grants.version": "changes with the credential",
    "days.version": "grows with the evidence",
    "days.reconciled": "which of these was looked at",
    "drafts.revision": "two tabs never overwrite each other",
    "entries.revision": "a correction is a row of its own",
    "postings.attempt": "how often we tried",
    "postings.version": "two threads never overwrite each other",
    "mails.attempts": "how often we tried to send it",
    "mails.worker": "which of our processes sends it",
    "draft_calendars.worker": "which of our processes writes it",
    "links.serial": "so that the token differs",
    "access.serial": "so that a missing line shows",
    "access_heads.first": "where their log begins",
    "access_heads.last": "where it ends",
    "remarks.step": "the stage they spoke of",
}
"""Every number kept of a person; none of them is a sum of theirs, a count of looks or of seconds."""
FLAGS = {
    "contributors.digest_on": "they want their mail",
    "contributors.digest_weekly": "and once a week",
    "contributors.reminder_on": "and a second one where they said nothing to it",
    "contributors.look_back_on": "and what their week came to",
    "grants.warned": "they were told that it ends",
    "grants.told": "they were told that it ended",
    "days.on_page": "which of two tallies the day goes into, for a week",
    "days.counted": "it went into one",
    "remarks.told": "they were told of the answer",
    "contributors.role_agreed": "they acknowledged what is read of their new role",
    "postings.to_compare": "an older copy of the store may not know what became of it",
}
WATCHFUL = re.compile(r"view|presence|idle|click|visit|online|seconds|duration|score|rank|streak|hits|active")
"""Names of columns, keys and settings that would count what people look at or how long."""


def kept_of_people(tables: MetaData, kinds: type) -> set[str]:
    """Columns of these kinds in tables that belong to somebody; the numbers of data keys are not of them."""
    return {
        f"{table.name}.{column.name}"
        for table in tables.sorted_tables
        if table.info.get("owner")
        for column in table.columns
        if isinstance(getattr(column.type, "impl_instance", column.type), kinds)
        if not isinstance(column.type, BigInteger)
    }


def watchful(names: Iterable[str]) -> list[str]:
    return [name for name in names if WATCHFUL.search(name) or WATCHING.search(name.replace("_", " "))]


@pytest.mark.parametrize(
    ("kind", "written"),
    [(DateTime, MOMENTS), (Integer, NUMBERS), (Boolean, FLAGS)],
    ids=["at", "number", "flag"],
)
def test_P12_every_moment_and_number_kept_of_a_person_is_written_down_with_its_reason(kind, written):
    """A column that is not in the list above is not of this project until somebody can say what it is for."""
    assert kept_of_people(schema.metadata, kind) == written.keys()


def test_P12_no_column_at_all_counts_looks_seconds_or_presence():
    names = [
        f"{table.name} {column.name}" for table in schema.metadata.sorted_tables for column in table.columns
    ]
    assert watchful(names) == []


LINK = {
    "token": "a fingerprint, to know it again",
    "contributor": "whose page it opens",
    "delegate": "for whom, where its contributor granted it",
    "purpose": "which page",
    "day": "of which day",
    "serial": "so that the token differs",
    "expires_at": "how long",
    "used_at": "one that confirms does so once; opening a page writes nothing here",
}


def test_P12_of_a_link_nothing_is_kept_but_what_opening_and_confirming_need():
    assert {column.name for column in schema.metadata.tables["links"].columns} <= LINK.keys()


def test_a_column_that_counts_what_somebody_does_is_found():
    planted = MetaData()
    Table(
        "days",
        planted,
        Column("contributor", String(64)),
        Column("last_seen", DateTime),
        Column("page_views", Integer),
        info={"owner": "contributor"},
    )
    assert kept_of_people(planted, DateTime) - MOMENTS.keys() == {"days.last_seen"}
    assert kept_of_people(planted, Integer) - NUMBERS.keys() == {"days.page_views"}
    assert watchful(["page_views", "active_seconds", "screen_time"]) == [
        "page_views",
        "active_seconds",
        "screen_time",
    ]


SPENT = {
    "seconds": "how long a round of ours took",
    "median_seconds": "over half of the days of a stage, of nobody",
    "overtime_window": "how long before and after their hours a person's own tools are believed",
}


def test_P11_no_key_of_the_log_is_about_what_people_do():
    assert watchful(ALLOWED - SPENT.keys()) == []


def test_P11_no_word_of_the_configuration_switches_watching_on():
    words = set(_words(Configuration))
    for kind in connector_types().values():
        words |= set(_words(kind.Settings))
    assert {"tracked", "stage", "calendars"} <= words, "the models are not walked as they should be"
    assert watchful(words - SPENT.keys()) == []


def _words(model: type[BaseModel]) -> Iterator[str]:
    """Every word that may be written there, at any depth."""
    said = model.model_json_schema(by_alias=True)
    for part in (said, *said.get("$defs", {}).values()):
        yield from part.get("properties", {})


# --- what a yes is -----------------------------------------------------------------------------------------


def calls_of(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name:
            yield node


def leading_to(tree: ast.Module, begins: Callable[[ast.Call], bool]) -> set[str]:
    """The public functions of a module that come to such a call, at once or through each other."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    calls = {one.name: [node for node in ast.walk(one) if isinstance(node, ast.Call)] for one in functions}
    found = {name for name, made in calls.items() if any(map(begins, made))}
    while more := {
        name
        for name, made in calls.items()
        if name not in found and found & {getattr(call.func, "id", "") for call in made}
    }:
        found |= more
    return {name for name in found if not name.startswith("_")}


def users(names: Iterable[str], owner: str, trees: Iterable[tuple[Path, ast.Module]]) -> set[str]:
    """The modules that take one of these out of their owner: `deeds.confirm`, or imported by name."""
    wanted = set(names)
    return {
        path.relative_to(ROOT).as_posix()
        for path, tree in trees
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in wanted and _is(node.value, owner))
        or (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").endswith(f".{owner}")
            and wanted & {alias.name for alias in node.names}
        )
    }


def _is(node: ast.expr, owner: str) -> bool:
    return isinstance(node, ast.Name) and node.id == owner


@cache
def everything() -> list[tuple[Path, ast.Module]]:
    return [one for room in MAY_KNOW for one in modules(room)]


ANSWERS = "daybook/mail/replies.py"
"""Where a plain yes by mail, from its contributor and to the digest's own address, is carried out."""


def test_silence_never_confirms_because_only_pages_and_answers_call_what_confirms():
    """A deed of a page or an answer is the only way from a draft to an entry: no round or command is one."""
    deeds = ast.parse((ROOT / "daybook/deeds.py").read_text("utf-8"))
    saying_yes = leading_to(deeds, _keeps_an_entry)
    assert {"confirm", "settle", "correct"} <= saying_yes
    callers = users(saying_yes, "deeds", everything())
    assert ANSWERS in callers
    assert {Path(caller).parent.as_posix() for caller in callers - {ANSWERS}} == {"daybook/page"}, callers
    assert users({"confirm", "corrected", "settle"}, "drafts", everything()) == {"daybook/deeds.py"}


def test_an_entry_and_a_posting_begin_nowhere_else():
    keeping = {
        path.relative_to(ROOT).as_posix()
        for path, tree in everything()
        if any(_keeps_an_entry(node) for node in ast.walk(tree) if isinstance(node, ast.Call))
    }
    assert keeping == {"daybook/deeds.py"}
    assert users({"hold"}, "posting", everything()) == {"daybook/deeds.py"}


def _keeps_an_entry(call: ast.Call) -> bool:
    """`tx.entries.add(...)`, `tx.postings.add(...)`"""
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func) in (
        "tx.entries.add",
        "tx.postings.add",
    )


def test_a_job_that_confirms_is_found():
    planted = ast.parse("from daybook import deeds\ndef tend(house):\n    deeds.confirm(house, who, day)")
    by_name = ast.parse("from daybook.deeds import confirm")
    for tree in (planted, by_name):
        assert users({"confirm"}, "deeds", [(ROOT / "daybook/jobs/tend.py", tree)]) == {
            "daybook/jobs/tend.py"
        }
