"""A yes is one word on the first line; whatever else somebody writes is theirs to read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reply import LONGEST, YES, said

QUOTED = "\n\nOn Friday Daybook wrote:\n> 2 drafts, 2 h\n> ok\n"


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "OK.",
        "\n\n  Ok! \n",
        "*ok*",
        "Bestätigt",
        "besta\u0308tigt",
        "confirmed" + QUOTED,
        "okay\n\nAda Example\nNorthwind Studio",
        "ok\n-- \nAda Example",
        "ok\r\n\r\nVon meinem Telefon gesendet",
    ],
)
def test_a_plain_yes_is_taken_whatever_is_under_it(text: str) -> None:
    assert said(text).yes and said(text).words == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok?",
        "not ok",
        "ok for the first two",
        "ok, but not the ACME call",
        "nicht bestätigt",
        "Hello\nok",
        "> ok\nthat was not mine",
        "oκ",
        "yes please",
        "-----Original Message-----\nok",
        "-- \nok",
        "ok wrote:\nok",
    ],
)
def test_what_is_not_exactly_a_yes_is_none(text: str) -> None:
    assert not said(text).yes


def test_what_stands_right_under_a_yes_is_kept_and_a_signature_is_not() -> None:
    assert said("ok\nbut the ACME call was a holiday\n\nAda").words == "but the ACME call was a holiday"


def test_what_they_wrote_is_kept_without_what_it_quotes() -> None:
    assert said("The call was\nthirty minutes." + QUOTED).words == "The call was\nthirty minutes."
    assert said("> 2 drafts\nWhich two?").words == "Which two?"


@given(st.text(min_size=1), st.sampled_from(sorted(YES)))
def test_a_word_before_a_yes_or_behind_it_makes_it_none(word: str, yes: str) -> None:
    if word.isalpha():
        assert not said(f"{yes} {word}").yes and not said(f"{word} {yes}").yes


@given(st.text())
def test_no_more_is_kept_than_somebody_writes_by_hand(text: str) -> None:
    assert len(said(text).words) <= LONGEST


@given(st.sampled_from(sorted(YES)), st.text())
def test_no_quote_and_no_signature_takes_a_yes_away(word: str, under: str) -> None:
    assert said(f"{word}\n\n{under}").yes
