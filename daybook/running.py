"""What runs, beside what its file says by now: what differs, and the house that goes by it still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from config.form import SHORT, changed, form, under
from config.load import Loaded
from config.text import Path_, Problem
from daybook.errors import No, Wrong
from daybook.house import House
from daybook.reload import FOR_GOOD
from daybook.store.configurations import Running
from daybook.store.unit import Unit
from daybook.words import count

DECIDING = (*SHORT, "reconcile", "timezone")
"""What a draft may come out otherwise by."""
MOST_SHOWN = 50


class Beside:
    """One process, and where its file says something else than it goes by."""

    def __init__(self, running: Running, loaded: Loaded) -> None:
        self._loaded = loaded
        self._changed = changed(running.form["said"], form(loaded, running.form["salt"]))
        self.name = running.name
        self._name = f"{running.name} goes by what it read at {running.taken_at:%Y-%m-%d %H:%M} UTC"

    @property
    def is_same(self) -> bool:
        return not self._changed

    @property
    def sentence(self) -> str:
        if self.is_same:
            return f"{self._name}, which is what the file says."
        differ = count(len(self._changed), "setting")
        tried = " What that moves, in sums: daybook lab --against-running." if self._decides else ""
        return f"{self._name}; {differ} in the file differ.{tried} It takes them: systemctl reload daybook."

    @property
    def differences(self) -> set[tuple[Path_, str]]:
        """But for what every machine may have its own of."""
        shared = (one for one in self._changed if not any(one.path[: len(own)] == own for own in FOR_GOOD))
        return {(one.path, one.sentence) for one in shared}

    def problems(self) -> Iterator[Problem]:
        """Each setting at its place in the file."""
        for one in self._changed[:MOST_SHOWN]:
            yield self._loaded.problem(one.path, one.sentence)

    @property
    def _decides(self) -> bool:
        return any(one.path[0] in DECIDING for one in self._changed)


def beside(tx: Unit, loaded: Loaded) -> list[Beside]:
    """Every process that runs on the store."""
    return [Beside(one, loaded) for one in tx.configurations.all()]


def apart(tx: Unit, loaded: Loaded) -> list[str]:
    """Who goes by another file than who is here longest, be it the one of `loaded` or not."""
    among = beside(tx, loaded)
    return [one.name for one in among if one.differences != among[0].differences]


def still(house: House) -> House:
    """The house of a file, with rules, projects and numbers as those who run have them.

    Raises   No where nobody runs
    """
    with house.store.reading() as tx:
        running = tx.configurations.all()
    if not running:
        raise No("No Daybook runs on this store. Nothing was compared. Start one: daybook run")
    try:
        return replace(house, configuration=under(running[0].form["said"], house.configuration))
    except ValueError:
        said = f"{running[0].name} is of another version. Nothing was compared. Start it again first."
        raise Wrong(said) from None
