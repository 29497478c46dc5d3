"""The technical annex of the policy, made from the configuration the program runs on (P-08).

For works councils and counsel: what is asked of each tool and what is dropped, who sees what, how long what
is kept and in which tables, how every switch stands, who talks to whom, and by which tests each part is
proved. Nothing in it is written by hand that the program could say itself; credentials never are in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from config.schema import Configuration, Mail
from connectors.contract import Connector
from connectors.layers.filtered import FIELDS, KINDS, PRIVATE
from core.policy import Policy, Report
from daybook.inventory import Live, flow, kept, live, meant, never, proved, readers, under
from daybook.papers import Paper
from daybook.tools import among
from daybook.words import Section, capital, count, full_date, listed, period

SWITCHES = {
    "policy.private_events": "",
    "policy.back_fill": "days",
    "policy.groups.minimum": "people",
    "policy.notice": "days",
    "policy.delegates": "",
    "policy.billing": "",
    "policy.roles": "",
    "rollout.stage": "",
    "rollout.skip_pilot_because": "",
    "mail.every_day": "",
    "mail.reminder": "minutes",
    "mail.look_back": "",
    "page.link_days": "days",
    "posting.hold": "seconds",
    "posting.notify_watchers": "",
    "closing.weeks": "days",
    "closing.months": "days",
    "closing.through": "",
    "reconcile.overtime_window": "minutes",
}
"""Those that matter to the people who are read, with their unit; those of connections are found."""


def annex(file: Path, now: datetime) -> Paper:
    """All of it. Raises Unfit, Wrong."""
    of = live(file, now)
    return Paper(
        title="Technical annex to the policy",
        under=under(of, now),
        sections=(
            _versions(of),
            *sources(of),
            _whom(of),
            readers(),
            _given(of.policy),
            _often(of.configuration, of.policy),
            kept(of.policy),
            _switches(of),
            *flow(of),
            never(of.policy),
        ),
    )


# --- which policy ------------------------------------------------------------------------------------------


def _versions(of: Live) -> Section:
    standing = of.known.standing
    coming = standing.coming
    return Section(
        "Which policy",
        (
            ("In force", f"version {standing.in_force.version}, since {full_date(standing.in_force.since)}"),
            (
                "Announced",
                f"version {coming.version}, from {full_date(coming.since)}" if coming else "nothing",
            ),
            *(
                (f"Version {one.version}", f"first seen {full_date(one.seen)}, for {full_date(one.since)}")
                for one in of.known.versions
            ),
        ),
        (
            "A version is a hash of what the policy means: another order or spacing keeps it. Every version "
            "that was ever seen stays in the database, and what allows more waits for its notice.",
        ),
    )


# --- what is asked -----------------------------------------------------------------------------------------


def sources(of: Live) -> Iterator[Section]:
    """Each connection: what the policy names, what it does not, and what is asked of the tool by that."""
    for name, connector in of.connectors.items():
        tracked = of.policy.tracked.get(connector.source, ())
        yield Section(
            f"What is asked of {among(of.connectors, name)}",
            tuple(
                (capital(word), f"{meaning} {_whether(of.policy, connector.source, word)}")
                for word, meaning in connector.tracks.items()
            ),
            tuple(_asked(connector, tracked)),
        )


def _whether(policy: Policy, source: str, word: str) -> str:
    if word not in policy.tracked.get(source, ()):
        return "NOT TRACKED: not asked for, or dropped at the edge where the tool cannot leave it out."
    without = [role for role in policy.roles if word not in policy.tracked_of(role, source)]
    return f"Tracked, but not of the role {listed(without)}." if without else "Tracked."


def _asked(connector: Connector, tracked: Iterable[str]) -> Iterator[str]:
    like = connector.abilities.like
    words = {like.get(word, word) for word in tracked}
    fields = [field for field, any_of in FIELDS.items() if not any_of & words]
    kinds = [kind for kind, any_of in KINDS.items() if not any_of & words]
    asks = connector.abilities.asks
    yield f"Fields asked for, in the tool's own words: {listed(asks) if asks else 'none are named'}."
    if kinds:
        yield f"Kinds of activity that are dropped at the edge: {listed(kinds)}."
    if fields:
        yield f"Fields that are emptied at the edge, should the tool send them: {listed(fields)}."
    yield f"Emptied, whatever is tracked, where the tool marks it private: {listed(PRIVATE)}."
    if lending := connector.authorization:
        for right in (*lending.scopes, *lending.further):
            yield f"A right that contributors are asked for: {lending.meaning.get(right, right)} ({right})."
    if connector.abilities.finds_accounts:
        yield "Asked besides: which account there has the mail address of who acknowledged."
    if connector.abilities.offers:
        yield "Asked besides, of who wants to choose: which further calendars are theirs."
    if connector.abilities.posts:
        yield f"Confirmed entries are posted there; who can read them: {connector.abilities.readers}."


def _whom(of: Live) -> Section:
    rollout = of.configuration.rollout
    return Section(
        "Of whom",
        (
            ("People named in the configuration", str(len(of.configuration.people))),
            ("Of the pilot cohort", str(len(rollout.cohorts.pilot))),
            ("Added by the stage expand", str(len(rollout.cohorts.expand))),
        ),
        (
            "Nothing is requested about anybody before they acknowledged the policy; leaving stops it at "
            f"once. The first look reaches back {period(of.policy.back_fill)} from the acknowledgement.",
            proved("asked"),
        ),
    )


def _given(policy: Policy) -> Section:
    reports = tuple(
        (capital(report.name), _report(report, policy.groups.minimum)) for report in policy.reports
    )
    return Section(
        "Reports, invoices, delegates",
        reports or (("Reports", "none"),),
        (
            f"Managers who get reports: {listed(policy.managers) if policy.managers else 'none'}.",
            f"Hours by name for invoices: {_billing(policy)}.",
            f"A day opened by a colleague: {_delegates(policy)}.",
        ),
    )


def _report(report: Report, minimum: int) -> str:
    if report.cadence == "never":
        return "promised never to be made"
    on = capital(report.day) if isinstance(report.day, str) else f"day {report.day} of a month"
    return (
        f"{listed(report.what)}, to {report.who} and to everybody in it at the same moment, on {on}; "
        f"of at least {minimum} people besides its reader"
    )


def _billing(policy: Policy) -> str:
    if policy.billing is None:
        return "nobody gets them"
    of = f"{listed(policy.billing.who)}, of {listed(policy.billing.projects)}"
    return f"{of}; each time stands in the access log of everybody in it"


def _delegates(policy: Policy) -> str:
    if policy.delegates is None:
        return "not possible"
    return f"only by the contributor's own grant, for {period(policy.delegates.days)} at most, logged"


def _reminders(mail: Mail | None) -> str:
    if mail is None or mail.reminder == "off":
        return "none"
    return f"at most one, {count(mail.reminder, 'minute')} before their working hours end"


def _often(configuration: Configuration, policy: Policy) -> Section:
    mail = configuration.mail
    roles = tuple((f"Mail to the role {role}", said.digest) for role, said in policy.roles.items())
    return Section(
        "How often",
        (
            ("Tools are asked", f"every {count(configuration.pulling.every, 'minute')}"),
            (
                "Mail to each contributor",
                f"on their working days at {mail.digest_at:%H:%M}" if mail else "none",
            ),
            ("Reminders of it", _reminders(mail)),
            ("What their week came to", "once a week, to each alone" if mail and mail.look_back else "none"),
            *roles,
            ("What is past its time is removed", "once a day"),
        ),
    )


# --- switches ----------------------------------------------------------------------------------------------


def _switches(of: Live) -> Section:
    stated = of.configuration.model_copy(update={"policy": of.policy})
    said = [(path, *_at(stated, path.split("."), unit)) for path, unit in SWITCHES.items()]
    own = [
        (f"connections.{name}.{field}", *_at(settings, [field]))
        for name, settings in of.loaded.settings.items()
        for field, what in type(settings).model_fields.items()
        if what.annotation is bool
    ]
    return Section(
        "Switches that matter to the people who are read",
        tuple((path, f"{value}. {meaning}") for path, value, meaning in [*said, *own]),
        ("Each is a line of the configuration; what the policy says cannot be loosened without its notice.",),
    )


def _at(model: BaseModel, path: list[str], unit: str = "") -> tuple[str, str]:
    """How a switch stands, and what it means."""
    name, *further = path
    value = getattr(model, name)
    if not further:
        return _shown(value, unit), meant(type(model), name)
    return _at(value, further, unit) if value is not None else ("not set", "")


def _shown(value: Any, unit: str) -> str:
    match value:
        case None | "" | () | {}:
            return "not set"
        case bool():
            return "on" if value else "off"
        case dict():
            return listed(list(value))
        case BaseModel():
            return "on"
        case date():
            return full_date(value)
    return f"{value} {unit}".strip()
