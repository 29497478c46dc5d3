"""Every sentence the page puts together; what stands still is in the templates beside it.

What mails and pages both say is in daybook/words.py.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, tzinfo

from core.model import Suggestion
from core.posting import Posting
from core.said import Said
from core.standing import Altered
from daybook.gaps import Question
from daybook.languages import Later, _, dated, ngettext, pgettext
from daybook.store.replies import Reply
from daybook.words import capital, clock, long_day, short_day, tool, unbroken
from daybook.words import duration as length

NO_PROJECT = Later("No project yet")
ANY_TOKEN = Later("Make a personal access token in your own account there.")

Notice = tuple[str, ...]
"""The title of a page that only says something, then its sentences."""

HOME: Notice = (
    Later("Daybook"),
    Later(
        "Your days are behind the link in your mail from Daybook. There is no other way in, and no password."
    ),
    Later("Nothing is sent anywhere before you confirm it."),
)
CLOSED: Notice = (
    Later("Nothing to see here"),
    Later("This link opens nothing, or no longer does: links in mails work for a few days."),
    Later("The newest mail from Daybook has one that works."),
)
TOO_MANY: Notice = (
    Later("One moment"),
    Later("Too many links that open nothing came from here. Try again in a minute."),
)
NOWHERE: Notice = (
    Later("No such page"),
    Later("There is nothing at this address. Use the link in your mail."),
)
ARRIVING = Later("One moment")
SESSION_OVER: Notice = (
    Later("Open it once more"),
    Later("This address works in the browser that opened it from a mail, and for half a day."),
    Later("Open the link in your mail again. What you did before is kept."),
)


def sign_in(name: str, required: bool) -> Notice:
    """Before somebody signs in."""
    way = (
        _("The link in your mail opens once you are signed in, and for you alone.")
        if required
        else _("Or open the link in your mail from Daybook: that works without.")
    )
    asks = _("Daybook asks {name} who you are, and learns your address there and nothing else.", name=name)
    return (_("Sign in"), asks, way)


def signed_out(name: str) -> Notice:
    return (
        _("Signed out"),
        _(
            "This browser shows nothing of yours any more. A page "
            "opened from a mail still does, for half a day."
        ),
        _(
            "You may still be signed in with {name}: on a machine that others use, sign out there too.",
            name=name,
        ),
    )


def not_signed_in(why: str) -> Notice:
    return (_("Not signed in"), why, _("Nothing was changed."))


def provider_away(name: str, required: bool) -> Notice:
    """The provider does not answer, or turned us down; which, is for the administrator."""
    way = _("Try again in a few minutes.") if required else _("The links in your mails work all the same.")
    away = _("{name} cannot say who you are at the moment. You are not signed in.", name=name)
    return (_("Not now"), away, way)


SIGN_IN_DENIED = Later("{name} did not let you go on to Daybook.")
NOT_BELIEVED = Later(
    "{name}'s answer does not count. Try again. "
    "If it stays so, your administrator finds the reason in the log."
)
NOT_ASKED: Notice = (
    Later("Not signed in"),
    Later("This answer belongs to no question that this browser asked in the last ten minutes."),
    Later("Begin again from the page on which you sign in."),
)
NO_PROOF: Notice = (
    Later("Nothing was changed"),
    Later("This form is of a page that was opened before you came in anew, or of another site."),
    Later("Load the page again, and send it from there."),
)
NOT_THIS_WAY: Notice = (
    Later("Not in this way"),
    Later("This address does not take that. Nothing was changed."),
)
FOREIGN: Notice = (
    Later("Not from here"),
    Later("This form was sent by another site. Nothing was changed."),
)
TOO_LARGE: Notice = (
    Later("Too much at once"),
    Later("This form is too large. Nothing was changed."),
)
NOT_NOW: Notice = (
    Later("Not now"),
    Later("Daybook cannot save anything at the moment: its disk is full, or does not answer."),
    Later("Open the page again in a few minutes. What was saved is on it; what is not on it was not saved."),
)
SHORT = Later(
    "The server is short of disk space. What you confirm is saved; nothing new is read and nothing is posted "
    "before there is room."
)
BROKE: Notice = (
    Later("That went wrong"),
    Later(
        "Daybook broke over this request. What you asked for is either done or not begun, never half done."
    ),
    Later("Open the page again to see how things stand."),
)

ASK_AGAIN: Notice = (
    Later("Not connected"),
    Later(
        "This answer belongs to no question that was asked from this browser, or it was used already. "
        "Nothing was connected."
    ),
    Later("Open the link in your mail from Daybook, and connect from there."),
)

SAID = {
    "confirmed": Later("Confirmed. Until it is posted you can take it back."),
    "edited": Later("Changed."),
    "corrected": Later("Changed and confirmed anew. Until it is sent you can take it back."),
    "dismissed": Later("Dismissed."),
    "explained": Later("Noted."),
    "cut": Later("Split. Both parts are drafts; undo makes them one again."),
    "joined": Later("Put together. Undo takes them apart again."),
    "moved": Later(
        "Moved. It waits there as a draft; here it is under the dismissed ones, with the way back."
    ),
    "undone": Later("Taken back. Nothing of it was sent."),
    "settled": Later("Settled."),
    "put_away": Later("Put away."),
    "added": Later("Added. It is a draft like the others: confirm it when it is right."),
    "leaving": Later(
        "Taken back. It stands where it was posted for a while: confirm it again to leave it there."
    ),
    "kept": Later("It stays as it stands there."),
    "again": Later("Daybook tries again now."),
    "found": Later("Thank you. Daybook goes on from there."),
    "always": Later("Noted: from now on it always goes there."),
    "never": Later("Noted: it is not suggested again. What Daybook learnt, below, has the way back."),
    "unruled": Later("Taken back. Your open days are drafted anew."),
    "forgotten": Later("Forgotten. Your open days are drafted anew."),
    "all_forgotten": Later("All of it is forgotten. Your open days are drafted anew."),
    "answered": Later("Noted: there is nothing to add to this day."),
    "open": Later("Noted: this day is not finished."),
    "gone": Later("Noted. Daybook looks once more and then lets go of them."),
    "not_gone": Later("Noted. Daybook keeps what was there and goes on asking."),
    "acknowledged": Later("Thank you. That is noted, with the version you read."),
    "connected": Later("Connected. What waited for this account is posted now."),
    "chosen": Later("Noted. That is read from now on, and nothing else."),
    "disconnected": Later("Disconnected. Daybook no longer has your token."),
    "lent": Later("Connected. What waited for this account is posted now."),
    "lent_to_read": Later("Connected. Daybook reads it from now on, as you allowed."),
    "not_lent": Later("That was not connected. The reason stands below."),
    "own_sent": Later("The link is in your mailbox, or on its way there. It works for an hour."),
    "shown": Later("Switched on. Your drafts appear there within minutes."),
    "unshown": Later("Switched off. The calendar is deleted there, with the drafts in it."),
    "left_there": Later(
        "Switched off. Daybook can no longer delete the calendar there; you can, at any time."
    ),
    "granted": Later(
        "Granted. If they take part, a link is in their mailbox; below you can end it at any time."
    ),
    "ended": Later("Ended. Their link opens nothing any more."),
    "remarked": Later("Thank you. It is on its way to who can change it; the answer will stand here."),
    "judged": Later("Thank you. That is noted; your last word of this stage counts."),
    "given_back": Later("Disconnected. Daybook has forgotten its access and gives it back there."),
    "forgotten_here": Later(
        "Disconnected. Daybook has forgotten its access. A program cannot tell this tool so: take Daybook "
        "out there too, under the apps you connected."
    ),
}
"""What a page says about what was just done; the address carries the word alone."""


def may(posts: bool, drafts: bool) -> str:
    """What a tool asks somebody to allow."""
    if drafts:
        return _("make a calendar of its own there, for your drafts")
    return _("post in your name") if posts else _("read it for you")


def pause(seconds: int) -> str:
    """How long a hold is; in a demonstration it is seconds."""
    return (
        ngettext("{number} second", "{number} seconds", seconds) if seconds < 60 else duration(seconds // 60)
    )


def said(word: str, count: int, hold: int) -> str:
    """The sentence about what was just done.

    Takes    hold: seconds during which a confirmation can be taken back
    """
    if word == "confirmed" and count > 1:
        return ngettext(
            "{number} draft confirmed. For {hold} you can take it back.",
            "{number} drafts confirmed. For {hold} you can take them back.",
            count,
            hold=pause(hold),
        )
    if word == "undone" and count > 1:
        return ngettext(
            "{number} draft taken back. Nothing of it was sent.",
            "{number} drafts taken back. Nothing of them was sent.",
            count,
        )
    return str(SAID.get(word, ""))


ROLLOUT = Later("How the rollout goes")
STAGES = {
    "shadow": Later("A shadow run: drafts are made for you to look at, and nobody is mailed,"),
    "pilot": Later("A pilot with a few of you,"),
    "expand": Later("A pilot that was widened,"),
    "normal": Later("Everybody takes part,"),
}
WRONG = Later("This looks wrong")
NO_SENTENCE = Later("Write a sentence first. Nothing was sent.")
TOO_LONG = Later("That is too long to be read as one thought. Nothing was sent.")
POLICY = Later("What Daybook reads, and why")
INVITED = Later("Before anything begins")
YOURS = Later("Your connections")
LEFT = Later("You left")
LEARNT = Later("What Daybook learnt")
REPORTS = Later("Reports about groups")
CALENDARS = Later("Your other calendars")
FORGOTTEN_ALREADY = Later("That is forgotten already, or has changed since you opened this page.")
MAIL = Later("The daily mail")
NO_SUCH_DAY = Later("Name a day after today and within three months. Nothing was changed.")
CONFIRM = Later("Confirm")
CONFIRMED = Later("Confirmed")
NOTHING_CONFIRMED = Later("Nothing was confirmed")
ALREADY_CONFIRMED = Later("Already confirmed")
FIRST_THE_POLICY = Later("Please read and acknowledge the policy first. Nothing was saved.")
DELEGATES = Later("Who may prepare your days")
PREPARE = Later("Days to prepare")
PREPARED = Later("Done. It waits for the word of the one whose day it is, and says that it was you.")
NO_DATE = Later("Write the day the token ends like 2027-03-31, or leave it empty. Nothing was saved.")
GOING = Later("One moment")
NOT_CONNECTED = Later("Not connected")
NO_TOKEN = Later("Paste the token into the field. Nothing was saved.")
NOT_SURE = Later("Tick the box if you are sure. Nothing was changed.")
EDIT = Later("Edit a draft")
ELSEWHERE = Later("Choose another place")
CORRECT = Later("Correct what is posted")
ADD = Later("Add by hand")
CUT = Later("Split, merge or move")
NO_DAY = Later("Choose one of the days. Nothing was changed.")
NO_LENGTH = Later("Write the length like 45, 1h 15m, 1:15 or 1.25 h. Nothing was saved.")
NOTHING_SAID = Later("Say what it was, or choose a project. Nothing was saved.")
OTHER_QUESTION = Later("Meanwhile the source shows something else. Nothing was changed; please look again.")
GONE_AS_TYPED = Later(
    "It is no longer among your drafts. What you typed is below: add it by hand, or leave it."
)
NOTHING_NAMED = Later("The form names no draft.")

EACH_SAYS_WHY = Later("What was left alone says why.")


def left(done: int, reasons: Collection[str]) -> str:
    """What a page says where not everything was done."""
    begin = (
        ngettext("{number} draft done.", "{number} drafts done.", done) if done else _("Nothing was changed.")
    )
    same = {_(reason) for reason in reasons}
    return f"{begin} {same.pop() if len(same) == 1 else EACH_SAYS_WHY}"


# --- answers to mails --------------------------------------------------------------------------------------

ANSWERS = Later("What you answered by mail")


def answered(one: Reply) -> str:
    """What became of an answer, and what to do."""
    match one.why:
        case "words":
            said = _("Daybook did not take this as a yes, and confirmed nothing.")
        case "elsewhere":
            said = _(
                "This came from another address than yours, or its sender is in doubt. Nothing was confirmed."
            )
        case "old":
            said = _("You said yes to a mail that was too old by then. Nothing was confirmed.")
        case "left":
            said = ngettext(
                "Your yes was taken. {number} draft had changed since that mail, and was left for you.",
                "Your yes was taken. {number} drafts had changed since that mail, and were left for you.",
                one.left,
            )
        case "beside":
            said = _("Your yes was taken. What you wrote under it Daybook cannot carry out.")
    return said if one.words or one.why in ("old", "left") else f"{said} {NO_WORDS}"


NO_WORDS = Later("There was no text in it that Daybook reads; files are left out.")


# --- numbers and times -------------------------------------------------------------------------------------


def duration(minutes: int) -> str:
    """A length whose numbers keep their units beside them."""
    return unbroken(length(minutes))


def typed(minutes: int) -> str:
    """A length as its form shows it, and reads it again."""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part, there in ((f"{hours}h", hours), (f"{rest}m", rest or not hours)) if there)


def units() -> dict[str, str]:
    """What people call hours and minutes when they type a length, with what Daybook reads for it."""
    hours, minutes = (
        pgettext("typed hours", "h hour hours"),
        pgettext("typed minutes", "m min minute minutes"),
    )
    return dict.fromkeys(hours.lower().split(), "h") | dict.fromkeys(minutes.lower().split(), "m")


def moment(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A time of day, with its day where that is not today."""
    local = at.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return clock(local) if today else _("{day}, {clock}", day=short_day(local.date()), clock=clock(local))


