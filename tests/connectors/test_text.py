"""What people typed, made safe to store, mail and show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.text import LONGEST, plain


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ACME call", "ACME call"),
        ("  two   words ", "two words"),
        ("one\r\nBcc: everyone@example.com", "one Bcc: everyone@example.com"),
        ("a\u2028b\u2029c\x00d\x1be\x85f", "a b c d e f"),
        ("pay \u202e01\u202c min", "pay 01 min"),
        ("\ufeffcall\u200f", "call"),
        ("half \ud83d of a smile", "half \ufffd of a smile"),
        ("family 👨‍👩‍👧 day", "family 👨‍👩‍👧 day"),
        ("会議 Besprechung", "会議 Besprechung"),
        ("\t\n", ""),
    ],
)
def test_S07_a_title_becomes_one_plain_line(typed: str, shown: str) -> None:
    assert plain(typed) == shown


def test_S12_five_megabytes_of_title_are_cut() -> None:
    assert plain("x" * 5_000_000) == "x" * LONGEST
    assert len(plain("é\u202e " * 1_000_000)) <= LONGEST


@given(st.text(st.characters(), max_size=3000))
def test_S07_whatever_was_typed_the_line_is_one_line_short_storable_and_stays_as_it_is(typed: str) -> None:
    line = plain(typed)
    assert len(line) <= LONGEST
    assert len(line.splitlines()) <= 1
    line.encode()
    assert plain(line) == line
