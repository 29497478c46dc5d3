from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.jira import reading, sandbox_worklogs
from connectors.jira.connector import Jira
from tests.connectors.contract import ContractSuite
from tests.connectors.jira.world import IssuesWorld, JiraWorld, running


class TestJira(ContractSuite):
    @pytest.fixture
    def world(self) -> Iterator[JiraWorld]:
        with running() as world:
            yield world

    @pytest.fixture
    def connector(self, world: JiraWorld) -> Jira:
        return world.connector()


class TestJiraIssues(TestJira):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraWorld]:
        monkeypatch.setattr(reading, "MOST_ISSUES", JiraWorld.page_size)
        with running(IssuesWorld) as world:
            yield world
