"""The command line: one word for each thing an administrator does.

Exit codes: 0 done, 1 the answer is no, 2 the input is wrong, 3 the outside
failed. Commands import what they need when they run, so that `--help` stays
quick and opens neither database nor vendor library.
"""

from __future__ import annotations

import sys

import click

from daybook import VERSION
from daybook.cli import check, demo, forget, init, people, propose, run, sandbox, schema, status, sync

EPILOG = "Try it on a made-up team first: daybook demo"


@click.group(
    epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(VERSION, prog_name="daybook")
def daybook() -> None:
    """Drafts each person's day from calendars and project tools; posts only what they confirm."""


for command in (
    demo.demo, init.init, check.check, run.run, sync.sync, propose.propose,
    status.status, people.people, forget.forget, sandbox.sandbox, schema.schema,
):  # fmt: skip
    daybook.add_command(command)


def main() -> None:
    """The console script."""
    try:
        daybook.main(prog_name="daybook")
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        from daybook.cli.outcome import end

        end(error)
        raise


if __name__ == "__main__":
    main()
