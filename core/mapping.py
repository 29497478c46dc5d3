"""Rules compiled once, and what they say about one activity.

Everything a rule can ask about becomes an atom: `(field, form, value)`, such as ("container", "same", "web")
or ("title", "words", " acme "). An activity is the set of atoms true of it, and a condition is a set of atoms
of which one must be true. Each rule is filed under the rarest atoms it cannot do without, so that an activity
looks only at the few rules it could match; the patterns of a field are searched all at once by one re2.Set.
Among the rules that hold, the first in the file wins, exactly as if they had been tried from top to bottom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import re2

from core.memory import Recollection
from core.model import Activity, Confidence
from core.rules import (
    Between,
    Phrase,
    Project,
    Rounding,
    Rule,
    Target,
    Then,
    When,
    problems,
    targets,
)
from core.wording import fold, issue_key, same_spelling, words

__all__ = [
    "Mappings",
    "Match",
    "Phrase",
    "Project",
    "Rounding",
    "Rule",
    "Then",
    "When",
    "issue_key",
    "problems",
    "targets",
]

RAREST_FIRST = (
    "task", "series", "title", "container", "domains", "labels", "audience", "who", "team",
    "source", "response", "kind", "all_day",
)  # fmt: skip
"""Under which of its conditions a rule is filed: what few activities share, first."""

LONGEST_TEXT = 1_024
SET_BYTES = 64 << 20
"""Memory one re2.Set may use: 20,000 words fit; its default of 8 MB refuses them."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the rules say about one activity; without a rule, that nobody has said anything yet."""

    rule: str | None = None
    """The name of the rule that won."""
    file: str | None = None
    """The file it stands in."""
    line: int | None = None
    """Where it stands in there."""
    project: str | None = None
    """None while unmapped: the contributor picks."""
    category: str | None = None
    billable: bool = False
    target: str | None = None
    """`connection:task`, `none` to keep it in Daybook only, None where the contributor must pick."""
    needs_task: bool = False
    """The target is None because it wants a task of its own tool, and the activity has none."""
    text: str = ""
    attributed: Mapping[str, int] = field(default_factory=dict)
    """Percent by project; empty where all of it goes to the one project."""
    rounding: Rounding | None = None
    """None for the increment of the configuration."""
    confidence: Confidence | None = None
    """None for that of the evidence."""
    ignore: bool = False
    chosen: Recollection | None = None
    """Its contributor chose this earlier; the rule no longer counts."""
    doubt: Recollection | None = None
    """Its contributor chose something else earlier, not often enough to stand before the rule."""
    at_most: Confidence | None = None
    """No surer than this, as far as their earlier choices go; None where those say nothing."""


class Atom(NamedTuple):
    """One thing that can be true of an activity."""

    field: str
    form: str
    value: object


@dataclass(frozen=True, slots=True)
class _Test:
    """A When, compiled: one of each set must be true, and the nested tests as their names say."""

    needs: tuple[frozenset[Atom], ...]
    all: tuple[_Test, ...]
    any: tuple[_Test, ...]
    none: tuple[_Test, ...]

    def holds(self, facts: set[Atom]) -> bool:
        return (
            not any(need.isdisjoint(facts) for need in self.needs)
            and all(test.holds(facts) for test in self.all)
            and (not self.any or any(test.holds(facts) for test in self.any))
            and not any(test.holds(facts) for test in self.none)
        )

    def handle(self) -> frozenset[Atom] | None:
        """The rarest atoms of which one must be true for this to hold; None if it can hold without any."""
        choices = [*self.needs, *(handle for test in self.all if (handle := test.handle()) is not None)]
        branches = [handle for test in self.any if (handle := test.handle()) is not None]
        if self.any and len(branches) == len(self.any):
            choices.append(frozenset().union(*branches))
        return min(choices, key=_commonness, default=None)


def _commonness(atoms: frozenset[Atom]) -> tuple[int, int]:
    return max(RAREST_FIRST.index(atom.field) for atom in atoms), len(atoms)


def _test(when: When) -> _Test:
    asked = {
        name: frozenset(_atom(name, value) for value in _values(getattr(when, name))) for name in RAREST_FIRST
    }
    return _Test(
        needs=tuple(atoms for atoms in asked.values() if atoms),
        all=tuple(map(_test, when.all)),
        any=tuple(map(_test, when.any)),
        none=tuple(map(_test, when.none)),
    )


def _values(asked: object) -> Iterable[object]:
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
    return Atom(name, "same", value)


def _all_atoms(test: _Test) -> Iterator[Atom]:
    for need in test.needs:
        yield from need
    for inner in (*test.all, *test.any, *test.none):
        yield from _all_atoms(inner)


