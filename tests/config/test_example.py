"""What `daybook init` writes can be switched on line by line."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml import YAML

from config.example import text
from core.policy import EXAMPLE_WHY, Policy


def test_every_part_of_the_policy_that_the_example_leaves_off_holds_once_it_is_on() -> None:
    written = text(Path("/srv/daybook"), "2026-12-01").replace(EXAMPLE_WHY, "Two invoices were disputed.")
    on = re.sub(r"^  # ", "  ", written, flags=re.MULTILINE)
    policy = Policy.model_validate(YAML(typ="safe").load(on)["policy"])
    assert policy.reports
    assert policy.roles
    assert policy.delegates
    assert policy.billing
