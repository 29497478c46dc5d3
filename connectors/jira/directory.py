"""Who is who on a Jira site, by mail address: names are not even looked at.

Jira searches the beginnings of names and addresses, shows active accounts alone, and leaves out an address
whose owner hides it. To who may not browse people it shows nobody, so that right is asked for first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.contract import Refused, Unavailable
from connectors.jira.site import Site
from core.matching import Candidate

MAY_LOOK = "USER_PICKER"
"""What Jira calls the global right "Browse users and groups"."""


def accounts(site: Site, addresses: Iterable[str], asked_by: str = "query") -> dict[str, list[Candidate]]:
    """One request an address: Jira finds one at a time.

    Takes    asked_by: what Jira calls the words it looks for; Data Center says `username`
    """
    if not _may_look(site):
        raise Refused(
            "Jira shows this account no people, so nobody's address was looked for. Grant it the global "
            'permission "Browse users and groups", or write account ids under people.',
            whose="connection",
        )
    return {address: _found(site, address, asked_by) for address in addresses}


def _may_look(site: Site) -> bool:
    body = site.read("GET", "mypermissions", "to say what we may do", params={"permissions": MAY_LOOK})
    told = body.get("permissions") if isinstance(body, dict) else None
    right = told.get(MAY_LOOK) if isinstance(told, dict) else None
    return isinstance(right, dict) and right.get("havePermission") is True


def _found(site: Site, address: str, asked_by: str) -> list[Candidate]:
    body = site.read("GET", "user/search", "to look for somebody", params={asked_by: address})
    if not isinstance(body, list):
        raise Unavailable("Jira's answer does not look like a list of people. The next round asks again.")
    return [one for person in body if (one := _candidate(person))]


def _candidate(person: Any) -> Candidate | None:
    """None for an app, and for what is nobody."""
    if not isinstance(person, dict) or person.get("accountType", "atlassian") == "app":
        return None
    account, address = person.get("accountId") or person.get("key"), person.get("emailAddress")
    if not isinstance(account, str) or not account:
        return None
    shown = address if isinstance(address, str) and address else None
    return Candidate(external=account, address=shown, active=person.get("active") is not False)
