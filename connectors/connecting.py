"""What the settings of every tool say about credentials: Daybook's own registration there, and their end."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import SecretStr, model_validator

from core.model import Noun


class App(Noun):
    """Daybook as the administrator registered it at a tool, for contributors to connect by OAuth 2.0."""

    client: str
    """The client id the tool gave."""
    secret: SecretStr | None = None
    """The client secret, as a reference: "${credential:jira-app}"."""


class Connecting(Noun):
    """How contributors connect their own accounts, and how long the organisation's own credential lasts."""

    oauth: App | None = None
    """Daybook as registered at this tool; left out, contributors paste a token of their own, where it takes
    one."""
    own_tokens: bool | None = None
    """Whether contributors may paste a token of their own; left out: only while there is no `oauth`."""
    token_expires_on: date | None = None
    """The day the organisation's own credential ends, as its tool said; Daybook warns 30 days ahead."""

    @property
    def may_paste(self) -> bool:
        return self.oauth is None if self.own_tokens is None else self.own_tokens

    @model_validator(mode="after")
    def _leaves_a_way(self) -> Self:
        if self.oauth is None and self.own_tokens is False:
            raise ValueError("leaves contributors no way to connect: state oauth, or allow own_tokens")
        return self
