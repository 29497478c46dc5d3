"""Whatever anybody is called or writes, a mail is one mail, to one person, with our headers alone (S-07)."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given, settings

from config.schema import Mail
from daybook.mail import compose
from daybook.mail.facts import DelegateFacts, OwnFacts, StopFacts, Target
from daybook.mail.send import Carrier
from tests.daybook.mail import said
from tests.daybook.mail.said import BASE, TODAY, TOKEN, line
from tests.daybook.mail.test_compose import anything
from tests.daybook.mail.test_send import ADA, SENDER, Desk, listening

AT = said.envelope().at
LINK = f"{BASE}/own/{TOKEN}"


def to(kind: str, text: str) -> Any:
    less = f"{BASE}/less/{TOKEN}" if kind in ("digest", "reminder", "lookback") else None
    return said.envelope(kind=kind, name=text, organisation=text, less=less)


def drafts(kind: str, text: str) -> bytes:
    one = line(text=text, project=text, because=text, attention=text, target=Target(tool=text, task=text))
    return compose.digest(said.digest(one, envelope=to(kind, text), unconnected=(text,), connect=LINK))


MAILS: dict[str, Callable[[str], bytes]] = {
    "digest": lambda text: drafts("digest", text),
    "reminder": lambda text: drafts("reminder", text),
    "lookback": lambda text: compose.lookback(said.lookback(envelope=to("lookback", text))),
    "invitation": lambda text: compose.invitation(
        said.invitation(envelope=to("invitation", text), no_pilot=text)
    ),
    "announcement": lambda text: compose.announcement(
        said.announcement(envelope=to("announcement", text), later=(text,), already=(text,))
    ),
    "report": lambda text: compose.report(said.report(envelope=to("report", text), titles=(text,))),
    "own": lambda text: compose.own(OwnFacts(envelope=to("own", text), link=LINK, until=AT)),
    "delegate": lambda text: compose.delegate(
        DelegateFacts(envelope=to("delegate", text), whose=text, until=TODAY, link=LINK)
    ),
    "rollout": lambda text: compose.stop(StopFacts(envelope=to("rollout", text), why=text, look=LINK)),
}
"""Each kind, with this in every field that is not ours."""
ENDS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\ud800")


def names(raw: bytes) -> list[bytes]:
    """Of its headers, as they stand in the bytes."""
    return re.findall(rb"(?m)^([^\s:]+):", raw.partition(b"\r\n\r\n")[0])


def test_S07_every_kind_of_mail_is_among_these() -> None:
    assert MAILS.keys() == said.every().keys()


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_S07_a_header_that_a_name_brings_along_is_seen(end: bytes) -> None:
    ours = MAILS["own"]("Ada")
    planted = ours.replace(b"Subject: ", b"Subject: Ada" + end + b"Bcc: ben@x.example" + end + b"X-", 1)
    assert planted != ours and b"Bcc" in {*names(planted)} - {*names(ours)}


@pytest.mark.parametrize("kind", MAILS)
@settings(max_examples=25)
@given(text=anything)
def test_S07_no_text_adds_a_header_a_part_or_a_recipient(kind: str, text: str) -> None:
    raw = MAILS[kind](text)
    assert names(raw) == names(MAILS[kind]("Ada"))
    message: Any = email.message_from_bytes(raw, policy=SMTP)
    assert not message.defects
    assert [one.addr_spec for one in message["To"].addresses] == [ADA]
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]


@pytest.mark.parametrize("kind", MAILS)
def test_S07_a_mail_server_takes_one_mail_for_one_person(kind: str) -> None:
    for end in ENDS:
        text = f"Ada{end}Bcc: ben@x.example{end}{end}.{end}RCPT TO:<ben@x.example>{end}, <ben@x.example>"
        desk = Desk()
        with listening(desk) as server:
            carrier = Carrier(Mail(sender=SENDER, smtp=server, tls="none"))
            carrier.send(MAILS[kind](text), ADA)
            carrier.rest()
        ((_, taken, raw),) = desk.taken
        assert (taken, b"bcc" in [name.lower() for name in names(raw)]) == ([ADA], False)
