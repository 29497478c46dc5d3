"""How a Jira site is reached: at its own address, or through Atlassian's gateway.

An account's plain API token works at the site's address; a token with scopes
(every service account's) and what a contributor allowed by OAuth work through
the gateway alone, and at the site's address would be served as nobody. There
the site goes by its cloud id, which it tells whoever asks, once.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property

from pydantic import SecretStr

from connectors.contract import Authorization, Credential, Refused, Unavailable
from connectors.jira.limits import JiraLimits
from connectors.jira.settings import Settings
from connectors.manners import Manners
from connectors.session import Auth, Session, basic, bearer
from core.said import Said

SCOPES = ("read:jira-user", "read:jira-work", "write:jira-work", "offline_access")
"""To say who they are, to find what we posted, to post, and to go on doing so."""
MEANING = {
    "read:jira-user": Said("see who you are"),
    "read:jira-work": Said("see issues and their worklogs"),
    "write:jira-work": Said("write worklogs"),
}
A_CONSENT = timedelta(days=365)
"""Atlassian's absolute expiry: it stays with all refresh tokens that come of one consent.

Source   community.developer.atlassian.com/t/54172, "All tokens have an absolute expiry time of 365 days"
"""
CLOUD_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class Doors:
    """Both ways to one site; nothing is asked before the first of them is used."""

    def __init__(self, settings: Settings, manners: Manners) -> None:
        self._settings, self._manners = settings, manners

    @property
    def authorization(self) -> Authorization | None:
        """How contributors let us write for them."""
        app, authority = self._settings.oauth, self._settings.authority
        if app is None:
            return None
        return Authorization(
            authorize=f"{authority}/authorize",
            token=f"{authority}/oauth/token",
            client=app.client,
            secret=app.secret,
            scopes=SCOPES,
            meaning=MEANING,
            extras={"audience": "api.atlassian.com", "prompt": "consent"},
            rotates=True,
            lasts=A_CONSENT,
        )

    def reader(self) -> Session:
        """As the organisation's own account.

        Raises   Refused, Unavailable: the site did not say its cloud id
        """
        email, token = self._settings.email, self._settings.token
        if self._settings.deployment == "data_center":
            return self._site.acting(bearer(token, whose="connection"))
        door = self._gateway if self._settings.scoped else self._site
        return door.acting(basic(email, token))

    def contributor(self, credential: Credential, email: str) -> Session:
        """As whoever this credential belongs to. Raises as `reader`."""
        if credential.kind == "oauth":
            return self._gateway.acting(bearer(credential.secret))
        own = self._manners.own(email) if self._settings.deployment == "data_center" else None
        return self._site.acting(self._pasted(credential.secret, email), own)

    def _pasted(self, token: SecretStr, email: str) -> Auth:
        """With their own token; in the cloud `address:token` where Jira knows them by another address."""
        if self._settings.deployment == "data_center":
            return bearer(token)
        address, colon, rest = token.get_secret_value().rpartition(":")
        return basic(address, SecretStr(rest)) if colon else basic(email, token)

    @cached_property
    def _site(self) -> Session:
        return self._session(self._settings.site)

    @cached_property
    def _gateway(self) -> Session:
        return self._session(f"{self._settings.gateway}/ex/jira/{self._cloud_id()}")

    def _session(self, base: str) -> Session:
        """Of whoever uses it: the cloud counts a team together, Data Center each of its people."""
        return Session(
            "Jira",
            base,
            budget=self._manners.budget,
            timeout=self._manners.timeout,
            longest_rest=self._manners.longest_rest,
            limits=JiraLimits("connection" if self._settings.deployment == "cloud" else "reading"),
        )

    def _cloud_id(self) -> str:
        """Never taken from a link of an answer: those name whichever door was used."""
        response = self._site.call("GET", "_edge/tenant_info")
        if response.status_code >= 400:
            raise Refused(
                f"Jira did not say which cloud site this is ({response.status_code}). Nothing was asked for. "
                "Look at `site` of this connection: it is the address you see in a browser.",
                whose="connection",
            )
        said = self._site.json_of(response)
        found = said.get("cloudId") if isinstance(said, dict) else None
        if not isinstance(found, str) or not CLOUD_ID.fullmatch(found):
            raise Unavailable("Jira did not say which cloud site this is. The next round asks again.")
        return found
