"""Google Calendar, read for each contributor as that contributor.

Either each lets us read with a token of their own, or the organisation's service
account may act for all (domain-wide delegation). One partition is one
contributor, one pull is one page of one of their calendars.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from hashlib import blake2s
from typing import Any, ClassVar

from pydantic import BaseModel

from connectors.contract import (
    MOST_PAGES,
    Abilities,
    Account,
    Container,
    Credential,
    Endless,
    Identity,
    Page,
    Partition,
    Refused,
    Standing,
    Terms,
    Unavailable,
    Window,
    Writer,
)
from connectors.google_calendar import consent, http, rights
from connectors.google_calendar.bookmark import Said, Walking, opened
from connectors.google_calendar.draft_calendar import GoogleDraftCalendar
from connectors.google_calendar.evidence import (
    ASKED_TYPES,
    SOURCE,
    TRACKS,
    Place,
    label_names,
    labelled,
    mask,
    most_attendees,
    read,
)
from connectors.google_calendar.key import Key
from connectors.google_calendar.limits import GoogleLimits
from connectors.google_calendar.refusals import Gone
from connectors.google_calendar.settings import LABELS, LISTING, OWN
from connectors.google_calendar.settings import Settings as GoogleCalendarSettings
from connectors.manners import Manners
from connectors.session import Session
from connectors.text import plain
from core.matching import Candidate

MOST_EVENTS = 2_500
"""The largest page Google gives."""
MOST_CALENDARS = 250
"""The same of a list of calendars."""


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
        )
        self._settings, self._terms = settings, terms
        self.authorization = consent.authorization(settings, list(self._rights()))
        self._manners = manners or Manners()
        self._mask = mask(terms.tracked)
        self._keys: dict[str, Key] = {}
        """By right."""

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
        except Gone as gone:
            if calendar == OWN:
                raise
            # no reason to read the others no more, and who chose a calendar may delete it
            answer, lacking = http.Answer({}, None), str(gone) * (calendar in self._settings.calendars)
        items = _items(answer.body)
        labels, unnamed = self._labels(account, calendar, walking, items)
        sightings, skipped = read(items, Place(account, calendar, self._terms, labels))
        said = Said(_word(answer.body, "nextPageToken"), _word(answer.body, "updated"), answer.at)
        following = walking.after(said, len(calendars), labels)
        return Page(
            sightings=sightings,
            skipped=skipped | unnamed if answer.body else {"a calendar that is gone": 1},
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
        credentials = self._key.afresh(self._settings.check_as)
        http.fetch_token(credentials, self._session)
        account, excess = self._key.account, tuple[str, ...]()
        if self._settings.check_as is None:
            account += " (whether it may act for people is not proven: name somebody under check_as)"
        else:
            for calendar in self._settings.calendars:
                request = self._events.list(
                    calendarId=calendar, maxResults=1, fields="kind", prettyPrint=False
                )
                http.ask(request, credentials, self._session)
            person = self._settings.check_as
            excess = rights.excess(self._settings.key, person, set(self._rights()), self._session)
        return Standing(account=account, missing=tuple(self._lacks()), excess=excess)

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
        for right in self._rights():
            if right in further and self._settings.key is not None and self._settings.check_as is not None:
                try:
                    http.fetch_token(self._held(right).afresh(self._settings.check_as), self._session)
                except Refused:
                    yield f"{right}: without it {further[right]}"

    def accounts(self, addresses: Sequence[str]) -> dict[str, list[Candidate]]:
        """An address is an account: nothing is asked."""
        return {address: [Candidate(external=address, address=address)] for address in addresses}

    def containers(self, account: Account) -> tuple[Container, ...]:
        """The further calendars this person owns, by name."""
        found: list[Container] = []
        tokens = {""}
        token = ""
        for _ in range(MOST_PAGES):
            request = http.calendar_list(self._settings.endpoint).list(
                minAccessRole="owner",
                maxResults=MOST_CALENDARS,
                fields="kind,nextPageToken,items(id,summary,summaryOverride,primary)",
                prettyPrint=False,
                quotaUser=_quota_user(account),
                **({"pageToken": token} if token else {}),
            )
            body = self._ask(request, account, LISTING, kind="calendar#calendarList").body
            found += [one for item in _items(body) if (one := _container(item)) is not None]
            token = _word(body, "nextPageToken")
            if not token:
                return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))
            if token in tokens:
                break
            tokens.add(token)
        raise Endless("Google Calendar's list of calendars never ends. Nothing was chosen; try again later.")

    def identify(self, credential: Credential, email: str) -> Identity:
        if self.authorization is None:
            raise Refused(
                "Google Calendar takes no credential of a contributor: the organisation's key reads it. "
                "Nothing was asked for.",
                whose="account",
            )
        owner = consent.owner(credential, self._settings, self._session)
        if self._settings.key is not None and owner != email.lower():
            raise Refused(
                "This is another account than the one your organisation has you by. Nothing was connected. "
                "Log in at Google as yourself.",
                whose="account",
            )
        return Identity(external=owner, shown=owner)

    def writer(self, account: Account, credential: Credential) -> Writer:
        raise Refused("Daybook writes nothing to Google Calendar. Choose another target for this entry.")

    def draft_calendar(self, account: Account, credential: Credential) -> GoogleDraftCalendar:
        return GoogleDraftCalendar(
            self._session, self._settings.endpoint, account, credential, _quota_user(account)
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
            quotaUser=_quota_user(account),
            **how,
        )
        return self._ask(request, account, self._settings.scope, changes=not walking.whole)

    def _ask(self, request: Any, account: Account, right: str, **how: Any) -> http.Answer:
        """One answer, as this person and with one right."""
        if self._settings.key is not None:
            return http.ask(request, self._held(right).acting_for(account.external), self._session, **how)
        try:
            return http.ask(request, consent.Lent.by(account), self._session, **how)
        except Refused as refused:
            # a right that is missing is theirs to give here, not the administrator's
            raise consent.narrow() if "insufficientPermissions" in str(refused) else refused from None

    def _labels(
        self, account: Account, calendar: str, walking: Walking, items: Sequence[Any]
    ) -> tuple[Mapping[str, str], dict[str, int]]:
        """What the labels met so far are called, and how many of them we may not name.

        A calendar is asked only once one of its events has a label we have not met in this walk.
        """
        met = labelled(items) if "labels" in self._terms.tracked else set()
        if met <= walking.labels.keys():
            return walking.labels, {}
        try:
            names = self._names(account, calendar)
        except Refused:
            names = {}
        unnamed = {"the name of a label": len(met - walking.labels.keys())} if not names else {}
        return {**walking.labels, **{label: names.get(label, "") for label in met}}, unnamed

    def _names(self, account: Account, calendar: str) -> dict[str, str]:
        """The labels of a calendar, by id."""
        request = http.calendars(self._settings.endpoint).get(
            calendarId=calendar,
            fields="kind,labelProperties(eventLabels(id,name))",
            prettyPrint=False,
            quotaUser=_quota_user(account),
        )
        body = self._ask(request, account, LABELS, kind="calendar#calendar").body
        return label_names(body)

    @property
    def _events(self) -> Any:
        return http.events(self._settings.endpoint)

    @property
    def _key(self) -> Key:
        return self._held(self._settings.scope)

    def _held(self, right: str) -> Key:
        """The organisation's key, for one right; read once."""
        if right not in self._keys:
            assert self._settings.key is not None, "contributors lend us theirs"
            # two threads may read it at once; the tokens are with the one that was kept
            self._keys.setdefault(right, Key.read(self._settings.key, right))
        return self._keys[right]

    @cached_property
    def _session(self) -> Session:
        return Session(
            "Google Calendar",
            self._settings.endpoint,
            also=[self._settings.tokens, *([] if self._settings.key is None else [self._key.tokens])],
            timeout=self._manners.timeout,
            budget=self._manners.budget,
            longest_rest=self._manners.longest_rest,
            limits=GoogleLimits(),
        )


def _quota_user(account: Account) -> str:
    """Whom Google shall count a request for; it learns nothing by it."""
    return blake2s(account.contributor.encode(), digest_size=16).hexdigest()


def _container(item: Any) -> Container | None:
    """A calendar to choose; None for the one that is always read, and for what has no id."""
    if not isinstance(item, dict) or item.get("primary") is True:
        return None
    name, said = _word(item, "id"), _word(item, "summaryOverride") or _word(item, "summary")
    return Container(id=name, name=plain(said, 200) or name) if name else None


def _items(body: Mapping[str, Any]) -> list[Any]:
    items = body.get("items", [])
    if not isinstance(items, list):
        raise _doubtful()
    return items


def _word(body: Mapping[str, Any], name: str) -> str:
    """An opaque text of Google's; "" where there is none. Raises Unavailable: a token must not get lost."""
    word = body.get(name) or ""
    if not isinstance(word, str):
        raise _doubtful()
    return word


def _doubtful() -> Unavailable:
    return Unavailable(
        "Google Calendar's answer does not look like a list of events. Nothing changed; "
        "the next round tries again."
    )


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
