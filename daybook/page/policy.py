"""The policy in plain words, made from the same file that is enforced (P-08)."""

from __future__ import annotations

from typing import NamedTuple

from daybook.house import House
from daybook.page import words
from daybook.page.places import called


class Tool(NamedTuple):
    """What one kind of tool is asked for, and who can read what is posted there."""

    called: str
    tracked: tuple[tuple[str, str], ...]
    """(word of the policy, what it means)."""
    readers: str
    """Empty where nothing is posted."""


def tools(house: House) -> list[Tool]:
    found = []
    for name, connector in house.connectors.items():
        tracked = house.policy.tracked.get(connector.source, ())
        found.append(
            Tool(
                called=called(house, name),
                tracked=tuple((word, connector.tracks.get(word, "")) for word in tracked),
                readers=words.readers(connector.abilities.readers) if connector.abilities.posts else "",
            )
        )
    return found
