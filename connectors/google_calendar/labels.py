"""What the labels of a calendar are called: asked for once one of its events has one we have not met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import Account, Refused
from connectors.google_calendar import http
from connectors.google_calendar.asking import Asking, quota_user
from connectors.google_calendar.evidence import label_names, labelled
from connectors.google_calendar.settings import LABELS


def named(
    asking: Asking,
    endpoint: str,
    account: Account,
    calendar: str,
    known: Mapping[str, str],
    events: Sequence[Any],
) -> tuple[Mapping[str, str], dict[str, int]]:
    """The names of the labels met so far, and how many of them we may not name.

    Takes    known: those met in this walk, by id
    """
    met = labelled(events)
    if met <= known.keys():
        return known, {}
    try:
        names = _asked(asking, endpoint, account, calendar)
    except Refused:
        names = {}
    unnamed = {"the name of a label": len(met - known.keys())} if not names else {}
    return {**known, **{label: names.get(label, "") for label in met}}, unnamed


def _asked(asking: Asking, endpoint: str, account: Account, calendar: str) -> dict[str, str]:
    """The labels of a calendar, by id."""
    request = http.calendars(endpoint).get(
        calendarId=calendar,
        fields="kind,labelProperties(eventLabels(id,name))",
        prettyPrint=False,
        quotaUser=quota_user(account),
    )
    return label_names(asking.ask(request, account, LABELS, kind="calendar#calendar").body)
