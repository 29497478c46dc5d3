"""The key file of a service account, and whom it lets us act for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import SecretStr

from connectors.contract import Refused

if TYPE_CHECKING:
    from google.oauth2.service_account import Credentials

MOST_PEOPLE = 10_000
"""Tokens kept, about 1 kB each; one that was dropped is fetched again."""


@dataclass(frozen=True)
class Key:
    """One key, read once. Safe to share between threads: each person has credentials of their own."""

    account: str
    """The service account's own address."""
    scope: str
    """The one right it is used for."""
    tokens: str
    """Where its tokens are fetched."""
    acting_for: Callable[[str], Credentials]
    """A person's credentials, with the token they already hold."""
    afresh: Callable[[str | None], Credentials]
    """A person's or, for None, its own credentials, without a token."""

    @classmethod
    def read(cls, text: SecretStr, scope: str) -> Key:
        """Raises   Refused where the text is no key file"""
        from google.oauth2.service_account import Credentials

        try:
            said = json.loads(text.get_secret_value())
            credentials = Credentials.from_service_account_info(said, scopes=[scope])
            account, tokens = str(said["client_email"]), str(said["token_uri"])
        except (ValueError, TypeError, LookupError, AttributeError):
            # their messages may quote the key
            raise Refused(
                "The key of the Google Calendar connection is not a service account's key file. Nothing was "
                "read. Make one in the Google Cloud console (IAM, Service accounts, Keys), as JSON, and give "
                "it whole.",
                whose="connection",
            ) from None
        return cls(
            account, scope, tokens, lru_cache(MOST_PEOPLE)(credentials.with_subject), credentials.with_subject
        )
