"""A calendar of drafts at Google: made in the contributor's account, reached with their consent alone.

The right we ask for reaches calendars we made and nothing else; it cannot list
them, so whoever calls keeps the id. Every event carries an id of ours and is
written if it stands as we know it, so nothing is written twice or over a
person's change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.contract import (
    MOST_PAGES,
    Account,
    Changes,
    Credential,
    CursorExpired,
    Endless,
    Fault,
    Refused,
    Unavailable,
)
from connectors.google_calendar import http
from connectors.google_calendar.consent import Lent
from connectors.google_calendar.refusals import FOR_THE_ADMINISTRATOR, fault, reason
from connectors.session import Session
from connectors.text import plain
from core import said as sentences
from core.draft_calendar import Block, Seen
from core.model import LONGEST_TEXT

OVERLAP = timedelta(minutes=5)
"""What is listed twice is known by its etag."""
EVENT = "id,etag,status,summary,start,end,recurrence"
FOR_EVERYBODY = FOR_THE_ADMINISTRATOR.keys() - {"insufficientPermissions"}
"""Reasons of a 403 that are not about one person's consent."""
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
STANDS = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
"""The id is taken, or a person was faster."""


class Said(NamedTuple):
    """What Google answered; `body` is None where `status` is an error's."""

    status: int
    body: Mapping[str, Any] | None
    reason: str = ""

    def fault(self, *, changes: bool = False) -> Fault:
        if self.status in (HTTPStatus.FORBIDDEN, *GONE) and self.reason not in FOR_EVERYBODY:
            # nothing is wrong with the account: it is this calendar that they closed to us
            return Refused(
                sentences.Said(
                    "Google does not let Daybook keep a calendar of drafts ({status}). Nothing was "
                    "written. Switch it on again on your page.",
                    status=self.status,
                )
            )
        return fault(self.status, self.reason, changes=changes)


class GoogleDraftCalendar:
    """The calendars we made for one contributor."""

    def __init__(
        self, session: Session, endpoint: str, account: Account, credential: Credential, quota_user: str
    ) -> None:
        """Takes    quota_user: whom Google shall count the requests for"""
        self._endpoint, self._account = endpoint, account
        self._always = {"quotaUser": quota_user, "prettyPrint": False}
        self._session = session.acting(http.signed_by(Lent(credential.secret.get_secret_value()), session))

    def make(self, name: str, zone: str) -> str:
        request = self._calendars.insert(
            body={"summary": name, "timeZone": zone}, fields="id", **self._always
        )
        said = self._sent(request)
        made = said.body.get("id") if said.body is not None else None
        if said.body is None:
            raise said.fault()
        if not isinstance(made, str) or not made:
            raise _doubtful()
        return made

    def changed(self, calendar: str, cursor: str | None) -> Changes | None:
        seen: list[Seen] = []
        token, tokens, at = "", {""}, cursor
        for page in range(MOST_PAGES):
            said = self._sent(self._listing(calendar, cursor, token))
            if said.status in GONE and not said.reason.endswith(("Required", "Ago")):
                return None
            if said.status == HTTPStatus.GONE:
                raise CursorExpired("Google no longer knows what changed since. All of it is read again.")
            if said.body is None:
                raise said.fault(changes=cursor is not None)
            if said.body.get("kind") != "calendar#events" or not isinstance(said.body.get("items", []), list):
                raise _doubtful()
            if page == 0:
                at = _since(said.body.get("updated"), cursor)
            seen += [self._seen(item) for item in said.body.get("items", ()) if _is_event(item)]
            token = said.body.get("nextPageToken") or ""
            if not token:
                return Changes(seen=tuple(seen), cursor=at or "")
            if not isinstance(token, str) or token in tokens:
                break
            tokens.add(token)
        raise Endless("Google's list of drafts never ends. Nothing was taken from it; the next round looks.")

    def look(self, calendar: str, event: str) -> Seen | None:
        said = self._sent(self._events.get(calendarId=calendar, eventId=event, fields=EVENT, **self._always))
        if said.status in GONE:
            return None
        return self._standing(said)

    def put(self, calendar: str, event: str, block: Block, stamp: str) -> Seen | None:
        body = _written(block, self._account.zone)
        how = {"calendarId": calendar, "sendUpdates": "none", "fields": EVENT, **self._always}
        if stamp:
            said = self._sent(self._events.patch(eventId=event, body=body, **how), stamp)
        else:
            said = self._sent(self._events.insert(body=_of_ours(body) | {"id": event}, **how))
        if said.status == HTTPStatus.CONFLICT:
            there = self.look(calendar, event)
            if there is None or not there.gone:
                return there
            # an id stays taken when its event is deleted: it comes back by being written anew
            back = _of_ours(body) | {"status": "confirmed"}
            said = self._sent(self._events.update(eventId=event, body=back, **how), there.stamp)
        if said.status in (*STANDS, *GONE):
            return self.look(calendar, event)
        # what Google made of it is what we sent: no letter it writes otherwise is a person's word
        return self._standing(said).model_copy(update={"block": block})

    def remove(self, calendar: str, event: str, stamp: str) -> Seen:
        request = self._events.delete(calendarId=calendar, eventId=event, sendUpdates="none", **self._always)
        said = self._sent(request, stamp)
        if said.status == HTTPStatus.PRECONDITION_FAILED:
            return self.look(calendar, event) or Seen(id=event, gone=True)
        if said.body is None and said.status not in GONE:
            raise said.fault()
        return Seen(id=event, gone=True)

    def end(self, calendar: str) -> None:
        said = self._sent(self._calendars.delete(calendarId=calendar, **self._always))
        if said.body is None and said.status not in GONE:
            raise said.fault()

    # --- one request

    def _listing(self, calendar: str, cursor: str | None, token: str) -> Any:
        how = dict(self._always)
        how |= {"updatedMin": cursor} if cursor else {}
        how |= {"pageToken": token} if token else {}
        return self._events.list(
            calendarId=calendar,
            showDeleted=True,
            maxResults=2_500,
            fields=f"kind,updated,nextPageToken,items({EVENT})",
            **how,
        )

    def _standing(self, said: Said) -> Seen:
        if said.body is None:
            raise said.fault()
        if not _is_event(said.body):
            raise _doubtful()
        return self._seen(said.body)

    def _sent(self, request: Any, stamp: str = "") -> Said:
        """Send it once, as this contributor. Raises the session's faults."""
        from googleapiclient.errors import HttpError

        if stamp:
            request.headers["If-Match"] = stamp
        try:
            body = request.execute(http=http.GoogleHttp(self._session), num_retries=0)
        except HttpError as error:
            return Said(error.status_code, None, reason(error.content))
        return Said(HTTPStatus.OK, body if isinstance(body, dict) else {})

    def _seen(self, item: Mapping[str, Any]) -> Seen:
        gone = item.get("status") == "cancelled"
        return Seen(
            id=item["id"],
            stamp=str(item.get("etag") or ""),
            gone=gone,
            block=None if gone else _block(item),
        )

    @property
    def _events(self) -> Any:
        return http.events(self._endpoint)

    @property
    def _calendars(self) -> Any:
        return http.calendars(self._endpoint)


