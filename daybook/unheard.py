"""Rules that ask for what the policy leaves out: they never hold, and nobody would notice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from config.schema import Configuration
from config.text import Path_
from connectors.layers.filtered import FIELDS, KINDS, WORDS
from core.rules import When
from core.wording import same_spelling


class Unheard(NamedTuple):
    """A condition of a rule, and why it finds nothing."""

    path: Path_
    sentence: str
    never: bool
    """False for labels that titles of all-day entries may still give."""


def unheard(configuration: Configuration, types: Mapping[str, Any]) -> Iterator[Unheard]:
    """Every condition that asks for a field which the policy lets through at none of the tools it is about.

    Takes    types: the connectors installed here
    """
    if configuration.policy is None:
        return
    connected = {connection.type for connection in configuration.connections.values()}
    tracked = {
        source: frozenset(words)
        for source, words in configuration.policy.tracked.items()
        if source in connected and source in types
    }
    if any(not words <= WORDS for words in tracked.values()):
        return  # a connector's own words: only it knows what they are like
    titled = any({"time", "title"} <= words for words in tracked.values())
    for number, rule in enumerate(configuration.rules):
        for path, field, sources in _asked(rule.when, ("rules", number, "when"), tracked):
            if any(FIELDS[field] & tracked[source] for source in sources):
                continue
            by_day = field == "labels" and titled
            yield Unheard(path, _sentence(field, sources, types, by_day), never=not by_day)


def _asked(
    when: When, here: Path_, tracked: Mapping[str, Collection[str]]
) -> Iterator[tuple[Path_, str, list[str]]]:
    """Each field that is asked for, and the tools that its rule is about."""
    named = {same_spelling(phrase.words or phrase.exact or "") for phrase in when.source}
    by_name = named if named and named <= tracked.keys() else tracked.keys()
    about = {
        source: tracked[source]
        for source in by_name
        if not when.kind or any(KINDS[kind] & {*tracked[source]} for kind in when.kind)
    }
    for field in FIELDS:
        if getattr(when, field):
            yield (*here, field), field, sorted(about)
    for group in ("all", "any", "none"):
        for number, inner in enumerate(getattr(when, group)):
            yield from _asked(inner, (*here, group, number), about)


def _sentence(field: str, sources: list[str], types: Mapping[str, Any], by_day: bool) -> str:
    words = {source: sorted(FIELDS[field] & types[source].tracks.keys()) for source in sources}
    wanted = [
        f"{word} under policy.tracked.{source}" for source, known in words.items() for word in known[:1]
    ]
    found = "finds only what all-day entries are called" if by_day else "never holds"
    advice = f"Name {' or '.join(wanted)}, or take it out." if wanted else "Take it out."
    about = " or ".join(sources) or "any tool"
    return f"{found}: the policy lets no {field} of {about} through. {advice}"
