"""What these tests read that is not theirs: recorded calendars beside the checkout of Daybook."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Calendars that real programs wrote, found beside the checkout."""
    for above in Path(__file__).resolve().parents:
        if (found := above / "shared" / "corpus" / "ics").is_dir():
            return found
    pytest.skip("needs ../shared beside the checkout")
