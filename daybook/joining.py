"""How a contributor comes, connects their accounts, and goes.

Nothing about a person is requested before they acknowledged the policy in
force (P3); leaving stops that at once and takes what was gathered with it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import structlog
from pydantic import SecretStr

from connectors.contract import Credential, Fault, Refused
from core import posting as machine
from core.model import Verdict
from core.posting import Posting
from core.roles import InRole
from core.said import Said, worded
from daybook import pulse, returning
from daybook.house import House, Member
from daybook.store.grants import Grant
from daybook.store.unit import Unit
from daybook.tools import called

log = structlog.get_logger()

NOTHING_THERE = "Daybook posts nothing there, so there is nothing to connect."
NO_TOKENS = "Tokens are not taken for this tool. Nothing was saved. Use the button to connect."
NOT_AS_SET_UP = worded(
    "{tool} does not take Daybook as it is set up here. Nothing was connected. Your administrator can "
    "see why in Daybook's log."
)
AWAY = worded("{fault} Nothing was connected. Connect again in a few minutes.")
NOT_NAMED = (
    "This is another account than the one your administrator named for you. Nothing was connected. "
    "Log in there as yourself, or ask your administrator."
)
NOT_ANY_MORE = "You left, or the policy changed meanwhile. Nothing was connected."
SOMEBODY_ELSES = "Somebody else has connected this account. Nothing was connected. Log in there as yourself."
NEWER = "The policy changed since you opened this page. This is the one in force now; please read it again."


def acknowledge(house: House, who: Member, version: str) -> Verdict:
    """They read this version of the policy; only the one in force counts, and the one announced (P3)."""
    coming = house.standing.coming
    with house.store.writing() as tx:
        row = tx.people.get(who.id)
        holds = sorted(house.covering & row.agreed) if row else []
        if version == house.policy_version:
            if version not in holds:
                tx.people.acknowledge(who.id, version, house.clock())
            known = row.in_role if row and row.acknowledged else InRole(role=who.role)
            tx.people.in_role(who.id, known.acknowledging(who.role))
        elif coming is not None and version == coming.version and holds:
            tx.people.acknowledge_ahead(who.id, holds[0], version)
        else:
            return Verdict(allowed=False, reason=NEWER)
    house.work_is_waiting.set()
    return Verdict(allowed=True, reason="Acknowledged.")


def connect(
    house: House, who: Member, connection: str, credential: SecretStr, ends: date | None = None
) -> Verdict:
    """Keep a contributor's own token, once its tool says whose it is; what waited for it goes on.

    Takes    ends: the last day it works, where they know
    """
    connector = house.connectors.get(connection)
    if connector is None or not connector.abilities.posts:
        return Verdict(allowed=False, reason=NOTHING_THERE)
    if not connector.abilities.own_tokens:
        return Verdict(allowed=False, reason=NO_TOKENS)
    try:
        known = connector.identify(Credential(secret=credential), who.person.email)
    except Fault as fault:
        return Verdict(allowed=False, reason=why_not(house, connection, fault))
    after = datetime.combine(ends + timedelta(days=1), time(), who.zone) if ends else None
    with house.store.writing() as tx:
        verdict = may_connect(house, tx, who, connection, known.external)
        if not verdict:
            return verdict
        _let_go(house, tx, who, connection)
        tx.grants.save(who.id, connection, known.external, credential, house.clock(), after, known.shown)
        resume(house, tx, who, connection)
    house.work_is_waiting.set()
    return Verdict(allowed=True, reason="Connected.")


def why_not(house: House, connection: str, fault: Fault) -> str:
    """Why a tool connected nobody, for who asked; what is an administrator's to repair is said to them."""
    if not isinstance(fault, Refused):
        return Said(AWAY, fault=fault.said)
    if fault.whose != "connection":
        return fault.said
    log.warning("account.not_connected", connection=connection, reason=str(fault))
    return Said(NOT_AS_SET_UP, tool=called(house, connection))


