"""A Jira Data Center seen from behind."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from connectors.jira.sandbox_server import JiraServer
from daybook.testing import Trouble
from tests.connectors.jira.world import IssuesWorld, JiraWorld, TwistedSite


class TwistedServer(TwistedSite, JiraServer):
    """A Data Center whose answers a test may bend."""


class ServerWorld(JiraWorld):
    kind_of_site = TwistedServer
    search = "GET /search"

    def trouble(self, kind: Trouble) -> bool:
        match kind:
            case "repeats":
                self.site.twists[self.search] = lambda _, body: {**body, "startAt": 0, "total": 9_999}
            case "empty page":
                return False  # it pages by position, so an empty page is doubtful, not patient
            case _:
                return super().trouble(kind)
        return True

    def settings(self, **settings: Any) -> dict[str, Any]:
        return {"site": self.site.url, "token": SecretStr("reader"), "deployment": "data_center"} | settings


class ServerIssuesWorld(ServerWorld, IssuesWorld):
    """`add` puts an issue into progress."""
