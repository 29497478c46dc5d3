"""The custom fields an administrator wants to see among an issue's labels.

Their ids differ from site to site, and two may bear one name: then only an id tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connectors.contract import Refused
from connectors.jira.bookmark import A_DAY
from connectors.jira.reading import Reading

ID = re.compile(r"customfield_[0-9]{1,18}")
ANY_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)
"""It becomes part of what is asked for, where `*all` would ask for everything."""


class CustomFields:
    """Takes    ids, or names to be looked up"""

    def __init__(self, wanted: Sequence[str]) -> None:
        self._wanted = wanted
        self._named = any(not ID.fullmatch(one) for one in wanted)
        self._looked_up: int | None = None
        self.ids: tuple[str, ...] = () if self._named else tuple(wanted)

    def look_up(self, reading: Reading, now: int) -> None:
        """Find the ids of names: one request a day, none where only ids were written.

        Units    milliseconds
        Raises   Refused where a name is nobody's, or of several
        """
        if self._named and (self._looked_up is None or now - self._looked_up >= A_DAY):
            self.prove(reading)
            self._looked_up = now

    def prove(self, reading: Reading) -> None:
        """Find each of them on this site."""
        if self._wanted:
            known = [field for field in reading.fields() if isinstance(field, dict)]
            self.ids = tuple(_found(one, known) for one in self._wanted)


def _found(wanted: str, known: Iterable[dict[str, Any]]) -> str:
    ids = [
        name
        for field in known
        if ANY_ID.fullmatch(name := str(field.get("id", "")))
        and (name == wanted or str(field.get("name", "")).casefold() == wanted.casefold())
    ]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise Refused(
            f"Jira has {len(ids)} fields called {wanted!r}: {', '.join(sorted(ids))}. Nothing was read. "
            "Write the id of the one you mean under `fields`.",
            whose="connection",
        )
    raise Refused(
        f"Jira has no field {wanted!r} that this account may see. Nothing was read. Write the name or id of "
        "one it has under `fields`.",
        whose="connection",
    )


def words_of(value: Any, deepest: int = 4) -> Iterator[str]:
    """What a field says, in words that a rule can name: a choice, its parts, a list of them, a number.

    People are left out: whoever an issue concerns besides its contributor is not ours to know.

    Takes    deepest: a list of choices with parts has three levels; what is below so many is not read
    """
    match value:
        case bool() | None:
            return
        case _ if deepest == 0:
            return
        case str() | int() | float():
            yield str(value)
        case list():
            for one in value:
                yield from words_of(one, deepest - 1)
        case {"displayName": _} | {"accountId": _}:
            return
        case {"value": str(chosen), "child": child}:
            yield chosen
            yield from words_of(child, deepest - 1)
        case {"value": str(word)} | {"name": str(word)} | {"key": str(word)}:
            yield word
