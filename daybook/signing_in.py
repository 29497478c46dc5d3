"""Who somebody is here that signed in at the provider: one contributor, or nobody.

The first time it is the address that says so, if the provider verified it. From then on it is the account,
for an address can pass to somebody else, and then opens nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.model import Verdict
from daybook.house import House, Member
from daybook.languages import Later
from daybook.links import SESSION

if TYPE_CHECKING:
    from connectors.openid import Somebody

NO_ADDRESS = Later("{tool} does not say by which address it verified you are known. You are not signed in.")
NOBODY = Later("Nobody takes part here by the address that {tool} knows you by. You are not signed in.")
ANOTHER = Later(
    "Somebody signed in here before with another account of {tool} that had your address. You are not signed "
    "in. Your administrator can make room for this one: daybook people --forget-sign-in, with the address."
)


@dataclass(frozen=True)
class SignedIn:
    who: Member
    secret: str
    """What their browser shows from now on."""


def sign_in(house: House, somebody: Somebody, name: str) -> SignedIn | Verdict:
    """Let them in; or why not, in words.

    Takes    name: the provider's, as people call it
    """
    now = house.clock()
    with house.store.writing() as tx:
        row = tx.people.by_subject(somebody.issuer, somebody.subject)
        if row is None:
            if somebody.email is None:
                return Verdict(allowed=False, reason=NO_ADDRESS.format(tool=name))
            row = tx.people.by_email(somebody.email)
            if row is not None and row.subject is not None:
                return Verdict(allowed=False, reason=ANOTHER.format(tool=name))
        who = house.member(tx, row.id) if row else None
        if who is None:
            return Verdict(allowed=False, reason=NOBODY.format(tool=name))
        tx.people.signs_in_as(who.id, somebody.issuer, somebody.subject)
        return SignedIn(who, tx.sessions.begin(who.id, now, now + SESSION))
