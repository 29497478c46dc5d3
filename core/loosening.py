"""What one policy allows that another did not: every difference, which way it goes, and the stricter of two.

Looser is what lets more be read, kept longer, shown more, or changed with less warning; and another reason,
for people agreed to the one they read. What this module has no rule for counts as looser when it changes.
When a policy begins is no difference: notice.py sees to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, get_args

from core.model import Noun
from core.policy import Billing, Delegates, Lighter, Policy, Report, Retention
from core.said import Said, Sentence, counted, worded

Direction = Literal["looser", "tighter", "other"]

_OFTEN: tuple[str, ...] = get_args(Report.model_fields["cadence"].annotation)
"""The most often first."""

_KEPT = {
    "evidence": worded("What calendars and tools said is kept for {now}, not for {before}."),
    "drafts": worded("What nobody confirmed is kept for {now}, not for {before}."),
    "memory": worded("What people taught Daybook is kept for {now}, not for {before}."),
    "entries": worded("What people confirmed is kept for {now}, not for {before}."),
    "access_log": worded("Who looked at what is kept for {now}, not for {before}."),
}

_PACES = {
    "daily": worded("daily"),
    "weekly": worded("weekly"),
    "monthly": worded("monthly"),
    "never": worded("never"),
}

_FOR_THEM = {"access_log"}
"""Kept for people, not about them: to lose it sooner hides who looked."""


class Difference(Noun):
    """One thing in which a policy differs from another."""

    path: tuple[str | int, ...]
    """Where it stands in the policy: in the later one, or where it stood."""
    before: str
    after: str
    """As the policies say it; empty where one says nothing."""
    direction: Direction
    sentence: Sentence

    @property
    def what(self) -> str:
        """The path as an administrator reads it."""
        return ".".join(map(str, ("policy", *self.path)))


def differences(before: Policy, after: Policy) -> list[Difference]:
    """All that `after` says otherwise, in the order of the file."""
    fields = [field for field in type(after).model_fields if field != "effective"]
    return [found for field in fields for found in _changed(field, before, after)]


def loosened(before: Policy, after: Policy) -> list[Difference]:
    """What `after` allows and `before` did not; nothing where people may go on as they agreed."""
    return [one for one in differences(before, after) if one.direction == "looser"]


def strictest(before: Policy, after: Policy) -> Policy:
    """What holds while `after` is announced: in each thing the stricter of the two.

    Of two reasons none is stricter: that of `before` stays.
    """
    return before.model_copy(
        update={
            "contact": after.contact,
            "tracked": _both(before.tracked, after.tracked),
            "not_tracked": tuple(dict.fromkeys((*before.not_tracked, *after.not_tracked))),
            "private_events": min(before.private_events, after.private_events, key=_PRIVATE.index),
            "retention": Retention(
                **{
                    kept: (max if kept in _FOR_THEM else min)(
                        getattr(before.retention, kept), getattr(after.retention, kept)
                    )
                    for kept in _KEPT
                }
            ),
            "groups": before.groups.model_copy(
                update={"minimum": max(before.groups.minimum, after.groups.minimum)}
            ),
            "reports": _common(before.reports, after.reports),
            "managers": tuple(reader for reader in before.managers if reader in after.managers),
            "delegates": _fewer_days(before.delegates, after.delegates),
            "billing": _fewer_readers(before.billing, after.billing),
            "back_fill": min(before.back_fill, after.back_fill),
            "roles": _lighter(before, after),
            "notice": max(before.notice, after.notice),
        }
    )


# --- each field --------------------------------------------------------------------------------------------


def _why(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = " ".join(before.why.split()), " ".join(after.why.split())
    if old != new:
        yield _different(("why",), old, new, "looser", Said("The reason is another: {why}", why=new))


def _contact(before: Policy, after: Policy) -> Iterator[Difference]:
    if before.contact != after.contact:
        said = Said("Questions go to {now}, no longer to {before}.", now=after.contact, before=before.contact)
        yield _different(("contact",), before.contact, after.contact, "other", said)


def _tracked(before: Policy, after: Policy) -> Iterator[Difference]:
    for source in _either(before.tracked, after.tracked):
        old, new = before.tracked_of(None, source), after.tracked_of(None, source)
        yield from _words(("tracked", source), _READ, new - old, old - new, tool=_tool(source))


def _not_tracked(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = set(before.not_tracked), set(after.not_tracked)
    for word in sorted(old - new):
        said = Said("It is no longer promised that {what} stay out.", what=word)
        yield _different(("not_tracked",), word, "", "looser", said)
    for word in sorted(new - old):
        said = Said("It is promised that {what} stay out.", what=word)
        yield _different(("not_tracked",), "", word, "tighter", said)


_PRIVATE = ("ignore", "busy")
"""The stricter first."""


def _private(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = before.private_events, after.private_events
    if old != new:
        looser = _PRIVATE.index(new) > _PRIVATE.index(old)
        kept, left_out = Said("Of private events the time is kept."), Said("Private events are left out.")
        said = kept if looser else left_out
        yield _different(("private_events",), old, new, "looser" if looser else "tighter", said)


def _retention(before: Policy, after: Policy) -> Iterator[Difference]:
    for kept, said in _KEPT.items():
        old, new = getattr(before.retention, kept), getattr(after.retention, kept)
        looser = new < old if kept in _FOR_THEM else new > old
        yield from _days(("retention", kept), old, new, looser, said)


def _groups(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = before.groups.minimum, after.groups.minimum
    if old != new:
        said = Said("A figure may be about {now} people; it was {before}.", now=new, before=old)
        direction: Direction = "looser" if new < old else "tighter"
        yield _different(("groups", "minimum"), str(old), str(new), direction, said)


def _reports(before: Policy, after: Policy) -> Iterator[Difference]:
    for number, report in enumerate(after.reports):
        if not _allowed(report, before):
            said = Said("There is a report that there was not: {report}.", report=_told(report))
            yield _different(("reports", number), "", _told(report), "looser", said)
    for report in before.reports:
        if not _allowed(report, after):
            said = Said("There is no longer this report: {report}.", report=_told(report))
            yield _different(("reports",), _told(report), "", "tighter", said)


def _managers(before: Policy, after: Policy) -> Iterator[Difference]:
    added = worded("{name} is one of the managers who get the reports.")
    removed = worded("{name} no longer gets the reports as a manager.")
    yield from _names(("managers",), before.managers, after.managers, added, removed)


def _delegates(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = (policy.delegates.days if policy.delegates else 0 for policy in (before, after))
    if not old and new:
        said = Said(
            "You may let a colleague look at your days and prepare them, for {time} at most.",
            time=_period(new),
        )
        yield _different(("delegates",), "", _period(new), "looser", said)
    elif old and not new:
        said = Said("Nobody may let a colleague look at their days any more; what was granted ends.")
        yield _different(("delegates",), _period(old), "", "tighter", said)
    else:
        lasts = worded("What a colleague was granted lasts {now} at most, not {before}.")
        yield from _days(("delegates", "days"), old, new, new > old, lasts)


def _billing(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = (policy.billing.who if policy.billing else () for policy in (before, after))
    added = worded("For invoices {name} gets hours that each person confirmed, by name.")
    removed = worded("{name} no longer gets anybody's hours by name.")
    yield from _names(("billing", "who"), old, new, added, removed)
    old, new = (policy.billing.projects if policy.billing else () for policy in (before, after))
    added = worded("The hours of the project {name} are among those for invoices, by name.")
    removed = worded("The hours of the project {name} go to nobody by name any more.")
    yield from _names(("billing", "projects"), old, new, added, removed)
    was, then = (bool(policy.billing and policy.billing.text) for policy in (before, after))
    if then and not was:
        said = Said("What you wrote about confirmed time comes along with these hours.")
        yield _different(("billing", "text"), "", "true", "looser", said)
    elif was and not then:
        said = Said("What you wrote about confirmed time no longer comes along with the hours for invoices.")
        yield _different(("billing", "text"), "true", "", "tighter", said)


def _back_fill(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = before.back_fill, after.back_fill
    said = worded("The first look reaches back {now}, not {before}.")
    yield from _days(("back_fill",), old, new, new > old, said)


def _roles(before: Policy, after: Policy) -> Iterator[Difference]:
    """What changed for one role beyond what changed for everybody."""
    for role in _either(before.roles, after.roles):
        for source in _either(before.tracked, after.tracked):
            (was, then), (old, new) = (
                (before.tracked_of(whose, source), after.tracked_of(whose, source)) for whose in (None, role)
            )
            where = ("roles", role, "tracked", source)
            more, less = (new - old) - (then - was), (old - new) - (was - then)
            yield from _words(where, _READ_OF_ROLE, more, less, role=role, tool=_tool(source))
        pace, other = before.digest_of(role), after.digest_of(role)
        if pace != other:
            said = Said(
                "People in the role {role} get their mail {now}; it was {before}.",
                role=role,
                now=Said(_PACES[other]),
                before=Said(_PACES[pace]),
            )
            yield _different(("roles", role, "digest"), pace, other, "other", said)


def _notice(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = before.notice, after.notice
    said = worded("What allows more is announced {now} ahead, not {before}.")
    yield from _days(("notice",), old, new, new < old, said)


_RULES: dict[str, Callable[[Policy, Policy], Iterator[Difference]]] = {
    "why": _why,
    "contact": _contact,
    "tracked": _tracked,
    "not_tracked": _not_tracked,
    "private_events": _private,
    "retention": _retention,
    "groups": _groups,
    "reports": _reports,
    "managers": _managers,
    "delegates": _delegates,
    "billing": _billing,
    "back_fill": _back_fill,
    "roles": _roles,
    "notice": _notice,
}
"""By the field of the policy."""


def _changed(field: str, before: Policy, after: Policy) -> Iterator[Difference]:
    rule = _RULES.get(field)
    old, new = getattr(before, field), getattr(after, field)
    if rule:
        yield from rule(before, after)
    elif old != new:
        said = Said("What the policy says of {what} is another.", what=field.replace("_", " "))
        yield _different((field,), str(old), str(new), "looser", said)


# --- their parts -------------------------------------------------------------------------------------------


def _different(
    path: tuple[str | int, ...], before: str, after: str, direction: Direction, sentence: str
) -> Difference:
    return Difference(path=path, before=before, after=after, direction=direction, sentence=sentence)


_READ = (
    worded("In {tool}, this is read besides: {what}."),
    worded("In {tool}, this is no longer read: {what}."),
)
_READ_OF_ROLE = (
    worded("Of people in the role {role}, in {tool}, this is read besides: {what}."),
    worded("Of people in the role {role}, in {tool}, this is no longer read: {what}."),
)


def _words(
    path: tuple[str | int, ...],
    said: tuple[str, str],
    added: Iterable[str],
    removed: Iterable[str],
    **where: str,
) -> Iterator[Difference]:
    more, less = said
    for word in sorted(added):
        yield _different(path, "", word, "looser", Said(more, what=word, **where))
    for word in sorted(removed):
        yield _different(path, word, "", "tighter", Said(less, what=word, **where))


def _names(
    path: tuple[str | int, ...], old: Iterable[str], new: Iterable[str], added: str, removed: str
) -> Iterator[Difference]:
    for name in sorted({*new} - {*old}):
        yield _different(path, "", name, "looser", Said(added, name=name))
    for name in sorted({*old} - {*new}):
        yield _different(path, name, "", "tighter", Said(removed, name=name))


def _days(path: tuple[str | int, ...], old: int, new: int, looser: bool, said: str) -> Iterator[Difference]:
    if old != new:
        direction: Direction = "looser" if looser else "tighter"
        now, before = _period(new), _period(old)
        yield _different(path, before, now, direction, Said(said, now=now, before=before))


def _allowed(report: Report, policy: Policy) -> bool:
    return report.cadence == "never" or any(_covers(known, report) for known in policy.reports)


def _covers(known: Report, report: Report) -> bool:
    """Whether this report says no more than the known one, no more often, to nobody else."""
    return (
        _whose(known) == _whose(report)
        and set(report.what) <= set(known.what)
        and _OFTEN.index(report.cadence) >= _OFTEN.index(known.cadence)
    )


def _whose(report: Report) -> dict[str, Any]:
    said = report.model_dump(exclude={"what", "cadence", "on"})
    return said | {"roles": frozenset(report.roles)}


def _common(before: Iterable[Report], after: Iterable[Report]) -> tuple[Report, ...]:
    """The reports that both allow."""
    after = tuple(after)
    shared = [
        _slower(old, new).model_copy(update={"what": tuple(word for word in new.what if word in old.what)})
        for old in before
        for new in after
        if _whose(old) == _whose(new) and set(old.what) & set(new.what)
    ]
    return tuple(
        report
        for number, report in enumerate(shared)
        if not any(_covers(other, report) and not _covers(report, other) for other in shared)
        and not any(_covers(other, report) for other in shared[:number])
    )


def _slower(old: Report, new: Report) -> Report:
    return old if _OFTEN.index(old.cadence) > _OFTEN.index(new.cadence) else new


def _fewer_days(before: Delegates | None, after: Delegates | None) -> Delegates | None:
    return min(before, after, key=lambda one: one.days) if before and after else None


def _fewer_readers(before: Billing | None, after: Billing | None) -> Billing | None:
    if before is None or after is None:
        return None
    who = tuple(reader for reader in before.who if reader in after.who)
    projects = tuple(project for project in before.projects if project in after.projects)
    text = before.text and after.text
    return Billing(who=who, projects=projects, text=text) if who and projects else None


def _both(
    before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    return {
        source: tuple(word for word in words if word in after[source])
        for source, words in before.items()
        if source in after
    }


def _lighter(before: Policy, after: Policy) -> dict[str, Lighter]:
    said = {}
    for role in _either(before.roles, after.roles):
        sources = {source for policy in (before, after) for source in _stated(policy, role)}
        tracked = {
            source: tuple(sorted(before.tracked_of(role, source) & after.tracked_of(role, source)))
            for source in sorted(sources & before.tracked.keys() & after.tracked.keys())
        }
        said[role] = Lighter(tracked=tracked, digest=after.digest_of(role))
    return {role: lighter for role, lighter in said.items() if lighter != Lighter()}


def _stated(policy: Policy, role: str) -> Iterable[str]:
    return policy.roles[role].tracked if role in policy.roles else ()


def _either(before: Iterable[str], after: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*before, *after)))


def _told(report: Report) -> Said:
    said = {
        "often": Said(_PACES[report.cadence]),
        "who": Said(report.who),
        "what": [Said(one) for one in report.what],
    }
    if not report.roles:
        return Said("{often}, to {who}: {what}", **said)
    return Said("{often}, to {who}: {what}, about people in the role {roles}", roles=report.roles, **said)


def _tool(source: str) -> str:
    return source.replace("_", " ").title()


def _period(days: int) -> Said:
    return counted("{number} day", "{number} days", days)
