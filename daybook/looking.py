"""A look at what is somebody else's: the table allows it, and their access log tells it (P1, P-07)."""

from __future__ import annotations

import os
import pwd
from datetime import datetime
from typing import NamedTuple

from core.visibility import Role, State, Thing, may_see
from daybook.errors import No
from daybook.store.unit import Unit


class Viewer(NamedTuple):
    """Who looks, as they stand to the one it is about."""

    role: Role
    name: str

    def __str__(self) -> str:
        return f"{self.role} {self.name}".strip()


THEMSELVES = Viewer("owner", "")
"""Whoever holds a link of somebody's is taken for them."""


def administrator() -> Viewer:
    """Whoever sits at the terminal, as the machine knows them."""
    try:
        return Viewer("administrator", pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:  # a container may run as somebody without a name
        return Viewer("administrator", str(os.getuid()))


def looked(
    tx: Unit, viewer: Viewer, contributor: str, thing: Thing, state: State, at: datetime, reason: str
) -> None:
    """Write down a look before what is seen is handed over; together they happen, or not at all.

    Raises   No, and nothing is handed over, where the table does not allow it
    """
    verdict = may_see(viewer.role, thing, state)
    if not verdict:
        raise No(f"{verdict.reason} Nothing was shown.")
    tx.access.log(contributor, at, str(viewer), thing, reason)
