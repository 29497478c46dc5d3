"""What many people book otherwise than the rules do (core/hints.py)."""

from __future__ import annotations

from core.hints import Move, hints

MOVED = Move(rule="Web", was="acme", now="beta")


def test_P13_one_person_who_corrects_fifty_times_is_one_person():
    four = {f"p{number}": [MOVED] for number in range(4)}
    assert hints({**four, "ada": []}, minimum=5) == []
    assert hints({"ada": [MOVED] * 50, "ben": [MOVED] * 50}, minimum=5) == []
    (hint,) = hints({**four, "ada": [MOVED] * 50}, minimum=5)
    assert (hint.move, hint.people) == (MOVED, 5)
