"""Post: take the next step of one posting, writing down the intent before the call (R-02).

core.posting knows what each answer means; here is only who asks whom, and in
which order it reaches the disk.
"""

from __future__ import annotations

import structlog

from connectors.contract import Credential, Fault, Paced, Refused, Unavailable, Unclear, Writer
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
    Send,
    Sight,
    Unseen,
)
from daybook.house import House
from daybook.store.postings import Filed

log = structlog.get_logger()


def post(house: House, posting_id: str) -> None:
    """Take the next step of one posting: send it, or look what became of the last send (R-02)."""
    with house.store.reading() as tx:
        filed = tx.postings.get(posting_id)
    if filed is None:
        return
    match machine.next_step(filed.posting, house.clock()):
        case Send():
            _send(house, filed)
        case Look():
            _look(house, filed)


def _send(house: House, filed: Filed) -> None:
    posting = filed.posting
    writer = _writer(house, posting)
    if isinstance(writer, Rejected):
        # never left the house, so there is nothing to look for
        _write_down(house, filed, machine.kept_back(posting, writer, house.clock()))
        return
    try:
        baseline = writer.baseline(posting.entry) if posting.baseline is None else None
    except Fault as fault:
        _write_down(
            house, filed, machine.kept_back(posting, _kept_back_by(fault), house.clock(), house.pauses)
        )
        return
    attempt = machine.attempting(posting, house.clock(), house.look_after, baseline)
    if not _write_down(house, filed, attempt):
        return  # another worker is at it
    answer = _sent(writer, attempt)
    _settle(house, attempt, machine.heard(attempt, answer, house.clock(), house.pauses))


def _sent(writer: Writer, posting: Posting) -> Answer:
    try:
        receipt = writer.post(posting.key, posting.entry)
    except Unclear:
        return Lost()
    except Refused as fault:
        return Rejected(reason=str(fault), whose=fault.whose)
    except Unavailable as fault:
        return _not_sent(fault)
    return Landed(remote=Remote(**receipt.model_dump()))


def _look(house: House, filed: Filed) -> None:
    posting = filed.posting
    _settle(house, posting, machine.looked(posting, _seen(house, posting), house.clock(), house.pauses))


def _seen(house: House, posting: Posting) -> Sight:
    writer = _writer(house, posting)
    if isinstance(writer, Rejected):
        return Unseen(reason=writer.reason)
    try:
        receipt = writer.find(posting.key, posting.entry, posting.baseline or "")
    except Unclear as fault:
        return Ambiguous(reason=str(fault))
    except Fault as fault:
        return Unseen(reason=str(fault), wait=fault.wait if isinstance(fault, Paced) else None)
    return Landed(remote=Remote(**receipt.model_dump())) if receipt else Absent()


def _kept_back_by(fault: Fault) -> NotSent | Rejected:
    return Rejected(reason=str(fault), whose=fault.whose) if isinstance(fault, Refused) else _not_sent(fault)


def _not_sent(fault: Fault) -> NotSent:
    return NotSent(reason=str(fault), wait=fault.wait if isinstance(fault, Paced) else None)


def _writer(house: House, posting: Posting) -> Writer | Rejected:
    """The target as its contributor may write to it, or the sentence why they cannot."""
    connector = house.connectors.get(posting.connection)
    if connector is None or not connector.abilities.posts:
        return Rejected(reason=f"Nothing can be posted to {posting.connection} any more.", whose="connection")
    with house.store.reading() as tx:
        member = house.member(tx, posting.contributor)
        grant = tx.grants.get(posting.contributor, posting.connection)
    if member is None or grant is None or grant.refused:
        return Rejected(
            reason=f"Your account at {posting.connection} is not connected. Connect it; then it is posted.",
            whose="account",
        )
    return connector.writer(house.account(member, grant), Credential(secret=grant.credential))


def _settle(house: House, before: Posting, after: Posting) -> None:
    """Write down what a call came to; whatever else moved meanwhile, a receipt is never lost."""
    with house.store.writing() as tx:
        filed = tx.postings.get(before.id)
        if filed is None:
            return
        if filed.posting != before:
            log.warning("posting.moved", posting=before.id, state=filed.posting.state)
        if filed.posting == before or after.state == "posted":
            tx.postings.save(after, filed.version)
        if after.state == "refused" and after.whose == "account":
            tx.grants.refuse(after.contributor, after.connection, after.reason)
    log.info("posting.answered", posting=after.id, state=after.state, attempt=after.attempt)


def _write_down(house: House, filed: Filed, after: Posting) -> bool:
    with house.store.writing() as tx:
        return tx.postings.save(after, filed.version)
