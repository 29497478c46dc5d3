"""Asana, as one contributor writes to it: one time entry for each posting, found again by its marker.

A time entry hangs on a task, belongs to whoever's credential made it, and has
a day but no time of day. Asana keeps no key for us, so the description ends in
a marker; where the plan has no descriptions, what was there before is all that
tells ours from others (R-04). A category of Daybook's that the workspace knows
by the same name goes along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2s
from http import HTTPStatus
from typing import Any

from connectors.asana.asking import Api, No, Record
from connectors.asana.history import same_name
from connectors.asana.shapes import Named, TimeEntry, Timesheet, WrittenEntry, read, read_one
from connectors.contract import Account, Receipt, Refused, Unavailable, Unclear
from core.model import Entry
from core.said import Said

LISTED = "created_by.gid,duration_minutes,entered_on"
WRITTEN = f"{LISTED},description,approval_status,task.gid,billable_status,categories.gid"
KEY_LENGTH = 10
"""Characters of our key in a marker: enough to tell the few entries of one person's day apart."""
HANDED_IN = frozenset({"SUBMITTED", "APPROVED"})
"""States of a timesheet that is no longer its owner's alone to change."""
NOT_THERE = frozenset({HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""What Asana says of timesheets and categories where it has none, or none for this person."""


@dataclass
class Plan:
    """What the organisation's Asana plan offers, as far as its answers have told; shared by all writers."""

    takes: tuple[str, ...] = ("categories", "billable_status", "description")
    """Optional fields, the one we would rather do without first."""
    categories: Mapping[str, str] | None = None
    """Name of a category of time -> its gid; None before anybody asked."""
    describes: bool = False
    """A description was seen to be kept, so every entry of ours shows its marker."""
    timesheets: bool = True
    """False once Asana said that it has none: then no week is ever handed in."""

    @property
    def marks(self) -> bool | None:
        """Whether our entries carry their marker; None while nothing has told."""
        return False if "description" not in self.takes else self.describes or None


class AsanaWriter:
    """The time entries of one contributor, by their own credential.

    Takes    workspace: gives its gid, asking for it only when it is needed
    """

    def __init__(self, api: Api, account: Account, plan: Plan, workspace: Callable[[], str]) -> None:
        self._api = api
        self._me = account.external
        self._plan = plan
        self._workspace = workspace

    def baseline(self, entry: Entry) -> str:
        """The ids of this contributor's entries of that day: few, where a task may have thousands.

        Raises   Refused where the week is handed in: its contributor says what is to become of it
        """
        if self._is_handed_in(entry):
            raise Refused(
                Said(
                    "The timesheet with {day} is handed in at Asana. Nothing was posted. "
                    "Take it back there and try again, or keep the entry in Daybook.",
                    day=entry.day,
                )
            )
        return json.dumps(sorted(record.gid for record in self._mine_of(entry.day)))

    def find(self, key: str, entry: Entry, baseline: str, later: Sequence[str] = ()) -> Receipt | None:
        before = frozenset(json.loads(baseline or "[]"))
        new = [record.gid for record in self._mine_of(entry.day) if record.gid not in before]
        found = [record for record in map(self._as_it_is, new) if record]
        marks = tuple(map(_marker, (key, *later)))
        ours = [record for record in found if _line(record).endswith(marks)]
        if not ours and not self._plan.marks:
            unmarked = [record for record in found if not _line(record)]
            ours = [record for record in unmarked if _hangs_on(record, entry) and _is_alike(record, entry)]
            if self._plan.marks is None:
                _refuse_to_guess(ours, enough=0)
            if later and not ours:  # since it was posted it may have been moved, or made longer or shorter
                _refuse_to_guess(unmarked, enough=0)
        _refuse_to_guess(ours, enough=1)
        return _receipt(ours[0], entry) if ours else None

    def post(self, key: str, entry: Entry) -> Receipt:
        return self._sent(key, entry, lambda said: self._api.create_entry(_task(entry), said, WRITTEN))

    def amend(self, receipt: Receipt, key: str, entry: Entry) -> Receipt:
        record = self._as_it_is(receipt.id)
        if record is None:
            raise Refused(
                Said(
                    "Time entry {id} is gone from Asana. Nothing was written; its contributor decides.",
                    id=receipt.id,
                )
            )
        if _task(entry) != receipt.task:
            raise Refused(
                Said(
                    "Time entry {id} cannot move to another task at Asana. Nothing was changed there. "
                    "Remove it and post the new one.",
                    id=receipt.id,
                )
            )
        if self._says(record, key, entry):  # an earlier amend whose answer was lost
            return _receipt(record, entry)
        _refuse_if_not_ours_alone(record, receipt)
        return self._sent(key, entry, lambda said: self._api.change_entry(receipt.id, said, WRITTEN))

    def withdraw(self, receipt: Receipt) -> None:
        record = self._as_it_is(receipt.id)
        if record is None:
            return
        _refuse_if_not_ours_alone(record, receipt)
        try:
            self._api.delete_entry(receipt.id)
        except No as no:
            if no.status != HTTPStatus.NOT_FOUND:
                raise

    def _sent(self, key: str, entry: Entry, send: Callable[[Record], Record]) -> Receipt:
        """Send once; again only where Asana did nothing because the plan lacks an optional field (402)."""
        optional = self._optional(key, entry)
        lacking: list[str] = []
        while True:
            try:
                answer = send(_said(entry) | optional)
                break
            except No as no:
                if no.status == HTTPStatus.BAD_REQUEST:
                    self._plan.categories = None  # one may have been archived since they were asked for
                if no.status != HTTPStatus.PAYMENT_REQUIRED or not optional:
                    raise
            lacking.append(next(iter(optional)))
            del optional[lacking[-1]]
        self._plan.takes = tuple(name for name in self._plan.takes if name not in lacking)
        record = read_one(WrittenEntry, answer)
        if record is None:
            raise Unclear(
                Said(
                    "Asana answered a write with something that is no time entry. Whether it was done there "
                    "is unknown; Daybook looks before it tries again."
                )
            )
        return _receipt(self._learnt_from(record), entry)

    def _optional(self, key: str, entry: Entry) -> dict[str, Any]:
        """What goes along where the plan takes it, the one we would rather do without first."""
        category = self._category(entry)
        said = {
            "categories": [category] if category else None,
            "billable_status": "billable" if entry.billable else "nonBillable",
            "description": _text(key, entry),
        }
        return {name: said[name] for name in self._plan.takes if said[name] is not None}

    def _category(self, entry: Entry) -> str | None:
        """The workspace's category of this name; asked for once, and only where entries have one."""
        if not entry.category or "categories" not in self._plan.takes:
            return None
        if self._plan.categories is None:
            try:
                listed = self._api.categories(self._workspace())
            except No as no:
                if no.status not in NOT_THERE:
                    raise
                listed = []
            known, _ = read(Named, listed)
            self._plan.categories = {same_name(one.name or ""): one.gid for one in known if one.gid}
        return self._plan.categories.get(same_name(entry.category))

    def _says(self, record: WrittenEntry, key: str, entry: Entry) -> bool:
        text = _text(key, entry) if self._plan.marks is not False else _line(record)
        return _is_alike(record, entry) and _line(record) == _one_line(text)

    def _mine_of(self, day: date) -> list[TimeEntry]:
        said = self._api.entries_of_day(self._me, self._workspace(), day, LISTED)
        entries, malformed = read(TimeEntry, said)
        if malformed:
            raise Unavailable(
                Said(
                    "Asana listed time entries of {day} that cannot be read. Nothing changed; "
                    "the next round tries again.",
                    day=day,
                )
            )
        return [entry for entry in entries if entry.created_by and entry.created_by.gid == self._me]

    def _as_it_is(self, gid: str) -> WrittenEntry | None:
        """The time entry; None where it is gone."""
        try:
            said = self._api.entry(gid, WRITTEN)
        except No as no:
            if no.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        record = read_one(WrittenEntry, said)
        if record is None:
            raise Unavailable(
                Said(
                    "Asana gave time entry {id} in a form that cannot be read. Nothing changed; "
                    "the next round tries again.",
                    id=gid,
                )
            )
        return self._learnt_from(record)

    def _learnt_from(self, record: WrittenEntry) -> WrittenEntry:
        self._plan.describes = self._plan.describes or bool(_line(record))
        return record

    def _is_handed_in(self, entry: Entry) -> bool:
        if not self._plan.timesheets:
            return False
        try:
            said = self._api.timesheets(self._workspace(), self._me, entry.day)
        except No as no:
            if no.status not in NOT_THERE:
                raise
            self._plan.timesheets = False
            return False
        sheets, _ = read(Timesheet, said)
        return any(
            sheet.approval_status in HANDED_IN and sheet.start_date <= entry.day <= sheet.end_date
            for sheet in sheets
            if sheet.user and sheet.user.gid == self._me
        )


def _said(entry: Entry) -> dict[str, Any]:
    """What we always write; which day it is too, or it would be Asana's."""
    return {"duration_minutes": entry.minutes, "entered_on": entry.day.isoformat()}


def _hangs_on(record: WrittenEntry, entry: Entry) -> bool:
    """Not on another task, as far as Asana tells."""
    return record.task is None or record.task.gid == _task(entry)


def _text(key: str, entry: Entry) -> str:
    return f"{entry.text} {_marker(key)}".strip()


def _marker(key: str) -> str:
    return f"[db:{key[:KEY_LENGTH]}]"


def _task(entry: Entry) -> str:
    return entry.target.partition(":")[2]


def _is_alike(record: TimeEntry, entry: Entry) -> bool:
    return (record.entered_on, record.duration_minutes) == (entry.day, entry.minutes)


def _line(record: WrittenEntry) -> str:
    return _one_line(record.description or "")


def _one_line(text: str) -> str:
    """Descriptions are compared so, because the library turns no-break spaces into plain ones."""
    return " ".join(text.split())


def _receipt(record: WrittenEntry, entry: Entry) -> Receipt:
    task = record.task.gid if record.task and record.task.gid else _task(entry)
    return Receipt(id=record.gid, task=task, stamp=_stamp(record))


def _stamp(record: WrittenEntry) -> str:
    """What a person sees of the entry, in short: another one means that somebody changed it (I6)."""
    categories = sorted(category.gid for category in record.categories or ())
    said = [record.entered_on.isoformat(), record.duration_minutes, _line(record)]
    told = json.dumps([*said, record.billable_status, categories])
    return blake2s(told.encode(), digest_size=12).hexdigest()


def _refuse_if_not_ours_alone(record: WrittenEntry, receipt: Receipt) -> None:
    if record.approval_status in HANDED_IN:
        raise Refused(
            Said(
                "Time entry {id} is in a timesheet that is handed in at Asana. Nothing was changed there. "
                "Take the timesheet back and try again.",
                id=receipt.id,
            )
        )
    if _stamp(record) != receipt.stamp:
        raise Refused(
            Said(
                "Time entry {id} was changed by a person at Asana. Nothing was changed there; "
                "its contributor decides.",
                id=receipt.id,
            )
        )


def _refuse_to_guess(candidates: Sequence[WrittenEntry], *, enough: int) -> None:
    if len(candidates) > enough:
        raise Unclear(
            Said(
                "{number} new time entries at Asana could be this one, and none says so. "
                "Nothing was written; its contributor says whether it is there.",
                number=len(candidates),
            )
        )
