"""What contributors taught Daybook, each for themselves: their lessons by day, and each rule of their own.

A lesson lies in the row of the last day it was chosen for, so that it ages with that day, and so that all
a contributor taught in half a year is read at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, bindparam, delete, select

from core.memory import Lesson, Memory, OwnRule
from core.periods import week
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import lessons, own_rules
from daybook.store.seal import Row, Vault


class Told(NamedTuple):
    """A lesson, and the title its owner knows it by."""

    lesson: Lesson
    shown: str


_TOLD = TypeAdapter(list[Told])

_PUT = {table: engine.put(table) for table in (lessons, own_rules)}
_OF = {
    table: select(table).where(table.c.contributor == bindparam("contributor")).order_by(table.c.day)
    for table in (lessons, own_rules)
}


class Memories(Part):
    """What contributors' words on their drafts taught, and the rules they made for themselves."""

    def __init__(self, connection: Connection, vault: Vault, worker: int | None = None) -> None:
        super().__init__(connection, vault, worker)
        self._told: dict[str, list[Told]] = {}
        self._rules: dict[str, tuple[OwnRule, ...]] = {}

    def of(self, contributor: str) -> Memory:
        lessons = tuple(one.lesson for one in self.told(contributor))
        return Memory(lessons=lessons, rules=self.rules(contributor))

    def told(self, contributor: str) -> list[Told]:
        """Their lessons with their titles, by what they are about."""
        if contributor not in self._told:
            told = [one for said in self._contents(lessons, contributor) for one in _TOLD.validate_json(said)]
            self._told[contributor] = sorted(told, key=lambda one: (one.lesson.about, one.lesson.last))
        return self._told[contributor]

    def rules(self, contributor: str) -> tuple[OwnRule, ...]:
        """Their own rules, by what they are about."""
        if contributor not in self._rules:
            said = map(OwnRule.model_validate_json, self._contents(own_rules, contributor))
            self._rules[contributor] = tuple(sorted(said, key=lambda rule: rule.about))
        return self._rules[contributor]

    def keep(self, contributor: str, memory: Memory, shown: str = "") -> None:
        """Remember this from now on.

        Takes    shown: the title of the one thing that was learnt about since `of`
        """
        told, rules = self.told(contributor), self.rules(contributor)
        titles = dict(told)
        now = [Told(lesson, titles.get(lesson, shown)) for lesson in memory.lessons]
        held, wanted = _by_day(told), _by_day(now)
        for day in held.keys() | wanted.keys():
            if day not in wanted:
                self._remove(lessons, {"contributor": contributor, "day": day})
            elif held.get(day) != wanted[day]:
                content = _TOLD.dump_json(wanted[day]).decode()
                self._write(lessons, {"contributor": contributor, "day": day}, content, day)
        for rule in set(rules) - set(memory.rules):
            self._remove(own_rules, self._place(contributor, rule))
        for rule in set(memory.rules) - set(rules):
            self._write(own_rules, self._place(contributor, rule), rule.model_dump_json(), rule.made)
        self._told[contributor], self._rules[contributor] = now, memory.rules

    def used(self, contributor: str, rules: Iterable[OwnRule], day: date) -> None:
        """These rules had something to say on this day, so they are kept for as long again."""
        for rule in rules:
            place = self._place(contributor, rule)
            last = self._connection.execute(select(own_rules.c.day).where(*_is(own_rules, place))).scalar()
            if last is not None and week(last) < week(day):
                self._write(own_rules, place, rule.model_dump_json(), day)

    def _contents(self, table: Table, contributor: str) -> list[str]:
        rows = self._connection.execute(_OF[table], {"contributor": contributor}).mappings().all()
        return [self._vault.opened(table, row) for row in rows]

    def _write(self, table: Table, place: Row, content: str, day: date) -> None:
        row = self._vault.sealed(table, place, content, week(day)) | {"day": day}
        self._connection.execute(_PUT[table], row)

    def _remove(self, table: Table, place: Row) -> None:
        self._connection.execute(delete(table).where(*_is(table, place)))

    def _place(self, contributor: str, rule: OwnRule) -> Row:
        """What a rule is about may tell of somebody's day, so the row is named by a fingerprint."""
        return {
            "contributor": contributor,
            "name": self._vault.fingerprint("own rule", contributor, rule.about),
        }


def _is(table: Table, place: Row) -> list[Any]:
    return [table.c[column] == value for column, value in place.items()]


def _by_day(told: Iterable[Told]) -> dict[date, list[Told]]:
    found: dict[date, list[Told]] = defaultdict(list)
    for one in told:
        found[one.lesson.last].append(one)
    return found
