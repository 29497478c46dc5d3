"""What a letter says is what a mailbox reads, whatever it says; the standard library's `email` judges."""

from __future__ import annotations

from email.headerregistry import Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daybook.mail.mime import Letter
from tests.daybook.mail.said import html, parsed, text

LETTERS = st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\n =.?_-")


def letter(**more: Any) -> Letter:
    headers = {"To": Address("Ada", addr_spec="ada@northwind.example"), "Message-ID": "<a@b>"}
    return Letter(**({"headers": headers, "text": "Hello", "html": "<p>Hello"} | more))


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


def test_S07_a_header_with_a_line_break_is_refused() -> None:
    for end in ("\r\n", "\n", "\r"):
        broken = letter()
        broken.headers["List-Id"] = f"<a>{end}Bcc: ben@x.example"
        with pytest.raises(ValueError, match="linefeed"):
            broken.written()