def vanished(asked: Question) -> str:
    """The question about a source that suddenly shows hardly anything."""
    if asked.vanished == asked.held:
        return ngettext(
            "Your {tool} suddenly shows nothing where {number} thing was. Was it deleted?",
            "Your {tool} suddenly shows nothing where {number} things were. Were they deleted?",
            asked.vanished,
            tool=asked.tool,
        )
    return ngettext(
        "Your {tool} suddenly no longer shows {number} of the {held} things it showed. Was it deleted?",
        "Your {tool} suddenly no longer shows {number} of the {held} things it showed. Were they deleted?",
        asked.vanished,
        tool=asked.tool,
        held=asked.held,
    )


def yes(stated: bool) -> str:
    return _("yes") if stated else _("no")


# --- what was learnt ---------------------------------------------------------------------------------------

DISMISSED_IT = Later("Dismissed")
NEVER = Later("Never suggested")


def booked(project: str) -> str:
    return _("Booked on {project}", project=project)


def own_rule(project: str | None) -> str:
    return _("Always on {project}", project=project) if project else str(NEVER)


def known_by(about: str) -> str:
    """What something is known by, from the name it is remembered under."""
    kind, source, rest = about.split(":", 2)
    match kind:
        case "series":
            return _("every meeting of this series in {tool}", tool=tool(source))
        case "task" if rest.isdecimal():
            return _("this task in {tool}", tool=tool(source))
        case "task":
            return _("everything about {task} in {tool}", tool=tool(source), task=rest)
    return _("whatever has this title in {tool}", tool=tool(source))


