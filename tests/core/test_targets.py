"""How the tasks of each tool are named, and what is said of one that is not."""

from __future__ import annotations

import pytest

from core.targets import misnamed


@pytest.mark.parametrize(
    ("task", "tool", "said"),
    [
        ("WEB-12", "jira", None),
        ("1201", "jira", "an issue key, like WEB-12"),
        ("1201", "asana", None),
        ("WEB-12", "asana", "the number of a task, like 1201000000000777"),
        ("any/thing", "plug-in", None),
        ("any/thing", None, None),
    ],
)
def test_a_task_that_cannot_be_of_its_tool_is_told_how_that_tool_names_them(
    task: str, tool: str | None, said: str | None
) -> None:
    assert misnamed(task, tool) == said
