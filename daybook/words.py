"""The words that mails and pages share: lengths, days, tools, and what the policy means.

What each of them says beyond that stands beside their templates. The policy's own words are
the organisation's and stay as they wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from core.figures import What
from core.model import Confidence, Suggestion
from core.periods import WEEKDAYS
from core.policy import Billing, Lighter, Policy, Report
from daybook.installed import called
from daybook.languages import Later, _, dated, ngettext, pgettext, say
from daybook.languages import full_date as full_date

if TYPE_CHECKING:
    from daybook.gaps import Gap, Why

_UNIT = re.compile(r"(?<=\d) (?=(?:h|min|%)(?!\w))")

CONFIDENCE: dict[Confidence, str] = {
    "sure": Later("sure"),
    "likely": Later("likely"),
    "unsure": Later("unsure, please look"),
}


class Tool(NamedTuple):
    """What the policy means for one tool."""

    called: str
    tracked: tuple[tuple[str, str], ...]
    """(word of the policy, what it means there)."""
    readers: str | None
    """Who can read what is posted there, empty where nobody said; None where nothing is posted."""
    shows_drafts: bool = False
    """People may have their drafts shown in a calendar of their own there."""


class Section(NamedTuple):
    """A part of the policy in plain words: a list first, then sentences."""

    heading: str
    terms: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()


# --- numbers and days --------------------------------------------------------------------------------------


def duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{minutes} min", minutes=rest)
    return _("{hours} h {minutes} min", hours=hours, minutes=rest) if rest else _("{hours} h", hours=hours)


def unbroken(text: str) -> str:
    """With no line ending between a number and its unit."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", text)


def count(number: int, thing: str) -> str:
    """In English alone: for administrators."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def drafts(number: int) -> str:
    return ngettext("{number} draft", "{number} drafts", number)


def often(number: int) -> str:
    return _("twice") if number == 2 else ngettext("once", "{number} times", number)


def long_day(day: date) -> str:
    return dated(day, pgettext("long day", "EEEE, d MMMM"))


def short_day(day: date) -> str:
    return dated(day, pgettext("short day", "EEE d MMM"))


def clock(time: datetime) -> str:
    return say().clock(time)


def span(start: datetime, end: datetime) -> str:
    return say().span(start, end)


def listed(words: Sequence[str]) -> str:
    return say().listed([str(word) for word in words])


def period(days: int) -> str:
    if days % 365 == 0:
        return ngettext("{number} year", "{number} years", days // 365)
    return ngettext("{number} day", "{number} days", days)


def capital(sentence: str) -> str:
    said = str(sentence)
    return said[:1].upper() + said[1:]


def times(draft: Suggestion, zone: tzinfo) -> tuple[str, ...]:
    """When a draft was: the pieces of a meeting, from when on a task; empty where nobody knows.

    A task's minutes lie around the meetings, so a span of them would cover what is not its own (P4).
    """
    if draft.pieces:
        return tuple(span(begins.astimezone(zone), ends.astimezone(zone)) for begins, ends in draft.pieces)
    return (_("from {time}", time=clock(draft.start.astimezone(zone))),) if draft.start else ()


# --- tools -------------------------------------------------------------------------------------------------


def tool(kind: str) -> str:
    """A kind of tool as people call it."""
    return called(kind) or capital(kind.replace("_", " "))


# --- what was not seen -------------------------------------------------------------------------------------


def unseen(gap: Gap, zone: tzinfo, now: datetime, contact: str) -> str:
    """Since when a tool was not seen and why.

    Takes    contact: whom the policy names
    """
    seen = _("not seen since {when}", when=_when(gap.since, zone, now)) if gap.since else _("not seen yet")
    return _WHY[gap.why].format(tool=gap.tool, seen=seen, contact=contact)


_WHY: dict[Why, str] = {
    "unknown": Later(
        "{tool} is not read: nobody can say for certain which account there is yours. {contact} can."
    ),
    "unconnected": Later("{tool} is not read: connect it first."),
    "new": Later("{tool} {seen}: Daybook is about to ask it."),
    "resting": Later("{tool} {seen}: Daybook asks it again in your working hours."),
    "away": Later("{tool} {seen}: it cannot be reached just now; Daybook goes on trying."),
    "administrator": Later("{tool} {seen}: an administrator has to repair the connection ({contact})."),
    "contributor": Later("{tool} {seen}: it no longer accepts your account; please connect it again."),
    "emptied": Later(
        "{tool} {seen}: it suddenly shows hardly anything, and Daybook keeps what was there until somebody "
        "says that it is gone."
    ),
}


def _when(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A weekday names a day of the last week; what is older needs its date."""
    local = at.astimezone(zone)
    days = (now.astimezone(zone).date() - local.date()).days
    if days < 7:
        return _("{weekday} {clock}", weekday=dated(local.date(), "EEEE"), clock=clock(local))
    return _("{day}, {clock}", day=long_day(local.date()), clock=clock(local))


