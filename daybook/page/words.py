"""Every sentence the page puts together; what stands still is in the templates beside it.

What mails and pages both say is in daybook/words.py.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, tzinfo

from core.model import Suggestion
from core.posting import Posting
from core.standing import Altered
from daybook.gaps import Question
from daybook.store.replies import Reply
from daybook.words import capital, clock, count, drafts, duration, long_day, short_day, tool

NO_PROJECT = "No project yet"
ANY_TOKEN = "Make a personal access token in your own account there."  # noqa: S105

Notice = tuple[str, ...]
"""The title of a page that only says something, then its sentences."""

HOME: Notice = (
    "Daybook",
    "Your days are behind the link in your mail from Daybook. There is no other way in, and no password.",
    "Nothing is sent anywhere before you confirm it.",
)
CLOSED: Notice = (
    "Nothing to see here",
    "This link opens nothing, or no longer does: links in mails work for a few days.",
    "The newest mail from Daybook has one that works.",
)
TOO_MANY: Notice = (
    "One moment",
    "Too many links that open nothing came from here. Try again in a minute.",
)
NOWHERE: Notice = ("No such page", "There is nothing at this address. Use the link in your mail.")
ARRIVING = "One moment"
SESSION_OVER: Notice = (
    "Open it once more",
    "This address works in the browser that opened it from a mail, and for half a day.",
    "Open the link in your mail again. What you did before is kept; what you were typing is still there if "
    "you go back.",
)


def sign_in(name: str, required: bool) -> Notice:
    """Before somebody signs in."""
    way = (
        "The link in your mail opens once you are signed in, and for you alone."
        if required
        else "Or open the link in your mail from Daybook: that works without."
    )
    asks = f"Daybook asks {name} who you are, and learns your address there and nothing else."
    return ("Sign in", asks, way)


def signed_out(name: str) -> Notice:
    return (
        "Signed out",
        "This browser shows nothing of yours any more. A page opened from a mail still does, for half a day.",
        f"You may still be signed in with {name}: on a machine that others use, sign out there too.",
    )


def not_signed_in(why: str) -> Notice:
    return ("Not signed in", why, "Nothing was changed.")


def provider_away(name: str, required: bool) -> Notice:
    """The provider does not answer, or turned us down; which, is for the administrator."""
    way = "Try again in a few minutes." if required else "The links in your mails work all the same."
    return ("Not now", f"{name} cannot say who you are at the moment. You are not signed in.", way)


SIGN_IN_DENIED = "{} did not let you go on to Daybook."
NOT_ASKED: Notice = (
    "Not signed in",
    "This answer belongs to no question that this browser asked in the last ten minutes.",
    "Begin again from the page on which you sign in.",
)
NO_PROOF: Notice = (
    "Nothing was changed",
    "This form is of a page that was opened before you came in anew, or of another site.",
    "Go back: what you typed is still there. Load the page again, and send it from there.",
)
NOT_THIS_WAY: Notice = ("Not in this way", "This address does not take that. Nothing was changed.")
FOREIGN: Notice = ("Not from here", "This form was sent by another site. Nothing was changed.")
TOO_LARGE: Notice = ("Too much at once", "This form is too large. Nothing was changed.")
NOT_NOW: Notice = (
    "Not now",
    "Daybook cannot save anything at the moment: its disk is full, or does not answer.",
    "Open the page again in a few minutes. What was saved is on it; what is not on it was not saved.",
)
SHORT = (
    "The server is short of disk space. What you confirm is saved; nothing new is read and nothing is posted "
    "before there is room."
)
BROKE: Notice = (
    "That went wrong",
    "Daybook broke over this request. What you asked for is either done or not begun, never half done.",
    "Open the page again to see how things stand.",
)

ASK_AGAIN: Notice = (
    "Not connected",
    "This answer belongs to no question that was asked from this browser, or it was used already. "
    "Nothing was connected.",
    "Open the link in your mail from Daybook, and connect from there.",
)

SAID = {
    "confirmed": "Confirmed. Until it is posted you can take it back.",
    "edited": "Changed.",
    "corrected": "Changed and confirmed anew. Until it is sent you can take it back.",
    "dismissed": "Dismissed.",
    "explained": "Noted.",
    "cut": "Split. Both parts are drafts; undo makes them one again.",
    "joined": "Put together. Undo takes them apart again.",
    "moved": "Moved. It waits there as a draft; here it is under the dismissed ones, with the way back.",
    "undone": "Taken back. Nothing of it was sent.",
    "settled": "Settled.",
    "put_away": "Put away.",
    "added": "Added. It is a draft like the others: confirm it when it is right.",
    "leaving": "Taken back. It stands where it was posted for a while: confirm it again to leave it there.",
    "kept": "It stays as it stands there.",
    "again": "Daybook tries again now.",
    "found": "Thank you. Daybook goes on from there.",
    "always": "Noted: from now on it always goes there.",
    "never": "Noted: it is not suggested again. What Daybook learnt, below, has the way back.",
    "unruled": "Taken back. Your open days are drafted anew.",
    "forgotten": "Forgotten. Your open days are drafted anew.",
    "all_forgotten": "All of it is forgotten. Your open days are drafted anew.",
    "answered": "Noted: there is nothing to add to this day.",
    "open": "Noted: this day is not finished.",
    "gone": "Noted. Daybook looks once more and then lets go of them.",
    "not_gone": "Noted. Daybook keeps what was there and goes on asking.",
    "acknowledged": "Thank you. That is noted, with the version you read.",
    "connected": "Connected. What waited for this account is posted now.",
    "chosen": "Noted. That is read from now on, and nothing else.",
    "disconnected": "Disconnected. Daybook no longer has your token.",
    "lent": "Connected. What waited for this account is posted now.",
    "lent_to_read": "Connected. Daybook reads it from now on, as you allowed.",
    "not_lent": "That was not connected. The reason stands below.",
    "own_sent": "The link is in your mailbox, or on its way there. It works for an hour.",
    "shown": "Switched on. Your drafts appear there within minutes.",
    "unshown": "Switched off. The calendar is deleted there, with the drafts in it.",
    "left_there": "Switched off. Daybook can no longer delete the calendar there; you can, at any time.",
    "granted": "Granted. If they take part, a link is in their mailbox; below you can end it at any time.",
    "ended": "Ended. Their link opens nothing any more.",
    "remarked": "Thank you. It is on its way to who can change it; the answer will stand here.",
    "judged": "Thank you. That is noted; your last word of this stage counts.",
    "given_back": "Disconnected. Daybook has forgotten its access and gives it back there.",
    "forgotten_here": "Disconnected. Daybook has forgotten its access. A program cannot tell this tool so: "
    "take Daybook out there too, under the apps you connected.",
}
"""What a page says about what was just done; the address carries the word alone."""


def may(posts: bool, drafts: bool) -> str:
    """What a tool asks somebody to allow."""
    if drafts:
        return "make a calendar of its own there, for your drafts"
    return "post in your name" if posts else "read it for you"


def pause(seconds: int) -> str:
    """How long a hold is; in a demonstration it is seconds."""
    return f"{seconds} seconds" if seconds < 60 else duration(seconds // 60)


def said(word: str, count: int, hold: int) -> str:
    """The sentence about what was just done.

    Takes    hold: seconds during which a confirmation can be taken back
    """
    if word == "confirmed" and count > 1:
        return f"{drafts(count)} confirmed. For {pause(hold)} you can take them back."
    if word == "undone" and count > 1:
        return f"{drafts(count)} taken back. Nothing of them was sent."
    return SAID.get(word, "")


ROLLOUT = "How the rollout goes"
STAGES = {
    "shadow": "A shadow run: drafts are made for you to look at, and nobody is mailed,",
    "pilot": "A pilot with a few of you,",
    "expand": "A pilot that was widened,",
    "normal": "Everybody takes part,",
}
WRONG = "This looks wrong"
NO_SENTENCE = "Write a sentence first. Nothing was sent."
TOO_LONG = "That is too long to be read as one thought. Nothing was sent."
POLICY = "What Daybook reads, and why"
INVITED = "Before anything begins"
YOURS = "Your connections"
LEFT = "You left"
LEARNT = "What Daybook learnt"
REPORTS = "Reports about groups"
CALENDARS = "Your other calendars"
FORGOTTEN_ALREADY = "That is forgotten already, or has changed since you opened this page."
MAIL = "The daily mail"
NO_SUCH_DAY = "Name a day after today and within three months. Nothing was changed."
CONFIRM = "Confirm"
CONFIRMED = "Confirmed"
NOTHING_CONFIRMED = "Nothing was confirmed"
ALREADY_CONFIRMED = "Already confirmed"
FIRST_THE_POLICY = "Please read and acknowledge the policy first. Nothing was saved."
DELEGATES = "Who may prepare your days"
PREPARE = "Days to prepare"
PREPARED = "Done. It waits for the word of the one whose day it is, and says that it was you."
NO_DATE = "Write the day the token ends like 2027-03-31, or leave it empty. Nothing was saved."
GOING = "One moment"
NOT_CONNECTED = "Not connected"
NO_TOKEN = "Paste the token into the field. Nothing was saved."  # noqa: S105
NOT_SURE = "Tick the box if you are sure. Nothing was changed."
EDIT = "Edit a draft"
ELSEWHERE = "Choose another place"
CORRECT = "Correct what is posted"
ADD = "Add by hand"
CUT = "Split, merge or move"
NO_DAY = "Choose one of the days. Nothing was changed."
NO_LENGTH = "Write the length like 45, 1h 15m or 1:15. Nothing was saved."
NOTHING_SAID = "Say what it was, or choose a project. Nothing was saved."
OTHER_QUESTION = "Meanwhile the source shows something else. Nothing was changed; please look again."
NOTHING_NAMED = "The form names no draft."

EACH_SAYS_WHY = "What was left alone says why."


def left(done: int, reasons: Collection[str]) -> str:
    """What a page says where not everything was done."""
    begin = f"{drafts(done)} done." if done else "Nothing was changed."
    same = set(reasons)
    return f"{begin} {same.pop() if len(same) == 1 else EACH_SAYS_WHY}"


# --- answers to mails --------------------------------------------------------------------------------------

ANSWERS = "What you answered by mail"


def answered(one: Reply) -> str:
    """What became of an answer, and what to do."""
    match one.why:
        case "words":
            said = "Daybook did not take this as a yes, and confirmed nothing."
        case "elsewhere":
            said = (
                "This came from another address than yours, or its sender is in doubt. Nothing was confirmed."
            )
        case "old":
            said = "You said yes to a mail that was too old by then. Nothing was confirmed."
        case "left":
            changed = f"{drafts(one.left)} had changed since that mail"
            said = f"Your yes was taken. {changed}, and {'was' if one.left == 1 else 'were'} left for you."
        case "beside":
            said = "Your yes was taken. What you wrote under it Daybook cannot carry out."
    return said if one.words or one.why in ("old", "left") else f"{said} {NO_WORDS}"


NO_WORDS = "There was no text in it that Daybook reads; files are left out."


# --- numbers and times -------------------------------------------------------------------------------------


def typed(minutes: int) -> str:
    """A length as its form shows it, and reads it again."""
    return duration(minutes).replace(" h", "h").replace(" min", "m")


def moment(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A time of day, with its day where that is not today."""
    local = at.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return clock(local) if today else f"{short_day(local.date())}, {clock(local)}"


