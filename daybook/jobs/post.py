"""Post: take the next step of one posting, writing down the intent before the call (R-02).

core.posting knows what each answer means; here is only who asks whom, and in
which order it reaches the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import structlog

from connectors.budget import spread
from connectors.contract import Credential, Fault, Paced, Receipt, Refused, Unavailable, Unclear, Writer
from core import posting as machine
from core.posting import (
    Absent,
    Ambiguous,
    Answer,
    Landed,
    Look,
    Lost,
    NotSent,
    Posting,
    Rejected,
    Remote,
    Removed,
    Send,
    Sight,
    Unseen,
)
from daybook import lending
from daybook.house import House, Member
from daybook.store.grants import Grant
from daybook.store.postings import Filed
from daybook.store.unit import Unit

log = structlog.get_logger()

NOT_LENT = "Your account there is not connected. Connect it; then it is posted."
RENEWING = "The tool wants the account you lent to be renewed. Nothing was posted; Daybook renews it."


Lent = tuple[Member, Grant] | None
"""Whose a posting is, and what they lend us to post it with; None while there is nothing that works."""


class Target(NamedTuple):
    """Where a posting goes, as its contributor."""

    writer: Writer
    grant: Grant


def post(house: House, posting_id: str) -> None:
    """Take the next step of one posting: send it, or look what became of the last send (R-02)."""
    with house.store.reading() as tx:
        filed = tx.postings.get(posting_id)
        if filed is None or tx.rests.away(filed.posting.connection, house.clock(), reading=False):
            return
        lent = _lent(house, tx, filed.posting)
    now, waits = house.clock(), house.waits_for_clock
    if waits.looks if filed.posting.state == "sending" else waits.sends:
        return  # its time has come on the wall alone
    match machine.next_step(filed.posting, now):
        case Send():
            _send(house, filed, lent)
        case Look():
            _look(house, filed, lent)


def _send(house: House, filed: Filed, lent: Lent) -> None:
    posting = filed.posting
    target = _target(house, posting, lent)
    if isinstance(target, Rejected | NotSent):
        # never left the house, so there is nothing to look for
        _write_down(house, filed, machine.kept_back(posting, target, house.clock(), house.pauses))
        return
    first = posting.doing == "post" and posting.baseline is None
    try:
        baseline = target.writer.baseline(posting.entry) if first else None
    except Fault as fault:
        back = _kept_back_by(house, target, fault)
        _write_down(house, filed, machine.kept_back(posting, back, house.clock(), house.pauses))
        return
    began, now = house.passing(), house.clock()
    if not isinstance(machine.next_step(posting, now), Send):
        return  # the clock was put back meanwhile: its time comes again
    attempt = machine.attempting(posting, now, house.look_after, baseline)
    if not _intended(house, filed, attempt):
        return  # another worker is at it
    if machine.overslept(attempt, house.clock(), house.passing() - began):
        log.warning("posting.overslept", posting=attempt.id, attempt=attempt.attempt)
        return  # whoever looks next finds out, as after an answer that was lost
    answer = _sent(house, target, attempt)
    _settle(house, attempt, lambda one: machine.heard(one, answer, house.clock(), house.pauses))


def _sent(house: House, target: Target, posting: Posting) -> Answer:
    try:
        return _done(target.writer, posting)
    except Unclear:
        return Lost()
    except (Refused, Unavailable) as fault:
        return _kept_back_by(house, target, fault)


def _done(writer: Writer, posting: Posting) -> Landed | Removed:
    receipt = Receipt(**posting.remote.model_dump()) if posting.remote else None
    if receipt is None:
        receipt = writer.post(posting.key, posting.entry)
    elif posting.doing == "amend":
        receipt = writer.amend(receipt, posting.key, posting.entry)
    else:
        writer.withdraw(receipt)
        return Removed()
    return Landed(remote=Remote(**receipt.model_dump()))


def _look(house: House, filed: Filed, lent: Lent) -> None:
    sight = _seen(house, filed.posting, lent)
    _settle(house, filed.posting, lambda one: machine.looked(one, sight, house.clock(), house.pauses))


def _seen(house: House, posting: Posting, lent: Lent) -> Sight:
    target = _target(house, posting, lent)
    if isinstance(target, Rejected | NotSent):
        return _unseen(target)
    try:
        receipt = target.writer.find(posting.key, posting.entry, posting.baseline or "", posting.later)
    except Unclear as fault:
        return Ambiguous(reason=fault.said)
    except Fault as fault:
        return _unseen(_kept_back_by(house, target, fault))
    return Landed(remote=Remote(**receipt.model_dump())) if receipt else Absent()


def _unseen(back: NotSent | Rejected) -> Unseen:
    return Unseen(reason=back.reason, wait=back.wait if isinstance(back, NotSent) else None)


def _kept_back_by(house: House, target: Target, fault: Fault) -> NotSent | Rejected:
    """What a fault means; one that is about the credential stops the whole account (R-08)."""
    is_theirs = isinstance(fault, Refused) and fault.whose == "account"
    if is_theirs and not lending.turned_down(house, target.grant, fault.said):
        return NotSent(reason=RENEWING)
    with house.store.writing() as tx:
        tx.rests.note(target.grant.connection, fault, house.clock())
    return _no(fault)


def _no(fault: Fault) -> NotSent | Rejected:
    if isinstance(fault, Refused):
        return Rejected(reason=fault.said, whose=fault.whose)
    return NotSent(reason=fault.said, wait=spread(fault.wait) if isinstance(fault, Paced) else None)


def _target(house: House, posting: Posting, lent: Lent) -> Target | Rejected | NotSent:
    """The target as its contributor may write to it, or the sentence why they cannot, or not now."""
    connector = house.connectors.get(posting.connection)
    if connector is None or not connector.abilities.posts:
        return Rejected(reason="Nothing can be posted there any more.", whose="connection")
    if lent is None:
        return Rejected(reason=NOT_LENT, whose="account")
    member, grant = lent
    try:
        grant = lending.fresh(house, grant)
    except Fault as fault:
        return _no(fault)
    credential = Credential(kind=grant.kind, secret=grant.credential)
    return Target(connector.writer(house.account(member, grant), credential), grant)


def _settle(house: House, before: Posting, step: Callable[[Posting], Posting]) -> None:
    """Write down what a call came to; whatever else moved meanwhile, a receipt is never lost."""
    with house.store.writing() as tx:
        filed = tx.postings.get(before.id)
        if filed is None:
            return
        if filed.posting != before:
            log.warning("posting.moved", posting=before.id, state=filed.posting.state)
        after = step(filed.posting)
        unknown = filed.posting.stands is None and filed.posting.key == before.key
        if filed.posting == before or (unknown and after.stands is not None):
            tx.postings.save(_unless_outdated(house, tx, after), filed.version)
    log.info("posting.answered", posting=after.id, state=after.state, attempt=after.attempt)


def _intended(house: House, filed: Filed, attempt: Posting) -> bool:
    """The intent is on the disk, and counted beside the database, when this returns (R-02, R-09)."""
    with house.store.writing() as tx:
        if not tx.postings.save(attempt, filed.version):
            return False
        number = tx.next_send()
    house.store.sends.note(number)
    return True


def _write_down(house: House, filed: Filed, after: Posting) -> bool:
    with house.store.writing() as tx:
        return tx.postings.save(_unless_outdated(house, tx, after), filed.version)


def _unless_outdated(house: House, tx: Unit, after: Posting) -> Posting:
    """What to write down: a word about an account that was connected anew meanwhile counts no longer."""
    if after.state != "refused" or after.whose != "account" or _lent(house, tx, after) is None:
        return after
    anew = machine.again(after, house.clock())
    return anew if isinstance(anew, Posting) else after


def _lent(house: House, tx: Unit, posting: Posting) -> Lent:
    member = house.member(tx, posting.contributor)
    grant = tx.grants.get(posting.contributor, posting.connection)
    return None if member is None or grant is None or grant.refused else (member, grant)
