"""What the reading account holds on a site, beside what reading needs, in words to act on.

Source   a token's scopes can only be seen by what they let through: `check` asks what reading asks
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Standing
from connectors.jira.reading import Reading

NEEDED = {"BROWSE_PROJECTS": "Browse projects"}
NOT_NEEDED = {
    "ADMINISTER": "Administer Jira",
    "EDIT_ALL_WORKLOGS": "Edit all worklogs",
    "DELETE_ALL_WORKLOGS": "Delete all worklogs",
}


def standing(account: str, reading: Reading, projects: Sequence[str]) -> Standing:
    """Takes    the projects that are read; none for all that the account sees"""
    among = (*NEEDED, *NOT_NEEDED)
    held = {where: reading.rights(among, where or None) for where in projects or ("",)}
    return Standing(
        account=account,
        missing=tuple(
            f'"{name}"{_in(where)}: give it to this account'
            for right, name in NEEDED.items()
            for where, rights in held.items()
            if right not in rights
        ),
        excess=tuple(
            f'"{name}"{_in(where)}: take it from this account'
            for right, name in NOT_NEEDED.items()
            for where, rights in held.items()
            if right in rights
        ),
    )


def _in(project: str) -> str:
    return f" in {project}" if project else ""
