"""Sentences of the page that depend on a number."""

from __future__ import annotations

import pytest

from daybook.page import words


@pytest.mark.parametrize(
    ("seconds", "in_words"), [(10, "10 seconds"), (60, "1\xa0min"), (900, "15\xa0min"), (7200, "2\xa0h")]
)
def test_a_hold_is_never_said_to_be_no_time(seconds: int, in_words: str) -> None:
    assert words.pause(seconds) == in_words
    assert in_words in words.said("confirmed", 2, seconds)
