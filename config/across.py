"""What no part of the configuration can see alone: names that other parts must know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config.asked import asked
from config.calendar import holidays
from config.complaints import Complaint, either, nearest
from config.reported import USUAL_ROLES, reported
from config.schema import Before, Configuration, Person
from config.text import Path_
from core import rules
from core.mapping import Mappings
from core.policy import Policy
from core.rollout import FEWEST, MOST
from core.targets import misnamed


def across(configuration: Configuration, types: Mapping[str, Any] | None) -> Iterator[Complaint]:
    """Every name that points nowhere, and rules that cannot work together.

    Takes    types: the connectors installed here; None leaves connections unchecked
    """
    found = [*rules.problems(configuration.projects, configuration.rules)]
    yield from ((path, sentence if sentence[-1] in ".?" else f"{sentence}.") for path, sentence in found)
    if not found:
        yield from _too_much(configuration)
    yield from asked(configuration, types)
    yield from _people(configuration)
    yield from _narrower(configuration)
    yield from reported(configuration)
    yield from _targets(configuration)
    yield from _patience(configuration)
    if "none" in configuration.connections:
        yield ("connections", "none"), "cannot be a connection's name: `none` means to post nowhere."
    if configuration.policy is not None:
        roles = {person.role for person in configuration.people}
        yield from _lighter(configuration.policy, {*USUAL_ROLES, *roles})
        yield from _billed(configuration.policy, configuration.projects)
        if types is not None:
            yield from _tracked(configuration.policy.tracked, types)


def _too_much(configuration: Configuration) -> Iterator[Complaint]:
    try:
        Mappings(configuration.projects, configuration.rules)
    except ValueError as error:
        yield ("rules",), f"{error}."


def _targets(configuration: Configuration) -> Iterator[Complaint]:
    for path, connection, task in rules.targets(configuration.projects, configuration.rules):
        if connection not in configuration.connections:
            hint = nearest(connection, [*configuration.connections, "none"])
            yield path, f"names the connection {connection!r}, which is not under connections.{hint}"
        elif task != "task" and (form := misnamed(task, configuration.connections[connection].type)):
            sentence = f"names {task!r} at {connection!r}, which is not {form}. "
            yield path, f"{sentence}Write task for the one the draft is about."


def _patience(configuration: Configuration) -> Iterator[Complaint]:
    """Who looks for an entry while its request is under way finds nothing, and sends it twice (R-02)."""
    longest = configuration.pulling.timeout + configuration.pulling.patience
    if configuration.posting.look_after <= longest:
        sentence = (
            f"is {configuration.posting.look_after} s, but a request may be under way for {longest} s "
            "(pulling.timeout and pulling.patience). Make it longer."
        )
        yield ("posting", "look_after"), sentence


def _tracked(tracked: Mapping[str, tuple[str, ...]], types: Mapping[str, Any]) -> Iterator[Complaint]:
    for source, words in tracked.items():
        if source not in types:
            yield ("policy", "tracked", source), f"is no connector installed here.{nearest(source, types)}"
            continue
        known = types[source].tracks
        for number, word in enumerate(words):
            if word not in known:
                here = ("policy", "tracked", source, number)
                yield here, f"is {word!r}; {source} can track {either(known)}.{nearest(word, known)}"


def _billed(policy: Policy, projects: Mapping[str, rules.Project]) -> Iterator[Complaint]:
    """What is exported for invoices is a client's."""
    known = [name for name, project in projects.items() if project.client]
    for number, name in enumerate(policy.billing.projects if policy.billing else ()):
        if name not in known:
            wrong = "has no client to send an invoice to." if name in projects else "is not under projects."
            yield (
                ("policy", "billing", "projects", number),
                f"is {name!r}, which {wrong}{nearest(name, known)}",
            )


def _lighter(policy: Policy, roles: set[str | None]) -> Iterator[Complaint]:
    """Roles that nobody has or usually has, and what a role would be read more of than everybody."""
    known = sorted(role for role in roles if role)
    for role, said in policy.roles.items():
        here = ("policy", "roles", role)
        if role not in known:
            yield here, f"is nobody's role.{nearest(role, known)}"
        for source, words in said.tracked.items():
            where, everybody = (*here, "tracked", source), policy.tracked.get(source)
            if everybody is None:
                yield where, f"is not under policy.tracked.{nearest(source, policy.tracked)}"
                continue
            for number, word in enumerate(words):
                if word not in everybody:
                    sentence = (
                        f"is {word!r}, which is not read of everybody; a role is read less, never more."
                    )
                    yield (*where, number), f"{sentence}{nearest(word, everybody)}"


def _people(configuration: Configuration) -> Iterator[Complaint]:
    first: dict[str, int] = {}
    for number, person in enumerate(configuration.people):
        here = ("people", number)
        if first.setdefault(person.email, number) != number:
            yield (*here, "email"), f"is also the address of people[{first[person.email]}]."
        yield from _hours(configuration, here, person)
        for which, before in enumerate(person.before):
            yield from _hours(configuration, (*here, "before", which), before)
        for connection in person.accounts:
            if connection not in configuration.connections:
                hint = nearest(connection, configuration.connections)
                yield (*here, "accounts", connection), f"is no connection.{hint}"
    yield from _cohorts(configuration, first)


def _cohorts(configuration: Configuration, people: Iterable[str]) -> Iterator[Complaint]:
    """A cohort is of people there are, each once; a pilot is small enough to talk with everybody."""
    named: dict[str, str] = {}
    for cohort in ("pilot", "expand"):
        for number, email in enumerate(getattr(configuration.rollout.cohorts, cohort)):
            here = ("rollout", "cohorts", cohort, number)
            if email not in people:
                yield here, f"is not under people.{nearest(email, people)}"
            if email in named:
                yield here, f"is in the cohort {named[email]} already. A person is in one of them, once."
            named.setdefault(email, cohort)
    many = len(configuration.rollout.cohorts.pilot)
    if many > MOST:
        sentence = (
            f"names {many} people. A pilot is of {FEWEST} to {MOST}: somebody must talk with each of them."
        )
        yield ("rollout", "cohorts", "pilot"), sentence


def _hours(configuration: Configuration, here: Path_, said: Person | Before) -> Iterator[Complaint]:
    if said.schedule is not None and said.schedule not in configuration.schedules:
        hint = nearest(said.schedule, configuration.schedules)
        yield (*here, "schedule"), f"is {said.schedule!r}, which is not under schedules.{hint}"
    if said.holidays is not None:
        try:
            holidays(said.holidays, [2026])
        except ValueError as error:
            yield (*here, "holidays"), f"{error}."


def _narrower(configuration: Configuration) -> Iterator[Complaint]:
    """Numbers stated for a team, role or person there is not."""
    people, said = configuration.people, configuration.reconcile
    known = {
        "teams": ({person.team for person in people if person.team}, "is nobody's team"),
        "roles": ({person.role for person in people if person.role}, "is nobody's role"),
        "people": ({person.email for person in people}, "is not under people"),
    }
    for group, (names, wrong) in known.items():
        for name in getattr(said, group):
            if name not in names:
                yield ("reconcile", group, name), f"{wrong}.{nearest(name, sorted(names))}"
