"""daybook export: confirmed hours of clients' projects, for invoices."""

from __future__ import annotations

import os
from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Export a month's hours by client, for invoices.",
    epilog=options.example("daybook export --month 2026-10 --for finance@northwind.example --client ACME"),
)
@click.option("--month", required=True, help="A month that is over, like 2026-10.")
@click.option("--for", "reader", required=True, help="The address of who gets it; the policy names them.")
@click.option("--client", help="Only the hours for this client.")
@click.option(
    "--to", "path", type=click.Path(path_type=Path, dir_okay=False), help="The file; there is none yet."
)
@options.config
def export(month: str, reader: str, client: str | None, path: Path | None, file: Path) -> None:
    """Write what people confirmed for clients in one month, by name, as CSV for a spreadsheet.

    Only to whom and of what policy.billing names, and of no month that began before it did. Everybody in it
    finds in their access log who gets it, before there is a file. Whoever has not acknowledged the policy in
    force, or has left, is not in it.
    """
    from daybook import billing, logs
    from daybook.errors import Wrong
    from daybook.looking import administrator
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=True)
    path = path or Path(f"billing-{month}.csv")
    if path.exists():
        raise Wrong(f"{path} is there already. Nothing was exported. Name another file with --to.")
    made = billing.export(house, reader, str(administrator()), month, client)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(made.file)
    click.echo(
        f"{path}: {made.lines} lines, {made.people} people. Each of them finds it in their access log."
    )
    for name in made.missing:
        click.echo(f"Nothing of {name}: the policy names it since a day after this month began.")
