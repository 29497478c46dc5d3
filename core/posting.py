"""The state machine of one posting: a confirmed entry on its way to one outside tool, exactly once (P8).

    held ------ Send ------> sending ------ Landed ------> posted ----- corrected, undo -----> held
      ^                         |
      |-- certainly not there --|-- refused --> a person repairs the cause, `again`
      |                         |-- unclear --> its contributor says whether it is there, `answered`
      +-- undo --> withdrawn <--+-- Removed

`held` means: nothing is under way, so it may be sent, or taken back. `sending` means: an attempt was
committed and what became of it is unknown, so the only way on is to look. The intent is committed before the
call (`attempting`), so a crash at any line leaves `sending` behind and never a second record.

What is sent follows from what stands at the target: nothing yet, and the entry is posted; a former revision,
and its record is amended; a record at another place, or of an entry that was taken back, and it is withdrawn
there first. Amending and withdrawing name a record by its id, look at it before they write, and leave one
that a hand changed (I6): so they are their own look, and the same twice does it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from core.model import Entry, Noun, Verdict
from core.said import Kept, Sentence

PostingState = Literal["held", "sending", "posted", "refused", "unclear", "withdrawn"]
Whose = Literal["connection", "account", "entry"]
Doing = Literal["post", "amend", "withdraw"]

Pauses = Sequence[timedelta]
"""The pause after the first, second ... setback in a row; the last one repeats: nothing is ever given up."""

PAUSES: Pauses = tuple(timedelta(minutes=n) for n in (1, 2, 5, 15, 30, 60))

LONGEST_WAIT = timedelta(days=1)
"""No tool makes us wait longer at a time, whatever its Retry-After says (R-07)."""

FORGOTTEN = 100
"""So many later revisions of an entry are looked for where an older copy of the database came back (R-09):
more than anybody corrects one entry between two backups, and all of them in one look."""

EMPTY_LOOKS = 2
"""So many looks in a row without a find mean that an attempt never arrived (R-04)."""


class Remote(Noun):
    """Where a posted entry stands at its target."""

    id: str
    """The target's id of the record."""
    task: str
    """The issue or task it hangs on."""
    stamp: str = ""
    """What the record said when we last wrote it, to notice a human edit."""


class Posting(Noun):
    """One entry on its way to one outside tool, with its receipt."""

    id: str
    """Opaque; says nothing about the person or the day."""
    contributor: str
    """Our opaque id of whose entry it is."""
    entry: Entry
    """The revision that was confirmed, and no other (I1)."""
    state: PostingState = "held"
    hold_until: AwareDatetime
    """Nothing leaves before: the contributor's time to think again."""
    not_before: AwareDatetime
    """The next step is never taken earlier."""
    attempt: Annotated[int, Field(ge=0)] = 0
    """How many sends were committed; only grows."""
    patience: timedelta = timedelta(0)
    """How long after an attempt its record may still show up: the client's timeout and the target's lag."""
    looks: Annotated[int, Field(ge=0)] = 0
    """Looks in a row that found nothing since the last attempt."""
    setbacks: Annotated[int, Field(ge=0)] = 0
    """Answers in a row that brought us no further; the pauses grow with them."""
    baseline: str | None = None
    """What the connector remembered before the first attempt; None while there was none (R-04)."""
    remote: Remote | None = None
    """Its receipt; None also on a posted one that only its contributor found."""
    stands: Entry | None = None
    """The revision that its record was last made to say; None while there is no record that we know."""
    leaving: bool = False
    """Its contributor took it back: its record is to be removed."""
    removed: str = ""
    """The id of a record we removed, which its target may go on showing for a while."""
    in_doubt: bool = False
    """What we know may be less than what was sent: look before anything."""
    seen: bool = False
    """Its record was shown by the target since; from then on its absence means that it is gone."""
    reason: Kept = ""
    """Why it waits or was refused, for its contributor."""
    whose: Whose = "entry"
    """Of a refused one: who must act. connection: the administrator; account, entry: its contributor."""

    @model_validator(mode="after")
    def _has_somewhere_to_go(self) -> Self:
        if not (self.connection and self.task):
            raise ValueError(
                "a posting needs a target `connection:task`; an entry for `none` stays in Daybook"
            )
        if (self.remote is None) != (self.stands is None):
            raise ValueError("a receipt and what its record says belong together")
        return self

    @property
    def record(self) -> str | None:
        """The id its record has at the target, or had until we removed it."""
        return self.remote.id if self.remote else self.removed or None

    @property
    def key(self) -> str:
        """What marks our record at the target: opaque, and the same for every attempt (R-01)."""
        return _key(self.entry.id, self.entry.revision)

    @property
    def later(self) -> tuple[str, ...]:
        """What its record may be marked with instead: in doubt, it may be a later revision that we forgot."""
        if not self.in_doubt:
            return ()
        first = self.entry.revision + 1
        return tuple(_key(self.entry.id, revision) for revision in range(first, first + FORGOTTEN))

    @property
    def doing(self) -> Doing:
        """What the next send does."""
        if self.stands is None:
            return "post"
        return "withdraw" if self.leaving or self.stands.target != self.entry.target else "amend"

    @property
    def target(self) -> str:
        """Where the next send goes."""
        return self.stands.target if self.stands and self.doing == "withdraw" else self.entry.target

    @property
    def connection(self) -> str:
        return self.target.partition(":")[0]

    @property
    def task(self) -> str:
        return self.target.partition(":")[2]


