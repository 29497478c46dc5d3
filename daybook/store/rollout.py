"""The rollout as it went: its steps, what was counted in each, and what a look at that said.

Nothing here has an owner. Steps are only ever added; what holds is what the last of them says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime
from sqlalchemy import Select, delete, insert, select

from core.model import Noun
from core.rollout import Stage
from core.said import Sentence
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import looks, steps, tallies

What = Literal["stage", "stopped", "resumed"]
"""stage    another stage began, or the first
stopped  a stop rule was met
resumed  an administrator's word made it go on
"""

SHOWN = timedelta(days=3)
"""Looks are kept so long: one for contributors, and one that is a day old however late the next comes."""

_NEWEST = select(steps).order_by(steps.c.serial.desc()).limit(1)
_BEGAN = _NEWEST.where(steps.c.what == "stage")
_HELD_UP = _NEWEST.where(steps.c.what != "stage")


class Step(Noun):
    """One of them."""

    serial: int
    at: AwareDatetime
    what: What
    stage: Stage
    """In force after it."""
    said: Sentence
    """Why, in words that everybody reads."""
    terms: str
    """The numbers set when the stage began (JSON)."""


class Rollout(Part):
    """The steps, and the counts of each stage."""

    def add(self, at: datetime, what: What, stage: Stage, said: str, terms: str) -> None:
        row = {"at": at, "what": what, "stage": stage, "said": said, "terms": terms}
        self._connection.execute(insert(steps).values(row))

    def steps(self) -> list[Step]:
        """All of them, oldest first."""
        query = select(steps).order_by(steps.c.serial)
        return [Step(**row) for row in self._connection.execute(query).mappings()]

    def stage(self) -> Step | None:
        """The step with which the stage in force began; None before the first."""
        return self._last(_BEGAN)

    def stopped(self) -> Step | None:
        """Why everything rests, whatever stage began since; None while nothing does."""
        last = self._last(_HELD_UP)
        return last if last and last.what == "stopped" else None

    def _last(self, query: Select[Any]) -> Step | None:
        row = self._connection.execute(query).mappings().one_or_none()
        return Step(**row) if row else None

    # --- counts ----------------------------------------------------------------------------------------

    def count(self, step: int, week: str, counts: Mapping[str, int]) -> None:
        """Add to the counts of a stage, by the step it began with, in one ISO week."""
        for what, number in sorted(counts.items()):
            row = {"step": step, "week": week, "what": what, "number": number}
            said = engine.insert(tallies).values(row)
            more = {"number": tallies.c.number + number}
            self._connection.execute(
                said.on_conflict_do_update(index_elements=tallies.primary_key, set_=more)
            )

    def counts(self, step: int | None = None) -> dict[str, Counter[str]]:
        """By ISO week, of one stage or of all."""
        query = select(tallies.c.week, tallies.c.what, tallies.c.number)
        found: dict[str, Counter[str]] = {}
        for week, what, number in self._connection.execute(
            query if step is None else query.where(tallies.c.step == step)
        ):
            found.setdefault(week, Counter())[what] += number
        return found

    # --- looks -----------------------------------------------------------------------------------------

    def keep(self, at: datetime, step: int, measured: str) -> None:
        """Keep what the stage came to just now (JSON), and let go of what is older than is shown."""
        row = {"at": at, "step": step, "measured": measured}
        again = engine.insert(looks).values(row)
        self._connection.execute(again.on_conflict_do_update(index_elements=looks.primary_key, set_=row))
        self._connection.execute(delete(looks).where(looks.c.at < at - SHOWN))

    def kept(self, step: int | None, before: datetime) -> str | None:
        """The latest look at this stage, or at any, that is not younger than that."""
        query = select(looks.c.measured).where(looks.c.at <= before)
        query = query if step is None else query.where(looks.c.step == step)
        return self._connection.execute(query.order_by(looks.c.at.desc()).limit(1)).scalar()
