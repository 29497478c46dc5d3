"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import Any, Literal, Protocol

import click


def example(*commands: str) -> str:
    """The end of a command's help, kept as it is written here."""
    return "\n".join(["\b", "Example:", *(f"  {command}" for command in commands)])


config = click.option(
    "-c", "--config", "file", default=Path("daybook.yaml"),
    type=click.Path(path_type=Path, dir_okay=False, readable=False),  # whoever reads it says what to do
    envvar="DAYBOOK_CONFIG", show_default=True, show_envvar=True, help="The configuration.",
)  # fmt: skip
metrics = click.option(
    "--metrics", metavar="HOST:PORT",
    help="Show figures there instead of at metrics.listen; of several on a machine each needs a port.",
)  # fmt: skip
json = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")


class Lines(Protocol):
    """What a command found: data, and the same in sentences."""

    def lines(self) -> Iterable[str]: ...
    def model_dump(self, *, mode: Literal["json"]) -> dict[str, Any]: ...


def say(told: Lines, as_json: bool) -> None:
    """Print it as the reader wants it."""
    if as_json:
        click.echo(dumps(told.model_dump(mode="json")))
        return
    for line in told.lines():
        click.echo(line)


def say_each(told: Sequence[Lines], as_json: bool, nothing: str) -> None:
    """Print them one after the other; as JSON a list.

    Takes    nothing: what is said where there are none
    """
    if as_json:
        click.echo(dumps([one.model_dump(mode="json") for one in told], ensure_ascii=False))
        return
    for line in [line for one in told for line in one.lines()] or [nothing]:
        click.echo(line)


YEARS = range(1971, 2200)
"""What calendars with their holidays and clock changes are known for."""


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
        if instant.year not in YEARS:
            self.fail(f"{value!r} is not of these times; write it like 2026-11-20T18:00:00+01:00", param, ctx)
        return instant


def _utc_now() -> datetime:
    from daybook.clocks import utc_now

    return utc_now()


now = click.option(
    "--now", type=Instant(), default=_utc_now,
    help="Take this instant for now; it needs its offset.",
)  # fmt: skip