# --- where things go ---------------------------------------------------------------------------------------


SOMETHING = Later("Something your tools no longer show")
UNTITLED = Later("Without a title")
NO_TEXT = Later("Without a text")
AWAY = Later("Away")
TASK_TIME = Later("Tasks, around the meetings")
LOGGED = Later("Logged elsewhere")
GAP = Later("Nothing known")
ALL_DAY = Later("all day")
MISSED = Later("It had no yes when its day closed, so it is recorded nowhere.")
DISMISSED = Later("Dismissed. It stays so, whatever its source says later.")
GAVE = Later("Its minutes went to another draft. Undo gives them back.")
KEPT = Later("Confirmed. It stays in Daybook.")
KEPT_HERE = Later("Daybook only")
NOBODY_ELSE = Later("Nobody else can read it.")
NOT_POSTED_THERE = Later("Nothing is posted there any more. Choose another place.")


def readers(who: str) -> str:
    """Who can read an entry at its target."""
    if who:
        return _("{who} can read it there.", who=capital(who))
    return _("Whoever can see that task can read it there.")


def days(first: date, last: date) -> str:
    """A range of days."""
    until = dated(last, pgettext("day and month", "d MMMM"))
    alone = first.month == last.month
    form = pgettext("first of some days", "d") if alone else pgettext("day and month", "d MMMM")
    return _("{first} to {last}", first=dated(first, form), last=until)


