"""What the two parts of a mail say, taken out of each by itself; and facts to compose from."""

from __future__ import annotations

import email
import re
from datetime import date, datetime
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from core.look_back import Unanswered
from core.policy import Policy
from daybook.mail import compose
from daybook.mail.facts import (
    AnnouncementFacts,
    DelegateFacts,
    DigestFacts,
    Envelope,
    InvitationFacts,
    Line,
    LookBackFacts,
    OwnFacts,
    ReportFacts,
    Spent,
    StopFacts,
    Target,
    WaitingDay,
)
from daybook.words import Tool

BERLIN = ZoneInfo("Europe/Berlin")
TODAY, YESTERDAY = date(2026, 11, 20), date(2026, 11, 19)
BASE = "https://daybook.northwind.example"
TOKEN = "ab12-" + "q7x" * 17
DURATION = r"(?:\d+ h \d+ min|\d+ h|\d+ min)"


def envelope(**more: Any) -> Envelope:
    told: dict[str, Any] = {
        "kind": "digest",
        "contributor": "c-23456789abcd",
        "day": TODAY,
        "at": datetime(2026, 11, 20, 8, 30, tzinfo=BERLIN),
        "sender": "Daybook <daybook@northwind.example>",
        "name": "Ada Example",
        "address": "ada@northwind.example",
        "organisation": "Northwind Studio",
        "host": "daybook.northwind.example",
        "less": f"{BASE}/less/{TOKEN}",
        "wrong": f"{BASE}/day/{TOKEN}/wrong",
        "version": "3f2a9c01d4be",
        "since": date(2026, 11, 1),
    }
    return Envelope(**(told | more))


def line(time: str = "09:00-09:30", minutes: int = 30, text: str = "Stand-up", **more: Any) -> Line:
    told: dict[str, Any] = {
        "project": "ACME website",
        "target": Target(tool="Jira", task="WEB-12"),
        "confidence": "sure",
        "because": "In your calendar; you accepted.",
        "attention": None,
    }
    return Line(times=(time,) if time else (), minutes=minutes, text=text, **(told | more))


def digest(*lines: Line, **more: Any) -> DigestFacts:
    told: dict[str, Any] = {
        "envelope": envelope(),
        "days": (WaitingDay(day=YESTERDAY, lines=lines or (line(),)),),
        "look": f"{BASE}/day/{TOKEN}",
        "confirm": f"{BASE}/confirm/{TOKEN}",
    }
    return DigestFacts(**(told | more))


def invitation(**more: Any) -> InvitationFacts:
    told: dict[str, Any] = {
        "envelope": envelope(kind="invitation", less=None),
        "policy": policy(),
        "tools": (
            Tool(
                called="Jira",
                tracked=(("title", "The title of an issue."), ("weather", "")),
                readers="everyone who can see the issue",
            ),
        ),
        "again": False,
        "agree": f"{BASE}/invite/{TOKEN}",
    }
    return InvitationFacts(**(told | more))


def announcement(**more: Any) -> AnnouncementFacts:
    told: dict[str, Any] = {
        "envelope": envelope(kind="announcement", less=None, version="77aa9c01d4be", since=TODAY),
        "agreed_to": "3f2a9c01d4be",
        "already": ("A figure may be about 12 people; it was 8.",),
        "later": (
            "What calendars and tools said is kept for 90 days, not for 45 days.",
            "In Jira, this is read besides: <b>labels</b>.",
        ),
        "coming": "88bb9c01d4be",
        "day": date(2026, 12, 5),
        "read": f"{BASE}/invite/{TOKEN}",
    }
    return AnnouncementFacts(**(told | more))


def report(**more: Any) -> ReportFacts:
    told: dict[str, Any] = {
        "envelope": envelope(kind="report", less=None),
        "titles": ("Confirmed time by team, 16 to 22 November 2026",),
        "manages": False,
        "look": f"{BASE}/report/{TOKEN}",
    }
    return ReportFacts(**(told | more))


def lookback(**more: Any) -> LookBackFacts:
    told: dict[str, Any] = {
        "envelope": envelope(kind="lookback", less=f"{BASE}/less/{TOKEN}/look-back"),
        "first": date(2026, 11, 9),
        "last": date(2026, 11, 15),
        "spent": (
            Spent(project="ACME website", attended=1_110, attributed=1_170),
            Spent(project="Internal", attended=255, attributed=255),
            Spent(project=None, attended=30, attributed=30),
        ),
        "corrected": 2,
        "contradicted": 1,
        "unanswered": (
            Unanswered(day=date(2026, 11, 12), drafts=1, minutes=45, closed=True),
            Unanswered(day=date(2026, 11, 13), drafts=3, minutes=105, closed=False),
        ),
    }
    return LookBackFacts(**(told | more))


