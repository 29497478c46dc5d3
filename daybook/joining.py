"""How a contributor comes, connects their accounts, and goes.

Nothing about a person is requested before they acknowledged the policy in
force (P3); leaving stops that at once and takes what was gathered with it.
"""

from __future__ import annotations

from pydantic import SecretStr

from connectors.contract import Credential, Fault
from core import posting as machine
from core.model import Verdict
from core.posting import Posting
from daybook.house import House, Member

NEWER = "The policy changed since you opened this page. This is the one in force now; please read it again."


def acknowledge(house: House, who: Member, version: str) -> Verdict:
    """They read this version of the policy; only the one in force counts (P3)."""
    if version != house.policy_version:
        return Verdict(allowed=False, reason=NEWER)
    with house.store.writing() as tx:
        row = tx.people.get(who.id)
        if row and row.acknowledged != version:
            tx.people.acknowledge(who.id, version, house.clock())
    house.work_is_waiting.set()
    return Verdict(allowed=True, reason="Acknowledged.")


def connect(house: House, who: Member, connection: str, credential: SecretStr) -> Verdict:
    """Keep a contributor's own credential, once its tool says whose it is; what waited for it goes on."""
    connector = house.connectors.get(connection)
    if connector is None or not connector.abilities.posts:
        return Verdict(allowed=False, reason="Daybook posts nothing there, so there is nothing to connect.")
    try:
        external = connector.identify(Credential(secret=credential), who.person.email)
    except Fault as fault:
        return Verdict(allowed=False, reason=str(fault))
    now = house.clock()
    with house.store.writing() as tx:
        tx.grants.save(who.id, connection, external, credential, now)
        for filed in tx.postings.refused(who.id, connection):
            anew = machine.again(filed.posting, now)
            if filed.posting.whose == "account" and isinstance(anew, Posting):
                tx.postings.save(anew, filed.version)
    house.work_is_waiting.set()
    return Verdict(allowed=True, reason="Connected.")


def disconnect(house: House, who: Member, connection: str) -> None:
    """Forget a contributor's credential for one tool."""
    with house.store.writing() as tx:
        tx.grants.drop(who.id, connection)


def leave(house: House, who: Member) -> None:
    """Nothing more is read of them, and what was gathered goes now; what they confirmed stays (P3, P7)."""
    with house.store.writing() as tx:
        tx.people.leave(who.id, house.clock())


def digest(house: House, who: Member, on: bool) -> None:
    """Switch the daily mail on or off."""
    with house.store.writing() as tx:
        tx.people.digest(who.id, on)