def until(day: date) -> str:
    return _("You can change it until {day}; then it is closed.", day=long_day(day))


def heading(drafts_waiting: int, minutes: int, needing: int, settled: bool) -> str:
    """How the day stands, in one line."""
    if not drafts_waiting and not needing:
        return _("You have answered everything here.") if settled else _("There is nothing to confirm.")
    waits = ngettext(
        "{number} draft to confirm, {time}.",
        "{number} drafts to confirm, {time}.",
        drafts_waiting,
        time=duration(minutes),
    )
    if not needing:
        return waits
    if not drafts_waiting:
        return ngettext("{number} draft needs you.", "{number} drafts need you.", needing)
    needs = ngettext("{number} more needs you.", "{number} more need you.", needing)
    return f"{waits} {needs}"


def posting(one: Posting, where: str, zone: tzinfo, now: datetime) -> str:
    """How an entry stands on its way."""
    match one.state:
        case "held" if now < one.hold_until:
            return _HELD[one.doing].format(where=where, until=moment(one.hold_until, zone, now))
        case "held" if one.reason:
            return _(
                "Waits. {reason} Next try at {time}.",
                reason=_(one.reason),
                time=moment(one.not_before, zone, now),
            )
        case "held":
            return _("Confirmed. On its way to {where}.", where=where)
        case "sending":
            return _("Being posted to {where}. {reason}", where=where, reason=_(one.reason)).strip()
        case "posted" if one.remote is None:
            return _("You found it in {where}. Nothing more is done.", where=where)
        case "posted":
            return _("Posted to {where}.", where=where)
        case "refused" if one.stands:
            return _("Your correction is not there. {reason}", reason=_(one.reason))
        case "refused":
            return _("Not posted. {reason}", reason=_(one.reason))
        case "unclear":
            return _(
                "Daybook cannot tell whether it reached {where}. {reason}", where=where, reason=_(one.reason)
            )
        case "withdrawn":
            return _("Taken back. Nothing of it is posted.")


