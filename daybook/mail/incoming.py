"""A mail that came to us, read: from whom, to which of our addresses, by a person or a machine, and its text.

Anybody can write to a mailbox. So nothing in a mail is believed, nothing in it is opened but its text, and
whatever is wrong with it, it is read as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from hashlib import sha256
from html.parser import HTMLParser

from connectors.text import plain
from core.model import Noun

MOST_LINES = 400
DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
"""Headers in which the address stands that it came to."""
MACHINES = re.compile(r"bulk|junk|list|auto", re.IGNORECASE)
"""In `Precedence`, of a mail that no person wrote just now."""
SIGNS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress", "List-Id")
"""Headers of mails that machines send."""
FORGED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
FAILED = re.compile(r"5\.\d{1,3}\.\d{1,3}")
"""The address will not take mail, in a report about a delivery (RFC 3463)."""


class Incoming(Noun):
    """One mail, as far as it matters."""

    name: str
    """To know it again: the same for the same mail."""
    sender: str | None
    """The one address it says it is from; None where it names none, or several."""
    to: tuple[str, ...]
    by_machine: bool
    """An out-of-office notice, a newsletter, a report about a delivery (RFC 3834)."""
    refused: bool
    """A report that something we sent was refused for good (RFC 3464)."""
    doubted: bool
    """A mail server on its way found that its sender's domain did not send it (DMARC)."""
    text: str


def read(raw: bytes) -> Incoming:
    """Takes    raw: a mail, or its beginning"""
    try:
        message = message_from_bytes(raw)
        text, refused = _text(message), _is_refusal(message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        # what the standard parser says to nonsense varies; its headers can still be read
        message, text, refused = BytesHeaderParser().parsebytes(raw), "", False
    froms = _addresses(message, "From")
    return Incoming(
        name=sha256(raw).hexdigest(),
        sender=froms[0] if len(froms) == 1 else None,
        to=tuple(address for name in DELIVERED for address in _addresses(message, name)),
        by_machine=_is_by_machine(message),
        refused=refused,
        doubted=any(FORGED.search(str(said)) for said in message.get_all("Authentication-Results", [])),
        text=text,
    )


def _addresses(message: Message, name: str) -> list[str]:
    said = [str(value) for value in message.get_all(name, [])]
    return [address.strip().lower() for _, address in getaddresses(said) if "@" in address]


def _is_by_machine(message: Message) -> bool:
    submitted = str(message.get("Auto-Submitted", "no")).strip().lower()
    return bool(
        not submitted.startswith("no")
        or MACHINES.search(str(message.get("Precedence", "")))
        or any(name in message for name in SIGNS)
        or str(message.get("Return-Path", "")).strip() == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _is_refusal(message: Message) -> bool:
    """Not one that says it takes longer, nor one about a mail server that was away."""
    if message.get_content_type() != "multipart/report":
        return False
    reports = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    blocks = [block for report in reports for block in report.walk() if "Action" in block]
    return any(
        str(block["Action"]).strip().lower() == "failed"
        and FAILED.match(str(block.get("Status", "")).strip())
        for block in blocks
    )


# --- its text ----------------------------------------------------------------------------------------------


def _text(message: Message) -> str:
    """What a person reads first in it: the plain part, else the HTML without its markup; no attachment."""
    parts = list(_readable(message))
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind:
                text = _decoded(part)
                return _lines(_Page.text(text) if kind == "text/html" else text)
    return ""


def _readable(message: Message) -> Iterator[Message]:
    """Its parts, but for mails inside it and files attached to it."""
    if message.get_content_maintype() == "message" or message.get_content_disposition() == "attachment":
        return
    if message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _readable(part)
    else:
        yield message


def _decoded(part: Message) -> str:
    raw = part.get_payload(decode=True)
    written = raw if isinstance(raw, bytes) else b""
    try:
        return written.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:  # no charset of that name
        return written.decode("utf-8", "replace")


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines()[:MOST_LINES])


class _Page(HTMLParser):
    """Keeps the text of a page, a line for each block, without what it quotes."""

    HIDDEN = frozenset({"style", "script", "title", "head", "blockquote"})
    BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "table"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._hidden = 0
        self._said: list[str] = []

    @classmethod
    def text(cls, html: str) -> str:
        page = cls()
        page.feed(html)
        page.close()
        return "".join(page._said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self.HIDDEN
        self._breaks(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self.HIDDEN))
        self._breaks(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._said.append(" ".join(data.split()) if data.strip() else " ")

    def _breaks(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self._said.append("\n")
