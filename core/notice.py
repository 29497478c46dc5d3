"""Which policy holds, and which waits for its day (S-20).

What is not looser than the policy in force takes its place at once. What is looser in anything is announced
first: until its day the stricter of the two holds, thing by thing. An older file is a change like any other,
and what somebody asks for no longer is forgotten, so neither a restart nor an old copy shortens a notice.
"""

from __future__ import annotations

from datetime import date, timedelta

from core.loosening import loosened, strictest
from core.model import Noun
from core.policy import Policy, version


class Version(Noun):
    """One policy, and the days that matter to it."""

    version: str
    policy: Policy
    seen: date
    """The first day somebody asked for it, or for one that allows as much."""
    since: date
    """The first day it holds."""


class Standing(Noun):
    """The policy in force and its neighbours."""

    in_force: Version
    coming: Version | None = None
    """Announced, and looser in something."""
    former: Version | None = None
    """The one before."""


def settled(standing: Standing | None, asked: Policy, today: date) -> Standing:
    """What holds once `asked` was read from a file.

    Takes    standing: None before the first policy
    """
    if standing is None:
        return Standing(in_force=_version(asked, today, asked.effective))
    now = standing.in_force
    if version(asked) == version(now.policy):
        return standing.model_copy(update={"coming": None})
    begins = today if now.since <= today else max(now.since, asked.effective)
    if not loosened(now.policy, asked):
        return Standing(in_force=_version(asked, today, begins), former=now)
    coming = _announced(standing, asked, today)
    if coming.since <= today:
        return Standing(in_force=coming, former=now)
    meanwhile = strictest(now.policy, asked)
    if version(meanwhile) == version(now.policy):
        return standing.model_copy(update={"coming": coming})
    return Standing(in_force=_version(meanwhile, today, begins), coming=coming, former=now)


def _announced(standing: Standing, asked: Policy, today: date) -> Version:
    """From when it would hold; what allows no more than what is announced already keeps that one's day."""
    now, coming = standing.in_force, standing.coming
    if coming is not None and not loosened(coming.policy, asked):
        return _version(asked, coming.seen, max(coming.since, asked.effective))
    return _version(asked, today, max(after_notice(now.policy, today), asked.effective, now.since))


def after_notice(policy: Policy, seen: date) -> date:
    """The first day after the notice: the day it was seen does not count, so that nobody gets hours less."""
    return seen + timedelta(days=policy.notice + 1)


def _version(policy: Policy, seen: date, since: date) -> Version:
    return Version(version=version(policy), policy=policy, seen=seen, since=since)