SEVERAL = (
    line("09:00-09:15", 15, "Stand-up", project="Internal", target="none"),
    line("from 09:15", 165, "WEB-12 Checkout forgets <b>addresses</b> & more", confidence="likely"),
    line("", 90, "Press kit", target=Target(tool="Asana", task="1201000000000777")),
    line(
        "16:00-16:45", 45, "", project=None, target=None, confidence="unsure", attention="Choose a project."
    ),
)


def every(language: str = "en") -> dict[str, bytes]:
    """A mail of each kind, in its fullest form."""

    def to(kind: str, less: str | None = None) -> Envelope:
        return envelope(kind=kind, less=less, language=language)

    days = (
        WaitingDay(day=date(2026, 11, 18), lines=SEVERAL[:2], logged=30, away=240, gaps=45, closes=True),
        WaitingDay(day=YESTERDAY, lines=SEVERAL[2:]),
    )
    less = f"{BASE}/less/{TOKEN}"
    news = {"unconnected": ("Jira", "Asana"), "connect": f"{BASE}/day/{TOKEN}/connections", "older": 3}
    answers = {"answered": 1, "answers": f"{BASE}/day/{TOKEN}/rollout"}
    answer = f"daybook+{TOKEN}@northwind.example"
    own, granted = f"{BASE}/own/{TOKEN}", f"{BASE}/delegate/{TOKEN}"
    until = datetime(2026, 11, 20, 10, 30, tzinfo=BERLIN)
    return {
        "digest": compose.digest(
            digest(days=days, envelope=to("digest", less), answer=answer, **news, **answers)
        ),
        "reminder": compose.digest(digest(days=days, envelope=to("reminder", f"{less}/reminder"))),
        "lookback": compose.lookback(lookback(envelope=to("lookback", f"{less}/look-back"))),
        "invitation": compose.invitation(invitation(envelope=to("invitation"))),
        "announcement": compose.announcement(announcement(envelope=to("announcement"))),
        "report": compose.report(report(envelope=to("report"))),
        "own": compose.own(OwnFacts(envelope=to("own"), link=own, until=until)),
        "delegate": compose.delegate(
            DelegateFacts(envelope=to("delegate"), whose="Ben Example", until=TODAY, link=granted)
        ),
        "rollout": compose.stop(
            StopFacts(envelope=to("rollout"), why="Three of twelve left.", look=f"{BASE}/rollout/{TOKEN}")
        ),
    }


def policy(**more: Any) -> Policy:
    told: dict[str, Any] = {
        "why": "Two invoices were disputed this quarter.",
        "contact": "ops@northwind.example",
        "effective": date(2026, 11, 1),
        "tracked": {"jira": ["title", "weather"]},
        "not_tracked": ["screen", "keyboard"],
    }
    return Policy.model_validate(told | more)


def parsed(mail: bytes) -> Any:
    """As a mailbox reads it."""
    return email.message_from_bytes(mail, policy=SMTP)


def text(message: bytes) -> str:
    return _part(message, "plain")


def html(message: bytes) -> str:
    return _part(message, "html")


def _part(message: bytes, kind: str) -> str:
    part = parsed(message).get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n")


class Shown(HTMLParser):
    """An HTML part as a reader meets it: its words, and where its links lead."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._unseen = False
        self._link: str | None = None
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._unseen = self._unseen or tag in ("style", "title")
        if tag == "a":
            self._link = dict(attrs)["href"]

    def handle_endtag(self, tag: str) -> None:
        self._unseen = self._unseen and tag not in ("style", "title")
        self._link = None if tag == "a" else self._link

    def handle_data(self, said: str) -> None:
        if not self._unseen:
            self.words.append(said)
        if self._link is not None:
            self.links.append((said, self._link))


def facts_of_text(message: bytes) -> tuple[list[str], list[str], set[str]]:
    """The words but for links, all lengths of time, and where links lead."""
    plain = text(message).replace("\n-- \n", "\n")
    links = set(re.findall(r"https?://\S+", plain))
    return _facts(re.sub(r"https?://\S+", " ", plain)), _lengths(plain), links


def facts_of_html(message: bytes) -> tuple[list[str], list[str], set[str]]:
    shown = Shown(html(message))
    said = " / ".join(shown.words)
    return _facts(said), _lengths(said), {href for _, href in shown.links}


def _facts(said: str) -> list[str]:
    """The words alone, in no order: a column of one part is a line of the other."""
    return sorted(re.findall(r"[\w'<>&-]+", said.casefold()))


def _lengths(said: str) -> list[str]:
    return sorted(re.findall(DURATION, " ".join(said.split())))
