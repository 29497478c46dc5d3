"""Every sentence of our mails, in English. Another language is another module like this one.

Both parts of a mail are worded by the same functions, so they cannot say
different things (E-01). The policy's own words are the organisation's and stay
as they wrote them.
"""

from __future__ import annotations

from daybook.mail.facts import (
    AnnouncementFacts,
    DelegateFacts,
    DigestFacts,
    Envelope,
    InvitationFacts,
    Line,
    OwnFacts,
    ReportFacts,
    StopFacts,
    Target,
    WaitingDay,
)
from daybook.words import CONFIDENCE, count, drafts, duration, full_date, if_acknowledged, listed, long_day

NO_TEXT = "No title"
YOURS = "Nothing was sent anywhere. Only you can see these drafts until you confirm them."
LOOK = "Look and confirm"
ANSWER = "Or answer this mail with ok, alone on the first line."
UNSUBSCRIBE = "Unsubscribe"
WRONG = "This looks wrong"
READ_ANSWERS = "Read the answer"
READ_AND_ACKNOWLEDGE = "Read and acknowledge"
READ_THE_CHANGE = "Read what changes"
INVITED = "Your day, drafted for you"
INVITED_AGAIN = "The policy has changed"
OWN = "Your link to your connections"
OPEN_OWN = "Open your connections"
OPEN_REPORT = "Read it"
OF_GROUPS = "It counts confirmed time of groups. It names nobody, and no figure of it is of few people."
DELEGATED = "A colleague lets you prepare their days"
OPEN_DAYS = "See what was granted"
IN_THEIR_LOG = (
    "Each time you open their days, a line in their list of who looked says so. They can end it at any "
    "moment. This link opens their days to whoever has it: pass this mail on to nobody."
)
ONLY_WHILE = "Daybook writes to you in the morning while drafts wait."
ONLY_THEN = "Reports come on the days that the policy names, never in between."
KEEP_IT = (
    "It lets whoever has it connect accounts for you, or leave for you: pass this mail on to nobody. "
    "If you did not ask, somebody has a daily mail of yours; this link they do not have."
)


# --- in every mail ---------------------------------------------------------------------------------------


def hello(envelope: Envelope) -> str:
    return f"Hello {envelope.name},"


def keeps_to(envelope: Envelope) -> str:
    """Under which policy it was sent."""
    return (
        f"Daybook of {envelope.organisation} keeps to version {envelope.version} of the policy, in force "
        f"since {full_date(envelope.since)}."
    )


# --- the digest --------------------------------------------------------------------------------------------


def digest_subject(facts: DigestFacts) -> str:
    """The state within the first 40 characters, and no name on a locked screen (E-06)."""
    minutes = facts.minutes if facts.minutes < 100 * 60 else facts.minutes // 60 * 60
    return f"{drafts(len(facts.lines))}, {duration(minutes)}, nothing sent yet"


def digest_title(facts: DigestFacts) -> str:
    return f"{drafts(len(facts.lines))} for you"


def waiting(facts: DigestFacts) -> str:
    first, last = facts.days[0].day, facts.days[-1].day
    when = long_day(last) if first == last else f"{count(len(facts.days), 'day')} since {long_day(first)}"
    return f"We drafted {duration(facts.minutes)} for {when}."


def confirm_all(facts: DigestFacts) -> str:
    if facts.ready == len(facts.lines):
        return "Confirm it as it stands" if facts.ready == 1 else f"Confirm all {facts.ready} as they stand"
    are = "is" if facts.ready == 1 else "are"
    return f"Confirm the {facts.ready} that {are} ready"


def unconnected(facts: DigestFacts) -> str:
    """What is to be done about their accounts."""
    said = []
    if facts.unconnected:
        accounts = "account is" if len(facts.unconnected) == 1 else "accounts are"
        said.append(f"Your {listed(facts.unconnected)} {accounts} not connected, so confirmed time waits.")
    if facts.unread:
        said.append(f"Daybook can no longer read your {listed(facts.unread)}.")
    said += [f"Your access to {one.tool} ends on {long_day(one.day)}." for one in facts.ending if one.day]
    return " ".join(said)


def connect(facts: DigestFacts) -> str:
    return (
        "Connect it"
        if len(facts.unconnected) + len(facts.unread) + len(facts.ending) == 1
        else "Connect them"
    )


def title(line: Line) -> str:
    return line.text or NO_TEXT


def when(line: Line) -> str:
    return ", ".join((duration(line.minutes), *line.times))


def about(line: Line) -> str:
    """Project, place and how sure we are."""
    parts = [line.project, place(line.target), CONFIDENCE[line.confidence]]
    return " · ".join(part for part in parts if part)


def place(target: Target | str | None) -> str | None:
    match target:
        case None:
            return None
        case Target() if target.task.isdigit():  # a number says nothing to a person
            return f"goes to {target.tool}"
        case Target():
            return f"goes to {target.task} in {target.tool}"
    return "stays in Daybook"


def unready(day: WaitingDay) -> str:
    needs = "needs" if day.unready == 1 else "need"
    return f"{day.unready} of them {needs} you first."


