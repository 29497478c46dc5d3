"""Who would have to give way for a meeting: whoever is named, doing as it is said gives it more time."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from core.model import Activity, Draft
from core.rivals import MOST_TANGLED
from core.suggest import suggest
from daybook.languages import language as spoken

from .day_sheet import activity, at, contributor_day, mappings

DAY = contributor_day()
A = activity("meeting", "A", "10:00..11:00", response="accepted", audience=3)
B = activity("meeting", "B", "10:00..12:00", response="accepted", audience=9)
C = activity("meeting", "C", "10:30..10:45", response="tentative")


def said(*meetings: Activity, drafts: tuple[Draft, ...] = (), language: str = "en") -> dict[str, str]:
    """What would give each meeting more time, of those that lost some and are told."""
    day = contributor_day(say=spoken(language).sentences)
    found, sums = suggest(day, meetings, mappings(), drafts)
    told = {one.text: one.otherwise for one in found} | {one.uid: one.why for one in sums.overlapped}
    mark = "can have the time" if language == "en" else "zählt die Zeit"
    return {name: text.removeprefix("The time went to ") for name, text in told.items() if mark in text}


def minutes(meetings: list[Activity], drafts: list[Draft]) -> dict[str, int]:
    found, _ = suggest(DAY, meetings, mappings(), drafts)
    return {one.text: one.minutes for one in found}


def without(meetings: list[Activity], name: str) -> list[Activity]:
    return [one for one in meetings if one.title != name]


class TestOneIsNotEnough:
    """Ada declined A for C, and B had its time; the page had promised it to C."""

    def test_P6_all_that_would_have_to_give_way_are_named(self) -> None:
        assert said(A, B, C)["C"] == (
            '"A". Decline "A" and "B" in your calendar, and this one can have the time.'
        )
        assert "C" not in minutes([B, C], [])
        assert minutes([C], []) == {"C": 15}

    def test_P6_each_by_what_makes_it_give_way(self) -> None:
        own = B.model_copy(update={"response": "organizer"})
        assert (
            'Decline "A" in your calendar and mark "B" as free in your calendar, and' in said(A, own, C)["C"]
        )
        in_german = said(A, own, C, language="de")["C"]
        assert in_german.endswith(
            "Sagen Sie „A“ im Kalender ab und stellen Sie „B“ im Kalender auf „frei“, "
            "dann zählt die Zeit für diesen."
        )

    def test_P1_two_without_a_title_are_told_as_two(self) -> None:
        private = [one.model_copy(update={"private": True, "title": None}) for one in (A, B)]
        assert "Decline the other meetings in your calendar" in said(*private, C)["C"]
        assert "Sagen Sie die anderen Termine im Kalender ab" in said(*private, C, language="de")["C"]

    def test_P6_one_that_is_enough_is_named_though_another_has_more(self) -> None:
        most = activity("meeting", "most", "10:00..10:40", response="accepted", audience=2)
        heir = activity("meeting", "heir", "10:00..10:40", response="accepted", audience=3)
        short = activity("meeting", "short", "10:50..11:00", response="accepted", audience=2)
        large = activity("meeting", "large", "10:00..11:00", response="accepted", audience=90)
        assert said(most, heir, short, large)["large"].startswith('Decline "short" in your calendar')

    def test_P6_where_too_many_would_have_to_it_says_another_true_thing(self) -> None:
        crowd = [
            activity("meeting", f"call {number}", "10:00..11:00", response="accepted", audience=number + 1)
            for number in range(4)
        ]
        last = activity("meeting", "last", "10:00..11:05", response="tentative")
        assert "last" not in said(*crowd, last)
        (one,) = (one for one in suggest(DAY, [*crowd, last], mappings())[0] if one.text == "last")
        assert one.otherwise == "Decline it in your calendar, and it is not suggested any more."
        assert said(*crowd[1:], last)["last"].startswith('Decline "call 1", "call 2" and "call 3" in')

    def test_a_tangle_that_nobody_sees_through_is_left_alone(self) -> None:
        row = [
            activity("meeting", str(number), "09:00..10:00", response="accepted", start=at(f"09:{number:02}"))
            for number in range(MOST_TANGLED + 1)
        ]
        assert said(*row) == {}
        assert said(*row[1:]) != {}


VERB_OR_NAME = re.compile(r'(decline|mark|dismiss)|"(m\d)"', re.IGNORECASE)
TIMES = st.tuples(st.integers(0, 24), st.integers(1, 18))


@st.composite
def double_booked(draw: st.DrawFn) -> tuple[list[Activity], list[Draft]]:
    """Meetings within two hours, some of which their contributor has decided."""
    meetings = []
    for number, (start, lasts) in enumerate(draw(st.lists(TIMES, min_size=2, max_size=7))):
        opens, ends = ((600 + 5 * minute) for minute in (start, start + lasts))
        meetings.append(
            activity(
                "meeting",
                f"m{number}",
                f"{opens // 60}:{opens % 60:02}..{ends // 60}:{ends % 60:02}",
                response=draw(st.sampled_from([None, "organizer", "accepted", "tentative"])),
                audience=draw(st.sampled_from([None, 2, 9])),
            )
        )
    drafts = [
        Draft(
            suggestion=one.model_copy(update={"minutes": draw(st.integers(1, 60))}),
            seen=one,
            decision=draw(st.sampled_from(["edited", "confirmed"])),
        )
        for one in suggest(DAY, meetings, mappings())[0]
        if draw(st.integers(0, 3)) == 0
    ]
    return meetings, drafts


def dismissed(draft: Draft) -> Draft:
    return draft.model_copy(update={"decision": "dismissed"})


@given(double_booked())
def test_P6_to_do_as_it_says_gives_the_meeting_more_time(made: tuple[list[Activity], list[Draft]]) -> None:
    meetings, drafts = made
    before = minutes(meetings, drafts)
    for name, text in said(*meetings, drafts=tuple(drafts)).items():
        change = text[text.index(". ") + 2 :] if name not in before else text
        after, decided, verb = list(meetings), list(drafts), ""
        for word, other in VERB_OR_NAME.findall(change):
            verb = word.lower() or verb
            if other and verb == "dismiss":
                decided = [dismissed(one) if one.suggestion.text == other else one for one in decided]
            elif other:
                after = without(after, other)
        assert minutes(after, decided)[name] > before.get(name, 0), change