class Wait(Noun):
    """Nothing to do before `until`."""

    until: AwareDatetime


class Look(Noun):
    """Ask the target whether it has a record of ours."""


class Send(Noun):
    """Commit `attempting`, then do what `doing` says at the target."""


class Done(Noun):
    """Nothing more to do, or nothing before a person acts."""


class Landed(Noun):
    """The record is there, and says what was confirmed."""

    remote: Remote


class Removed(Noun):
    """The record is there no more."""


class NotSent(Noun):
    """It certainly did not happen: not now."""

    reason: Sentence
    wait: timedelta | None = None
    """What the tool asked for."""


class Rejected(Noun):
    """It certainly did not happen, and will not until a person acts."""

    reason: Sentence
    whose: Whose = "entry"


class Lost(Noun):
    """It was sent and its answer never came."""


class Absent(Noun):
    """The target was asked and has no such record."""


class Unseen(Noun):
    """The target could not be asked, so what became of the attempt is as unknown as before."""

    reason: Sentence
    wait: timedelta | None = None


class Ambiguous(Noun):
    """Several records could be ours and none says so."""

    reason: Sentence


Answer = Landed | Removed | NotSent | Rejected | Lost
"""What came of a send."""
Sight = Landed | Absent | Unseen | Ambiguous
"""What came of a look."""


def hold(posting_id: str, entry: Entry, contributor: str, now: AwareDatetime, hold_for: timedelta) -> Posting:
    """The posting of a freshly confirmed entry; written in one transaction with the confirmation (R-01).

    Raises   ValueError for an entry whose target is `none`
    """
    until = now + hold_for
    return Posting(id=posting_id, contributor=contributor, entry=entry, hold_until=until, not_before=until)


def corrected(posting: Posting, entry: Entry, now: AwareDatetime, hold_for: timedelta) -> Posting | Verdict:
    """A later revision takes the place of what is posted: that same record is to say it, after its hold.

    One that says again what stands there needs no call.

    Takes    one whose record is known
    """
    if refusal := _NO_UNDO.get(posting.state):
        return Verdict(allowed=False, reason=refusal)
    if posting.stands is None:
        return Verdict(allowed=False, reason=_FOUND_BY_HAND)
    if entry.id != posting.entry.id or entry.revision <= posting.entry.revision:
        return Verdict(allowed=False, reason="Only a later revision of the same entry can take its place.")
    wanted = {"entry": entry, "leaving": False}
    same = entry.model_copy(update={"revision": posting.stands.revision}) == posting.stands
    if same and (posting.state == "refused" or not posting.in_doubt):
        return posting.model_copy(update={**wanted, "state": "posted", "stands": entry, "reason": ""})
    return _held_anew(posting.model_copy(update=wanted), now + hold_for)


