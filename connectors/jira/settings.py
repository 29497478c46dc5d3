"""What an administrator writes about one Jira site."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import ConfigDict, SecretStr, field_validator, model_validator

from connectors.address import origin
from connectors.connecting import Connecting
from connectors.contract import Refused

PROJECT_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]+")


class Settings(Connecting):
    """One Jira site, in the cloud or on your own servers, and the account that reads it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    site: str
    """The address of the site: https://northwind.atlassian.net; on your own servers with its path, if any."""
    deployment: Literal["cloud", "data_center"] = "cloud"
    """Whether it is Jira Cloud or a Jira Data Center of your own; `daybook check --online` proves it."""
    email: str = ""
    """The address of the account Daybook reads as; all it needs is to browse the projects. Cloud alone."""
    token: SecretStr
    """An API token of that account, which Atlassian ends after a year at the latest; for Data Center a
    personal access token."""
    scoped: bool = False
    """Whether that API token has scopes, as every token of a service account: it works in another place."""
    projects: tuple[str, ...] = ()
    """Keys of the only projects to look at; left out: all that the account may browse."""
    fields: tuple[str, ...] = ()
    """Custom fields whose values count as labels: ids (customfield_10042), or names no other field bears."""
    notify_watchers: bool = False
    """Whether Jira mails an issue's watchers about posted time; follows `posting: notify_watchers`. On Data
    Center its own mail settings decide."""
    estimate: Literal["leave", "auto"] = "leave"
    """What posted time does to an issue's remaining estimate; follows `posting: estimate`."""

    authority: str = "https://auth.atlassian.com"
    """Where contributors allow Daybook to write for them. Anything but Atlassian's own is for tests."""
    gateway: str = "https://api.atlassian.com"
    """Where tokens with scopes work. Anything but Atlassian's own is for tests."""

    @field_validator("site", "authority", "gateway")
    @classmethod
    def _may_be_spoken_to(cls, value: str) -> str:
        try:
            origin(value)
        except Refused as refused:
            raise ValueError(str(refused)) from None
        return value.rstrip("/")

    @model_validator(mode="after")
    def _signs_as_its_deployment_wants(self) -> Self:
        wrong = []
        if self.deployment == "cloud" and not self.email:
            wrong.append("`email` is missing: an API token of Jira Cloud goes with its account's address")
        if self.deployment == "data_center" and self.email:
            wrong.append("leave `email` out: a personal access token of Data Center needs none")
        if self.deployment == "data_center" and (self.oauth or self.scoped):
            wrong.append("leave `oauth` and `scoped` out: they are of Jira Cloud")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @field_validator("projects")
    @classmethod
    def _are_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for key in value:
            if not PROJECT_KEY.fullmatch(key):
                raise ValueError(f"{key!r} is not a project key; write it like WEB")
        return tuple(sorted({key.upper() for key in value}))