def may_connect(house: House, tx: Unit, who: Member, connection: str, external: str) -> Verdict:
    """Whether this account at the tool is theirs, as far as we were told, and they are still with us (P3)."""
    if not is_here(house, tx, who.id):
        return Verdict(allowed=False, reason=NOT_ANY_MORE)
    named = who.person.accounts.get(connection)
    if named is not None and named != external:
        return Verdict(allowed=False, reason=NOT_NAMED)
    known = tx.grants.accounts(connection, stopped=True)
    if any(owner != who.id and theirs == external for owner, theirs in known):
        return Verdict(allowed=False, reason=SOMEBODY_ELSES)
    return Verdict(allowed=True, reason="Nobody else says it is theirs.")


def is_here(house: House, tx: Unit, contributor: str) -> bool:
    """Whether they agreed and did not leave: they may have, while a tool was thinking (P3)."""
    member = house.member(tx, contributor)
    return member is not None and house.agreed(member)


def resume(house: House, tx: Unit, who: Member, connection: str) -> None:
    """Their account works: what waited for it is due now."""
    tx.consents.drop(who.id, connection)
    for filed in tx.postings.refused(who.id, connection):
        anew = machine.again(filed.posting, house.clock())
        if filed.posting.whose == "account" and isinstance(anew, Posting):
            tx.postings.save(anew, filed.version)


def disconnect(house: House, who: Member, connection: str) -> Grant | None:
    """Forget a contributor's credential for one tool, and give back what was lent; gives what it was."""
    with house.store.writing() as tx:
        grant = _let_go(house, tx, who, connection)
        if grant is not None:
            pulse.disconnected(tx, house.clock())
    house.work_is_waiting.set()
    return grant


def leave(house: House, who: Member) -> None:
    """Nothing more is read of them, and what was gathered goes now; what they confirmed stays (P3, P7).

    What they lent us is given back; a tool that is away keeps nobody from leaving (P-10).
    """
    with house.store.writing() as tx:
        let_all_go(house, tx, who.id)
        tx.people.leave(who.id, house.clock())
        tx.takes_back("left", house.clock(), who.id)
        pulse.left(tx, house.clock())
        tx.forget_soon()
    house.work_is_waiting.set()


def erase(house: House, who: Member) -> list[Posting]:
    """They leave, and all that is held about them goes, what they confirmed too (P7).

    Gives    what stands at the tools, or may; that is theirs to remove there
    """
    with house.store.writing() as tx:
        all_of_them = [filed.posting for filed in tx.postings.all_of(who.id)]
        let_all_go(house, tx, who.id)
        mark = tx.people.goes_for_good(who.id, house.clock())
        tx.takes_back("erased", house.clock(), who.id, mark)
        pulse.left(tx, house.clock())
        tx.forget_soon()
    house.work_is_waiting.set()
    return [one for one in all_of_them if one.remote or one.state in ("sending", "unclear")]


def let_all_go(house: House, tx: Unit, contributor: str) -> None:
    """Drop all that somebody lent us; each tool is told as soon as it listens."""
    for grant in tx.grants.of(contributor):
        returning.give_back(house, tx, grant)


def _let_go(house: House, tx: Unit, who: Member, connection: str) -> Grant | None:
    grant = tx.grants.get(who.id, connection)
    if grant is not None:
        returning.give_back(house, tx, grant)
    return grant


def digest(house: House, who: Member, on: bool) -> None:
    """Switch the daily mail on or off."""
    with house.store.writing() as tx:
        tx.people.digest(who.id, on)
        tx.takes_back("digest", house.clock(), who.id, "on" if on else "off")


def reminded(house: House, who: Member, on: bool) -> None:
    """Switch being reminded on or off."""
    with house.store.writing() as tx:
        tx.people.reminded(who.id, on)
        tx.takes_back("reminder", house.clock(), who.id, "on" if on else "off")


def looks_back(house: House, who: Member, on: bool) -> None:
    """Switch the look back at their week on or off."""
    with house.store.writing() as tx:
        tx.people.looks_back(who.id, on)
        tx.takes_back("look back", house.clock(), who.id, "on" if on else "off")


def paced(house: House, who: Member, *, weekly: bool, after: date | None = None) -> None:
    """Have the mail, as often as they like: daily or weekly, and not before a day.

    Seldomer than the policy says, never more often.
    """
    digest(house, who, on=True)
    with house.store.writing() as tx:
        tx.people.paced(who.id, weekly, after)
