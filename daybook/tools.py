"""The tools of a house as its contributors know them: what they are called, read for, and who reads there."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Connector
from core.policy import Policy
from daybook.house import House
from daybook.languages import _
from daybook.words import Tool, tool


def called(house: House, connection: str) -> str:
    """A connection as people call it; by its own name too, unless it is the only one of its kind."""
    return among(house.connectors, connection)


def tools(house: House, policy: Policy | None = None) -> tuple[Tool, ...]:
    """What a policy means for each of them; left out: the one in force."""
    return told(house.connectors, policy or house.policy)


def told(connectors: Mapping[str, Connector], policy: Policy) -> tuple[Tool, ...]:
    """What a policy means for each of these connections, by name."""
    return tuple(
        Tool(
            called=among(connectors, name),
            tracked=tuple(
                (word, _(connector.tracks.get(word, ""))) for word in policy.tracked.get(connector.source, ())
            ),
            readers=_(connector.abilities.readers) if connector.abilities.posts else None,
            shows_drafts=connector.abilities.shows_drafts,
        )
        for name, connector in connectors.items()
    )


def among(connectors: Mapping[str, Connector], connection: str) -> str:
    """A connection as people call it, beside the others there are."""
    kind = connectors[connection].source
    alike = [one for one in connectors.values() if one.source == kind]
    return tool(kind) if len(alike) == 1 else f"{tool(kind)} ({connection})"