def vanished(asked: Question) -> str:
    """The question about a source that suddenly shows hardly anything."""
    things = count(asked.vanished, "thing")
    if asked.vanished == asked.held:
        shows = f"suddenly shows nothing where {things} were"
    else:
        shows = f"suddenly no longer shows {asked.vanished} of the {asked.held} things it showed"
    return f"Your {asked.tool} {shows}. Were they deleted?"


def yes(stated: bool) -> str:
    return "yes" if stated else "no"


# --- what was learnt ---------------------------------------------------------------------------------------

DISMISSED_IT = "Dismissed"
NEVER = "Never suggested"


def booked(project: str) -> str:
    return f"Booked on {project}"


def own_rule(project: str | None) -> str:
    return f"Always on {project}" if project else NEVER


def known_by(about: str) -> str:
    """What something is known by, from the name it is remembered under."""
    kind, source, rest = about.split(":", 2)
    match kind:
        case "series":
            return f"every meeting of this series in {tool(source)}"
        case "task":
            return f"this task in {tool(source)}" if rest.isdecimal() else f"the {tool(source)} task {rest}"
    return f"whatever has this title in {tool(source)}"


# --- where things go ---------------------------------------------------------------------------------------


SOMETHING = "Something your tools no longer show"
UNTITLED = "Without a title"
NO_TEXT = "Without a text"
AWAY = "Away"
TASK_TIME = "Tasks, around the meetings"
LOGGED = "Logged elsewhere"
GAP = "Nothing known"
ALL_DAY = "all day"
MISSED = "It had no yes when its day closed, so it is recorded nowhere."
DISMISSED = "Dismissed. It stays so, whatever its source says later."
GAVE = "Its minutes went to another draft. Undo gives them back."
KEPT = "Confirmed. It stays in Daybook."
KEPT_HERE = "Daybook only"
NOBODY_ELSE = "Nobody else can read it."
NOT_POSTED_THERE = "Nothing is posted there any more. Choose another place."


