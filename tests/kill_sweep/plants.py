"""Mistakes in the order in which things reach the disk: harmless until somebody dies at the wrong moment."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import pytest

from core import posting as machine
from core.posting import Look, Posting, Send
from daybook import deeds, jobs, state
from daybook.deeds import Outcome
from daybook.house import House, Member
from daybook.mail import letters
from daybook.store.mails import Mails
from daybook.store.postings import Filed, Postings
from daybook.store.sends import Sends

post: Any = sys.modules[jobs.post.__module__]
"""The module; `jobs.post` is its function."""


def marking_after_posting(patch: pytest.MonkeyPatch) -> None:
    """The intent reaches the disk when the request has left (R-02)."""
    intended, sent, late = post._intended, post._sent, list[Any]()

    def not_yet(*intent: Any) -> bool:
        late.append(intent)
        return True

    def sent_first(*asked: Any) -> Any:
        answer = sent(*asked)
        intended(*late.pop())
        return answer

    patch.setattr(post, "_intended", not_yet)
    patch.setattr(post, "_sent", sent_first)


def posting_without_looking(patch: pytest.MonkeyPatch) -> None:
    """Whatever became of the last attempt, it is sent again (R-02)."""
    step = machine.next_step

    def hasty(*asked: Any) -> Any:
        answer = step(*asked)
        return Send() if isinstance(answer, Look) else answer

    patch.setattr(machine, "next_step", hasty)


def sending_uncounted(patch: pytest.MonkeyPatch) -> None:
    """Nothing is noted beside the store (R-09)."""
    patch.setattr(Sends, "note", lambda *_: None)


def counting_before_it_is_committed(patch: pytest.MonkeyPatch) -> None:
    """The file beside the store knows of an attempt before the store does (R-09)."""

    def eager(house: House, filed: Filed, attempt: Posting) -> bool:
        with house.store.writing() as tx:
            house.store.sends.note(tx.next_send())
            return tx.postings.save(attempt, filed.version)

    patch.setattr(post, "_intended", eager)


def confirming_in_two_steps(patch: pytest.MonkeyPatch) -> None:
    """The yes is on disk before what is to be posted is (R-01)."""
    add, confirm, late = Postings.add, deeds.confirm, list[Posting]()

    def two_steps(house: House, *asked: Any) -> Any:
        outcome = confirm(house, *asked)
        with house.store.writing() as tx:
            for one in late:
                add(tx.postings, one)
        return outcome

    patch.setattr(Postings, "add", lambda _, one: late.append(one))
    patch.setattr(deeds, "confirm", two_steps)


def thanking_before_it_is_on_disk(patch: pytest.MonkeyPatch) -> None:
    """A yes is answered, and kept by the next round (P10)."""
    confirm, snapshot, late = deeds.confirm, state.snapshot, list[Any]()

    def later(house: House, who: Member, day: date, seen: dict[str, int]) -> Outcome:
        late.append((house, who, day, seen))
        return Outcome(done=tuple(seen))

    def kept_first(*asked: Any) -> Any:
        while late:
            confirm(*late.pop())
        return snapshot(*asked)

    patch.setattr(deeds, "confirm", later)
    patch.setattr(state, "snapshot", kept_first)


def mailing_after_saying_so(patch: pytest.MonkeyPatch) -> None:
    """A mail counts as sent while it is on its way (E-05)."""
    is_ours = letters._is_ours

    def hasty(house: House, envelope: Any) -> bool:
        ours = is_ours(house, envelope)
        with house.store.writing() as tx:
            tx.mails.sent(envelope.contributor, envelope.day, envelope.kind, house.clock())
        return ours

    patch.setattr(letters, "_is_ours", hasty)


def leaving_mails_to_the_dead(patch: pytest.MonkeyPatch) -> None:
    """What a dead daemon had in its hands stays there (E-05)."""
    claim = Mails.claim

    def once(rows: Mails, contributor: str, day: date, kind: str, *rest: Any) -> bool:
        return rows.get(contributor, day, kind) is None and claim(rows, contributor, day, kind, *rest)

    patch.setattr(Mails, "claim", once)
