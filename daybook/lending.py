"""What contributors lend us: fresh for the next call, and looked after until it ends.

A refresh token is used by one at a time, and what comes of it is on the disk
before anything is done with it. A credential its tool no longer takes stops that
account alone: its outbox waits, its owner and the administrator are told once,
and connecting it again goes on where it stood (R-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from connectors.contract import Account, Credential, Fault, Paced, Refused
from core.said import Said, worded
from daybook import returning
from daybook.house import House
from daybook.store.grants import Grant

log = structlog.get_logger()

MARGIN = timedelta(minutes=2)
"""An access token is renewed so long before its end: the call it is for takes a while too."""
LEASE = timedelta(minutes=1)
"""How long a renewal may take before another process may try: shorter than a used refresh token is spared."""
A_MOMENT = timedelta(seconds=5)
"""Until another process will have renewed it."""
FRESH = timedelta(minutes=1)
"""An access token that is refused so soon after it was given will not be better for being renewed."""
AHEAD = timedelta(days=30)
"""So long before its end somebody is told."""
IDLE = timedelta(days=30)
"""What was lent and not used for so long is renewed: tools let it die after 90 days, or six months."""

ENDED = worded("Your access ended on {day}, as stated when you connected it. Connect it again.")
NOT_LENT = worded("Nobody allowed this account to be read. Nothing was asked for. Its owner connects it.")
NOT_IN_USE = worded(
    "Daybook no longer connects accounts there in this way. Nothing was sent. Connect it again."
)
LET_GO = worded("What was lent for this was given back meanwhile. Nothing was sent.")


def fresh(house: House, grant: Grant) -> Grant:
    """The same grant with a credential that is good for a call now, renewed first where that is due.

    Raises   Refused (account) once it no longer works, Unavailable
    """
    if not _is_due(house, grant):
        return grant
    with house.renewing[(grant.contributor, grant.connection)]:
        with house.store.reading() as tx:
            now_it_is = tx.grants.get(grant.contributor, grant.connection)
        if now_it_is is None:
            raise Refused(LET_GO, whose="account")
        if _is_due(house, now_it_is):
            now_it_is = _renewed(house, now_it_is)
        return now_it_is


def with_credential(house: House, connection: str, account: Account) -> Account:
    """The same, with what its contributor lends us to read with, where this tool is read in that way.

    Raises   as `fresh`
    """
    if not house.connectors[connection].abilities.lent:
        return account
    with house.store.reading() as tx:
        grant = tx.grants.get(account.contributor, connection)
    if grant is None:
        raise Refused(NOT_LENT, whose="account")
    grant = fresh(house, grant)
    credential = Credential(kind=grant.kind, secret=grant.credential)
    return replace(account, credential=credential)


def turned_down(house: House, grant: Grant, reason: str) -> bool:
    """The tool refused a call with this credential; gives whether that is the end of it.

    An access token can die before its time, so one that is not fresh is renewed before we believe it.
    """
    # abs: one that was given in our future is of a clock that was set right since
    if grant.kind == "oauth" and abs(house.clock() - grant.used_at) > FRESH:
        with house.store.writing() as tx:
            tx.grants.stale(grant, house.clock())
        return False
    stop(house, grant, reason)
    return True


def stop(house: House, grant: Grant, reason: str) -> None:
    """Nothing more is tried with this one; whoever connected it anew meanwhile is left alone."""
    with house.store.writing() as tx:
        first = tx.grants.refuse(grant.contributor, grant.connection, reason, grant.version)
    if first:
        log.warning(
            "account.stopped", contributor=grant.contributor, connection=grant.connection, reason=reason
        )


def tend(house: House) -> None:
    """Look after all that was lent: stop it at its end, warn before it, use it before it dies unused."""
    now = house.clock()
    _warn_of_ends(house)
    with house.store.reading() as tx:
        due = tx.grants.due(now, now + AHEAD, now - IDLE)
    for contributor, connection in due:
        with house.store.reading() as tx:
            grant = tx.grants.get(contributor, connection)
        if grant is not None and not grant.refused:
            _tended(house, grant)
    with house.store.writing() as tx:
        tx.tended(now)


def _tended(house: House, grant: Grant) -> None:
    now = house.clock()
    # the day a consent ends is reckoned, so its tool has the last word on it
    if grant.kind == "token" and grant.ends_at is not None and grant.ends_at <= now:
        stop(house, grant, Said(ENDED, day=grant.ends_at.date()))
        return
    if grant.ends_at is not None and grant.ends_at <= now + AHEAD:
        _warn(house, grant)
    if grant.kind == "oauth" and grant.used_at <= now - IDLE:
        with suppress(Fault), house.renewing[(grant.contributor, grant.connection)]:
            _renewed(house, grant)  # where its tool is away, tomorrow again


def near(ends: Mapping[str, date], now: datetime) -> dict[str, date]:
    """Those of the organisation's own credentials that end soon, or have ended."""
    return {connection: day for connection, day in ends.items() if day - AHEAD <= now.date()}


def _is_due(house: House, grant: Grant) -> bool:
    if grant.refused:
        raise Refused(grant.refused, whose="account")
    return grant.expires_at is not None and house.clock() >= grant.expires_at - MARGIN


def _renewed(house: House, grant: Grant) -> Grant:
    """What the authority gives for the refresh token, once it is on the disk."""
    authority = house.authorities.get(grant.connection)
    if authority is None or grant.refresh is None:
        stop(house, grant, NOT_IN_USE)
        raise Refused(NOT_IN_USE, whose="account")
    with house.store.writing() as tx:
        if not tx.grants.claim(grant, house.clock(), LEASE):
            raise Paced("Another worker renews this access. Nothing was sent; we wait.", A_MOMENT)
    try:
        tokens = authority.refresh(grant.refresh)
    except Fault as fault:
        with house.store.writing() as tx:
            tx.grants.release(grant)
        if isinstance(fault, Refused) and fault.whose == "account":
            stop(house, grant, fault.said)
        raise
    with house.store.writing() as tx:
        if not tx.grants.renewed(grant, tokens, house.clock()):
            # its owner let go of it meanwhile, so what came is not ours either
            came = tokens.refresh or grant.lasting
            returning.note(house, tx, grant.connection, came, grant.external, house.clock())
        found = tx.grants.get(grant.contributor, grant.connection)
    if found is None:
        raise Refused(LET_GO, whose="account")
    return found


def _warn(house: House, grant: Grant) -> None:
    with house.store.writing() as tx:
        first = tx.grants.warn(grant)
    if first:
        log.warning(
            "account.ending",
            contributor=grant.contributor,
            connection=grant.connection,
            due=f"{grant.ends_at:%Y-%m-%d}",
        )


def _warn_of_ends(house: House) -> None:
    """Tell the administrator once, ahead, that the organisation's own credential of a connection ends."""
    for connection, day in near(house.ends, house.clock()).items():
        with house.store.writing() as tx:
            first = tx.told.once(f"{connection} ends {day}", house.clock())
        if first:
            log.warning("credential.ending", connection=connection, due=str(day))