def readers(who: str) -> str:
    """Who can read an entry at its target."""
    return f"{capital(who)} can read it there." if who else "Whoever can see that task can read it there."


def days(first: date, last: date) -> str:
    """A range of days."""
    since = str(first.day) if first.month == last.month else f"{first.day} {first:%B}"
    return f"{since} to {last.day} {last:%B}"


def until(day: date) -> str:
    return f"You can change it until {long_day(day)}; then it is closed."


def heading(drafts_waiting: int, minutes: int, needing: int, settled: bool) -> str:
    """How the day stands, in one line."""
    if not drafts_waiting and not needing:
        return "Everything here has your word." if settled else "There is nothing to confirm."
    waits = f"{drafts(drafts_waiting)} to confirm, {duration(minutes)}." if drafts_waiting else ""
    who = f"{needing} more" if drafts_waiting else drafts(needing)
    needs = f"{who} {'needs' if needing == 1 else 'need'} you." if needing else ""
    return " ".join(filter(None, (waits, needs)))


def posting(one: Posting, where: str, zone: tzinfo, now: datetime) -> str:
    """How an entry stands on its way."""
    match one.state:
        case "held" if now < one.hold_until:
            until, then = moment(one.hold_until, zone, now), "until then you can take it back."
            match one.doing:
                case "post":
                    return f"Confirmed. Goes to {where} at {until}; {then}"
                case "amend":
                    return f"Corrected. Its record in {where} is changed at {until}; {then}"
                case "withdraw":
                    return f"Corrected. It is removed where it stands and goes to {where} at {until}; {then}"
        case "held" if one.reason:
            return f"Waits. {one.reason} Next try at {moment(one.not_before, zone, now)}."
        case "held":
            return f"Confirmed. On its way to {where}."
        case "sending":
            return f"Being posted to {where}. {one.reason}".strip()
        case "posted" if one.remote is None:
            return f"You found it in {where}. Nothing more is done."
        case "posted":
            return f"Posted to {where}."
        case "refused" if one.stands:
            return f"Your correction is not there. {one.reason}"
        case "refused":
            return f"Not posted. {one.reason}"
        case "unclear":
            return f"Daybook cannot tell whether it reached {where}. {one.reason}"
        case "withdrawn":
            return "Taken back. Nothing of it is posted."


