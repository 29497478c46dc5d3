"""What the two parts of a mail say, taken out of each by itself; and facts to compose from."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from core.policy import Policy
from daybook.mail.facts import (
    AnnouncementFacts,
    DigestFacts,
    Envelope,
    InvitationFacts,
    Line,
    ReportFacts,
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


def policy(**more: Any) -> Policy:
    told: dict[str, Any] = {
        "why": "Two invoices were disputed this quarter.",
        "contact": "ops@northwind.example",
        "effective": date(2026, 11, 1),
        "tracked": {"jira": ["title", "weather"]},
        "not_tracked": ["screen", "keyboard"],
    }
    return Policy.model_validate(told | more)


def text(message: EmailMessage) -> str:
    return _part(message, "plain")


def html(message: EmailMessage) -> str:
    return _part(message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


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


def facts_of_text(message: EmailMessage) -> tuple[list[str], list[str], set[str]]:
    """The words but for links, all lengths of time, and where links lead."""
    plain = text(message).replace("\n-- \n", "\n")
    links = set(re.findall(r"https?://\S+", plain))
    return _facts(re.sub(r"https?://\S+", " ", plain)), _lengths(plain), links


def facts_of_html(message: EmailMessage) -> tuple[list[str], list[str], set[str]]:
    shown = Shown(html(message))
    said = " / ".join(shown.words)
    return _facts(said), _lengths(said), {href for _, href in shown.links}


def _facts(said: str) -> list[str]:
    """The words alone, in no order: a column of one part is a line of the other."""
    return sorted(re.findall(r"[\w'<>&-]+", said.casefold()))


def _lengths(said: str) -> list[str]:
    return sorted(re.findall(DURATION, " ".join(said.split())))
