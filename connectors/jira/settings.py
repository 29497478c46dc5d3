"""What an administrator writes about one Jira Cloud site."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import ConfigDict, SecretStr, field_validator

from connectors.address import origin
from connectors.connecting import Connecting
from connectors.contract import Refused

PROJECT_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]+")


class Settings(Connecting):
    """One Jira Cloud site, and the account that reads it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    site: str
    """The address of the site: https://northwind.atlassian.net."""
    email: str
    """The address of the account Daybook reads as; all it needs is to browse the projects."""
    token: SecretStr
    """An API token of that account. Atlassian ends it after a year at the latest."""
    projects: tuple[str, ...] = ()
    """Keys of the only projects to look at; left out: all that the account may browse."""
    notify_watchers: bool = False
    """Whether Jira mails an issue's watchers about posted time; follows `posting: notify_watchers`."""
    estimate: Literal["leave", "auto"] = "leave"
    """What posted time does to an issue's remaining estimate; follows `posting: estimate`."""

    @field_validator("site")
    @classmethod
    def _may_be_spoken_to(cls, value: str) -> str:
        try:
            origin(value)
        except Refused as refused:
            raise ValueError(str(refused)) from None
        return value.rstrip("/")

    @field_validator("projects")
    @classmethod
    def _are_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for key in value:
            if not PROJECT_KEY.fullmatch(key):
                raise ValueError(f"{key!r} is not a project key; write it like WEB")
        return tuple(sorted({key.upper() for key in value}))
