"""The rules of a trial, writing down which of them hold for what they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.mapping import Mappings, Match
from core.model import Activity
from core.rules import Project, Rule


class Witness(Mappings):
    """Answers as the rules do, and remembers every rule that holds, not only the first."""

    def __init__(
        self, projects: Mapping[str, Project], rules: Sequence[Rule], connections: Mapping[str, str]
    ) -> None:
        super().__init__(projects, rules, connections)
        self._names = [rule.name for rule in rules]
        self._held: dict[tuple[str, str], list[int]] = {}

    def match(self, activity: Activity, who: str, team: str | None = None, task: str | None = None) -> Match:
        self._held[activity.source, activity.uid] = self.matching(activity, who, team, task)
        return super().match(activity, who, team, task)

    def held(self) -> Iterator[list[str]]:
        """For each activity asked about since the last time: the rules that hold, the one that wins first."""
        held, self._held = self._held, {}
        return ([self._names[number] for number in numbers] for numbers in held.values())
