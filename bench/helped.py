"""`daybook --help` beside a bare click program, in turns: whoever asks for help waits for no database."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from bench import machine
from bench.alone import alone
from bench.loop import Failed

TURNS = 20
LIMIT = 1.5
"""Times the bare program, at the most."""
OURS, BARE = "daybook --help", "a bare click program"
PROGRAM = """
import click

@click.group()
def program():
    "Says hello."

@program.command()
@click.option("--name", default="world", show_default=True, help="Whom to greet.")
def hello(name):
    "Greet somebody."

program()
"""

Figures = dict[str, Any]


def measure(turns: int = TURNS) -> Figures:
    with TemporaryDirectory() as folder:
        bare = Path(folder) / "program.py"
        bare.write_text(PROGRAM)
        daybook = Path(sys.executable).with_name("daybook")
        commands = {OURS: (daybook, "--help"), BARE: (sys.executable, bare, "--help")}
        for command in commands.values():
            _helped(command)  # what is compiled once is no part of it
        rounds = [{who: _helped(command) for who, command in commands.items()} for _ in range(turns)]
    took = {who: median(one[who] for one in rounds) for who in commands}
    return {"machine": machine.told(), "turns": turns, "took": took}


def _helped(command: tuple[object, ...]) -> float:
    """Processor seconds."""
    with TemporaryFile() as printed:
        used = alone(command, printed)
        printed.seek(0)
        if used.status or b"--help" not in printed.read():
            raise Failed(f"{command[0]} printed no help; nothing was measured.")
    return used.processor


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    took = figures["took"]
    return "\n".join(
        [
            f"Measured on {figures['machine']}. Medians of {figures['turns']} turns. At most {LIMIT} times "
            "the bare program is allowed.",
            "",
            "| | processor milliseconds | times the bare program |",
            "| --- | ---: | ---: |",
            *(f"| {who} | {one * 1000:.0f} | {one / took[BARE]:.2f} |" for who, one in took.items()),
        ]
    )
