"""A sentence that can be said again in another language is plain English to everybody else."""

from __future__ import annotations

import pickle
from datetime import date

from core.model import Verdict
from core.said import Said, counted

UNTIL = Said(
    "It waits {time}, until {day}.", time=counted("{number} day", "{number} days", 3), day=date(2026, 11, 2)
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
