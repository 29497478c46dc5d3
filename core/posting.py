"""The state machine of one posting: a confirmed entry on its way to one outside tool, exactly once (P8).

    held ------ Send ------> sending ------ Landed ------> posted
      ^                         |
      |-- certainly not there --|-- refused --> a person repairs the cause, `again`
      |                         |-- unclear --> its contributor says whether it is there, `answered`
      +-- undo --> withdrawn

`held` means: nothing of it is at the target, so it may be sent, or taken back. `sending` means: an attempt
was committed and what became of it is unknown, so the only way on is to look. The intent is committed before
the call (`attempting`), so a crash at any line leaves `sending` behind and never a second record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from core.model import Entry, Noun, Verdict

PostingState = Literal["held", "sending", "posted", "refused", "unclear", "withdrawn"]
Whose = Literal["connection", "account", "entry"]

Pauses = Sequence[timedelta]
"""The pause after the first, second ... setback in a row; the last one repeats: nothing is ever given up."""

PAUSES: Pauses = tuple(timedelta(minutes=n) for n in (1, 2, 5, 15, 30, 60))

LONGEST_WAIT = timedelta(days=1)
"""No tool makes us wait longer at a time, whatever its Retry-After says (R-07)."""

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
    seen: bool = False
    """Its record was shown by the target since; from then on its absence means that it is gone."""
    reason: str = ""
    """Why it waits or was refused, for its contributor."""
    whose: Whose = "entry"
    """Of a refused one: who must act. connection: the administrator; account, entry: its contributor."""

    @model_validator(mode="after")
    def _has_somewhere_to_go(self) -> Self:
        if not (self.connection and self.task):
            raise ValueError(
                "a posting needs a target `connection:task`; an entry for `none` stays in Daybook"
            )
        return self

    @property
    def key(self) -> str:
        """What marks our record at the target: opaque, and the same for every attempt (R-01)."""
        revision = f"{self.entry.id}:{self.entry.revision}"
        return hashlib.sha256(revision.encode()).hexdigest()[:32]

    @property
    def connection(self) -> str:
        return self.entry.target.partition(":")[0]

    @property
    def task(self) -> str:
        return self.entry.target.partition(":")[2]


class Wait(Noun):
    """Nothing to do before `until`."""

    until: AwareDatetime


class Look(Noun):
    """Ask the target whether the last attempt arrived."""


class Send(Noun):
    """Commit `attempting`, then write it to the target."""


class Done(Noun):
    """Nothing more to do, or nothing before a person acts."""


class Landed(Noun):
    """The record is there."""

    remote: Remote


class NotSent(Noun):
    """It certainly did not happen: not now."""

    reason: str
    wait: timedelta | None = None
    """What the tool asked for."""


class Rejected(Noun):
    """It certainly did not happen, and will not until a person acts."""

    reason: str
    whose: Whose = "entry"


class Lost(Noun):
    """It was sent and its answer never came."""


class Absent(Noun):
    """The target was asked and has no such record."""


class Unseen(Noun):
    """The target could not be asked, so what became of the attempt is as unknown as before."""

    reason: str
    wait: timedelta | None = None


class Ambiguous(Noun):
    """Several records could be ours and none says so."""

    reason: str


Answer = Landed | NotSent | Rejected | Lost
"""What came of a send."""
Sight = Landed | Absent | Unseen | Ambiguous
"""What came of a look."""


def hold(posting_id: str, entry: Entry, contributor: str, now: AwareDatetime, hold_for: timedelta) -> Posting:
    """The posting of a freshly confirmed entry; written in one transaction with the confirmation (R-01).

    Raises   ValueError for an entry whose target is `none`
    """
    until = now + hold_for
    return Posting(id=posting_id, contributor=contributor, entry=entry, hold_until=until, not_before=until)


def next_step(posting: Posting, now: AwareDatetime) -> Wait | Look | Send | Done:
    """What to do with it at `now`: a look before every re-send whose forerunner is unknown (R-02)."""
    match posting.state:
        case "held" | "sending" if now < posting.not_before:
            return Wait(until=posting.not_before)
        case "held":
            return Send()
        case "sending":
            return Look()
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
            "baseline": baseline if posting.baseline is None else posting.baseline,
        }
    )


def kept_back(
    posting: Posting, answer: NotSent | Rejected, now: AwareDatetime, pauses: Pauses = PAUSES
) -> Posting:
    """What a held one comes to that could not even be tried: no account, or its tool is away."""
    match answer:
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
            return _posted(posting, answer.remote)
        case _ if posting.state != "sending":
            return posting
        case NotSent():
            return _held(posting, answer.reason, now + _pause(posting, pauses, answer.wait))
        case Rejected():
            return _refused(posting, answer)
        case Lost():
            return posting.model_copy(update={"not_before": now + posting.patience, "reason": _LOOKING})


def looked(posting: Posting, sight: Sight, now: AwareDatetime, pauses: Pauses = PAUSES) -> Posting:
    """What a look makes of it: only certainty leads out of `sending`, and one empty look is not certainty."""
    match sight:
        case Landed():
            return _posted(posting, sight.remote)
        case _ if posting.state != "sending":
            return posting
        case Absent() if posting.looks + 1 < EMPTY_LOOKS:
            return posting.model_copy(
                update={"looks": posting.looks + 1, "not_before": now + posting.patience}
            )
        case Absent():
            return _held(posting, _NOT_THERE, now + _pause(posting, pauses))
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


def again(posting: Posting, now: AwareDatetime, entry: Entry | None = None) -> Posting | Verdict:
    """Try a refused one anew, once its cause is repaired; with `entry`, a later revision takes its place."""
    if posting.state != "refused":
        return Verdict(allowed=False, reason="Only an entry that was refused can be tried again.")
    if entry is not None and (entry.id != posting.entry.id or entry.revision <= posting.entry.revision):
        return Verdict(allowed=False, reason="Only a later revision of the same entry can take its place.")
    return _anew(posting, now, entry or posting.entry)


def answered(posting: Posting, there: bool, now: AwareDatetime) -> Posting | Verdict:
    """The contributor looked where we could not tell: it is there and stays, or is not and is sent (R-04)."""
    if posting.state != "unclear":
        return Verdict(allowed=False, reason="Nobody needs to look: Daybook knows where this entry stands.")
    if there:
        return _posted(posting, None)
    return _anew(posting, now, posting.entry)


def undo(posting: Posting) -> Posting | Verdict:
    """Take it back while nothing of it can be at the target."""
    if refusal := _NO_UNDO.get(posting.state):
        return Verdict(allowed=False, reason=refusal)
    return posting.model_copy(update={"state": "withdrawn", "reason": ""})


def overdue(posting: Posting, now: AwareDatetime) -> bool:
    """A day after its hold it is still on its way: time to tell its contributor why, and that we go on."""
    return posting.state in ("held", "sending") and now >= posting.hold_until + timedelta(days=1)


_LOOKING = "The answer was lost. Daybook looks whether the entry arrived before it sends anything."
_NOT_THERE = "The answer was lost and the entry did not arrive. Daybook sends it again."

_NO_UNDO: dict[PostingState, str] = {
    "sending": "It is being posted right now. Try again in a few minutes.",
    "unclear": "It may be at its target already. Say first whether you find it there.",
    "posted": "It is posted. Correct or remove it at its target.",
    "withdrawn": "It is taken back already. Nothing was posted.",
}


def _posted(posting: Posting, remote: Remote | None) -> Posting:
    if posting.state == "posted":
        return posting
    return posting.model_copy(update={"state": "posted", "remote": remote, "reason": ""})


def _held(posting: Posting, reason: str, not_before: AwareDatetime) -> Posting:
    update = {"state": "held", "reason": reason, "not_before": not_before, "setbacks": posting.setbacks + 1}
    return posting.model_copy(update=update)


def _anew(posting: Posting, now: AwareDatetime, entry: Entry) -> Posting:
    fresh = hold(posting.id, entry, posting.contributor, now, timedelta(0))
    return fresh.model_copy(update={"attempt": posting.attempt, "hold_until": posting.hold_until})


def _refused(posting: Posting, answer: Rejected) -> Posting:
    return posting.model_copy(update={"state": "refused", "reason": answer.reason, "whose": answer.whose})


def _pause(posting: Posting, pauses: Pauses, asked: timedelta | None = None) -> timedelta:
    ours = pauses[min(posting.setbacks, len(pauses) - 1)]
    return max(ours, min(asked or timedelta(0), LONGEST_WAIT))