class _Patterns:
    """The patterns that some rule looks for in one text, searched all at once."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self._atoms = atoms
        options = re2.Options()
        options.max_mem = SET_BYTES
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        for atom in atoms:
            text = str(atom.value)
            self._set.Add(re2.escape(text) if atom.form == "words" else f"(?i){text}")
        try:
            self._set.Compile()
        except re2.error:
            raise ValueError(
                f"the {len(atoms)} patterns the rules look for in {atoms[0].field} are too large together; "
                "shorten some"
            ) from None

    def found(self, text: str) -> Iterator[Atom]:
        return (self._atoms[number] for number in self._set.Match(text) or ())


class Mappings:
    """The projects and rules of a configuration, compiled once and asked for every activity.

    Takes    rules in file order, whose projects are all there; the tool of each connection (its `type`), so
             that an Asana task is never posted to Jira (without it, any task will do)
    Raises   KeyError for a project that is not there, ValueError for patterns too large together
    """

    def __init__(
        self,
        projects: Mapping[str, Project],
        rules: Sequence[Rule],
        connections: Mapping[str, str] | None = None,
    ) -> None:
        self._projects = dict(projects)
        self._rules = tuple(rules)
        self._connections = dict(connections or {})
        for rule in self._rules:
            for project in (rule.then.booked_on, *(rule.then.share or ())):
                if project is not None and project not in self._projects:
                    raise KeyError(project)
        self._tests = tuple(_test(rule.when) for rule in self._rules)
        self._filed, self._unfiled = _file(self._tests)
        self._patterns, self._ranges = _searches(self._tests)

    def match(self, activity: Activity, who: str, team: str | None = None, task: str | None = None) -> Match:
        """What the first rule that holds says; a private activity is for its owner to name, so none holds.

        Takes    the contributor's e-mail and team; the activity's own task, or the one its title names
        """
        if activity.private:
            return Match()
        facts = self._facts(activity, who, team, task)
        for number in self._candidates(facts):
            if self._tests[number].holds(facts):
                return self._answer(self._rules[number], activity, task)
        return Match(text=activity.title or task or "")

    def _candidates(self, facts: set[Atom]) -> list[int]:
        """The numbers of the rules that could hold, in the order of the file."""
        filed = {number for atom in facts for number in self._filed.get(atom, ())}
        return sorted(filed.union(self._unfiled))

    def _facts(self, activity: Activity, who: str, team: str | None, task: str | None) -> set[Atom]:
        facts = {
            Atom("kind", "same", activity.kind),
            Atom("response", "same", activity.response),
            Atom("all_day", "same", activity.all_day),
        }
        if activity.audience is not None:
            facts.update(atom for atom in self._ranges if _within(activity.audience, atom.value))
        for name, text in _texts(activity, who, team, task):
            spelled = same_spelling(text)
            facts.add(Atom(name, "exact", spelled))
            facts.add(Atom(name, "same", fold(text)))
            if regexes := self._patterns.get((name, "regex")):
                facts.update(regexes.found(spelled))
            if phrases := self._patterns.get((name, "words")):
                facts.update(phrases.found(words(text)))
        return facts

    def _answer(self, rule: Rule, activity: Activity, task: str | None) -> Match:
        then = rule.then
        if then.ignore:
            text = activity.title or task or ""
            return Match(rule=rule.name, file=rule.file, line=rule.line, text=text, ignore=True)
        project = None if then.booked_on is None else self._projects[then.booked_on]
        target, needs_task = self._posted_to(
            then.target or (project.target if project else None), activity, task
        )
        return Match(
            rule=rule.name,
            file=rule.file,
            line=rule.line,
            project=then.booked_on,
            category=then.category or (project.category if project else None),
            billable=then.billable if then.billable is not None else project is not None and project.billable,
            target=target,
            needs_task=needs_task,
            text=_text(then.text, activity, task, project),
            attributed=then.share or {},
            rounding=then.rounding or (project.rounding if project else None),
            confidence=then.confidence,
        )

    def _posted_to(
        self, target: Target | None, activity: Activity, task: str | None
    ) -> tuple[str | None, bool]:
        """Where the time goes, and whether a task is missing for it."""
        if target is None:
            return None, False
        ((connection, where),) = target.items()
        if connection == "none":
            return "none", False
        if where != "task":
            return f"{connection}:{where}", False
        tool = self._connections.get(connection, activity.source)
        # The title of a meeting may name a task of any tool; an activity's own task is of its source.
        foreign = task == activity.task and tool != activity.source
        return (None, True) if task is None or foreign else (f"{connection}:{task}", False)


def _file(tests: Sequence[_Test]) -> tuple[dict[Atom, list[int]], list[int]]:
    """Which rules an atom makes possible, and those that need none."""
    filed: dict[Atom, list[int]] = defaultdict(list)
    unfiled: list[int] = []
    for number, test in enumerate(tests):
        handle = test.handle()
        if handle is None:
            unfiled.append(number)
        for atom in handle or ():
            filed[atom].append(number)
    return dict(filed), unfiled


def _searches(tests: Sequence[_Test]) -> tuple[dict[tuple[str, str], _Patterns], list[Atom]]:
    """The patterns to search, by field and form, and the ranges of numbers to try."""
    wanted: dict[tuple[str, str], dict[Atom, None]] = defaultdict(dict)
    for test in tests:
        for atom in _all_atoms(test):
            wanted[atom.field, atom.form][atom] = None
    patterns = {key: _Patterns(list(atoms)) for key, atoms in wanted.items() if key[1] in ("words", "regex")}
    return patterns, list(wanted["audience", "between"])


def _texts(activity: Activity, who: str, team: str | None, task: str | None) -> Iterator[tuple[str, str]]:
    """Every text of an activity that a rule can ask about."""
    single = {
        "source": activity.source,
        "container": activity.container,
        "task": task,
        "title": activity.title,
        "series": activity.series,
        "who": who,
        "team": team,
    }
    yield from ((name, text) for name, text in single.items() if text is not None)
    yield from (("labels", label) for label in activity.labels)
    yield from (("domains", domain) for domain in activity.domains)


def _within(number: int, limits: object) -> bool:
    assert isinstance(limits, Between)
    return (limits.min is None or limits.min <= number) and (limits.max is None or number <= limits.max)


def _text(template: str | None, activity: Activity, task: str | None, project: Project | None) -> str:
    title = activity.title or ""
    if template is None:
        return title or task or ""
    filled = template.format(
        title=title,
        task=task or "",
        container=activity.container or "",
        project=project.name if project else "",
        client=(project and project.client) or "",
    )
    return filled.strip()[:LONGEST_TEXT]
