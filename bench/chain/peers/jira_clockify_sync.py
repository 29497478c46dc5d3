"""jira-clockify-sync as it comes, for one person, but to stand-ins: what it would enter, as JSON.

python bench/chain/peers/jira_clockify_sync.py CLOCKIFY FROM TO FOLDER

The rest is said by its own variables. It plans, and enters nothing.
"""

import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from clockify_automation import cli
from clockify_automation.clockify import client

clockify, first, last, folder = sys.argv[1:]
client._BASE_URL = clockify  # it knows one address for that
holidays = Path(folder, "holidays.yaml")
holidays.write_text("[]")
planned, plan = [], cli.plan


def kept(*said, **more):
    made = plan(*said, **more)
    planned.extend(made.allocation.blocks)
    return made


cli.plan = kept
sys.argv = ["jira-clockify-sync", "--from", first, "--to", last, "--dry-run", "--holidays", str(holidays)]
with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
    try:
        cli.app()  # it says all this to a person too
    except SystemExit as ended:
        if ended.code:
            raise
print(json.dumps([[block.ticket_key, str(block.start.date())] for block in planned]))