def next_step(posting: Posting, now: AwareDatetime) -> Wait | Look | Send | Done:
    """What to do with it at `now`: a look before every re-send whose forerunner is unknown (R-02)."""
    known = posting.stands is not None
    match posting.state:
        case "posted" if posting.in_doubt and known:
            return Look() if now >= posting.not_before else Wait(until=posting.not_before)
        case "held" | "sending" if now < posting.not_before:
            return Wait(until=posting.not_before)
        case "held":
            return Look() if posting.in_doubt and not known else Send()
        case "sending":
            return Send() if known else Look()  # what names a record looks at it first
        case _:
            return Done()


def attempting(posting: Posting, now: AwareDatetime, patience: timedelta, baseline: str | None) -> Posting:
    """The intent to send, to be committed BEFORE the call (R-02).

    Takes    patience: the client's timeout and the target's listing lag together
             baseline: what the connector wants remembered; the one of an earlier attempt stands
    Raises   ValueError where the next step is anything but Send
    """
    if not isinstance(next_step(posting, now), Send):
        raise ValueError(f"Posting {posting.id} is {posting.state} and must not be sent. Nothing was.")
    return posting.model_copy(
        update={
            "state": "sending",
            "attempt": posting.attempt + 1,
            "patience": patience,
            "not_before": now + patience,
            "looks": 0,
            "in_doubt": posting.in_doubt or posting.state == "sending",
            "baseline": baseline if posting.baseline is None else posting.baseline,
        }
    )


def overslept(posting: Posting, now: AwareDatetime, passed: timedelta) -> bool:
    """Since the intent was committed its worker stood still, so long that others may look before it arrives.

    What is left of the patience must be more than the client's timeout and the target's lag (R-02, R-11).

    Takes    passed: how much time did since, whatever the wall clock says; the longer of the two counts
    """
    committed = posting.not_before - posting.patience
    return max(now - committed, passed) > posting.patience / 4


def kept_back(
    posting: Posting, answer: NotSent | Rejected, now: AwareDatetime, pauses: Pauses = PAUSES
) -> Posting:
    """What one comes to that could not even be tried: no account, or its tool is away."""
    match answer:
        case _ if posting.state == "sending" and posting.stands is not None:
            wait = answer.wait if isinstance(answer, NotSent) else None
            return looked(posting, Unseen(reason=answer.reason, wait=wait), now, pauses)
        case _ if posting.state != "held":
            return posting
        case NotSent():
            return _held(posting, answer.reason, now + _pause(posting, pauses, answer.wait))
        case Rejected():
            return _refused(posting, answer)


def heard(posting: Posting, answer: Answer, now: AwareDatetime, pauses: Pauses = PAUSES) -> Posting:
    """What the answer to a send makes of it.

    A record that is there is there, even if its answer comes late; any other answer counts only while we wait
    for one, since a job may run twice.
    """
    match answer:
        case Landed():
            return _landed(posting, answer.remote, now)
        case _ if posting.state != "sending":
            return posting
        case Removed():
            return _removed(posting, now)
        case NotSent() | Rejected() if posting.in_doubt and not _is_about_it(answer):
            # this one was not tried, and what became of the one before is as unknown as it was
            wait = answer.wait if isinstance(answer, NotSent) else None
            return looked(posting, Unseen(reason=answer.reason, wait=wait), now, pauses)
        case NotSent():
            return _held(posting, answer.reason, now + _pause(posting, pauses, answer.wait))
        case Rejected():
            return _refused(posting, answer)
        case Lost():
            return posting.model_copy(update={"not_before": now + posting.patience, "reason": _LOOKING})


