"""Every sentence of our mails, in English. Another language is another module like this one.

Both parts of a mail are worded by the same functions, so they cannot say
different things (E-01). The policy's own words are the organisation's and stay
as they wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from core.model import Confidence
from core.policy import Policy, Report
from daybook.mail.facts import DigestFacts, Envelope, InvitationFacts, Line, Target, WaitingDay

TOOLS = {"google_calendar": "Google Calendar", "jira": "Jira", "asana": "Asana"}

NO_TEXT = "No title"
YOURS = "Nothing was sent anywhere. Only you can see these drafts until you confirm them."
LOOK = "Look and confirm"
UNSUBSCRIBE = "Unsubscribe"
READ_AND_AGREE = "Read and agree"
INVITED = "Your day, drafted for you"
INVITED_AGAIN = "The policy has changed"

_CONFIDENCE: dict[Confidence, str] = {
    "sure": "sure",
    "likely": "likely",
    "unsure": "unsure, please look",
}


class Section(NamedTuple):
    """A part of the policy in plain words."""

    heading: str
    sentences: tuple[str, ...]


# --- numbers and days --------------------------------------------------------------------------------------


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def weekday(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"


def full_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def period(days: int) -> str:
    return count(days // 365, "year") if days % 365 == 0 else count(days, "day")


def listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def tool(kind: str) -> str:
    return TOOLS.get(kind, kind.replace("_", " ").capitalize())


# --- the digest --------------------------------------------------------------------------------------------


def digest_subject(facts: DigestFacts) -> str:
    """The state within the first 40 characters, and no name on a locked screen (E-06)."""
    minutes = facts.minutes if facts.minutes < 100 * 60 else facts.minutes // 60 * 60
    return f"{drafts(facts)}, {duration(minutes)}, nothing sent yet"


def drafts(facts: DigestFacts) -> str:
    return count(len(facts.lines), "draft")


def digest_title(facts: DigestFacts) -> str:
    return f"{drafts(facts)} for you"


def hello(envelope: Envelope) -> str:
    return f"Hello {envelope.name},"


def waiting(facts: DigestFacts) -> str:
    first, last = facts.days[0].day, facts.days[-1].day
    when = weekday(last) if first == last else f"{count(len(facts.days), 'day')} since {weekday(first)}"
    return f"We drafted {duration(facts.minutes)} for {when}."


def confirm_all(facts: DigestFacts) -> str:
    if facts.ready == len(facts.lines):
        return "Confirm it as it stands" if facts.ready == 1 else f"Confirm all {facts.ready} as they stand"
    are = "is" if facts.ready == 1 else "are"
    return f"Confirm the {facts.ready} that {are} ready"


def title(line: Line) -> str:
    return line.text or NO_TEXT


def when(line: Line) -> str:
    return f"{clock(line.start)}, {duration(line.minutes)}" if line.start else duration(line.minutes)


def about(line: Line) -> str:
    """Project, place and how sure we are."""
    parts = [line.project, place(line.target), _CONFIDENCE[line.confidence]]
    return " · ".join(part for part in parts if part)


def place(target: Target | str | None) -> str | None:
    match target:
        case None:
            return None
        case Target() if target.task.isdigit():  # a number says nothing to a person
            return f"goes to {tool(target.tool)}"
        case Target():
            return f"goes to {target.task} in {tool(target.tool)}"
    return "stays in Daybook"


def unready(day: WaitingDay) -> str:
    needs = "needs" if day.unready == 1 else "need"
    return f"{day.unready} of them {needs} you first."


def counted(day: WaitingDay) -> str:
    return f"{count(len(day.lines), 'draft')}, too many to list here."


def beside(day: WaitingDay) -> str:
    """What the day held beside its drafts; empty where there is nothing to say."""
    parts = []
    if day.logged:
        parts.append(f"{duration(day.logged)} already logged")
    if day.away:
        parts.append(f"{duration(day.away)} away")
    if day.gaps:
        parts.append(f"{duration(day.gaps)} without evidence, left empty")
    return f"Besides: {', '.join(parts)}." if parts else ""


def older(facts: DigestFacts) -> str:
    wait = "waits" if facts.older == 1 else "wait"
    return f"{count(facts.older, 'older draft')} {wait} until these are answered."


def why_this_mail(facts: DigestFacts) -> str:
    return (
        f"Daybook of {facts.envelope.organisation} writes to you in the morning while drafts wait. "
        f"You agreed to the policy in force since {full_date(facts.policy_effective)}, "
        f"version {facts.policy_version}."
    )


# --- the invitation ----------------------------------------------------------------------------------------


def invitation_subject(facts: InvitationFacts) -> str:
    return "Please read the new policy first" if facts.again else "Please read this before Daybook starts"


def invitation_title(facts: InvitationFacts) -> str:
    return INVITED_AGAIN if facts.again else INVITED


def invited(facts: InvitationFacts) -> str:
    organisation = facts.envelope.organisation
    if facts.again:
        return f"What {organisation} agreed with you about Daybook has changed. This is the new policy."
    return (
        f"{organisation} uses Daybook. It reads what your calendar and project tools already know, "
        "drafts your day from it, and posts only what you confirm. This is the policy it keeps to."
    )


def nothing_yet(facts: InvitationFacts) -> str:
    """P3, in the words of the person it is for."""
    ended = "Reading has stopped, and it" if facts.again else "Nothing about you is read yet. It"
    return f"{ended} begins only after you have read the policy and agreed."


def why_this_invitation(facts: InvitationFacts) -> str:
    return f"Daybook of {facts.envelope.organisation}. This is version {facts.version} of the policy."


def policy(
    written: Policy, tracks: Mapping[str, Mapping[str, str]], readers: Mapping[str, str]
) -> list[Section]:
    """What an organisation's policy means, made from the policy itself.

    Takes    by kind of tool, tracks: what each word of `tracked` means; readers: who can read what is posted
    """
    return [
        Section("Why", (" ".join(written.why.split()),)),
        *(_read(kind, words, tracks.get(kind, {})) for kind, words in written.tracked.items()),
        Section("What is not read", tuple(_not_read(written))),
        Section("Who sees what", tuple(_seen(written, readers))),
        Section("How long it is kept", tuple(_kept(written))),
        Section("From when", (_from_when(written),)),
        Section("Whom to ask or to contradict", (written.contact,)),
    ]


def _read(kind: str, words: Iterable[str], meaning: Mapping[str, str]) -> Section:
    return Section(
        f"What is read in {tool(kind)}", tuple(meaning.get(word, _sentence(word)) for word in words)
    )


def _not_read(written: Policy) -> Iterable[str]:
    if written.not_tracked:
        yield _sentence(listed(written.not_tracked))
    yield "Whatever is not on the list above is not asked for."
    if written.private_events == "busy":
        yield "Of private events only the time is kept, never the title."
    else:
        yield "Private events are left out."


def _seen(written: Policy, readers: Mapping[str, str]) -> Iterable[str]:
    yield "What is read of you and every draft made from it: you alone, no manager and no administrator."
    yield "What you confirm is posted under your own name."
    for kind, who in readers.items():
        yield f"In {tool(kind)} it can then be read by {who}."
    yield "Administrators see who was invited, who agreed and which postings wait; never their text."
    if not written.reports:
        yield "No reports are made of it."
    for report in written.reports:
        yield _report(report, written.groups.minimum)
    yield "You can leave at any time; reading stops at once."


def _report(report: Report, minimum: int) -> str:
    whom = f" about people in the role {listed(report.roles)}" if report.roles else ""
    return (
        f"A {report.cadence} report{whom} goes to {report.who}: {listed(report.what)}. It counts confirmed "
        f"time of groups of at least {minimum} people, and everybody in it gets the same report."
    )


def _kept(written: Policy) -> Iterable[str]:
    keep = written.retention
    yield f"What your calendar and tools said: {period(keep.evidence)}."
    yield f"Drafts you did not confirm: {period(keep.drafts)}."
    yield f"What you confirmed: {period(keep.entries)}."
    yield f"The record of who looked at what of yours: {period(keep.access_log)}."
    yield "After that it is gone from the database itself, not only from view."


def _from_when(written: Policy) -> str:
    back = f"looks back {period(written.back_fill)} and goes on" if written.back_fill else "begins"
    return f"The policy holds from {full_date(written.effective)}. Once you agree, Daybook {back} from there."


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
