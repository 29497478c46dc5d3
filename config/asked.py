"""Rules that ask for a tool, person or team there is not: they never hold, and nobody would notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import re2

from config.complaints import GIVEN, Complaint, nearest
from config.schema import Configuration
from config.text import Path_
from core.rules import Phrase, When
from core.wording import fold, same_spelling

WRONG = {
    "source": "is no kind of tool installed here",
    "who": "is nobody under people",
    "team": "is nobody's team",
}


def asked(configuration: Configuration, types: Mapping[str, Any] | None) -> Iterator[Complaint]:
    """Every word of a rule that no source, person or team answers to.

    Takes    types: the connectors installed here; None leaves sources unchecked
    """
    people = configuration.people
    kinds = {name: connection.type for name, connection in configuration.connections.items()}
    known = {
        "who": _Known(person.email for person in people),
        "team": _Known(person.team for person in people if person.team),
    }
    if types is not None:
        known["source"] = _Known([*types, *kinds.values()])

    @cache
    def stranger(field: str, phrase: Phrase) -> str | None:
        if field not in known or known[field].answers(phrase):
            return None
        word = phrase.words or phrase.exact or phrase.regex or ""
        kind = kinds.get(word) if field == "source" else None
        hint = f' Did you mean "{kind}"?' if kind else nearest(word[:60], known[field].names)
        return f"{GIVEN.repr(word)} {WRONG[field]}.{hint}"

    for number, rule in enumerate(configuration.rules):
        for path, field, phrase in _phrases(rule.when, ("rules", number, "when")):
            if sentence := stranger(field, phrase):
                yield path, sentence


def _phrases(when: When, here: Path_) -> Iterator[tuple[Path_, str, Phrase]]:
    for field in WRONG:
        phrases: Iterable[Phrase] = getattr(when, field)
        yield from (((*here, field, number), field, phrase) for number, phrase in enumerate(phrases))
    for group in ("all", "any", "none"):
        for number, inner in enumerate(getattr(when, group)):
            yield from _phrases(inner, (*here, group, number))


class _Known:
    """Names that a rule may ask for, found as the rule would find them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(set(names))
        self._spelled = {same_spelling(name) for name in self.names}
        self._folded = {fold(name) for name in self.names}

    def answers(self, phrase: Phrase) -> bool:
        match phrase:
            case Phrase(regex=str(pattern)):
                sought = re2.compile(f"(?i){same_spelling(pattern)}")
                return any(sought.search(name) for name in self._spelled)
            case Phrase(exact=str(text)):
                return same_spelling(text) in self._spelled
        return fold(phrase.words or "") in self._folded
