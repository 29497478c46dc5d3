"""What is said of a report in words: what it is about, of when, and why a group gets no figures."""

from __future__ import annotations

from core.figures import What
from core.patterns import Part, Pattern
from daybook.languages import Later, _, dated, pgettext
from daybook.words import FIGURES, GROUPS, capital, full_date, listed

HEADERS = {
    "project": Later("By project"),
    "client": Later("By client"),
    "category": Later("By category"),
    "billable": Later("Billable or not"),
    "meeting load": Later("In meetings or not"),
    "focus time": "Focus time",
}
LABELS: dict[tuple[What, str], str] = {
    ("project", ""): Later("No project"),
    ("client", ""): Later("No client"),
    ("category", ""): Later("No category"),
    ("billable", "unbilled"): Later("Not billable"),
    ("meeting load", "meeting"): Later("In meetings"),
    ("meeting load", "other"): Later("Outside meetings"),
    ("focus time", "focus"): Later("Focus time"),
    ("focus time", "other"): "Meetings and shorter pieces",
}
REST = Later("Everything else")
NO_GROUP = Later("Nobody stood in any group when this period began.")


def title(pattern: Pattern) -> str:
    """What it is about, and of when."""
    by, days = str(GROUPS[pattern.by]), when(pattern)
    if not pattern.roles:
        return _("Confirmed time by {by}, {days}", by=by, days=days)
    return _(
        "Confirmed time by {by} of people in the role {roles}, {days}",
        by=by,
        roles=listed(pattern.roles),
        days=days,
    )


def when(pattern: Pattern) -> str:
    """The days it counts, from the first to the last."""
    first, last = pattern.first_day, pattern.last_day
    if first.year != last.year:
        begins = full_date(first)
    elif first.month == last.month:
        begins = dated(first, pgettext("first of some days", "d"))
    else:
        begins = dated(first, pgettext("day and month", "d MMMM"))
    return _("{first} to {last}", first=begins, last=full_date(last))


def withheld(part: Part, pattern: Pattern) -> str:
    """Why there are no figures, or not all; empty where there are. Never what they would have been."""
    if part.small:
        return _(
            "This {group} is too small for figures: every one of them is of at least {number} people besides "
            "whoever reads it.",
            group=GROUPS[pattern.by],
            number=pattern.minimum,
        )
    if part.withheld:
        what = listed([str(FIGURES[one]) for one in part.withheld])
        return _("Not shown here: {what}. Figures of it might have told of single people.", what=what)
    return ""


def label(what: What, name: str | None) -> str:
    """A figure's own words: a project's, a client's and a category's are the organisation's."""
    return str(REST) if name is None else str(LABELS.get((what, name), capital(name)))