def _written(block: Block, zone: str) -> dict[str, Any]:
    """An event, as a patch says it: what is null is taken away."""
    if block.start is None:
        assert block.day is not None, "neither a time nor a day"
        begins, ends = _whole(block.day), _whole(block.day + timedelta(days=1))
    else:
        begins = _timed(block.start, zone)
        ends = _timed(block.start + timedelta(minutes=block.minutes), zone)
    return {
        "summary": plain(block.title, LONGEST_TEXT),
        "description": block.note,
        "start": begins,
        "end": ends,
    }


def _of_ours(body: Mapping[str, Any]) -> dict[str, Any]:
    """The whole event: seen by nobody else, free, and silent."""
    times = {name: {word: said for word, said in body[name].items() if said} for name in ("start", "end")}
    return {
        **body,
        **times,
        "visibility": "private",
        "transparency": "transparent",
        "reminders": {"useDefault": False, "overrides": []},
    }


def _whole(day: date) -> dict[str, str | None]:
    return {"date": day.isoformat(), "dateTime": None, "timeZone": None}


def _timed(moment: datetime, zone: str) -> dict[str, str | None]:
    at = moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    return {"date": None, "dateTime": at, "timeZone": zone}


def _is_event(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str)


def _block(item: Mapping[str, Any]) -> Block | None:
    """What a draft could look like; None for a series, several days, and what has no length."""
    said = item.get("summary")
    title = plain(said, LONGEST_TEXT) if isinstance(said, str) else ""
    try:
        begins, ends = item["start"], item["end"]
        if item.get("recurrence"):
            return None
        if "date" in begins:
            day = date.fromisoformat(begins["date"])
            one = date.fromisoformat(ends["date"]) - day == timedelta(days=1)
            return Block(title=title, day=day) if one else None
        start, end = datetime.fromisoformat(begins["dateTime"]), datetime.fromisoformat(ends["dateTime"])
        minutes = int((end - start).total_seconds() // 60)
        return Block(title=title, start=start, minutes=minutes) if minutes > 0 else None
    except (LookupError, TypeError, ValueError):
        return None


def _since(updated: Any, cursor: str | None) -> str | None:
    """From when to ask next time: just before the calendar's latest change, by Google's clock."""
    try:
        return (datetime.fromisoformat(updated) - OVERLAP).isoformat(timespec="seconds")
    except (TypeError, ValueError):
        return cursor


def _doubtful() -> Unavailable:
    return Unavailable(
        sentences.Said("Google's answer does not look like a calendar of drafts. Nothing was taken from it.")
    )
