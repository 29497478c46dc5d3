"""A yes is one word on the first line; whatever else somebody writes is theirs to read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import reply
from core.reply import LONGEST, YES


def said(text: str) -> reply.Reply:
    return reply.said(text, "Ada Example")


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
        "ok\n\nSent from my phone",
        "ok\n\nViele Grüße\nAda\n\nNorthwind Studio · Bergstraße 1\nThis mail may be confidential.",
        "„bestätigt“",
        '"ok"',
        "\ufeffok\u200b",
        "ok\n\nAm Fr., 20. Nov. 2026 um 07:00 Uhr schrieb Daybook <d@x.example>:\n2 Entwürfe",
        "ok\n\nAm Fr., 20. Nov. 2026 um 07:00 Uhr schrieb Daybook <\ndaybook+a@x.example>:\n2 Entwürfe",
        "ok\n\nOn Fri, Nov 20, 2026 at 7:00 AM Daybook <\ndaybook+a@x.example> wrote:\n2 drafts",
        "ok\n\nFrom: Daybook <d@x.example>\nSent: Friday\n2 drafts",
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


@pytest.mark.parametrize(
    "under",
    [
        "but leave out the ACME call",
        "Please leave out the ACME call, it was private.\nThe rest is right.",
        "Thanks\n\nOne more: on Friday I wrote the report.",
        "On Friday the call was private.\nMy address is ada@x.example",
    ],
)
def test_what_stands_under_a_yes_after_a_gap_is_no_signature(under: str) -> None:
    kept = under.removeprefix("Thanks\n\n")
    assert said(f"ok\n\n{under}\n\nBest regards,\nAda Example\nNorthwind Studio" + QUOTED).words == kept


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