_HELD = {
    "post": Later("Confirmed. Goes to {where} at {until}; until then you can take it back."),
    "amend": Later(
        "Corrected. Its record in {where} is changed at {until}; until then you can take it back."
    ),
    "withdraw": Later(
        "Corrected. It is removed where it stands and goes to "
        "{where} at {until}; until then you can take it back."
    ),
}


def leaving(one: Posting, where: str, zone: tzinfo, now: datetime) -> str:
    """How one stands that was taken back after it was posted.

    Takes    where: its record is
    """
    match one.state:
        case "held" if now < one.hold_until:
            until = moment(one.hold_until, zone, now)
            return _(
                "Taken back. It stands in {where} until {until}; confirm it again to leave it there.",
                where=where,
                until=until,
            )
        case "refused":
            return _(
                "Taken back, but it still stands in {where}. {reason}", where=where, reason=_(one.reason)
            )
    return _(
        "Taken back. It is being removed from {where}. {reason}", where=where, reason=_(one.reason)
    ).strip()


def altered(hand: Altered, said: Suggestion, where: str) -> str:
    """What a hand made of an entry where it was posted."""
    if hand.day is None:
        return _(
            "No longer at {where}: removed there by hand, {time}. Daybook leaves it so.",
            where=where,
            time=duration(said.minutes),
        )
    changes = []
    if hand.minutes != said.minutes:
        changes.append(f"{duration(said.minutes)} → {duration(hand.minutes)}")
    if hand.day != said.day:
        changes.append(f"{short_day(said.day)} → {short_day(hand.day)}")
    return _("Changed at {where}: {what}, by hand. Daybook leaves it.", where=where, what=", ".join(changes))


