"""Every sentence of our mails.

Both parts of a mail are worded by the same functions, so they cannot say
different things (E-01). The policy's own words are the organisation's and stay
as they wrote them.
"""

from __future__ import annotations

from datetime import date

from core.look_back import Unanswered
from daybook.languages import Later, _, dated, ngettext, pgettext
from daybook.mail.facts import (
    AnnouncementFacts,
    DelegateFacts,
    DigestFacts,
    Envelope,
    InvitationFacts,
    Kind,
    Line,
    LookBackFacts,
    OwnFacts,
    ReportFacts,
    Spent,
    StopFacts,
    Target,
    WaitingDay,
)
from daybook.words import CONFIDENCE, clock, drafts, duration, full_date, if_acknowledged, listed, long_day

NO_TEXT = Later("No title")
YOURS = Later("Nothing was sent anywhere. Only you can see these drafts until you confirm them.")
LOOK = Later("Look and confirm")
ANSWER = Later("Or answer this mail with ok, alone on the first line.")
WRONG = Later("This looks wrong")
READ_ANSWERS = Later("Read the answer")
READ_AND_ACKNOWLEDGE = Later("Read and acknowledge")
READ_THE_CHANGE = Later("Read what changes")
INVITED = Later("Your day, drafted for you")
INVITED_AGAIN = Later("The policy has changed")
OWN = Later("Your link to your connections")
OPEN_OWN = Later("Open your connections")
OPEN_REPORT = Later("Read it")
OF_GROUPS = Later(
    "It counts confirmed time of groups. It names nobody, and no figure of it is of few people."
)
DELEGATED = Later("A colleague lets you prepare their days")
OPEN_DAYS = Later("See what was granted")
IN_THEIR_LOG = Later(
    "Each time you open their days, a line in their list of who looked says so. They can end it at any "
    "moment. This link opens their days to whoever has it: pass this mail on to nobody."
)
ONLY_WHILE = Later("Daybook writes to you in the morning while drafts wait.")
ONLY_ONCE = Later(
    "Daybook reminds you once, on a day on which you said nothing to its mail. No second one follows."
)
ONLY_WEEKLY = Later("Daybook looks back once a week, where you confirmed anything in it.")
ONLY_THEN = Later("Reports come on the days that the policy names, never in between.")
KEEP_IT = Later(
    "It lets whoever has it connect accounts for you, or leave for you: pass this mail on to nobody. "
    "If you did not ask, somebody has a daily mail of yours; this link they do not have."
)

_UNSUBSCRIBE: dict[Kind, str] = {
    "digest": Later("Unsubscribe"),
    "reminder": Later("Unsubscribe from reminders"),
    "lookback": Later("Unsubscribe from looking back"),
}


# --- in every mail -----------------------------------------------------------------------------------------


def hello(envelope: Envelope) -> str:
    return _("Hello {name},", name=envelope.name)


def keeps_to(envelope: Envelope) -> str:
    """Under which policy it was sent."""
    return _(
        "Daybook of {organisation} keeps to version {version} of the policy, in force since {day}.",
        organisation=envelope.organisation,
        version=envelope.version,
        day=full_date(envelope.since),
    )


def unsubscribe(envelope: Envelope) -> str:
    return str(_UNSUBSCRIBE[envelope.kind])


def _day(day: date) -> str:
    return dated(day, pgettext("day and month", "d MMMM"))


# --- the digest and its reminder ---------------------------------------------------------------------------


def is_reminder(facts: DigestFacts) -> bool:
    return facts.envelope.kind == "reminder"


def digest_subject(facts: DigestFacts) -> str:
    """The state within the first 40 characters, and no name on a locked screen (E-06)."""
    minutes = facts.minutes if facts.minutes < 100 * 60 else facts.minutes // 60 * 60
    state = {"drafts": drafts(len(facts.lines)), "time": duration(minutes)}
    if is_reminder(facts):
        return _("Reminder: {drafts}, {time}", **state)
    return _("{drafts}, {time}, nothing sent yet", **state)


def digest_title(facts: DigestFacts) -> str:
    many = len(facts.lines)
    if is_reminder(facts):
        return ngettext("{number} draft still waits", "{number} drafts still wait", many)
    return ngettext("{number} draft for you", "{number} drafts for you", many)


def waiting(facts: DigestFacts) -> str:
    first, last = facts.days[0].day, facts.days[-1].day
    time = duration(facts.minutes)
    if first == last:
        return _("We drafted {time} for {day}.", time=time, day=long_day(last))
    return ngettext(
        "We drafted {time} for {number} day since {day}.",
        "We drafted {time} for {number} days since {day}.",
        len(facts.days),
        time=time,
        day=long_day(first),
    )


def confirm_all(facts: DigestFacts) -> str:
    if facts.ready < len(facts.lines):
        return ngettext(
            "Confirm the {number} that is ready", "Confirm the {number} that are ready", facts.ready
        )
    return ngettext("Confirm it as it stands", "Confirm all {number} as they stand", facts.ready)


