"""The example of docs/lab.md run as it is written there, so that the document cannot say something else."""

from __future__ import annotations

import shlex
from pathlib import Path

from click.testing import CliRunner

COMMAND = (
    "daybook lab -c docs/examples/changed.yaml --against docs/examples/daybook.yaml "
    "--activities docs/examples/activities.jsonl --now 2026-11-19T18:30:00+01:00"
)


def told(root: Path) -> str:
    """The command, and what it prints."""
    from daybook.__main__ import daybook

    _, *words = shlex.split(COMMAND)
    found = [str(root / word) if word.startswith("docs/") else word for word in words]
    answer = CliRunner().invoke(daybook, found)
    if answer.exit_code not in (0, 1):
        raise ValueError(answer.output)
    shown = answer.stdout.replace(f"{root}/", "")
    lines = [f"$ {COMMAND.replace(' --', f' {chr(92)}{chr(10)}      --')}", *shown.splitlines()]
    return "\n".join(["```", *lines, "```"])
