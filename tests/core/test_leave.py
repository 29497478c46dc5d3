"""Leave: which titles say it, and that what takes working time away is named with what would give it back."""

from __future__ import annotations

import pytest

from core.day import Absence, Numbers
from core.leave import says_leave
from core.suggest import suggest
from daybook.languages import language as spoken

from .day_sheet import DaySheet
from .says import says


@says('One of yours that says leave and, at most, your name ("Urlaub", "Ada: vacation"')
class TestTitles:
    @pytest.mark.parametrize(
        ("title", "leave"),
        [
            ("Urlaub", True),
            ("VACATION!", True),
            ("Out-of-office", True),
            ("Sick day", True),
            ("Urlaub 21.12.-24.12.", True),
            ("Vacation (Spain)", True),
            ("Ada: vacation", True),
            ("Ada Lovelace - annual leave", True),
            ("A. Lovelace \N{EN DASH} OOO", True),
            ("Vacation Ada", True),
            ("Ada on leave", True),
            ("Lovelace, Ada: Urlaub", True),
            ("Urlaub Ada Lovelace", True),
            ("Holiday party planning", False),
            ("Plan vacation cover", False),
            ("Holiday planning", False),
            ("Sick Ben", False),
            ("Ben on leave", False),
            ("Cover for Ada on leave with Ben", False),
            ("Ada vacation cover", False),
            ("Urlaubsvertretung", False),
            ("2026", False),
            ("", False),
        ],
    )
    def test_a_title_is_leave_when_it_says_that_and_a_name_at_most(self, title: str, leave: bool) -> None:
        assert says_leave(title, Numbers().leave_words, "ada@northwind.example") is leave

    def test_a_phrase_without_a_word_says_nothing(self) -> None:
        assert not says_leave("", ["", "!"], "ada@northwind.example")
        assert not says_leave("On site", ["", "!"], "ada@northwind.example")


def absences(*lines: str, language: str = "en") -> tuple[list[Absence], int]:
    """What is named, and how many working minutes it took."""
    written = DaySheet("\n".join(lines))
    _, sums = suggest(
        written.day.model_copy(update={"say": spoken(language).sentences}),
        written.activities,
        written.mappings,
    )
    return list(sums.absences), sums.away


class TestWhatTookTheTime:
    """A party took the day of everybody who planned it; 495 minutes were away, and nothing said by what."""

    def test_P6_leave_by_its_title_is_named_and_another_title_gives_the_day_back(self) -> None:
        told = Absence(
            uid="Vacation",
            why="leave takes the whole day; if it is none, give it another name in your calendar",
        )
        assert absences("meeting Vacation 00:00..11-20T00:00 all_day=1") == ([told], 480)
        assert absences("meeting Festival 00:00..11-20T00:00 all_day=1") == ([], 0)

    def test_P6_a_party_takes_no_day(self) -> None:
        assert absences('meeting "Holiday party planning" 00:00..11-20T00:00 all_day=1') == ([], 0)

    @pytest.mark.parametrize(
        ("when", "why"),
        [
            ("13:00..15:00", "away 13:00-15:00; if you worked, delete it in your calendar"),
            ("11-18T15:00..11:00", "away 00:00-11:00; if you worked, delete it in your calendar"),
            ("00:00..11-20T00:00", "away all day; if you worked, delete it in your calendar"),
            ("11-17T00:00..11-21T00:00", "away all day; if you worked, delete it in your calendar"),
        ],
    )
    def test_P6_an_absence_says_when_it_was(self, when: str, why: str) -> None:
        assert absences(f"away doctor {when}")[0] == [Absence(uid="doctor", why=why)]

    def test_in_german(self) -> None:
        (told,), _ = absences("away Zahnarzt 13:00..15:00", language="de")
        assert told.why == "abwesend 13:00-15:00; haben Sie gearbeitet, löschen Sie den Eintrag im Kalender"

    @pytest.mark.parametrize("took_nothing", ["away train 06:00..09:00", "away doctor 17:00..18:00"])
    def test_what_took_no_working_time_is_not_told(self, took_nothing: str) -> None:
        assert absences(took_nothing) == ([], 0)
