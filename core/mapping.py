"""What the rules say about one activity: the consequences of the first in the file whose conditions hold.

Which rules hold is found in conditions.py, exactly as if they had been tried from top to bottom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from core.conditions import Conditions
from core.memory import Recollection
from core.model import LONGEST_TEXT, Activity, Confidence
from core.rules import Project, Rounding, Rule, Target
from core.targets import belongs, posted_to
from core.timeline import apportion

IN_SHARES = 100
"""Percent: shares that add up to this divide the minutes; 100 for each gives them to all in full."""

NO_PROJECT = Project.model_construct(name="")
"""Stands in where a rule names none; it says nothing."""


class Match(NamedTuple):
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
    attributed: Mapping[str, int] = MappingProxyType({})
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
    agreed: Recollection | None = None
    """Its contributor chose the same before."""
    at_most: Confidence | None = None
    """No surer than this, as far as their earlier choices go; None where those say nothing."""


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
        self._tools = dict(connections or {})
        for name in _named(self._projects, self._rules):
            if name not in self._projects:
                raise KeyError(name)
        self._consequences = tuple(self._follows(rule) for rule in self._rules)
        self._conditions = Conditions([rule.when for rule in self._rules])

    def match(self, activity: Activity, who: str, team: str | None = None, task: str | None = None) -> Match:
        """What the first rule that holds says; a private activity is for its owner to name, so none holds.

        Takes    the contributor's e-mail and team; the activity's own task, or the one its title names
        """
        if activity.private:
            return Match()
        number = self._conditions.first(activity, who, team, task)
        if number is None:
            return Match(text=activity.title or task or "")
        return self._about(self._consequences[number], activity, task)

    def matching(
        self, activity: Activity, who: str, team: str | None = None, task: str | None = None
    ) -> list[int]:
        """The numbers of all rules that hold, in the order of the file: the first one wins."""
        return [] if activity.private else self._conditions.every(activity, who, team, task)

    def settled(self, ruled: Match, recalled: Match, task: str | None) -> Match:
        """A match that the contributor's memory changed, as far as projects and tools allow it.

        The project they chose brings its own rounding and share. One that is gone says nothing, and a task
        has no place at a tool that does not know it.
        """
        if recalled.chosen is None or recalled.ignore or recalled.project is None:
            return recalled
        project = self._projects.get(recalled.project)
        if project is None:
            return ruled
        connection, _, where = (recalled.target or "").partition(":")
        is_lost = where == task and not belongs(where, self._tools.get(connection))
        return recalled._replace(
            attributed=project.share or {},
            rounding=project.rounding,
            target=None if is_lost else recalled.target,
            needs_task=is_lost or recalled.needs_task,
        )

    def _follows(self, rule: Rule) -> _Consequence:
        said, then = Match(rule=rule.name, file=rule.file, line=rule.line), rule.then
        project = self._projects[then.booked_on] if then.booked_on else NO_PROJECT
        wanted = then.target or project.target
        target = posted_to(wanted, None, None)
        said = said._replace(
            project=then.booked_on,
            category=then.category or project.category,
            billable=project.billable if then.billable is None else then.billable,
            target=target,
            attributed=then.share or project.share or {},
            rounding=then.rounding or project.rounding,
            confidence=then.confidence,
            ignore=then.ignore,
        )
        return _Consequence(said, project, then.text, wanted if target is None else None)

    def _about(self, consequence: _Consequence, activity: Activity, task: str | None) -> Match:
        """What a rule says about this activity."""
        said, project, template, by_task = consequence
        text = activity.title or task or ""
        if template is not None:
            text = _filled(template, activity, task, project)
        if by_task is None:
            return said._replace(text=text)
        (connection,) = by_task
        tool = self._tools.get(connection)
        target = None if _is_of_another(activity, task, tool) else posted_to(by_task, task, tool)
        return said._replace(text=text, target=target, needs_task=target is None)


class _Consequence(NamedTuple):
    """What a rule says about whatever it matches."""

    said: Match
    """Text and task are still to come."""
    project: Project
    template: str | None
    """Of the text; None for the title."""
    by_task: Target | None
    """Where it is posted, if that depends on the task."""


def _named(projects: Mapping[str, Project], rules: Iterable[Rule]) -> Iterator[str]:
    """Every project that something is booked on or attributed to."""
    for rule in rules:
        yield from filter(None, (rule.then.booked_on, *(rule.then.share or ())))
    for project in projects.values():
        yield from project.share or ()


def _is_of_another(activity: Activity, task: str | None, tool: str | None) -> bool:
    """Whether the task is surely of another tool: the title of a meeting may name a task of any."""
    is_work = activity.kind in ("presence", "touch", "logged") and task == activity.task
    return is_work and tool is not None and tool != activity.source


def _filled(template: str, activity: Activity, task: str | None, project: Project) -> str:
    filled = template.format(
        title=activity.title or "",
        task=task or "",
        container=activity.container or "",
        project=project.name,
        client=project.client or "",
    )
    return filled.strip()[:LONGEST_TEXT]


def attributed(minutes: int, project: str | None, share: Mapping[str, int]) -> dict[str, int]:
    """To whom the minutes are billed: to the project, in shares, or in full to each of several."""
    if not share:
        return {} if project is None else {project: minutes}
    if sum(share.values()) != IN_SHARES:
        return dict.fromkeys(share, minutes)
    parts = {name: Fraction(minutes * percent, IN_SHARES) for name, percent in share.items()}
    return apportion(parts, minutes)
