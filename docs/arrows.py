"""The rooms and who knows whom, drawn from the table that tests/test_arrows.py holds them to."""

from __future__ import annotations

import ast
from pathlib import Path


def told(root: Path) -> str:
    """A line for each room, from the one that knows most to the one that knows nobody."""
    knows = may_know(root)
    rooms = sorted(knows, key=lambda room: (-len(knows[room]), room))
    lines = [f"{room + '/':<12} -->  {_known(knows[room] - {room})}" for room in rooms]
    return "\n".join(["```text", *lines, "```"])


def _known(rooms: set[str]) -> str:
    return ", ".join(f"{room}/" for room in sorted(rooms)) or "nothing of ours"


def may_know(root: Path) -> dict[str, set[str]]:
    tree = ast.parse((root / "tests" / "test_arrows.py").read_text("utf-8"))
    (table,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MAY_KNOW"
    ]
    known: dict[str, set[str]] = ast.literal_eval(table)
    return known
