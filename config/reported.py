"""What cannot be right about reports and their readers, whatever the people do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from config.complaints import Complaint, nearest
from config.schema import Configuration

USUAL_ROLES = ("client_billed", "salaried")
"""Those a policy may speak of before anybody has them."""


def reported(configuration: Configuration) -> Iterator[Complaint]:
    """Managers of nobody or of one, roles nobody has, and reports with nobody to read them or twice."""
    yield from _managers(configuration)
    if configuration.policy is not None:
        yield from _reports(configuration)


def _managers(configuration: Configuration) -> Iterator[Complaint]:
    people = Counter(person.team for person in configuration.people if person.team)
    for number, person in enumerate(configuration.people):
        for which, team in enumerate(person.manages):
            here = ("people", number, "manages", which)
            others = people[team] - (person.team == team)
            if team not in people:
                yield here, f"is {team!r}, which is nobody's team.{nearest(team, people)}"
            elif others < 2:
                yield (
                    here,
                    f"is {team!r}, a team of one beside its manager. "
                    "Whatever is said of such a team is said of that person; leave it out.",
                )


def _reports(configuration: Configuration) -> Iterator[Complaint]:
    assert configuration.policy is not None
    roles = {*USUAL_ROLES, *(person.role for person in configuration.people if person.role)}
    first: dict[str, int] = {}
    for number, report in enumerate(configuration.policy.reports):
        here = ("policy", "reports", number)
        for which, role in enumerate(report.roles):
            if role not in roles:
                yield (*here, "roles", which), f"is {role!r}, which is nobody's role.{nearest(role, roles)}"
        if first.setdefault(report.name, number) != number:
            also = f"policy.reports[{first[report.name]}]"
            yield here, f"is about the same people as often as {also}. Put all it counts into one."
