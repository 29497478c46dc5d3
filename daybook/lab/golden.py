"""Golden cases run: what the rules make of each sample, beside what was promised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from config.cases import Case
from config.schema import Configuration
from config.text import Place
from core.mapping import Mappings
from core.model import Noun
from core.wording import issue_key
from daybook.house import issue_projects

NOBODY = ""


class Broken(Noun):
    """A case that does not hold, and how."""

    name: str
    file: str
    line: int
    expected: dict[str, Any]
    """What was promised, as far as it is otherwise."""
    found: dict[str, Any]
    """The same fields as the rules fill them."""
    rule: str | None
    """The rule that won; null where none holds."""

    def lines(self) -> Iterator[str]:
        yield f"NO   {self.name} ({self.file}:{self.line})"
        for field, promised in self.expected.items():
            yield f"     {field}: {_said(promised)} expected, {_said(self.found[field])} found"
        yield f'     by the rule "{self.rule}"' if self.rule else "     no rule holds"


def broken(configuration: Configuration, cases: Iterable[tuple[Place, Case]]) -> list[Broken]:
    """The cases that do not hold, in their order."""
    types = {name: part.type for name, part in configuration.connections.items()}
    mappings = Mappings(configuration.projects, configuration.rules, types)
    containers = issue_projects(configuration)
    found = []
    for place, case in cases:
        person = configuration.person(case.who) if case.who else None
        activity = case.activity.activity()
        known = containers.union([activity.container.upper()] if activity.container else [])
        task = activity.task or (issue_key(activity.title, known) if activity.title else None)
        match = mappings.match(activity, case.who or NOBODY, person.team if person else None, task)
        otherwise = {
            name: getattr(match, name)
            for name, promised in case.expect.stated().items()
            if getattr(match, name) != promised
        }
        if otherwise:
            expected = {name: getattr(case.expect, name) for name in otherwise}
            found.append(
                Broken(
                    name=case.name,
                    file=place.file,
                    line=place.line,
                    expected=expected,
                    found=otherwise,
                    rule=match.rule,
                )
            )
    return found


def _said(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
    return str(value)