def overdue(contact: str) -> str:
    return _("This has taken more than a day. Daybook goes on trying; {contact} can help.", contact=contact)


def whose(one: Posting, tool: str, contact: str) -> str:
    """Who must act on a refused one.

    Takes    tool: where it goes, as people call it
    """
    match one.whose:
        case "account":
            return _(
                "Confirmed time waits until your {tool} account is connected. "
                "Your connections, at the foot of this page, lead to a button for that.",
                tool=tool,
            )
        case "connection":
            return _("An administrator has to repair this: {contact}. Then try again.", contact=contact)
        case "entry" if one.stands:
            return _("Leave what stands there as it is, or repair the cause and try again.")
        case "entry":
            return _("Choose another place for it, or repair the cause and try again.")


# --- what is held, and who looked --------------------------------------------------------------------------

MINE = Later("All that is held about you")
SEEN = Later("Who looked")
ERASED = Later("You are gone from Daybook")
SHOWN_ALL = Said("It was shown on your page.")
TOOK_ALL = Said("It was taken along as a file.")
TOOK_ENTRIES = Said("They were taken along as a file.")
READ_LOG = Said("It was read on your page.")

LOOKED_AT = {
    "everything": Later("All that is held about you"),
    "draft": Later("Your drafts"),
    "entry": Later("The entries you confirmed"),
    "posting": Later("How your postings stand"),
    "enrolment": Later("Whether you were invited, acknowledged or left"),
    "reading": Later("How far your sources were read"),
    "figures": Later("Sums over many people, you among them"),
    "report": Later("A report, you among many in it"),
    "rollout": Later("How the rollout goes, over everybody"),
    "remark": Later("What you said looks wrong"),
    "access_log": Later("This list"),
}
"""What was looked at, as its contributor reads it."""


def viewer(who: str) -> str:
    """Whoever looked, by role and name."""
    role, name = (*who.split(" ", 1), "")[:2]
    if role == "owner":
        return _("You, or somebody with a link of yours")
    known = str(ROLES.get(role, role))
    return f"{name}, {known}" if name else capital(known)


ROLES = {
    "colleague": Later("colleague"),
    "delegate": Later("delegate"),
    "manager": Later("manager"),
    "billing": Later("billing"),
    "administrator": Later("administrator"),
}


def unlogged(minimum: int) -> tuple[str, ...]:
    """What the access log does not hold, and why."""
    return (
        _("The pages of your days, opened with a link from your own mail."),
        _(
            "Daybook at its work: drafting your days, posting what you confirmed, writing you mails. "
            "Nobody sees anything by that."
        ),
        _(
            "Sums over at least {number} people, and counts over everybody: daybook status, daybook hints, "
            "reports. Nobody can be read out of them.",
            number=minimum,
        ),
        _("What people see at your tools. Daybook is not asked there."),
        _(
            "Whoever has the database and its master key, and reads it with a program of their own. No log "
            "of ours can hold that; the policy says whom to ask who has them."
        ),
    )
