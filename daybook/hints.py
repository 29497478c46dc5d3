"""What many people book otherwise than the rules do, with the rule to paste: sums, and nobody's day (P1).

Read are confirmed drafts alone, of people who take part; what comes of them is counted and forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.hints import Hint, Move, hints, move_of
from core.model import Noun
from core.rules import Rule
from daybook.house import House


class Told(Noun):
    """One hint, as an administrator reads it."""

    people: int
    """At least so many."""
    says: str
    paste: str
    """The rule, in YAML."""

    def lines(self) -> Iterator[str]:
        yield self.says
        yield from (f"  {line}" for line in self.paste.splitlines())


def look(house: House) -> list[Told]:
    """Every hint there is by now, the commonest first."""
    rules = {rule.name: rule for rule in house.configuration.rules}
    moves: dict[str, list[Move]] = {}
    with house.store.reading() as tx:
        for member in house.members(tx):
            if member.consent:
                drafts = tx.drafts.confirmed(member.id)
                moves[member.id] = [move for one in drafts if (move := move_of(one, rules))]
    return [_told(hint, rules) for hint in hints(moves, house.policy.groups.minimum)]


def _told(hint: Hint, rules: Mapping[str, Rule]) -> Told:
    move, many = hint.move, f"At least {hint.people} people"
    if move.rule is None:
        says = f"{many} book what is in {move.container} on {move.now}; no rule speaks about it. Add one:"
        name, when = f"{move.container} on {move.now}", {"container": move.container}
        return Told(people=hint.people, says=says, paste=_yaml(name, when, {"project": move.now}))
    rule = rules[move.rule]
    where = f" ({rule.file or 'daybook.yaml'} line {rule.line})" if rule.line else ""
    says = (
        f'{many} move what the rule "{rule.name}"{where} books from {move.was} to {move.now}. '
        "Write in its place:"
    )
    when = rule.when.model_dump(mode="json", exclude_defaults=True)
    # Category, billing and target come with the project.
    kept = rule.then.model_dump(
        mode="json", exclude_defaults=True, include={"text", "rounding", "confidence"}
    )
    return Told(people=hint.people, says=says, paste=_yaml(rule.name, when, {"project": move.now, **kept}))


def _yaml(name: str, when: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    """A rule as it stands under `rules:`; what is on one line is JSON, which is YAML too."""
    said = {"- name": name, "  when": when, "  then": then}
    return "\n".join(f"{word}: {json.dumps(value, ensure_ascii=False)}" for word, value in said.items())