def leaving(one: Posting, where: str, zone: tzinfo, now: datetime) -> str:
    """How one stands that was taken back after it was posted.

    Takes    where: its record is
    """
    match one.state:
        case "held" if now < one.hold_until:
            until = moment(one.hold_until, zone, now)
            return f"Taken back. It stands in {where} until {until}; confirm it again to leave it there."
        case "refused":
            return f"Taken back, but it still stands in {where}. {one.reason}"
    return f"Taken back. It is being removed from {where}. {one.reason}".strip()


def altered(hand: Altered, said: Suggestion, where: str) -> str:
    """What a hand made of an entry where it was posted."""
    if hand.day is None:
        return f"No longer at {where}: removed there by hand, {duration(said.minutes)}. Daybook leaves it so."
    changes = []
    if hand.minutes != said.minutes:
        changes.append(f"{duration(said.minutes)} → {duration(hand.minutes)}")
    if hand.day != said.day:
        changes.append(f"{short_day(said.day)} → {short_day(hand.day)}")
    return f"Changed at {where}: {', '.join(changes)}, by hand. Daybook leaves it."


def overdue(contact: str) -> str:
    return f"This has taken more than a day. Daybook goes on trying; {contact} can help."


def whose(one: Posting, tool: str, contact: str) -> str:
    """Who must act on a refused one.

    Takes    tool: where it goes, as people call it
    """
    match one.whose:
        case "account":
            return (
                f"Confirmed time waits until your {tool} account is connected. "
                "Your connections, at the foot of this page, lead to a button for that."
            )
        case "connection":
            return f"An administrator has to repair this: {contact}. Then try again."
        case "entry" if one.stands:
            return "Leave what stands there as it is, or repair the cause and try again."
        case "entry":
            return "Choose another place for it, or repair the cause and try again."