def looked(posting: Posting, sight: Sight, now: AwareDatetime, pauses: Pauses = PAUSES) -> Posting:
    """What a look makes of it: only certainty leads out of `sending`, and one empty look is not certainty."""
    match sight:
        case _ if posting.state == "posted" and not posting.in_doubt:
            return posting
        case Landed() if posting.state == "posted":
            sure = posting.model_copy(update={"in_doubt": False, "seen": True, "reason": ""})
            moved = sight.remote.id != _known(sure)
            return sure.model_copy(update=_there(sure, sight.remote)) if moved else sure
        case Landed():
            return _landed(posting, sight.remote, now)
        case Absent() | Ambiguous() if posting.state == "posted":
            # what became of it there is told by its evidence, like what any hand did
            return posting.model_copy(update={"in_doubt": False, "reason": ""})
        case _ if posting.state != "sending" and not posting.in_doubt:
            return posting
        case Absent() if posting.looks + 1 < EMPTY_LOOKS:
            return posting.model_copy(
                update={"looks": posting.looks + 1, "not_before": now + posting.patience}
            )
        case Absent():
            absent = posting.model_copy(update={"in_doubt": False})
            return _held(absent, _NOT_THERE, max(posting.hold_until, now + _pause(posting, pauses)))
        case Unseen():
            return posting.model_copy(
                update={
                    "reason": sight.reason,
                    "setbacks": posting.setbacks + 1,
                    "not_before": now + max(posting.patience, _pause(posting, pauses, sight.wait)),
                }
            )
        case Ambiguous():
            return posting.model_copy(update={"state": "unclear", "reason": sight.reason})


def again(posting: Posting, now: AwareDatetime) -> Posting | Verdict:
    """Try a refused one anew, once its cause is repaired."""
    if posting.state != "refused":
        return Verdict(allowed=False, reason="Only an entry that was refused can be tried again.")
    return _held_anew(posting, now).model_copy(update={"hold_until": posting.hold_until})


def answered(posting: Posting, there: bool, now: AwareDatetime) -> Posting | Verdict:
    """The contributor looked where we could not tell: it is there and stays, or is not and is sent (R-04)."""
    if posting.state != "unclear":
        return Verdict(allowed=False, reason="Nobody needs to look: Daybook knows where this entry stands.")
    if there:
        return posting.model_copy(update={"state": "posted", "in_doubt": False, "reason": ""})
    anew = _held_anew(posting, now)
    return anew.model_copy(update={"hold_until": posting.hold_until, "in_doubt": False})


def undo(posting: Posting, now: AwareDatetime, hold_for: timedelta) -> Posting | Verdict:
    """Take it back: at once while nothing of it can be at the target, else by removing its record there.

    Takes    hold_for: how long nothing is removed yet, and `corrected` can still keep it
    """
    if refusal := _NO_UNDO.get(posting.state):
        return Verdict(allowed=False, reason=refusal)
    if posting.leaving:
        return Verdict(allowed=False, reason=_LEAVING)
    if posting.stands is not None:
        return _held_anew(posting.model_copy(update={"leaving": True}), now + hold_for)
    if posting.state == "posted":
        return Verdict(allowed=False, reason=_FOUND_BY_HAND)
    if posting.in_doubt:
        return Verdict(allowed=False, reason=_IN_DOUBT)
    return posting.model_copy(update={"state": "withdrawn", "reason": ""})


def doubted(posting: Posting, now: AwareDatetime, patience: timedelta) -> Posting:
    """The same where what we know of it may be older than what was sent: it is compared first (R-09)."""
    if posting.state == "withdrawn" or (posting.state == "posted" and posting.stands is None):
        return posting
    due = posting.not_before if posting.state == "sending" else now
    return posting.model_copy(
        update={"in_doubt": True, "looks": 0, "not_before": due, "patience": max(patience, posting.patience)}
    )


