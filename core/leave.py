"""Which titles say that one is on leave: "Urlaub" and "Ada: vacation", but not "Holiday party planning"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.model import Activity
from core.wording import words

MOST_NAMES = 3
"""Words in the name of a person beside their leave."""

_PARTS = re.compile(r"[:;,/|()\[\]]|\s[\u2013\u2014-]\s")


def is_leave(activity: Activity, phrases: Iterable[str], who: str) -> bool:
    """An all-day entry of one's own that says so; a colleague's leave that one was invited to is not."""
    if not activity.all_day or activity.response not in (None, "organizer"):
        return False
    return says_leave(activity.title or "", phrases, who)


def says_leave(title: str, phrases: Iterable[str], who: str) -> bool:
    """Whether a part of the title is such a phrase and nothing else, but for numbers and their own name.

    Takes    who: their e-mail; what stands beside the phrase is their name if a word of it is in there
    """
    own = set(_said(who.partition("@")[0]))
    parts = [_said(part) for part in _PARTS.split(title)]
    return any(_is_only(part, phrase, own) for phrase in map(_said, phrases) for part in parts)


def _is_only(part: list[str], phrase: list[str], own: set[str]) -> bool:
    size = len(phrase)
    if not phrase or part == phrase:
        return bool(phrase)
    if part[:size] == phrase:
        beside = part[size:]
    elif part[-size:] == phrase:
        beside = part[:-size]
    else:
        return False
    return len(beside) <= MOST_NAMES and not own.isdisjoint(beside)


def _said(text: str) -> list[str]:
    """Its words; the dates of a leave are none."""
    return [word for word in words(text).split() if not word.isdigit()]
