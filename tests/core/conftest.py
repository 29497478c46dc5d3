"""What the tests of thinking share."""

from __future__ import annotations

import pytest

from .day_sheet import DaySheet


@pytest.fixture
def sheet(request: pytest.FixtureRequest) -> tuple[dict[str, str], dict[str, str]]:
    """The day in the test's docstring: what is expected of it, and what came of it."""
    written = DaySheet(request.function.__doc__)
    return written.expected(), written.got()
