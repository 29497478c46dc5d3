"""What leaves as CSV is read as it was written, and begins no formula (S-08)."""

from __future__ import annotations

import csv as strict
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheet import csv, harmless

WIDE = "\uff1d\uff0b\uff0d\uff20"
STARTS = f"=+-@\t\r\n\0{WIDE}"
"""What OWASP lists; written out here once more, so that the list of the code is not its own proof."""

cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["", " ", "\N{NO-BREAK SPACE}", "\x0b", "\ufeff", "\u200b"]),
    st.sampled_from(STARTS),
    st.text("=+-@\t\"',;\r\n|!ab1", max_size=8),
)


def read(written: bytes) -> list[list[str]]:
    return list(strict.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), strict=True))


@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=4))
def test_S08_every_cell_comes_back_as_it_was_with_at_most_an_apostrophe_before_it(rows):
    (_, *came) = read(csv(["a"], rows))
    assert len(came) == len(rows)
    for wrote, got in zip(rows, came, strict=True):
        assert [cell.replace("\0", "\N{REPLACEMENT CHARACTER}") for cell in wrote] == [
            cell.removeprefix("'") if not one.startswith("'") else cell
            for one, cell in zip(wrote, got, strict=True)
        ]


@given(cells)
def test_S08_no_cell_begins_what_a_spreadsheet_would_run(cell):
    (_, (came,)) = read(csv(["a"], [[cell]]))
    assert not came.startswith(tuple(STARTS))
    assert not came.lstrip(" \x0b\ufeff\u200b\N{NO-BREAK SPACE}").startswith(tuple(f"=+-@{WIDE}"))


@pytest.mark.parametrize("planted", ["=1+1", "\t=1+1", "\r=1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "-2"])
def test_S08_what_others_let_through_is_closed(planted):
    assert harmless(planted) == f"'{planted}"


def test_plain_words_and_numbers_stay_as_they_are():
    assert read(csv(["day", "minutes"], [["2026-11-19", 45], ['Ada\'s "call", ACME', 0]])) == [
        ["day", "minutes"],
        ["2026-11-19", "45"],
        ['Ada\'s "call", ACME', "0"],
    ]


def test_a_title_that_is_no_text_at_all_breaks_no_file():
    assert b"?" in csv(["a"], [["\ud800"]])
