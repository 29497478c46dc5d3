"""Why something became no draft: the true reason, and none for tickets that are merely open on a day off."""

from __future__ import annotations

import pytest

from core.sentences import ENGLISH
from core.suggest import suggest
from daybook.languages import language as spoken

from .day_sheet import DaySheet
from .says import says

HOUR = "meeting workshop 09:00..17:00 response=accepted"


def reasons(*lines: str, language: str = "en") -> dict[str, str]:
    """By what was left out."""
    written = DaySheet("\n".join(lines))
    day = written.day.model_copy(update={"say": spoken(language).sentences})
    _, sums = suggest(day, written.activities, written.mappings)
    return {one.uid.split()[0]: one.why for one in sums.ignored}


@says("What is left out, each time with a reason the contributor can read")
class TestWhyATaskIsNoDraft:
    @pytest.mark.parametrize(
        ("day", "english", "german"),
        [
            (
                ["presence WEB-1 20:00..23:00", "touch WEB-1 21:00"],
                "outside your working hours",
                "außerhalb Ihrer Arbeitszeit",
            ),
            (["free 11-19", "touch WEB-1 11:00"], "not a working day", "kein Arbeitstag"),
            (["away leave 00:00..11-20T00:00", "touch WEB-1 11:00"], "you were away", "Sie waren abwesend"),
            (["away doctor 10:00..12:00", "presence WEB-1 10:00..12:00"], "you were away", None),
            (
                [HOUR, "presence WEB-1 09:00..17:00"],
                "meetings took its time",
                "durch Termine belegt",
            ),
            ([HOUR.replace("09:00", "09:03"), "presence WEB-1 09:00..17:00"], "meetings took its time", None),
            (["meeting lunch 09:00..17:00", "touch WEB-1 11:00"], "meetings took its time", None),
            (["presence WEB-1 10:00..10:03"], "less than 5 minutes", "weniger als 5 Minuten"),
            (["presence WEB-1 08:00..09:03"], "outside your working hours", None),
            (
                ["numbers overtime_window=60", "meeting late 20:00..22:00", "touch WEB-1 21:00"],
                "meetings took its time",
                None,
            ),
            (
                ["logged 480 task=OPS-9", "presence WEB-1 09:00..17:00"],
                "the time of the day is logged or confirmed elsewhere",
                "die Zeit des Tages ist anderswo erfasst oder bestätigt",
            ),
            (
                ["break 1h 30m", "hours 09:00..17:00", HOUR.replace("17:00", "16:30"), "touch WEB-1 16:45"],
                "what was left of the day is its break",
                "der Rest des Tages gilt als Pause",
            ),
            (["logged 120 task=WEB-1", "touch WEB-1 11:00"], "already logged", "schon erfasst"),
        ],
    )
    def test_P6_the_reason_is_the_true_one(self, day: list[str], english: str, german: str | None) -> None:
        assert english in reasons(*day).values()
        if german is not None:
            assert german in reasons(*day, language="de").values()

    def test_P6_before_work_begins_the_evening_is_still_outside_working_hours(self) -> None:
        assert reasons("now 08:00", "touch WEB-1 06:30") == {"touch": "outside your working hours"}


class TestDaysOff:
    TICKETS = ("presence WEB-1 11-18T09:00..11-20T17:00", "presence OLD-1 10-01T09:00..")

    @pytest.mark.parametrize(
        "off", ["free 11-19", "week mon-wed 09:00..17:00", "away leave 00:00..11-20T00:00", "now 07:00"]
    )
    def test_a_ticket_that_is_merely_open_is_not_told(self, off: str) -> None:
        assert reasons(off, *self.TICKETS) == {}

    def test_a_ticket_that_was_worked_on_is_told_once(self) -> None:
        found = DaySheet("\n".join(["free 11-19", *self.TICKETS, "touch WEB-1 11:00"]))
        _, sums = suggest(found.day, found.activities, found.mappings)
        assert [(one.uid, one.why) for one in sums.ignored] == [
            ("touch WEB-1 11:00", ENGLISH("no working day"))
        ]

    def test_on_a_working_day_a_forgotten_one_is_told(self) -> None:
        assert list(reasons("presence OLD-1 10-01T09:00..").values()) == [
            "in progress, no sign of work for 3 working days; a comment brings it back"
        ]
