"""What a letter says is what a mailbox reads, whatever it says; the standard library's `email` judges."""

from __future__ import annotations

import email
import re
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.text import plain
from daybook.mail.mime import Letter
from tests.daybook.mail.said import html, parsed, text

ADA = "ada@northwind.example"
LETTERS = st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\n =.?_-")


def letter(**more: Any) -> Letter:
    headers = {"To": Address("Ada", addr_spec=ADA), "Message-ID": "<a@b>"}
    return Letter(**({"headers": headers, "text": "Hello", "html": "<p>Hello"} | more))


NAMES = st.text(LETTERS | st.sampled_from(',"()<>@;:\\ éß日😀'), max_size=200).map(plain).filter(bool)
NAMES |= st.sampled_from(["=?utf-8?q?Ben?= B", "Ä =?utf-8?b?,é?=", "A" * 1024, "Ä" * 1024])


@settings(max_examples=200)
@given(name=NAMES)
def test_whatever_somebody_is_called_is_read_as_it_was_said(name: str) -> None:
    """The words by the older reader of the two there are: the newer puts a space between two encoded ones."""
    to_them = Address(name, addr_spec=ADA)
    raw = letter(headers={"To": to_them, "Subject": name, "Message-ID": "<a@b>"}).written()
    head = raw.partition(b"\r\n\r\n")[0]
    lines = head.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    encoded = [line for line in lines if b"=?" in line]
    assert max(map(len, encoded), default=0) <= 76
    assert all(len(word) <= 75 for line in encoded for word in re.findall(rb"=\?\S+", line))
    (to,) = parsed(raw)["To"].addresses
    assert to.addr_spec == ADA
    said = email.message_from_bytes(raw)
    assert str(make_header(decode_header(said["Subject"]))) == name
    shown, address = parseaddr(said["To"])
    assert (str(make_header(decode_header(shown))), address) == (name, ADA)


@settings(max_examples=100)
@given(said=st.text(LETTERS, max_size=300), shown=st.text(LETTERS, max_size=300))
def test_whatever_a_letter_says_is_read_as_it_was_said(said: str, shown: str) -> None:
    mail = letter(text=said, html=shown).written()
    assert not parsed(mail).defects
    assert (text(mail).rstrip("\n"), html(mail).rstrip("\n")) == (said.rstrip("\n"), shown.rstrip("\n"))
    assert max(map(len, mail.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76


def test_no_line_begins_as_a_mail_does_in_a_mailbox_file() -> None:
    mail = letter(text="From here on\nFrom there").written()
    assert b"\nFrom " not in mail and text(mail).startswith("From here on\nFrom there")


def test_a_long_line_that_begins_as_a_mail_does_is_no_longer_than_others() -> None:
    for length in range(60, 90):
        said = f"From {'a' * length}"
        mail = letter(text=said).written()
        assert text(mail) == said + "\n" and b"\nFrom " not in mail
        assert max(map(len, mail.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76


def test_S07_a_header_with_a_line_break_is_refused() -> None:
    for end in ("\r\n", "\n", "\r"):
        broken = letter()
        broken.headers["List-Id"] = f"<a>{end}Bcc: ben@x.example"
        with pytest.raises(ValueError, match="linefeed"):
            broken.written()
