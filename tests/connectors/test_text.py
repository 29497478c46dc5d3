"""What people typed, made safe to store, mail and show."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.text import LONGEST, plain, whole


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


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (rb'"\ud83d\ude00 \uD83D\uDE00"', "\N{GRINNING FACE} \N{GRINNING FACE}"),
        (rb'"\ud83d of a smile"', "\ufffd of a smile"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\N{GRINNING FACE}"),
        (rb'"\\ud83d \\\ud83d"', "\\ud83d \\\ufffd"),
        ('"\N{GRINNING FACE}"'.encode(), "\N{GRINNING FACE}"),
        (b'\xef\xbb\xbf"begun with a mark"', "begun with a mark"),
        (b'"\xff"', "\ufffd"),
    ],
)
def test_S12_json_is_read_with_a_sign_for_each_half_of_a_character(written: bytes, said: str) -> None:
    assert json.loads(whole(written)) == said


@given(st.text(st.characters()))
def test_S12_whatever_json_escapes_can_be_stored_once_it_is_read(typed: str) -> None:
    said = json.loads(whole(json.dumps(typed).encode()))
    said.encode()
    assert not typed.isprintable() or said == typed