# --- the policy --------------------------------------------------------------------------------------------


def policy(written: Policy, tools: Sequence[Tool]) -> list[Section]:
    """What an organisation's policy means, made from the same file that is enforced (P-08)."""
    return [
        Section(_("Why"), sentences=(" ".join(written.why.split()),)),
        *(_read(tool) for tool in tools),
        Section(_("What is not read"), sentences=tuple(_not_read(written))),
        Section(_("Who sees what"), sentences=tuple(_seen(written, tools))),
        Section(_("What is mailed to you"), sentences=(str(_MAILED), str(_SWITCHED))),
        Section(_("How long it is kept"), tuple(_kept(written)), (str(AFTER_THAT),)),
        *_lighter(written),
        Section(_("From when"), sentences=(_from_when(written), _notice(written))),
        Section(_("Whom to ask or to contradict"), sentences=(written.contact,)),
    ]


def no_pilot(because: str) -> list[Section]:
    """Why everybody begins at once, where they do (P-09)."""
    if not because:
        return []
    return [Section(_("Why there was no pilot"), sentences=(" ".join(because.split()),))]


_MAILED = Later(
    "At most one mail on a working day, while drafts wait; one reminder of it, if you say nothing; and once "
    "a week what your last week came to. They go to you alone."
)
_SWITCHED = Later("You can switch each of them off, and put them off while you are away.")
AFTER_THAT = Later("After that it is gone from the database itself, not only from view.")


def _read(tool: Tool) -> Section:
    terms = tuple((_(capital(word)), meaning) for word, meaning in tool.tracked)
    heading = _("What is read in {tool}", tool=tool.called)
    return Section(heading, terms, () if terms else (_("Nothing is read there."),))


def _not_read(written: Policy) -> Iterator[str]:
    if written.not_tracked:
        yield f"{capital(listed(written.not_tracked))}."
    yield _("Whatever is not on the list above is not asked for.")
    if written.private_events == "busy":
        yield _("Of private events only the time is kept, never the title, for you to name or dismiss.")
    else:
        yield _("Private events are left out.")


def _seen(written: Policy, tools: Iterable[Tool]) -> Iterator[str]:
    yield _("What is read of you and every draft made from it: you alone, no manager and no administrator.")
    yield _("What you confirm is posted under your own name, where the draft says it goes.")
    for tool in tools:
        if tool.readers:
            yield _("In {tool} it can then be read by {who}.", tool=tool.called, who=tool.readers)
        elif tool.readers is not None:
            yield _("In {tool} it can then be read by whoever can see that task.", tool=tool.called)
        if tool.shows_drafts:
            yield _SHOWN.format(tool=tool.called)
    yield _(
        "Administrators see who was invited, who acknowledged it and which postings wait; never their text."
    )
    if not written.reports:
        yield _("No reports are made of it.")
    for report in written.reports:
        yield _report(report, written.groups.minimum)
    if written.reports and written.managers:
        yield _MANAGERS.format(who=listed(written.managers))
    if written.delegates:
        yield _GRANTED.format(days=period(written.delegates.days))
    if written.billing:
        yield _billed(written.billing)
    yield _("You can leave at any time; reading stops at once.")


_MANAGERS = Later(
    "As managers, these get reports: {who}. Whoever is added is "
    "announced to you first, and gets nothing of a time before."
)
_GRANTED = Later(
    "If you grant it to a colleague, and only then, they look at your days and prepare them, for {days} at "
    "most. Each visit stands in your list of who looked, you can end it at any moment, and only you confirm."
)
_BILLED = Later(
    "For invoices, {who} can get the hours you confirmed for {projects}, with your name: a month once it is "
    "over, none that began before this was so, and nothing else of yours. Each time stands in your list of "
    "who looked before they have it."
)
_BILLED_WITH_TEXT = Later(
    "For invoices, {who} can get the hours you confirmed for {projects}, with your name and what you wrote "
    "about them: a month once it is over, none that began before this was so, and nothing else of yours. "
    "Each time stands in your list of who looked before they have it."
)
_SHOWN = Later(
    "If you switch it on, and only then, your drafts also stand in a calendar of your own in {tool}. "
    "Daybook shows it to nobody else, but who administers your organisation's accounts there could "
    "technically open it."
)


