"""The conditions of all rules, compiled together: which rules hold for an activity, in the order of the file.

Whatever a rule can ask becomes an atom: "the container is WEB", "the title has the words acme call". An
activity is the set of atoms that are true of it; a condition is a set of atoms of which one must be true.
Each rule is filed under atoms it cannot do without, so an activity looks only at the rules it could match.

The activity is asked in two steps. Its scene is all of it but the title. Few scenes differ in anything that a
rule asks about, so each is worked out once and remembered: the first rule that holds whatever the title says,
and the rules above it that the title decides. The title, new every time, is searched for all patterns at once
by one re2.Set, and looked up word by word. So two thousand rules cost little more than two hundred.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import re2

from core.model import Activity
from core.rules import Between, Phrase, When
from core.wording import fold, same_spelling, words

SEEN = ("series", "container", "domains", "labels", "audience", "source", "response", "kind", "all_day")
"""Of the activity itself, beside its title."""
TOLD = ("task", "who", "team")
"""Told with it: a task may stand in the title, and whose it is, is no part of it."""
FIELDS = ("title", *SEEN, *TOLD)
"""All that a rule can ask about; of two conditions equally rare, a rule is filed under the earlier field."""

SET_BYTES = 64 << 20
"""Memory one re2.Set may use: 20,000 words fit; its default of 8 MB refuses them."""
REMEMBERED = 16_384
"""Scenes, and values of one field, whose answer is kept; the longest unused go first."""

NO, MAYBE, YES = range(3)
"""Verdicts in an order that makes `min` mean and, `max` mean or, and `YES - verdict` mean not."""

NOTHING: frozenset[int] = frozenset()


class Atom(NamedTuple):
    """One thing that can be true of an activity."""

    field: str
    form: str
    value: object


class Scene(NamedTuple):
    """An activity without its title, as far as rules ask about it."""

    facts: frozenset[int]
    undecided: tuple[int, ...]
    """The rules above `settled` that hold or not as the title says, though not filed under it."""
    settled: int
    """The first rule that holds whatever the title says; the number of rules where none does."""


@dataclass(frozen=True, slots=True)
class _Test:
    """A When, compiled: one of each set must be true, and the nested tests as their names say."""

    needs: tuple[frozenset[int], ...]
    all: tuple[_Test, ...]
    any: tuple[_Test, ...]
    none: tuple[_Test, ...]

    def verdict(self, facts: frozenset[int], unknown: frozenset[int] = NOTHING) -> int:
        """Whether it holds for these facts; MAYBE where that depends on atoms not known yet."""
        found = YES
        for need in self.needs:
            if need.isdisjoint(facts):
                if need.isdisjoint(unknown):
                    return NO
                found = MAYBE
        for test in self.all:
            found = min(found, test.verdict(facts, unknown))
        for test in self.none:
            found = min(found, YES - test.verdict(facts, unknown))
        if self.any:
            found = min(found, max(test.verdict(facts, unknown) for test in self.any))
        return found

    def handle(self, asking: Mapping[int, int]) -> frozenset[int] | None:
        """The atoms the fewest rules name, of which one must be true for this to hold; None if it needs none.

        Takes    how many rules name each atom
        """
        choices = [*self.needs, *(handle for test in self.all if (handle := test.handle(asking)))]
        branches = [handle for test in self.any if (handle := test.handle(asking))]
        if self.any and len(branches) == len(self.any):
            choices.append(NOTHING.union(*branches))
        return min(choices, key=lambda atoms: max(map(asking.__getitem__, atoms)), default=None)

    def atoms(self) -> Iterator[int]:
        for need in self.needs:
            yield from need
        for test in (*self.all, *self.any, *self.none):
            yield from test.atoms()


class Conditions:
    """What all rules ask, compiled once.

    Raises   ValueError for patterns too large together
    """

    def __init__(self, whens: Sequence[When]) -> None:
        numbers: dict[Atom, int] = {}
        self._tests = tuple(_test(when, numbers) for when in whens)
        asked: dict[str, dict[Atom, int]] = defaultdict(dict)
        for atom, number in numbers.items():
            asked[atom.field][atom] = number
        self._in_titles = frozenset(asked["title"].values())
        self._filed, self._unfiled = _filed(self._tests)
        self._title = _Question("title", asked["title"])
        self._seen = [(name, _remembering(name, asked[name])) for name in SEEN if asked[name]]
        self._told = [(name, _remembering(name, asked[name])) for name in TOLD if asked[name]]
        self._scene = lru_cache(REMEMBERED)(self._looked_at)

    def first(self, activity: Activity, who: str, team: str | None, task: str | None) -> int | None:
        """The number of the first rule that holds."""
        scene = self._scene_of(activity, who, team, task)
        said = self._title.found(activity.title) if activity.title is not None else ()
        candidates = scene.undecided
        for atom in said:
            candidates += self._filed.get(atom, ())
        if candidates:
            facts = scene.facts.union(said)
            for number in sorted(candidates):
                if number >= scene.settled:
                    break
                if self._tests[number].verdict(facts):
                    return number
        return scene.settled if scene.settled < len(self._tests) else None

    def every(self, activity: Activity, who: str, team: str | None, task: str | None) -> list[int]:
        """The numbers of all rules that hold, in the order of the file."""
        facts = self._scene_of(activity, who, team, task).facts
        facts = facts.union(self._title.found(activity.title) if activity.title is not None else ())
        return [number for number in self._candidates(facts) if self._tests[number].verdict(facts)]

    def _scene_of(self, activity: Activity, who: str, team: str | None, task: str | None) -> Scene:
        found = [answer(getattr(activity, name)) for name, answer in self._seen]
        if self._told:
            told = {"task": task, "who": who, "team": team}
            found += [answer(told[name]) for name, answer in self._told]
        return self._scene(*found)

    def _looked_at(self, *found: frozenset[int]) -> Scene:
        facts = NOTHING.union(*found)
        undecided: list[int] = []
        for number in self._candidates(facts):
            verdict = self._tests[number].verdict(facts, self._in_titles)
            if verdict == YES:
                return Scene(facts, tuple(undecided), number)
            if verdict == MAYBE:
                undecided.append(number)
        return Scene(facts, tuple(undecided), len(self._tests))

    def _candidates(self, facts: Iterable[int]) -> list[int]:
        """The rules that could hold, in the order of the file."""
        return sorted({number for atom in facts for number in self._filed.get(atom, ())}.union(self._unfiled))


def _test(when: When, numbers: dict[Atom, int]) -> _Test:
    """The condition in atoms, each numbered when it is first named."""
    asked = [
        frozenset(numbers.setdefault(_atom(name, value), len(numbers)) for value in _values(when, name))
        for name in FIELDS
    ]
    return _Test(
        needs=tuple(atoms for atoms in asked if atoms),
        all=tuple(_test(inner, numbers) for inner in when.all),
        any=tuple(_test(inner, numbers) for inner in when.any),
        none=tuple(_test(inner, numbers) for inner in when.none),
    )


def _values(when: When, name: str) -> Iterable[object]:
    asked = getattr(when, name)
    if asked is None:
        return ()
    return asked if isinstance(asked, tuple) else (asked,)


def _atom(name: str, value: object) -> Atom:
    match value:
        case Phrase(regex=str(pattern)):
            return Atom(name, "regex", same_spelling(pattern))
        case Phrase(exact=str(text)):
            return Atom(name, "exact", same_spelling(text))
        case Phrase(words=str(text)) if name == "title":
            return Atom(name, "words", words(text))
        case Phrase(words=str(text)):
            return Atom(name, "same", fold(text))
        case Between():
            return Atom(name, "between", value)
        case str():
            return Atom(name, "same", fold(value))
    return Atom(name, "value", value)


def _filed(tests: Sequence[_Test]) -> tuple[dict[int, tuple[int, ...]], tuple[int, ...]]:
    """Which rules an atom makes possible, and those that need none."""
    asking = Counter(atom for test in tests for atom in set(test.atoms()))
    filed: dict[int, list[int]] = defaultdict(list)
    unfiled: list[int] = []
    for number, test in enumerate(tests):
        handle = test.handle(asking)
        if handle is None:
            unfiled.append(number)
        for atom in handle or ():
            filed[atom].append(number)
    return {atom: tuple(numbers) for atom, numbers in filed.items()}, tuple(unfiled)


class _Question:
    """All that the rules ask about one field."""

    def __init__(self, name: str, atoms: Mapping[Atom, int]) -> None:
        by_form: dict[str, dict[object, int]] = defaultdict(dict)
        for atom, number in atoms.items():
            by_form[atom.form][atom.value] = number
        self._value = by_form["value"]
        self._between = by_form["between"]
        self._same = by_form["same"]
        self._exact = by_form["exact"]
        self._phrases = _Phrases(by_form["words"]) if by_form["words"] else None
        self._patterns = _Patterns(name, by_form["regex"]) if by_form["regex"] else None

    def answer(self, value: object) -> frozenset[int]:
        """The atoms that this value of the field makes true; of several values, those of each."""
        match value:
            case None:
                return NOTHING
            case str():
                return frozenset(self.found(value))
            case tuple():
                return NOTHING.union(*map(self.answer, value))
        found = {number for limits, number in self._between.items() if _within(value, limits)}
        return frozenset(found | {self._value[value]} if value in self._value else found)

    def found(self, text: str) -> list[int]:
        """The atoms that are true of a text."""
        spelled = same_spelling(text)
        found = self._patterns.found(spelled) if self._patterns else []
        if self._phrases:
            found += self._phrases.found(words(text))
        if self._same and (number := self._same.get(fold(text))) is not None:
            found.append(number)
        if self._exact and (number := self._exact.get(spelled)) is not None:
            found.append(number)
        return found


def _remembering(name: str, atoms: Mapping[Atom, int]) -> Callable[[object], frozenset[int]]:
    """The answers about one field, none worked out twice. Titles are too many for that, and too private."""
    return lru_cache(REMEMBERED)(_Question(name, atoms).answer)


def _within(number: object, limits: object) -> bool:
    assert isinstance(number, int) and isinstance(limits, Between)
    return (limits.min is None or limits.min <= number) and (limits.max is None or number <= limits.max)


class _Phrases:
    """The rows of words that some rule looks for in one text, each under its rarest word."""

    def __init__(self, numbers: Mapping[object, int]) -> None:
        rows = {str(row): number for row, number in numbers.items()}
        spread = Counter(word for row in rows for word in set(row.split()))
        under: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row, number in rows.items():
            under[min(row.split(), key=spread.__getitem__)].append((row, number))
        self._under = dict(under)

    def found(self, row: str) -> list[int]:
        known = self._under.keys() & row.split()
        return [number for word in known for sought, number in self._under[word] if sought in row]


class _Patterns:
    """The patterns that some rule looks for in one text, searched all at once."""

    def __init__(self, name: str, numbers: Mapping[object, int]) -> None:
        self._numbers = tuple(numbers.values())
        options = re2.Options()
        options.max_mem = SET_BYTES
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        for pattern in numbers:
            self._set.Add(f"(?i){pattern}")
        try:
            self._set.Compile()
        except re2.error:
            raise ValueError(
                f"the {len(numbers)} patterns the rules look for in {name} are too large together; "
                "shorten some"
            ) from None

    def found(self, text: str) -> list[int]:
        return [self._numbers[place] for place in self._set.Match(text) or ()]