# --- what is held, and who looked --------------------------------------------------------------------------

MINE = "All that is held about you"
SEEN = "Who looked"
ERASED = "You are gone from Daybook"
SHOWN_ALL = "It was shown on your page."
TOOK_ALL = "It was taken along as a file."
TOOK_ENTRIES = "They were taken along as a file."
READ_LOG = "It was read on your page."

LOOKED_AT = {
    "everything": "All that is held about you",
    "draft": "Your drafts",
    "entry": "The entries you confirmed",
    "posting": "How your postings stand",
    "enrolment": "Whether you were invited, acknowledged or left",
    "reading": "How far your sources were read",
    "figures": "Sums over many people, you among them",
    "report": "A report, you among many in it",
    "rollout": "How the rollout goes, over everybody",
    "remark": "What you said looks wrong",
    "access_log": "This list",
}
"""What was looked at, as its contributor reads it."""


def viewer(who: str) -> str:
    """Whoever looked, by role and name."""
    role, _, name = who.partition(" ")
    if role == "owner":
        return "You, or somebody with a link of yours"
    return f"{name}, {role}" if name else capital(role)


def unlogged(minimum: int) -> tuple[str, ...]:
    """What the access log does not hold, and why."""
    return (
        "The pages of your days, opened with a link from your own mail.",
        "Daybook at its work: drafting your days, posting what you confirmed, writing you mails. "
        "Nobody sees anything by that.",
        f"Sums over at least {minimum} people, and counts over everybody: daybook status, daybook hints, "
        "reports. Nobody can be read out of them.",
        "What people see at your tools. Daybook is not asked there.",
        "Whoever has the database and its master key, and reads it with a program of their own. No log of "
        "ours can hold that; the policy says whom to ask who has them.",
    )
