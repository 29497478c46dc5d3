"""What an administrator writes about one Asana organisation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, SecretStr, StringConstraints, field_validator

from connectors.address import origin
from connectors.connecting import Connecting
from connectors.contract import Refused


class Settings(Connecting):
    """One Asana workspace or organisation, and the account that reads it.

    Evidence from Asana can be matched by rules as follows: `title` is the task's name, `task` its gid,
    `container` the gid of its project (of several, the first that rules name), and `labels` the names of its
    projects, its sections, its status and its tags, so that a rule may say "Website relaunch" or "Doing" as
    well as a number. A subtask is in the projects of its parent.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True)

    token: SecretStr
    """A personal access token or service account token that sees the tasks of those who take part."""
    workspace: str | None = None
    """The gid of the workspace; needed only when the token reaches several."""
    read: Literal["cheaper", "people", "projects"] = "cheaper"
    """Which lists tell what is new. people: one request for each contributor, which shows the tasks assigned
    to them. projects: one for each project whose gid a rule names as `container`, which shows all that
    contributors do there, whoever has the task. cheaper: whichever are fewer."""
    elsewhere: bool = True
    """Where projects are read: whether tasks assigned to contributors in no such project, and subtasks, are
    looked for too, once a day by one request for each contributor. Without it they are not seen."""
    status: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = None
    """Name or gid of the custom field that says how a task stands. Its value is one of the task's labels, and
    `reconcile.in_progress` means it rather than any other field."""
    rate: Annotated[int, Field(ge=1, le=100)] = 20
    """Requests a second. Asana takes 1,500 a minute from a token on a paid plan and 150 on a free one: there,
    say 2."""
    endpoint: str = "https://app.asana.com/api/1.0"
    """Where the API answers; another address is for tests and must be https, or this same machine."""

    @field_validator("workspace")
    @classmethod
    def _is_a_gid(cls, value: str | None) -> str | None:
        if value is not None and not (value.isascii() and value.isdigit()):
            raise ValueError(f"{value!r} is not a gid; it is the number in the workspace's address")
        return value

    @field_validator("endpoint")
    @classmethod
    def _may_be_spoken_to(cls, value: str) -> str:
        try:
            origin(value)
        except Refused as refused:
            raise ValueError(str(refused)) from None
        return value.rstrip("/")