def unconnected(facts: DigestFacts) -> str:
    """What is to be done about their accounts."""
    said = []
    if facts.unconnected:
        said.append(
            ngettext(
                "Your {tools} account is not connected, so confirmed time waits.",
                "Your {tools} accounts are not connected, so confirmed time waits.",
                len(facts.unconnected),
                tools=listed(facts.unconnected),
            )
        )
    if facts.unread:
        said.append(_("Daybook can no longer read your {tools}.", tools=listed(facts.unread)))
    said += [
        _("Your access to {tool} ends on {day}.", tool=one.tool, day=long_day(one.day))
        for one in facts.ending
        if one.day
    ]
    return " ".join(said)


def connect(facts: DigestFacts) -> str:
    many = len(facts.unconnected) + len(facts.unread) + len(facts.ending)
    return ngettext("Connect it", "Connect them", many)


def title(line: Line) -> str:
    return line.text or str(NO_TEXT)


def when(line: Line) -> str:
    return ", ".join((duration(line.minutes), *line.times))


def about(line: Line) -> str:
    """Project, place and how sure we are."""
    parts = [line.project, place(line.target), str(CONFIDENCE[line.confidence])]
    return " · ".join(part for part in parts if part)


def place(target: Target | str | None) -> str | None:
    match target:
        case None:
            return None
        case Target(own=True) if target.task.isdigit():
            return _("goes to this task in {tool}", tool=target.tool)
        case Target() if target.task.isdigit():  # a number says nothing to a person
            return _("goes to {tool}", tool=target.tool)
        case Target():
            return _("goes to {task} in {tool}", task=target.task, tool=target.tool)
    return _("stays in Daybook")


def unready(day: WaitingDay) -> str:
    return ngettext("{number} of them needs you first.", "{number} of them need you first.", day.unready)


def counted(day: WaitingDay) -> str:
    return ngettext(
        "{number} draft, too many to list here.", "{number} drafts, too many to list here.", len(day.lines)
    )


def beside(day: WaitingDay) -> str:
    """What the day held beside its drafts; empty where there is nothing to say."""
    parts = []
    if day.logged:
        parts.append(_("{time} already logged", time=duration(day.logged)))
    if day.away:
        parts.append(_("{time} away", time=duration(day.away)))
    if day.gaps:
        parts.append(_("{time} without evidence, left empty", time=duration(day.gaps)))
    return _("Besides: {what}.", what=", ".join(parts)) if parts else ""


CLOSES = Later("It can be changed and confirmed until this evening; then it is closed.")


def answered(facts: DigestFacts) -> str:
    return ngettext("What you said has an answer.", "{number} things you said have answers.", facts.answered)


def older(facts: DigestFacts) -> str:
    return ngettext(
        "{number} older draft waits until these are answered.",
        "{number} older drafts wait until these are answered.",
        facts.older,
    )


# --- the look back -----------------------------------------------------------------------------------------

LOOK_BACK = Later("Your week")
ONLY_YOU = Later("This goes to you alone. No one else gets it, and it is in no report.")
WHERE_IT_WENT = Later("Where your time went")
WHAT_CHANGED = Later("What changed")
WHAT_STAYED = Later("What stayed without your word")


def look_back_subject(facts: LookBackFacts) -> str:
    """The sum in the first 40 characters, and no name on a locked screen (E-06)."""
    return _("Your week: {time} confirmed", time=duration(facts.attended))


def looked_back(facts: LookBackFacts) -> str:
    """The whole of it; attributed only where that is another sum."""
    said = _(
        "From {first} to {last} you confirmed {time}.",
        first=_day(facts.first),
        last=_day(facts.last),
        time=duration(facts.attended),
    )
    if facts.attributed == facts.attended:
        return said
    billed = _(
        "{time} are attributed, as an hour can count for two projects.", time=duration(facts.attributed)
    )
    return f"{said} {billed}"


def spent(one: Spent) -> str:
    if one.attended == one.attributed:
        return _("{time}, attended and attributed", time=duration(one.attended))
    return _(
        "{attended} attended, {attributed} attributed",
        attended=duration(one.attended),
        attributed=duration(one.attributed),
    )


def project(one: Spent) -> str:
    return one.project or _("Without a project")


def changed(facts: LookBackFacts) -> list[str]:
    """What became of it since it was confirmed."""
    said = []
    if facts.corrected:
        said.append(
            ngettext(
                "You corrected {number} entry after confirming.",
                "You corrected {number} entries after confirming.",
                facts.corrected,
            )
        )
    if facts.contradicted:
        said.append(
            ngettext(
                "Of {number} entry the source says otherwise since. It stands as you confirmed it.",
                "Of {number} entries the source says otherwise since. They stand as you confirmed them.",
                facts.contradicted,
            )
        )
    return said


def unanswered(one: Unanswered) -> str:
    told = {"day": long_day(one.day), "drafts": drafts(one.drafts), "time": duration(one.minutes)}
    if one.closed:
        return _("{day}: {drafts}, {time}, closed without a yes and not sent.", **told)
    return _("{day}: {drafts}, {time}, can still be confirmed.", **told)


# --- the invitation ----------------------------------------------------------------------------------------


def invitation_subject(facts: InvitationFacts) -> str:
    if facts.again:
        return _("Please read the new policy first")
    return _("Please read this before Daybook starts")


