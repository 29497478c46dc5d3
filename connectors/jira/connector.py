"""One Jira site, read for all its contributors at once, written to by each of them alone.

How many people take part does not change how many requests a walk takes: one
list of what changed serves all. With nothing new it is three requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2s
from typing import ClassVar

from pydantic import BaseModel

from connectors.contract import (
    Abilities,
    Account,
    Credential,
    Identity,
    Page,
    Partition,
    Standing,
    Terms,
    Window,
)
from connectors.jira import bookmark, directory, rights
from connectors.jira import settings as configured
from connectors.jira.cloud import Cloud
from connectors.jira.data_center import DataCenter
from connectors.jira.doors import Doors
from connectors.jira.evidence import SOURCE, Lens
from connectors.jira.fields import CustomFields
from connectors.jira.finding import HISTORY_FIELDS, Finding
from connectors.jira.pages import Pages, asked_fields
from connectors.jira.posting import JiraWriter
from connectors.jira.reading import Reading
from connectors.jira.shapes import milliseconds
from connectors.jira.site import Site
from connectors.manners import Manners
from core.matching import Candidate

FAR_AHEAD = 4_102_444_800_000
"""The year 2100: a question about it reaches every list and shows nobody."""


class Jira:
    """One site: the connection's own account reads, each contributor writes."""

    source: ClassVar[str] = SOURCE
    called: ClassVar[str] = "Jira"
    Settings: ClassVar[type[BaseModel]] = configured.Settings
    tracks: ClassVar[Mapping[str, str]] = {
        "title": "The title of an issue.",
        "labels": "The labels, components and parent of an issue, and the fields your administrator named.",
        "status history": "When an issue assigned to you was in progress, and when you changed its status, "
        "assignee, priority, dates or labels; no text that anybody wrote.",
        "own comments": "When you commented on an issue, not what you wrote.",
        "worklogs": "The time you logged in Jira yourself, not its description.",
    }

    def __init__(
        self, name: str, settings: configured.Settings, terms: Terms, manners: Manners | None = None
    ) -> None:
        self.name = name
        self.abilities = Abilities(
            posts=True,
            own_tokens=settings.may_paste,
            finds_accounts=True,
            rereads=True,
            shows_records="worklogs" in terms.tracked,
            readers="everyone who can see the issue in Jira",
            how_to_join="In your Atlassian account: Security, API tokens, Create API token.",
            asks=asked_fields(terms.tracked, settings.fields),
            speaks_to=(settings.site, settings.gateway)
            if settings.scoped or settings.oauth
            else (settings.site,),
        )
        self._doors = Doors(settings, manners or Manners())
        self.authorization = self._doors.authorization
        self._settings, self._terms = settings, terms
        self._contributors: dict[str, tuple[bytes, Site]] = {}
        """By address, with a digest of their credential: each is asked only once whose it is."""

    @cached_property
    def _site(self) -> Site:
        return Site(self._doors.reader(), whose="connection")

    @cached_property
    def _reading(self) -> Reading:
        return self._reading_as(self._site)

    def _reading_as(self, site: Site) -> Reading:
        deployments: Mapping[str, Callable[[Site], Finding]] = {"cloud": Cloud, "data_center": DataCenter}
        return Reading(site, deployments[self._settings.deployment])

    @cached_property
    def _pages(self) -> Pages:
        return Pages(self._reading, self._terms, self._settings.projects, self._settings.fields)

    @cached_property
    def _asked(self) -> str:
        asked = [
            sorted(self._terms.tracked),
            self._terms.in_progress,
            self._settings.projects,
            self._settings.fields,
            HISTORY_FIELDS,
        ]
        return blake2s(json.dumps(asked).encode(), digest_size=8).hexdigest()

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        """The site; nothing where nothing of it is tracked."""
        if not (accounts and self._pages.stages):
            return []
        return [Partition(key=self.name, accounts=tuple(accounts), asked=self._asked)]

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        now, start = milliseconds(window.end), milliseconds(window.start)
        stage = self._pages.stages[0]
        if cursor is None:
            mark = bookmark.first(self._asked, stage, start, now)
        else:
            mark = bookmark.opened(cursor, self._asked, stage, now)
        if mark.begins:
            self._site.begin()
        people: dict[str | None, list[str]] = {}
        for account in partition.accounts:
            people.setdefault(account.external, []).append(account.contributor)
        return self._pages.page(mark, Lens(people=people, since=window.start), now)

    def check(self) -> Standing:
        """Ask every list that will be read about a year in which nobody has done anything yet."""
        account = self._site.prove()
        reading = self._reading
        reading.prove_deployment(self._settings.deployment)
        if "issues" in self._pages.stages:
            reading.search(self._pages.changed(FAR_AHEAD), ("updated",), None, histories=False)
        CustomFields(self._settings.fields).prove(reading)
        if "updated" in self._pages.stages:
            reading.feed("updated", FAR_AHEAD)
            reading.feed("deleted", FAR_AHEAD)
        standing = rights.standing(account, reading, self._settings.projects)
        return standing.model_copy(update={"told_at": self._site.session.told_at})

    def accounts(self, addresses: Iterable[str]) -> dict[str, list[Candidate]]:
        asked_by = "query" if self._settings.deployment == "cloud" else "username"
        return directory.accounts(self._site, addresses, asked_by)

    def identify(self, credential: Credential, email: str) -> Identity:
        site = self._contributor(credential, email)
        return Identity(external=site.account(), shown=site.called)

    def writer(self, account: Account, credential: Credential) -> JiraWriter:
        site = self._contributor(credential, account.email)
        return JiraWriter(site, self._reading_as(site), account, self._settings)

    def _contributor(self, credential: Credential, email: str) -> Site:
        """The site as one contributor sees it; it asks whose their credential is before it is used."""
        digest = blake2s(credential.secret.get_secret_value().encode()).digest()
        known, site = self._contributors.get(email, (b"", None))
        if site is None or known != digest:
            site = Site(self._doors.contributor(credential, email), whose="account")
            self._contributors[email] = digest, site
        return site
