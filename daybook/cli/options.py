"""Options that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

config = click.option(
    "-c", "--config", "file", type=click.Path(path_type=Path, dir_okay=False), default=Path("daybook.yaml"),
    show_default=True, help="The configuration.",
)  # fmt: skip
json = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")


class Instant(click.ParamType[datetime]):
    """An ISO 8601 time with its offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time; write it like 2026-11-20T18:00:00+01:00", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{value!r} has no offset; write it like 2026-11-20T18:00:00+01:00", param, ctx)
        return instant


now = click.option(
    "--now", type=Instant(), default=lambda: datetime.now(UTC), help="Take this instant for now."
)