def invitation_title(facts: InvitationFacts) -> str:
    return str(INVITED_AGAIN if facts.again else INVITED)


def invited(facts: InvitationFacts) -> str:
    organisation = facts.envelope.organisation
    if facts.again:
        return _(
            "The policy of {organisation} that you acknowledged has changed. This is the new one.",
            organisation=organisation,
        )
    return _(
        "{organisation} uses Daybook. It reads what your calendar and project tools already know, "
        "drafts your day from it, and posts only what you confirm. This is the policy it keeps to.",
        organisation=organisation,
    )


def nothing_yet(facts: InvitationFacts) -> str:
    """P3, in the words of the person it is for."""
    if facts.again:
        return _("Reading has stopped, and it begins only after you have read and acknowledged the policy.")
    return _("Nothing about you is read yet. It begins only after you have read and acknowledged the policy.")


# --- what changes about the policy -------------------------------------------------------------------------


def announcement_subject(facts: AnnouncementFacts) -> str:
    if facts.day:
        return _("The policy allows more from {day} on", day=_day(facts.day))
    if facts.besides_day:
        return _("More may be read of you from {day} on", day=_day(facts.besides_day))
    return _("The policy has changed") if facts.already else _("The announced change does not come")


def announced(facts: AnnouncementFacts) -> str:
    organisation = facts.envelope.organisation
    if facts.day:
        return _(
            "{organisation} wants Daybook to be allowed more. It begins on {day}; before that day nothing of "
            "it holds for you.",
            organisation=organisation,
            day=full_date(facts.day),
        )
    if facts.besides_day:
        return _(
            "{organisation} has given you another role, and more is read of people in it. Nothing of that "
            "is read of you before you acknowledge it.",
            organisation=organisation,
        )
    if facts.already:
        return _(
            "{organisation} has changed the policy. Nothing is allowed that was not in the one you read.",
            organisation=organisation,
        )
    return _(
        "{organisation} has taken back what was announced. All stays as you acknowledged it.",
        organisation=organisation,
    )


def from_then(facts: AnnouncementFacts) -> str:
    return _("From {day} on", day=full_date(facts.day)) if facts.day else ""


def in_role(facts: AnnouncementFacts) -> str:
    if not facts.besides_day:
        return ""
    hangs = if_acknowledged(facts.role)
    return _("From {day} on, {hangs}", day=full_date(facts.besides_day), hangs=hangs)


def by_now(facts: AnnouncementFacts) -> str:
    return _("In force since {day}", day=full_date(facts.envelope.since))


def until_then(facts: AnnouncementFacts) -> str:
    """What becomes of who says nothing; silence acknowledges nothing."""
    if not facts.day:
        return _("You need do nothing. You can ask, contradict, or leave.")
    return _(
        "Please read it before. Whoever has not acknowledged it by then is no longer read. "
        "You can ask, contradict, or leave."
    )


def why_this_announcement(facts: AnnouncementFacts) -> str:
    if facts.coming:
        return _(
            "You acknowledged version {version}. Version {coming} would follow.",
            version=facts.agreed_to,
            coming=facts.coming,
        )
    return _("You acknowledged version {version}.", version=facts.agreed_to)


# --- reports about groups ----------------------------------------------------------------------------------


def report_subject(facts: ReportFacts) -> str:
    return ngettext("A report was published", "{number} reports were published", len(facts.titles))


def published(facts: ReportFacts) -> str:
    if facts.manages:
        return _(
            "You get it because you manage a team. Managers and everybody in it got it at the same moment; "
            "it is the same page for all."
        )
    return _(
        "Your confirmed time may be in it. Managers and everybody in it got it at the same moment; it is "
        "the same page for all."
    )


# --- the link that somebody asked for ----------------------------------------------------------------------


def asked_for(facts: OwnFacts) -> str:
    return _("You asked for it on the page of a day. It works until {time}.", time=clock(facts.until))


# --- what a colleague granted ------------------------------------------------------------------------------


def delegated(facts: DelegateFacts) -> str:
    return _(
        "{whose} lets you look at their days in Daybook and prepare them, until {day}: change, add and "
        "dismiss drafts. Only they confirm.",
        whose=facts.whose,
        day=full_date(facts.until),
    )


# --- the policy, in every mail that holds it ---------------------------------------------------------------


def term(word: str, meaning: str) -> str:
    """A line of a list in the policy."""
    return f"{word}: {meaning}" if meaning else f"{word}."


# --- the rollout -------------------------------------------------------------------------------------------

STOPPED = Later("Daybook has stopped by itself")
RESTS = Later(
    "Nothing is read about anybody, nobody is invited, and no daily mail goes out. What you have here you "
    "can still answer. It goes on only once an administrator has said, for all of you to read, what changed."
)
SEE_ROLLOUT = Later("See how the rollout goes")
TOLD_ONCE = Later("This is told to everybody who takes part, once.")


def stopped(facts: StopFacts) -> str:
    return _(
        "Before Daybook began at {organisation}, it was written down what stops it.",
        organisation=facts.envelope.organisation,
    )
