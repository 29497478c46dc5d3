"""The configuration that `daybook init` writes: complete, commented, honest about what is still to say."""

from __future__ import annotations

from pathlib import Path

from core.policy import EXAMPLE_WHY

TEMPLATE = Path(__file__).with_name("example_daybook.yaml")


def text(state: Path, today: str) -> str:
    """The example for a new installation, with its database in the folder `state`."""
    return TEMPLATE.read_text("utf-8").format(why=EXAMPLE_WHY, today=today, state=state)
