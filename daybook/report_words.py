"""What is said of a report in words: what it is about, of when, and why a group gets no figures."""

from __future__ import annotations

from core.figures import What
from core.patterns import Part, Pattern
from daybook.words import capital, full_date, listed

HEADERS = {
    "project": "By project",
    "client": "By client",
    "category": "By category",
    "billable": "Billable or not",
    "meeting load": "In meetings or not",
    "focus time": "Focus time",
}
LABELS: dict[tuple[What, str], str] = {
    ("project", ""): "No project",
    ("client", ""): "No client",
    ("category", ""): "No category",
    ("billable", "unbilled"): "Not billable",
    ("meeting load", "meeting"): "In meetings",
    ("meeting load", "other"): "Outside meetings",
    ("focus time", "focus"): "Focus time",
    ("focus time", "other"): "Meetings and shorter pieces",
}
REST = "Everything else"
NO_GROUP = "Nobody stood in any group when this period began."


def title(pattern: Pattern) -> str:
    """What it is about, and of when."""
    of = f" of people in the role {listed(pattern.roles)}" if pattern.roles else ""
    return f"Confirmed time by {pattern.by}{of}, {when(pattern)}"


def when(pattern: Pattern) -> str:
    """The days it counts, from the first to the last."""
    first, last = pattern.first_day, pattern.last_day
    if first.month == last.month:
        return f"{first.day} to {full_date(last)}"
    return f"{first.day} {first:%B}{f' {first.year}' if first.year != last.year else ''} to {full_date(last)}"


def withheld(part: Part, pattern: Pattern) -> str:
    """Why there are no figures, or not all; empty where there are. Never what they would have been."""
    if part.small:
        return (
            f"This {pattern.by} is too small for figures: every one of them is of at least "
            f"{pattern.minimum} people besides whoever reads it."
        )
    if part.withheld:
        what = listed([HEADERS[one].lower() for one in part.withheld])
        return f"Not shown here: {what}. Figures of it might have told of single people."
    return ""


def label(what: What, name: str | None) -> str:
    """A figure's own words: a project's, a client's and a category's are the organisation's."""
    return REST if name is None else LABELS.get((what, name)) or capital(name)
