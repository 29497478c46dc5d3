"""Who sees and does what, as tables: from the one in core/visibility.py that the program asks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from core.visibility import DEEDS, THINGS, Role, State, may_do, may_see

ROLES: dict[Role, str] = {
    "owner": "contributor",
    "delegate": "delegate, while granted",
    "colleague": "colleague",
    "manager": "manager",
    "billing": "named for invoices",
    "administrator": "administrator",
}
STATES: tuple[State, ...] = get_args(State)
WHEN: dict[tuple[State, ...], str] = {
    (): "",
    STATES: "yes",
    ("confirmed",): "once confirmed",
    ("released",): "once released",
}
SAID = re.compile(r'^(?:""")?(?P<name>\w+) +(?P<says>\S.*)$', re.MULTILINE)


def told(root: Path) -> str:
    """What each role sees, then what each may do, in the words that stand below the two in the code."""
    code = (root / "core" / "visibility.py").read_text("utf-8")
    says = {found["name"]: found["says"] for found in SAID.finditer(code)}
    seen = [
        [says[thing], *(WHEN[tuple(s for s in STATES if may_see(role, thing, s))] for role in ROLES)]
        for thing in THINGS
    ]
    done = [[says[deed], *("yes" if may_do(role, deed) else "" for role in ROLES)] for deed in DEEDS]
    return f"{_table('sees of a contributor', seen)}\n\n{_table('does in their place', done)}"


def _table(what: str, rows: list[list[str]]) -> str:
    lines = [[what, *ROLES.values()], ["---"] * (len(ROLES) + 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
