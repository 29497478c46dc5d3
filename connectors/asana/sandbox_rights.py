"""Who sees what in the Asana stand-in, and who may change it."""

from __future__ import annotations

from typing import Any

from connectors.asana.sandbox_records import Project, Section, Story, Task, TimeEntry, User, UserTaskList


def sees(user: User, thing: Any) -> bool:
    """A public project is everybody's; a task is seen through its projects, its parent, or by its people."""
    match thing:
        case Project():
            return not thing.private or user.service or user in thing.people
        case Section():
            return sees(user, thing.project)
        case {"project": Project() as project, "section": _}:
            return sees(user, project)
        case Task():
            return (
                user is thing.assignee
                or user.service
                or user in thing.watchers
                or any(sees(user, project) for project in thing.projects)
                or (thing.parent is not None and sees(user, thing.parent))
            )
        case TimeEntry():
            return sees(user, thing.task)
        case Story():
            return sees(user, thing.target)
        case UserTaskList():
            return user.service or user is thing.owner
        case _:
            return True


def may_change(user: User, task: Task) -> bool:
    """False for those who only see it as viewers of its project."""
    return user is task.assignee or not any(user in project.viewers for project in task.projects)
