"""Which earlier titles a new one is like.

Two titles are like each other as far as they share words, and a rare word says more than a common one
(cosine of the rarities). The nearest by that measure are read once more letter by letter, where "Bordereau"
is nearly "Bordereaux"; so are all of them where no word is shared, and "standup" still finds "stand up".
The place something stands in, its source and container, counts as one word more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from heapq import nlargest
from math import log, sqrt
from typing import NamedTuple

from rapidfuzz import fuzz, process

NEAREST = 20
"""Titles that have a say. Measured: 5 know less, 40 bring in what only looks alike."""

READ_AGAIN = 2 * NEAREST
"""As many by their words are compared letter by letter."""

SHARP_WORDS, SHARP_LETTERS = 1.5, 4
"""To which powers the two measures are raised, so that a far one counts for little: the letters of any two
English titles are half alike."""

ALIKE = 85
"""Percent of the letters that two titles without a common word must share."""


class Like(NamedTuple):
    """An earlier title, by its name, and how near it is: 1 for the same words in the same place."""

    about: str
    nearness: float


class Titles:
    """The names of earlier titles (`title:<source>:<container>:<words>`), to ask which are like another."""

    def __init__(self, abouts: Sequence[str]) -> None:
        self._abouts = list(abouts)
        self._told: dict[str, list[Like]] = {}
        """What was asked before. It goes with its owner's memory, which is read anew for each day."""

    def like(self, about: str) -> list[Like]:
        """The nearest, nearest first; the same name is one of them, if it is known."""
        if about not in self._told:
            self._told[about] = self._search(about)
        return self._told[about]

    def _search(self, about: str) -> list[Like]:
        shared = self._by_words(about)
        title = _title(about)
        if not shared:
            found = process.extract(
                title, self._titles, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=READ_AGAIN
            )
            shared = {number: 0.0 for _, _, number in found}
        first = nlargest(READ_AGAIN, shared, key=lambda number: (shared[number], self._abouts[number]))
        near = [
            Like(self._abouts[number], _nearness(shared[number], title, self._titles[number]))
            for number in first
        ]
        return nlargest(NEAREST, near, key=lambda one: (one.nearness, one.about))

    def _by_words(self, about: str) -> dict[int, float]:
        """The cosine with each title that has a word in common; a place alone is none."""
        place, *said = _words(about)
        weights = {word: self._rarity(word) for word in said}
        shared: dict[int, float] = defaultdict(float)
        for word, weight in weights.items():
            for number in self._having.get(word, ()):
                shared[number] += weight * weight
        local = self._rarity(place) ** 2
        norm = sqrt(sum(weight * weight for weight in weights.values()) + local)
        return {
            number: (common + (local if self._words[number][0] == place else 0))
            / (norm * self._norms[number])
            for number, common in shared.items()
        }

    def _rarity(self, word: str) -> float:
        return log(1 + (len(self._abouts) + 1) / (len(self._having.get(word, ())) + 1))

    @cached_property
    def _titles(self) -> list[str]:
        return [_title(about) for about in self._abouts]

    @cached_property
    def _words(self) -> list[list[str]]:
        return [_words(about) for about in self._abouts]

    @cached_property
    def _having(self) -> dict[str, list[int]]:
        """The numbers of the titles that have each word, or stand in each place."""
        having: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self._words):
            for word in words:
                having[word].append(number)
        return dict(having)

    @cached_property
    def _norms(self) -> list[float]:
        squares = {word: self._rarity(word) ** 2 for word in self._having}
        return [sqrt(sum(squares[word] for word in words)) for words in self._words]


def _nearness(shared: float, one: str, other: str) -> float:
    """Half by the words they share, half by their letters."""
    letters: float = fuzz.token_set_ratio(one, other) / 100
    return float(shared**SHARP_WORDS + letters**SHARP_LETTERS) / 2


def _title(about: str) -> str:
    return about.rpartition(":")[2]


def _words(about: str) -> list[str]:
    """Its place, then its words, each once."""
    place, _, title = about.rpartition(":")
    return [f"{place}:", *dict.fromkeys(title.split())]
