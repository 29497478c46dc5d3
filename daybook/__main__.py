"""The command line: one word for each thing an administrator does.

Exit codes: 0 done, 1 the answer is no, 2 the input is wrong, 3 the outside
failed. Commands import what they need when they run, so that `--help` stays
quick and opens neither database nor vendor library.
"""

from __future__ import annotations

import sys

import click

from daybook import VERSION
from daybook.cli import (
    backup,
    check,
    demo,
    export,
    forget,
    hints,
    init,
    keys,
    lab,
    move,
    options,
    page,
    people,
    policy,
    propose,
    report,
    restore,
    rollout,
    run,
    sandbox,
    schema,
    status,
    sync,
    worker,
)


class InOrder(click.Group):
    """Lists its commands in the order in which somebody new needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=InOrder,
    invoke_without_command=True,
    epilog=options.example("daybook demo          a made-up team, to see what it does"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, prog_name="daybook")
@click.pass_context
def daybook(context: click.Context) -> None:
    """Drafts each person's day from calendars and project tools; posts only what they confirm."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    demo.demo, init.init, check.check, run.run, worker.worker, page.page, status.status,
    people.people, policy.policy, rollout.rollout, report.report, export.export,
    sync.sync, hints.hints, backup.backup, restore.restore, move.move, forget.forget, keys.keys,
    propose.propose, lab.lab, schema.schema, sandbox.sandbox,
):  # fmt: skip
    daybook.add_command(command)


def main() -> None:
    """The console script."""
    try:
        daybook.main(prog_name="daybook")
    except Exception as error:
        from daybook.cli.outcome import end

        sys.exit(end(error))


if __name__ == "__main__":
    main()
