"""A sentence that can be said again in another language is plain English to everybody else."""

from __future__ import annotations

import json
import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.model import Noun, Verdict
from core.said import Kept, Said, Word, counted, read, written

UNTIL = Said(
    "It waits {time}, until {day}.", time=counted("{number} day", "{number} days", 3), day=date(2026, 11, 2)
)


WORD = st.text() | st.integers() | st.booleans() | st.dates() | st.datetimes()
SAID = st.recursive(
    st.builds(Said, st.just("{form}: {words}"), form=WORD | st.lists(WORD), words=WORD),
    lambda inner: (
        st.builds(Said, st.just("{day} {number}"), day=inner, number=st.lists(inner | WORD))
        | st.builds(
            counted, st.just("{number} {form}"), st.just("{number} {form}s"), st.integers(), form=inner
        )
    ),
)


def test_it_is_english_by_itself() -> None:
    assert UNTIL == "It waits 3 days, until 2 November 2026."
    assert counted("{number} day", "{number} days", 1) == "1 day"
    assert Said("Read: {what}.", what=("title", "time")) == "Read: title, time."


def test_a_verdict_keeps_what_it_was_made_of() -> None:
    held = pickle.loads(pickle.dumps(Verdict(allowed=False, reason=UNTIL))).reason
    assert isinstance(held, Said) and (held.form, held.words["day"]) == (UNTIL.form, date(2026, 11, 2))


def test_kept_as_json_it_is_its_english() -> None:
    assert Verdict(allowed=False, reason=UNTIL).model_dump_json() == f'{{"allowed":false,"reason":"{UNTIL}"}}'


class Held(Noun):
    why: Kept


def test_written_down_to_be_said_again_it_keeps_its_form_its_words_and_their_kinds() -> None:
    again = Held.model_validate_json(Held(why=UNTIL).model_dump_json()).why
    assert isinstance(again, Said) and again == UNTIL
    assert (again.form, again.words["day"]) == (UNTIL.form, date(2026, 11, 2))
    held = again.words["time"]
    assert isinstance(held, Said) and (held.form, held.many) == ("{number} day", "{number} days")


def parts(said: Word) -> object:
    if isinstance(said, Said):
        return said.form, said.many, {name: parts(word) for name, word in said.words.items()}
    if isinstance(said, list):
        return [parts(one) for one in said]
    return date(said.year, said.month, said.day) if isinstance(said, date) else said


@given(SAID)
def test_whatever_is_said_is_read_again_as_it_was_written_down(said: Said) -> None:
    again = read(json.loads(json.dumps(written(said), ensure_ascii=False)))
    assert (again, parts(again)) == (said, parts(said))
    kept = Held.model_validate_json(Held(why=said).model_dump_json()).why
    assert (kept, parts(kept)) == (said, parts(said))
    assert parts(pickle.loads(pickle.dumps(said))) == parts(said)


def test_plain_text_is_written_down_as_it_is_and_what_is_no_sentence_is_refused() -> None:
    assert Held(why="Too many left.").model_dump_json() == '{"why":"Too many left."}'
    with pytest.raises(ValidationError, match="is no sentence"):
        Held.model_validate_json('{"why": ["Too many left."]}')
