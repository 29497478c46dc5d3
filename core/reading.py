"""An activity as somebody outside wrote it down, read, or set aside with what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.model import LONGEST_NAME, Activity, Parked

_LONGEST_WORD = 80
_LONGEST_REASON = 300
_A_TIME = "write it like 2026-11-20T10:00:00+01:00"
_IN_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a word that an activity has; leave it out",
    "timezone_aware": f"has no offset; {_A_TIME}",
    "datetime_type": f"is not a time; {_A_TIME}",
    "datetime_parsing": f"is not a time; {_A_TIME}",
    "datetime_from_date_parsing": f"is not a time; {_A_TIME}",
    "datetime_object_invalid": f"is not a time; {_A_TIME}",
    "string_type": "is not text; put it in quotes",
    "string_unicode": "is not text that can be written down; send it as UTF-8",
    "string_too_short": "is empty; leave it out, or say what it is",
    "string_too_long": "is longer than {max_length} characters; shorten it",
    "literal_error": "is none of its words; it may be {expected}",
    "int_type": "is not a whole number; write it like 15",
    "int_parsing": "is not a whole number; write it like 15",
    "int_parsing_size": "is not a whole number; write it like 15",
    "int_from_float": "is not a whole number; write it like 15",
    "finite_number": "is not a whole number; write it like 15",
    "greater_than_equal": "is less than {ge}",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "tuple_type": "is not a list; write it like [one, two]",
    "value_error": "{error}",
}
"""What is wrong with an activity, by pydantic's name for it, and what to write instead."""


def read_activity(said: Mapping[str, object]) -> Activity | Parked:
    """An activity from outside, or why it cannot be one; its words are not repeated, they may be private."""
    try:
        return Activity.model_validate(said)
    except ValidationError as refusal:
        problems = refusal.errors(include_url=False, include_input=False)
    complaints = [_complaint(problem) for problem in problems]
    uid = said.get("uid")
    return Parked(
        uid=uid[:LONGEST_NAME] if isinstance(uid, str) else None, why="; ".join(complaints)[:_LONGEST_REASON]
    )


def _complaint(problem: ErrorDetails) -> str:
    field = ".".join(map(str, problem["loc"]))[:_LONGEST_WORD]
    sentence = _IN_WORDS.get(problem["type"], "cannot be used").format(**problem.get("ctx", {}))
    return f"{field}: {sentence}" if field else sentence
