"""Facts in, a mail out. The same facts give the same bytes, so a mail sent twice is one mail (E-05).

The text and the HTML part are two templates around the same words. Styles are
written into each element, because most mailboxes drop what a style sheet says;
nothing in a mail is fetched from anywhere (E-11).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from datetime import UTC
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from connectors.text import plain
from daybook.languages import language, speaking
from daybook.mail import words
from daybook.mail.facts import (
    AnnouncementFacts,
    DelegateFacts,
    DigestFacts,
    Envelope,
    InvitationFacts,
    LookBackFacts,
    OwnFacts,
    ReportFacts,
    StopFacts,
)
from daybook.mail.mime import Letter
from daybook.words import no_pilot, policy

MOST_LISTED = 60
"""More drafts than this are counted by day (E-02)."""
MOST_HTML = 60_000
"""Bytes; above 102 KB some mailboxes cut a mail off."""
MOST_BYTES = 100_000
"""Of a whole mail."""
COLUMNS = 76
_COUNTED, _STAYS = re.compile(r"(?<=\d) (?=\w)"), "\N{NO-BREAK SPACE}"

Facts = (
    DigestFacts
    | LookBackFacts
    | InvitationFacts
    | AnnouncementFacts
    | ReportFacts
    | OwnFacts
    | DelegateFacts
    | StopFacts
)
F = TypeVar("F", bound=Facts)


def digest(facts: DigestFacts) -> bytes:
    """The daily mail, or its reminder; where its list would be too long to read, only a number."""
    letter = _digest(facts, full=len(facts.lines) <= MOST_LISTED)
    mail = letter.written()
    if len(letter.html.encode()) <= MOST_HTML and len(mail) <= MOST_BYTES:
        return mail
    return _digest(facts, full=False).written()


def lookback(facts: LookBackFacts) -> bytes:
    """What somebody's week came to, for them alone."""
    return _letter(facts, words.look_back_subject).written()


def invitation(facts: InvitationFacts) -> bytes:
    """What is tracked, why, for how long and for whom, before anything is (P3)."""
    with speaking(facts.envelope.language):
        sections = [*policy(facts.policy, facts.tools), *no_pilot(facts.no_pilot)]
    return _letter(facts, words.invitation_subject, sections=sections).written()


def announcement(facts: AnnouncementFacts) -> bytes:
    """What changes about the policy, and from when (P-08)."""
    return _letter(facts, words.announcement_subject).written()


def report(facts: ReportFacts) -> bytes:
    """That there are new reports, the same for everybody who may read them (P-25)."""
    return _letter(facts, words.report_subject).written()


def stop(facts: StopFacts) -> bytes:
    """That the rollout stopped by itself, and why."""
    return _letter(facts, lambda _: str(words.STOPPED)).written()


def own(facts: OwnFacts) -> bytes:
    """The link to what is theirs and of no day (S-03)."""
    return _at_once(facts, words.OWN)


def delegate(facts: DelegateFacts) -> bytes:
    """The link to the days that a colleague granted (P1)."""
    return _at_once(facts, words.DELEGATED)


def _at_once(facts: OwnFacts | DelegateFacts, subject: str) -> bytes:
    """A mail that somebody pressed a button for: a day may have several, each with another link."""
    envelope, letter = facts.envelope, _letter(facts, lambda _: str(subject))
    name = sha256(facts.link.encode()).hexdigest()[:16]
    letter.headers["Message-ID"] = message_id(envelope.kind, name, envelope.contributor, envelope.host)
    return letter.written()


def message_id(kind: str, name: object, contributor: str, host: str) -> str:
    """The same for each attempt at one mail.

    Takes    name: what tells it from others of its kind, the day or the week
    """
    return f"<{kind}.{name}.{contributor}@{host}>"


def _digest(facts: DigestFacts, *, full: bool) -> Letter:
    if not (full and facts.ready):
        facts = facts.model_copy(update={"answer": None})  # a yes says what was read, and here it was not
    letter = _letter(facts, words.digest_subject, full=full)
    if facts.answer:
        letter.headers["Reply-To"] = facts.answer
    return letter


def _letter(facts: F, subject: Callable[[F], str], **more: Any) -> Letter:
    """Both parts and the headers, in the language of whom it goes to."""
    envelope = facts.envelope
    direction = language(envelope.language).locale.text_direction
    said = {"say": words, "envelope": envelope, "facts": facts, "direction": direction} | more
    with speaking(envelope.language):
        text, html = (_rendered(f"{envelope.kind}.{form}", said) for form in ("txt", "html"))
        headers = _headers(envelope, subject(facts))
    return Letter(headers, text, _inliner(direction).inline(html))


def _rendered(name: str, said: dict[str, Any]) -> str:
    """Without halves of characters, which JSON and YAML can hold and no mail can."""
    return _template(name).render(said).encode(errors="replace").decode()


def _headers(envelope: Envelope, subject: str) -> dict[str, str | Address]:
    """Every header but those of the MIME parts.

    Source   RFC 3834 (Auto-Submitted), RFC 2919 (List-Id), RFC 8058 (List-Unsubscribe-Post)
    """
    year, week, _ = envelope.day.isocalendar()
    thread = message_id(envelope.kind, f"{year}-W{week:02}", envelope.contributor, envelope.host)
    headers: dict[str, str | Address] = {
        "From": _mailbox(*parseaddr(envelope.sender)),
        "To": _mailbox(envelope.name, envelope.address),
        "Subject": subject,
        "Date": format_datetime(envelope.at.astimezone(UTC)),
        "Message-ID": message_id(envelope.kind, envelope.day, envelope.contributor, envelope.host),
        "References": thread,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": envelope.language,
        "List-Id": f"<{envelope.kind}.{envelope.host}>",
    }
    if envelope.less:
        headers["List-Unsubscribe"] = f"<{envelope.less}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _mailbox(name: str, address: str) -> Address:
    """Raises ValueError for what is no address."""
    if not address.isascii() or not address.isprintable():
        raise ValueError("An address with letters beyond ASCII cannot be mailed yet.")
    try:
        return Address(plain(name), addr_spec=address)
    except (ValueError, IndexError, AttributeError):  # what the standard parser says to nonsense varies
        raise ValueError("This is no address that can be mailed.") from None


@cache
def _inliner(direction: str) -> CSSInliner:
    """Writes letter.css into the elements; the style sheet in a mail, for the dark, is an extra and stays."""
    styles = _template("letter.css").render(direction=direction)
    return CSSInliner(extra_css=styles, inline_style_tags=False, keep_style_tags=True)


@cache
def _template(name: str) -> Template:
    return _templates().get_template(name)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("daybook.mail"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"wrapped": _wrapped, "heading": _heading}
    return environment


def _heading(text: str) -> str:
    return _wrapped(str(text).upper())


def _wrapped(text: str, indent: str = "") -> str:
    """In lines of so many columns; a number stays with what it counts."""
    line = f"{indent}{text}"
    if len(line) <= COLUMNS and line.isprintable():
        return line
    lines = textwrap.fill(
        _COUNTED.sub(_STAYS, str(text)),
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    return lines.replace(_STAYS, " ")
