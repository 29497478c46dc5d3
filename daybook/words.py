"""The words that mails and pages share: lengths, days, tools, and what the policy means, in English.

What each of them says beyond that stands in mail/english.py and page/words.py. The policy's own words are
the organisation's and stay as they wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from core.model import Confidence, Suggestion
from core.policy import Billing, Lighter, Policy, Report
from core.sentences import ENGLISH
from daybook.installed import called

if TYPE_CHECKING:
    from daybook.gaps import Gap, Why

CONFIDENCE: dict[Confidence, str] = {
    "sure": "sure",
    "likely": "likely",
    "unsure": "unsure, please look",
}
clock, span, listed = ENGLISH.clock, ENGLISH.span, ENGLISH.listed
"""Times and lists, as the reconciler's own sentences write them."""


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
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def drafts(number: int) -> str:
    return count(number, "draft")


def often(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def long_day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"


def short_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def full_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def period(days: int) -> str:
    return count(days // 365, "year") if days % 365 == 0 else count(days, "day")


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def times(draft: Suggestion, zone: tzinfo) -> tuple[str, ...]:
    """When a draft was: the pieces of a meeting, from when on a task; empty where nobody knows.

    A task's minutes lie around the meetings, so a span of them would cover what is not its own (P4).
    """
    if draft.pieces:
        return tuple(span(begins.astimezone(zone), ends.astimezone(zone)) for begins, ends in draft.pieces)
    return (f"from {clock(draft.start.astimezone(zone))}",) if draft.start else ()


# --- tools -------------------------------------------------------------------------------------------------


def tool(kind: str) -> str:
    """A kind of tool as people call it."""
    return called(kind) or capital(kind.replace("_", " "))


# --- what was not seen -------------------------------------------------------------------------------------


def unseen(gap: Gap, zone: tzinfo, now: datetime, contact: str) -> str:
    """Since when a tool was not seen and why.

    Takes    contact: whom the policy names
    """
    seen = f"not seen since {_when(gap.since, zone, now)}" if gap.since else "not seen yet"
    return f"{gap.tool} {_WHY[gap.why].format(seen=seen, contact=contact)}"


_WHY: dict[Why, str] = {
    "unknown": "is not read: nobody can say for certain which account there is yours. {contact} can.",
    "unconnected": "is not read: connect it first.",
    "new": "{seen}: Daybook is about to ask it.",
    "resting": "{seen}: Daybook asks it again in your working hours.",
    "away": "{seen}: it cannot be reached just now; Daybook goes on trying.",
    "administrator": "{seen}: an administrator has to repair the connection ({contact}).",
    "contributor": "{seen}: it no longer accepts your account; please connect it again.",
    "emptied": "{seen}: it suddenly shows hardly anything, and Daybook keeps what was there until somebody "
    "says that it is gone.",
}


def _when(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A weekday names a day of the last week; what is older needs its date."""
    local = at.astimezone(zone)
    days = (now.astimezone(zone).date() - local.date()).days
    return f"{local:%A} {clock(local)}" if days < 7 else f"{long_day(local.date())}, {clock(local)}"


# --- the policy --------------------------------------------------------------------------------------------


def policy(written: Policy, tools: Sequence[Tool]) -> list[Section]:
    """What an organisation's policy means, made from the same file that is enforced (P-08)."""
    return [
        Section("Why", sentences=(" ".join(written.why.split()),)),
        *(_read(tool) for tool in tools),
        Section("What is not read", sentences=tuple(_not_read(written))),
        Section("Who sees what", sentences=tuple(_seen(written, tools))),
        Section("How long it is kept", tuple(_kept(written)), (AFTER_THAT,)),
        *_lighter(written),
        Section("From when", sentences=(_from_when(written), _notice(written))),
        Section("Whom to ask or to contradict", sentences=(written.contact,)),
    ]


def no_pilot(because: str) -> list[Section]:
    """Why everybody begins at once, where they do (P-09)."""
    return [Section("Why there was no pilot", sentences=(" ".join(because.split()),))] if because else []


AFTER_THAT = "After that it is gone from the database itself, not only from view."


def _read(tool: Tool) -> Section:
    terms = tuple((capital(word), meaning) for word, meaning in tool.tracked)
    return Section(f"What is read in {tool.called}", terms, () if terms else ("Nothing is read there.",))


def _not_read(written: Policy) -> Iterator[str]:
    if written.not_tracked:
        yield f"{capital(listed(written.not_tracked))}."
    yield "Whatever is not on the list above is not asked for."
    if written.private_events == "busy":
        yield "Of private events only the time is kept, never the title, for you to name or dismiss."
    else:
        yield "Private events are left out."


def _seen(written: Policy, tools: Iterable[Tool]) -> Iterator[str]:
    yield "What is read of you and every draft made from it: you alone, no manager and no administrator."
    yield "What you confirm is posted under your own name, where the draft says it goes."
    for tool in tools:
        if tool.readers is not None:
            yield f"In {tool.called} it can then be read by {tool.readers or 'whoever can see that task'}."
        if tool.shows_drafts:
            yield _SHOWN.format(tool.called)
    yield "Administrators see who was invited, who acknowledged it and which postings wait; never their text."
    if not written.reports:
        yield "No reports are made of it."
    for report in written.reports:
        yield _report(report, written.groups.minimum)
    if written.reports and written.managers:
        yield _MANAGERS.format(listed(written.managers))
    if written.delegates:
        yield _GRANTED.format(period(written.delegates.days))
    if written.billing:
        yield _billed(written.billing)
    yield "You can leave at any time; reading stops at once."


_MANAGERS = (
    "As managers, these get reports: {}. Whoever is added is announced to you first, and gets nothing of a "
    "time before."
)
_GRANTED = (
    "If you grant it to a colleague, and only then, they look at your days and prepare them, for {} at most. "
    "Each visit stands in your list of who looked, you can end it at any moment, and only you confirm."
)


def _billed(billing: Billing) -> str:
    text = " and what you wrote about them" if billing.text else ""
    return (
        f"For invoices, {listed(billing.who)} can get the hours you confirmed for "
        f"{listed(billing.projects)}, with your name{text}: a month once it is over, none that began before "
        "this was so, and nothing else of yours. Each time stands in your list of who looked before they "
        "have it."
    )


_SHOWN = (
    "If you switch it on, and only then, your drafts also stand in a calendar of your own in {}. Daybook "
    "shows it to nobody else, but who administers your organisation's accounts there could technically "
    "open it."
)


def _report(report: Report, minimum: int) -> str:
    whom = f" about people in the role {listed(report.roles)}" if report.roles else ""
    if report.cadence == "never":
        return f"There is no report by {report.by}{whom}."
    day = capital(report.day) if isinstance(report.day, str) else f"day {report.day} of a month"
    return (
        f"A {report.cadence} report{whom}, by {report.by}, goes to {report.who} on {day}: "
        f"{listed(report.what)}. It counts confirmed time of groups, at least {minimum} people besides "
        "whoever reads it, and everybody in it gets the same report at the same moment."
    )


def _kept(written: Policy) -> Iterator[tuple[str, str]]:
    keep = written.retention
    yield "Evidence", f"What your calendar and tools said, for {period(keep.evidence)}."
    yield "Drafts", f"What you did not confirm, for {period(keep.drafts)}."
    yield "Memory", f"What you taught Daybook, for {period(keep.memory)} after the last day it was good for."
    yield "Entries", f"What you confirmed, for {period(keep.entries)}."
    yield "Access log", f"Who looked at what of yours, for {period(keep.access_log)}."


def _lighter(written: Policy) -> Iterator[Section]:
    """What holds for the people of some roles, in words."""
    said = [sentence for role, lighter in written.roles.items() for sentence in _of_role(role, lighter)]
    if said:
        yield Section("Who is read less", sentences=tuple(said))


def _of_role(role: str, lighter: Lighter) -> Iterator[str]:
    for source, words in lighter.tracked.items():
        what = f"only {listed(words)}" if words else "nothing"
        yield f"Of people in the role {role}, {what} is kept from {tool(source)}."
    if lighter.digest != "daily":
        yield f"People in the role {role} get {_DIGESTS[lighter.digest]}."


def if_acknowledged(role: str) -> str:
    """Upon what it hangs that more is read of somebody whose role is another now."""
    said = f"your role is {role} now" if role else "you have no role any more that is read less"
    return f"once you acknowledged that {said}"


_DIGESTS = {"weekly": "one mail a week, on its first working day", "never": "no daily mail"}


def _notice(written: Policy) -> str:
    return (
        f"What would allow more is announced to you {period(written.notice)} before it holds; "
        "what allows less holds at once."
    )


def _from_when(written: Policy) -> str:
    back = f"looks back {period(written.back_fill)} and goes on" if written.back_fill else "begins"
    since = full_date(written.effective)
    return f"The policy holds from {since}. Once you acknowledge it, Daybook {back} from there."
