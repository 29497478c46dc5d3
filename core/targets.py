"""Where time is posted: on the task it is about, on a fixed one, or nowhere but in Daybook.

Each tool knows its own tasks only. Time on an Asana task has no place in Jira until somebody names an issue.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.rules import Target
from core.said import worded


class Form(NamedTuple):
    """How the tasks of a tool are named."""

    shape: re.Pattern[str]
    said: str


FORMS: dict[str | None, Form] = {
    "jira": Form(re.compile(r"[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*"), worded("an issue key, like WEB-12")),
    "asana": Form(re.compile(r"[0-9]+"), worded("the number of a task, like 1201000000000777")),
}
"""By tool; of one that is not listed, any task will do."""


def belongs(task: str, tool: str | None) -> bool:
    """Whether a task can be one of this tool, by its form.

    Takes    None for a tool that is not known: any task will do
    """
    form = FORMS.get(tool)
    return form is None or form.shape.fullmatch(task) is not None


def posted_to(target: Target | None, task: str | None, tool: str | None) -> str | None:
    """Where it goes, as `connection:task` or `none`; None where the contributor must pick.

    Takes    the task it is about; the tool of the target's connection
    """
    if target is None:
        return None
    ((connection, where),) = target.items()
    if connection == "none":
        return "none"
    if where != "task":
        return f"{connection}:{where}"
    return f"{connection}:{task}" if task is not None and belongs(task, tool) else None


def misnamed(task: str, tool: str | None) -> str | None:
    """How a task of this tool is named, where this one is not."""
    return None if belongs(task, tool) else FORMS[tool].said
