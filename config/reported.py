"""What cannot be right about reports and their readers, whatever the people do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from config.complaints import Complaint, nearest
from config.schema import Configuration
from core.policy import Policy

USUAL_ROLES = ("client_billed", "salaried")
"""Those a policy may speak of before anybody has them."""


def reported(configuration: Configuration) -> Iterator[Complaint]:
    """Managers of nobody or of one, readers who manage nobody, roles nobody has, and reports twice."""
    yield from _managers(configuration)
    if configuration.policy is not None:
        yield from _reports(configuration)
        yield from _readers(configuration.policy, _manage(configuration))


def with_readers(configuration: Configuration) -> Configuration:
    """The configuration with the readers of its reports in the policy, where that leaves them to `people`.

    So they are part of its version: nobody becomes one without everybody being told first (S-20).
    """
    policy = configuration.policy
    if policy is None or "managers" in policy.model_fields_set:
        return configuration
    if all(report.cadence == "never" for report in policy.reports):
        return configuration
    named = policy.model_copy(update={"managers": _manage(configuration)})
    return configuration.model_copy(update={"policy": named})


def _manage(configuration: Configuration) -> tuple[str, ...]:
    return tuple(person.email for person in configuration.people if person.manages)


def _readers(policy: Policy, known: Sequence[str]) -> Iterator[Complaint]:
    for number, reader in enumerate(policy.managers):
        if reader not in known:
            here = ("policy", "managers", number)
            yield here, f"is {reader!r}, who `manages` no team under people.{nearest(reader, known)}"


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