def _billed(billing: Billing) -> str:
    said = _BILLED_WITH_TEXT if billing.text else _BILLED
    return said.format(who=listed(billing.who), projects=listed(billing.projects))


def _report(report: Report, minimum: int) -> str:
    by = str(GROUPS[report.by])
    roles = listed(report.roles) if report.roles else ""
    whom = " " + _("about people in the role {roles}", roles=roles) if roles else ""
    if report.cadence == "never":
        return _("There is no report by {by}{whom}.", by=by, whom=whom)
    return _(
        "A {cadence} report{whom}, by {by}, goes to {who} on {day}: {what}. It counts confirmed time of "
        "groups, at least {minimum} people besides whoever reads it, and everybody in it gets the same "
        "report at the same moment.",
        cadence=CADENCES[report.cadence],
        whom=whom,
        by=by,
        who=str(MANAGERS),
        day=_on(report.day),
        what=listed([str(FIGURES[one]) for one in report.what]),
        minimum=minimum,
    )


MANAGERS = Later("managers")
GROUPS = {"team": Later("team"), "role": Later("role")}
CADENCES = {"weekly": Later("weekly"), "monthly": Later("monthly")}
FIGURES: dict[What, str] = {
    "project": Later("project"),
    "client": Later("client"),
    "category": Later("category"),
    "billable": Later("billable"),
    "meeting load": Later("meeting load"),
    "focus time": Later("focus time"),
}
"""What a policy calls what is counted."""
A_MONDAY = date(2024, 1, 1)


def _on(day: str | int) -> str:
    """The declared day of a report."""
    if isinstance(day, int):
        return _("day {number} of a month", number=day)
    return dated(A_MONDAY + timedelta(days=WEEKDAYS.index(day)), "EEEE")


def _kept(written: Policy) -> Iterator[tuple[str, str]]:
    keep = written.retention
    yield _("Evidence"), _("What your calendar and tools said, for {days}.", days=period(keep.evidence))
    yield _("Drafts"), _("What you did not confirm, for {days}.", days=period(keep.drafts))
    taught = _(
        "What you taught Daybook, for {days} after the last day it was good for.", days=period(keep.memory)
    )
    yield _("Memory"), taught
    yield _("Entries"), _("What you confirmed, for {days}.", days=period(keep.entries))
    yield _("Access log"), _("Who looked at what of yours, for {days}.", days=period(keep.access_log))


def _lighter(written: Policy) -> Iterator[Section]:
    """What holds for the people of some roles, in words."""
    said = [sentence for role, lighter in written.roles.items() for sentence in _of_role(role, lighter)]
    if said:
        yield Section(_("Who is read less"), sentences=tuple(said))


def _of_role(role: str, lighter: Lighter) -> Iterator[str]:
    for source, words in lighter.tracked.items():
        if words:
            yield _(
                "Of people in the role {role}, only {what} is kept from {tool}.",
                role=role,
                what=listed(words),
                tool=tool(source),
            )
        else:
            yield _(
                "Of people in the role {role}, nothing is kept from {tool}.", role=role, tool=tool(source)
            )
    if lighter.digest == "weekly":
        yield _("People in the role {role} get one mail a week, on its first working day.", role=role)
    elif lighter.digest == "never":
        yield _("People in the role {role} get no daily mail.", role=role)


def if_acknowledged(role: str) -> str:
    """Upon what it hangs that more is read of somebody whose role is another now."""
    if role:
        return _("once you acknowledged that your role is {role} now", role=role)
    return _("once you acknowledged that you have no role any more that is read less")


def _notice(written: Policy) -> str:
    return _(
        "What would allow more is announced to you {days} before it holds; what allows less holds at once.",
        days=period(written.notice),
    )


def _from_when(written: Policy) -> str:
    since = full_date(written.effective)
    if written.back_fill:
        return _(
            "The policy holds from {since}. Once you acknowledge it, "
            "Daybook looks back {days} and goes on from there.",
            since=since,
            days=period(written.back_fill),
        )
    return _(
        "The policy holds from {since}. Once you acknowledge it, Daybook begins from there.", since=since
    )
