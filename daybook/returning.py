"""What contributors lent us goes back to its tool: here at once, there as soon as the tool listens (P-10).

Some tools end all that an account allowed an application with the first token they
are given back. There nothing is given back while something of that account is in
use: what is in use takes all of it along when it goes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import structlog
from pydantic import SecretStr

from connectors.contract import Account, Credential, Fault, Paced, Refused, Showing
from connectors.oauth import Authority
from daybook.house import House
from daybook.store.grants import Grant
from daybook.store.revocations import Revocation
from daybook.store.unit import Unit

log = structlog.get_logger()

OUTLIVES = timedelta(days=180)
"""What could not be given back until then has died unused."""
PATIENCE = timedelta(hours=6)
"""The longest pause between two tries to give something back."""


def give_back(house: House, tx: Unit, grant: Grant) -> None:
    """Drop it here now; its tool is told as soon as it listens (P-10). A calendar of drafts goes first."""
    tx.grants.drop(grant.contributor, grant.connection)
    tx.takes_back("let go", house.clock(), grant.contributor, grant.connection)
    tx.consents.drop(grant.contributor, grant.connection)
    calendar = tx.draft_calendars.drop(grant.contributor, grant.connection)
    if is_given_back(house, grant):
        note(house, tx, grant.connection, grant.lasting, grant.external, house.clock(), calendar)


def is_given_back(house: House, grant: Grant) -> bool:
    """Whether its tool can be told; else its owner takes it back there, and is told so."""
    authority = house.authorities.get(grant.connection)
    return grant.kind == "oauth" and authority is not None and authority.authorization.revoke is not None


def note(
    house: House,
    tx: Unit,
    connection: str,
    token: SecretStr,
    account: str,
    due_at: datetime,
    calendar: str = "",
) -> str:
    """This is to be given back from then on, unless the note is taken off; gives its id.

    Takes    account: whose it is there; who brought it, until the tool has said so
    """
    authority = house.authorities.get(connection)
    whose = _mark(tx, authority, account) if authority and authority.authorization.takes_all_back else None
    return tx.revocations.add(connection, token, due_at, house.clock() + OUTLIVES, calendar, whose)


def known(house: House, tx: Unit, noted: str, account: str) -> None:
    """The tool said whose it is, so it is no longer taken for its bringer's."""
    due = tx.revocations.get(noted)
    if due is not None and due.whose is not None:
        tx.revocations.known(due, _mark(tx, house.authorities[due.connection], account))


def tell(house: House, revocation: str) -> None:
    """Tell a tool that we no longer need what it lent; as often as it takes, while it can matter."""
    now = house.clock()
    with house.store.reading() as tx:
        due = tx.revocations.get(revocation)
    if due is None:
        return
    authority = house.authorities.get(due.connection)
    try:
        if authority is not None and now < due.until:
            _told(house, authority, due)
    except Fault as fault:
        pause = min(timedelta(minutes=1) * 2 ** min(due.attempts, 10), PATIENCE)
        wait = fault.wait if isinstance(fault, Paced) else pause
        with house.store.writing() as tx:
            tx.revocations.later(due, now + wait)
        if not due.attempts:
            log.warning("revocation.delayed", connection=due.connection, reason=str(fault))
        return
    with house.store.writing() as tx:
        tx.revocations.done(revocation)


def _told(house: House, authority: Authority, due: Revocation) -> None:
    token = _cleared(house, authority, due) if due.calendar else due.token
    with house.store.reading() as tx:
        in_use = due.whose is not None and due.whose in _in_use(house, tx, authority)
    if not in_use:
        authority.revoke(token)


def _in_use(house: House, tx: Unit, authority: Authority) -> set[bytes]:
    """The marks of all who lend us something as this application that works, by whichever connection."""
    client = authority.authorization.client
    alike = [name for name, other in house.authorities.items() if other.authorization.client == client]
    grants = [grant for connection in alike for grant in tx.grants.accounts(connection)]
    return {_mark(tx, authority, name) for grant in grants for name in grant}


def _mark(tx: Unit, authority: Authority, account: str) -> bytes:
    return tx.revocations.mark(authority.authorization.client, account)


def _cleared(house: House, authority: Authority, due: Revocation) -> SecretStr:
    """Take the calendar of drafts away with what is about to be given back; gives what that is by then."""
    connector = house.connectors.get(due.connection)
    try:
        tokens = authority.refresh(due.token)
        if connector is not None and connector.abilities.shows_drafts:
            nobody = Account(contributor="", external="")
            credential = Credential(kind="oauth", secret=tokens.access)
            cast(Showing, connector).draft_calendar(nobody, credential).end(due.calendar)
    except Refused:
        return due.token  # its owner took it back there: what is left is theirs to delete
    return tokens.refresh or due.token
