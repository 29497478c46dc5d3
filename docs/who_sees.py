"""Who sees and does what, as tables: from the one in core/visibility.py that the program asks."""

from __future__ import annotations

from pathlib import Path

from core.visibility import DEEDS, ROLES, STATES, THINGS, Role, Thing, may_do, may_see


def told(_: Path) -> str:
    """What each role sees, then what each may do, in the words of that table."""
    seen = [[words, *(_sees(role, thing) for role in ROLES)] for thing, words in THINGS.items()]
    done = [
        [words, *("yes" if may_do(role, deed) else "" for role in ROLES)] for deed, words in DEEDS.items()
    ]
    return f"{_table('sees of a contributor', seen)}\n\n{_table('does in their place', done)}"


def _sees(role: Role, thing: Thing) -> str:
    when = [words for state, words in STATES.items() if may_see(role, thing, state)]
    return "yes" if len(when) == len(STATES) else ", ".join(when)


def _table(what: str, rows: list[list[str]]) -> str:
    lines = [[what, *ROLES.values()], ["---"] * (len(ROLES) + 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
