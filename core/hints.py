"""What many people book otherwise than the rules do, for those who write the rules: numbers and no person.

A hint names a rule, or a container no rule speaks about, and two projects. It is there only once as many
people confirmed it as any figure must have behind it, and it counts them in steps of that many: who asks
again and again cannot see one person come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from core.model import Draft, Name, Noun
from core.rules import Rule


class Move(Noun):
    """What somebody confirmed on another project than the rules would book it on."""

    rule: Name | None
    """The rule that speaks about it; None where none does."""
    container: Name | None = None
    """Where no rule does: the project, board or calendar it is in."""
    was: Name | None
    now: Name


class Hint(Noun):
    """A move that so many people make that its rule is worth another look."""

    move: Move
    people: int
    """At least so many."""


def hints(moves: Mapping[str, Iterable[Move]], minimum: int) -> list[Hint]:
    """The moves that many people make, the commonest first.

    Takes    moves: by person; minimum: fewest people behind any figure
    """
    people: dict[Move, int] = defaultdict(int)
    for theirs in moves.values():
        for move in set(theirs):
            people[move] += 1
    found = [
        Hint(move=move, people=count - count % minimum) for move, count in people.items() if count >= minimum
    ]
    return sorted(found, key=lambda hint: (-hint.people, hint.move.model_dump_json()))


def move_of(draft: Draft, rules: Mapping[str, Rule]) -> Move | None:
    """How a confirmed draft differs from what the rules in force say; None where it does not."""
    stands = draft.suggestion
    if draft.decision != "confirmed" or stands.project is None:
        return None
    name = next((reason.rule for reason in stands.because if reason.rule is not None), None)
    if name is None:
        container = _container(stands.about)
        return Move(rule=None, container=container, was=None, now=stands.project) if container else None
    rule = rules.get(name)
    if rule is None or rule.then.booked_on in (None, stands.project) or rule.then.share:
        return None
    return Move(rule=name, was=rule.then.booked_on, now=stands.project)


def _container(about: Iterable[str]) -> str | None:
    """Where it is, unless that is called after a person, as calendars are."""
    title = next((name for name in about if name.startswith("title:")), "")
    container = title.split(":", 3)[2] if title else ""
    return container if container and "@" not in container else None