def overdue(posting: Posting, now: AwareDatetime) -> bool:
    """A day after its hold it is still on its way: time to tell its contributor why, and that we go on."""
    return posting.state in ("held", "sending") and now >= posting.hold_until + timedelta(days=1)


_LOOKING = "The answer was lost. Daybook looks whether the entry arrived before it sends anything."
_NOT_THERE = "The answer was lost and the entry did not arrive. Daybook sends it again."
_LEAVING = "It is taken back already, and is about to be removed at its target."
_FOUND_BY_HAND = "You found it there yourself, so Daybook knows no record. Change or remove it there."
_IN_DOUBT = "Daybook is looking whether it is posted already. Try again in a few minutes."

_NO_UNDO: dict[PostingState, str] = {
    "sending": "It is being posted right now. Try again in a few minutes.",
    "unclear": "It may be at its target already. Say first whether you find it there.",
    "withdrawn": "It is taken back already. Nothing of it is posted.",
}


def _is_about_it(answer: NotSent | Rejected) -> bool:
    """The target looked at the record, and would not have it changed."""
    return isinstance(answer, Rejected) and answer.whose == "entry"


def _key(entry: str, revision: int) -> str:
    return hashlib.sha256(f"{entry}:{revision}".encode()).hexdigest()[:32]


def _known(posting: Posting) -> str:
    """The id of its record; "" while there is none that we know."""
    return posting.remote.id if posting.remote else ""


def _landed(posting: Posting, remote: Remote, now: AwareDatetime) -> Posting:
    there = _there(posting, remote) | {"seen": False, "in_doubt": False, "reason": ""}
    if posting.state == "withdrawn":  # late: its contributor took it back, so it is removed
        late = posting.model_copy(update={**there, "leaving": True})
        return _held_anew(late, now)
    if posting.state == "posted" or (posting.stands is not None and posting.state != "sending"):
        return posting
    return posting.model_copy(update={**there, "state": "posted"})


def _there(posting: Posting, remote: Remote) -> dict[str, object]:
    """What is known of a record that is there: in doubt, it may be on another task than its entry says."""
    target = f"{posting.connection}:{remote.task}"
    return {"remote": remote, "stands": posting.entry.model_copy(update={"target": target})}


def _removed(posting: Posting, now: AwareDatetime) -> Posting:
    gone = posting.model_copy(
        update={
            "remote": None,
            "stands": None,
            "seen": False,
            "removed": _known(posting),
        }
    )
    if posting.leaving:
        return gone.model_copy(
            update={"state": "withdrawn", "leaving": False, "in_doubt": False, "reason": ""}
        )
    return _held_anew(gone, now).model_copy(update={"hold_until": posting.hold_until})


def _held(posting: Posting, reason: str, not_before: AwareDatetime) -> Posting:
    update = {"state": "held", "reason": reason, "not_before": not_before, "setbacks": posting.setbacks + 1}
    return posting.model_copy(update=update)


def _held_anew(posting: Posting, until: AwareDatetime) -> Posting:
    """Held until then, as if nothing had stood in its way."""
    due = {"state": "held", "hold_until": until, "not_before": until}
    fresh = {"looks": 0, "setbacks": 0, "baseline": None, "reason": ""}
    return posting.model_copy(update=due | fresh)


def _refused(posting: Posting, answer: Rejected) -> Posting:
    return posting.model_copy(update={"state": "refused", "reason": answer.reason, "whose": answer.whose})


def _pause(posting: Posting, pauses: Pauses, asked: timedelta | None = None) -> timedelta:
    ours = pauses[min(posting.setbacks, len(pauses) - 1)]
    return max(ours, min(asked or timedelta(0), LONGEST_WAIT))
