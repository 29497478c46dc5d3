"""Google Calendar, read for each contributor as that contributor.

Either each lets us read with a token of their own, or the organisation's service
account may act for all (domain-wide delegation). One partition is one
contributor, one pull is one page of one of their calendars.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2s
from typing import Any, ClassVar

from pydantic import BaseModel

from connectors.contract import (
    Abilities,
    Account,
    Container,
    Credential,
    Identity,
    Page,
    Partition,
    Refused,
    Standing,
    Terms,
    Window,
    Writer,
)
from connectors.google_calendar import consent, http, rights
from connectors.google_calendar.asking import Asking, items, quota_user, word
from connectors.google_calendar.bookmark import Said, Walking, opened
from connectors.google_calendar.draft_calendar import GoogleDraftCalendar
from connectors.google_calendar.evidence import (
    ASKED_TYPES,
    SOURCE,
    TRACKS,
    Place,
    asked_fields,
    mask,
    most_attendees,
    read,
)
from connectors.google_calendar.labels import named
from connectors.google_calendar.listing import owned
from connectors.google_calendar.refusals import Closed
from connectors.google_calendar.settings import LABELS, LISTING, OWN
from connectors.google_calendar.settings import Settings as GoogleCalendarSettings
from connectors.manners import Manners
from core import said as sentences
from core.matching import Candidate

MOST_EVENTS = 2_500
"""The largest page Google gives."""


class GoogleCalendar:
    """A Google Workspace, as the organisation reads it. Safe to share between threads."""

    source: ClassVar[str] = SOURCE
    called: ClassVar[str] = "Google Calendar"
    Settings: ClassVar[type[BaseModel]] = GoogleCalendarSettings
    tracks: ClassVar[Mapping[str, str]] = TRACKS

    def __init__(
        self, name: str, settings: GoogleCalendarSettings, terms: Terms, manners: Manners | None = None
    ) -> None:
        self.name = name
        self.abilities = Abilities(
            posts=False,
            own_tokens=False,
            lent=settings.key is None,
            knows_addresses=settings.key is not None,
            rereads=True,
            offers=settings.own_calendars,
            shows_drafts=settings.draft_calendars,
            asks=asked_fields(terms.tracked),
            speaks_to=(settings.endpoint, settings.tokens) if settings.key else (settings.endpoint,),
        )
        self._settings, self._terms = settings, terms
        self.authorization = consent.authorization(settings, list(self._rights()))
        self._asking = Asking(settings, manners or Manners())
        self._mask = mask(terms.tracked)

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        """One for each person; none where the policy does not track when events are (P11)."""
        if "time" not in self._terms.tracked:
            return []
        return [
            Partition(key=one.contributor, accounts=(one,), asked=self._asked(self._calendars(one)))
            for one in accounts
        ]

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        (account,) = partition.accounts
        calendars = self._calendars(account)
        walking = opened(cursor, window, account.zone, self._asked(calendars))
        calendar = calendars[walking.calendar]
        lacking = ""
        try:
            answer = self._listed(account, calendar, walking)
        except Closed as closed:
            if calendar == OWN:
                raise
            # no reason to read the others no more, and who chose a calendar may delete it or give it away
            answer, lacking = http.Answer({}, None), str(closed) * (calendar in self._settings.calendars)
        events = items(answer.body)
        labels, unnamed = self._labels(account, calendar, walking.labels, events)
        sightings, skipped = read(events, Place(account, calendar, self._terms, labels))
        said = Said(word(answer.body, "nextPageToken"), word(answer.body, "updated"), answer.at)
        following = walking.after(said, len(calendars), labels)
        return Page(
            sightings=sightings,
            skipped=skipped | unnamed if answer.body else {"a calendar that is gone or closed": 1},
            lacking=lacking,
            cursor=following.model_dump_json(),
            more=isinstance(following, Walking),
            whole=walking.whole,
        )

    def check(self) -> Standing:
        """Prove the key and, where `check_as` names somebody, delegation and API; no event is read."""
        if self._settings.key is None:
            whose = "an application that contributors let in, each to their own calendar"
            return Standing(account=whose, missing=tuple(self._lacks()))
        credentials = self._asking.key.afresh(self._settings.check_as)
        http.fetch_token(credentials, self._asking.session)
        account, excess = self._asking.key.account, tuple[str, ...]()
        if self._settings.check_as is None:
            account += " (whether it may act for people is not proven: name somebody under check_as)"
        else:
            for calendar in self._settings.calendars:
                request = self._events.list(
                    calendarId=calendar, maxResults=1, fields="kind", prettyPrint=False
                )
                http.ask(request, credentials, self._asking.session)
            person = self._settings.check_as
            excess = rights.excess(self._settings.key, person, set(self._rights()), self._asking.session)
        missing, told_at = tuple(self._lacks()), self._asking.session.told_at
        return Standing(account=account, missing=missing, excess=excess, told_at=told_at)

    def _rights(self) -> Iterator[str]:
        """All that is ever asked for, as Google writes it."""
        yield self._settings.scope
        if "labels" in self._terms.tracked:
            yield LABELS
        if self._settings.own_calendars:
            yield LISTING

    def _lacks(self) -> Iterator[str]:
        if "time" not in self._terms.tracked:
            yield "the word time in policy.tracked.google_calendar: without it nothing is read"
        further = {
            LABELS: "labels are known by their ids alone",
            LISTING: "people cannot choose calendars of their own",
        }
        person = self._settings.check_as
        for right in self._rights():
            if right in further and self._settings.key is not None and person is not None:
                try:
                    http.fetch_token(self._asking.held(right).afresh(person), self._asking.session)
                except Refused:
                    yield f"{right}: without it {further[right]}"

    def accounts(self, addresses: Iterable[str]) -> dict[str, list[Candidate]]:
        """An address is an account: nothing is asked."""
        return {address: [Candidate(external=address, address=address)] for address in addresses}

    def containers(self, account: Account) -> tuple[Container, ...]:
        """The further calendars this person owns, by name."""
        return owned(self._asking, self._settings.endpoint, account)

    def identify(self, credential: Credential, email: str) -> Identity:
        if self.authorization is None:
            raise Refused(
                sentences.Said(
                    "Google Calendar takes no credential of a contributor: the organisation's key reads it. "
                    "Nothing was asked for."
                ),
                whose="account",
            )
        owner = consent.owner(credential, self._settings, self._asking.session)
        if self._settings.key is not None and owner != email.lower():
            raise Refused(
                sentences.Said(
                    "This is another account than the one your organisation has you by. Nothing was "
                    "connected. Log in at Google as yourself."
                ),
                whose="account",
            )
        return Identity(external=owner, shown=owner)

    def writer(self, account: Account, credential: Credential) -> Writer:
        raise Refused(
            sentences.Said("Daybook writes nothing to Google Calendar. Choose another target for this entry.")
        )

    def draft_calendar(self, account: Account, credential: Credential) -> GoogleDraftCalendar:
        return GoogleDraftCalendar(
            self._asking.session, self._settings.endpoint, account, credential, quota_user(account)
        )

    # --- one request

    def _calendars(self, account: Account) -> tuple[str, ...]:
        """Those read of everybody, then what this person chose."""
        return tuple(dict.fromkeys((*self._settings.calendars, *account.containers)))

    def _asked(self, calendars: Sequence[str]) -> str:
        asked = "\n".join((self._mask, self._terms.private, *calendars))
        return blake2s(asked.encode(), digest_size=8).hexdigest()

    def _listed(self, account: Account, calendar: str, walking: Walking) -> http.Answer:
        """The page of a calendar that the walk is at."""
        how = {"orderBy": "startTime"} if walking.since is None else {"updatedMin": _rfc3339(walking.since)}
        if walking.token:
            how["pageToken"] = walking.token
        request = self._events.list(
            calendarId=calendar,
            timeMin=_rfc3339(walking.start),
            timeMax=_rfc3339(walking.end),
            singleEvents=True,
            showDeleted=walking.since is not None,
            eventTypes=list(ASKED_TYPES),
            maxAttendees=most_attendees(self._terms.tracked),
            maxResults=MOST_EVENTS,
            fields=self._mask,
            prettyPrint=False,
            quotaUser=quota_user(account),
            **how,
        )
        return self._asking.ask(request, account, self._settings.scope, changes=not walking.whole)

    def _labels(
        self, account: Account, calendar: str, known: Mapping[str, str], events: Sequence[Any]
    ) -> tuple[Mapping[str, str], dict[str, int]]:
        if "labels" not in self._terms.tracked:
            return known, {}
        return named(self._asking, self._settings.endpoint, account, calendar, known, events)

    @property
    def _events(self) -> Any:
        return http.events(self._settings.endpoint)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