def counted(day: WaitingDay) -> str:
    return f"{drafts(len(day.lines))}, too many to list here."


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


def answered(facts: DigestFacts) -> str:
    what = (
        "What you said has an answer"
        if facts.answered == 1
        else f"{facts.answered} things you said have answers"
    )
    return f"{what}."


def older(facts: DigestFacts) -> str:
    wait = "waits" if facts.older == 1 else "wait"
    return f"{count(facts.older, 'older draft')} {wait} until these are answered."


# --- the invitation ----------------------------------------------------------------------------------------


def invitation_subject(facts: InvitationFacts) -> str:
    return "Please read the new policy first" if facts.again else "Please read this before Daybook starts"


def invitation_title(facts: InvitationFacts) -> str:
    return INVITED_AGAIN if facts.again else INVITED


def invited(facts: InvitationFacts) -> str:
    organisation = facts.envelope.organisation
    if facts.again:
        return f"The policy of {organisation} that you acknowledged has changed. This is the new one."
    return (
        f"{organisation} uses Daybook. It reads what your calendar and project tools already know, "
        "drafts your day from it, and posts only what you confirm. This is the policy it keeps to."
    )


def nothing_yet(facts: InvitationFacts) -> str:
    """P3, in the words of the person it is for."""
    ended = "Reading has stopped, and it" if facts.again else "Nothing about you is read yet. It"
    return f"{ended} begins only after you have read and acknowledged the policy."


# --- what changes about the policy -------------------------------------------------------------------------


def announcement_subject(facts: AnnouncementFacts) -> str:
    if facts.day:
        return f"The policy allows more from {facts.day.day} {facts.day:%B} on"
    if facts.besides_day:
        return f"More may be read of you from {facts.besides_day.day} {facts.besides_day:%B} on"
    return "The policy has changed" if facts.already else "The announced change does not come"


def announced(facts: AnnouncementFacts) -> str:
    organisation = facts.envelope.organisation
    if facts.day:
        return (
            f"{organisation} wants Daybook to be allowed more. It begins on {full_date(facts.day)}; "
            "before that day nothing of it holds for you."
        )
    if facts.besides_day:
        return (
            f"{organisation} has given you another role, and more is read of people in it. Nothing of that "
            "is read of you before you acknowledge it."
        )
    if facts.already:
        return f"{organisation} has changed the policy. Nothing is allowed that was not in the one you read."
    return f"{organisation} has taken back what was announced. All stays as you acknowledged it."


def from_then(facts: AnnouncementFacts) -> str:
    return f"From {full_date(facts.day)} on" if facts.day else ""


def in_role(facts: AnnouncementFacts) -> str:
    if not facts.besides_day:
        return ""
    return f"From {full_date(facts.besides_day)} on, {if_acknowledged(facts.role)}"


def by_now(facts: AnnouncementFacts) -> str:
    return f"In force since {full_date(facts.envelope.since)}"


def until_then(facts: AnnouncementFacts) -> str:
    """What becomes of who says nothing; silence acknowledges nothing."""
    if not facts.day:
        return "You need do nothing. You can ask, contradict, or leave."
    return (
        "Please read it before. Whoever has not acknowledged it by then is no longer read. "
        "You can ask, contradict, or leave."
    )


def why_this_announcement(facts: AnnouncementFacts) -> str:
    coming = f" Version {facts.coming} would follow." if facts.coming else ""
    return f"You acknowledged version {facts.agreed_to}.{coming}"


# --- reports about groups ----------------------------------------------------------------------------------


def report_subject(facts: ReportFacts) -> str:
    many = len(facts.titles)
    return "A report was published" if many == 1 else f"{many} reports were published"


def published(facts: ReportFacts) -> str:
    whose = "You get it because you manage a team" if facts.manages else "Your confirmed time may be in it"
    return f"{whose}. Managers and everybody in it got it at the same moment; it is the same page for all."


# --- the link that somebody asked for -----------------------------------------------------------------------


def asked_for(facts: OwnFacts) -> str:
    return f"You asked for it on the page of a day. It works until {facts.until:%H:%M}."


# --- what a colleague granted -------------------------------------------------------------------------------


def delegated(facts: DelegateFacts) -> str:
    return (
        f"{facts.whose} lets you look at their days in Daybook and prepare them, until "
        f"{full_date(facts.until)}: change, add and dismiss drafts. Only they confirm."
    )


# --- the policy, in every mail that holds it ----------------------------------------------------------------


def term(word: str, meaning: str) -> str:
    """A line of a list in the policy."""
    return f"{word}: {meaning}" if meaning else f"{word}."


# --- the rollout -------------------------------------------------------------------------------------------

STOPPED = "Daybook has stopped by itself"
RESTS = (
    "Nothing is read about anybody, nobody is invited, and no daily mail goes out. What you have here you "
    "can still answer. It goes on only once an administrator has said, for all of you to read, what changed."
)
SEE_ROLLOUT = "See how the rollout goes"
TOLD_ONCE = "This is told to everybody who takes part, once."


def stopped(facts: StopFacts) -> str:
    return f"Before Daybook began at {facts.envelope.organisation}, it was written down what stops it."
