"""The one change that would alter a suggestion: which it is, and that it does what it says."""

from __future__ import annotations

from core.day import ContributorDay
from core.mapping import Mappings
from core.memory import Choice
from core.model import Activity, Draft, Suggestion
from core.rules import Project, Rule, Then, When
from core.suggest import suggest
from daybook.languages import language as spoken

from .day_sheet import THURSDAY, activity, contributor_day, mappings

HOUSE = mappings()
TODAY = contributor_day()
UNMAPPED = Mappings({}, [])
BUSY = {"doctor": "10:00..10:30", "school": "11:00..11:30"}


def booked_on(target: dict[str, str] | None) -> Mappings:
    projects = {"acme": Project(name="ACME", target=target), "house": Project(name="The house")}
    return Mappings(projects, [Rule(name="All", when=When(), then=Then(project="acme"))])


def suggested(
    *found: Activity,
    by: Mappings = HOUSE,
    day: ContributorDay = TODAY,
    decided: tuple[Draft, ...] = (),
) -> list[Suggestion]:
    suggestions, _ = suggest(day, found, by, decided)
    return sorted(suggestions, key=lambda suggestion: suggestion.start or day.now)


def minutes(*found: Activity, by: Mappings = HOUSE) -> dict[str, int]:
    return {one.text: one.minutes for one in suggested(*found, by=by)}


def meeting(name: str, when: str, response: str | None = "accepted", **fields: object) -> Activity:
    return activity("meeting", name, when, response=response, **fields)


def by_length(suggestion: Suggestion) -> int:
    return suggestion.minutes


class TestMeetings:
    def test_P6_an_accepted_one_can_be_declined(self) -> None:
        (one,) = suggested(meeting("weekly", "10:00..11:00"))
        assert one.otherwise == "Decline it in your calendar, and it is not suggested any more."
        assert not suggested(meeting("weekly", "10:00..11:00", "declined"))

    def test_P6_an_entry_of_ones_own_cannot_be_declined_but_marked_as_free(self) -> None:
        """The calendar leaves out what is free (connectors/google_calendar)."""
        for response in (None, "organizer"):
            (one,) = suggested(meeting("desk", "10:00..11:00", response))
            assert one.otherwise == "Mark it as free in your calendar, and it is not suggested any more."

    def test_P6_a_doubtful_one_can_be_accepted(self) -> None:
        for response in ("tentative", "needs_action"):
            (one,) = suggested(meeting("weekly", "10:00..11:00", response))
            assert one.otherwise == "Accept it in your calendar, and it counts as likely."
            assert one.confidence == "unsure"
        (likely,) = suggested(meeting("weekly", "10:00..11:00", "accepted"))
        assert likely.confidence == "likely"

    def test_P6_where_the_rule_says_how_sure_accepting_would_change_nothing(self) -> None:
        rule = Rule(name="All", when=When(), then=Then(project="house", confidence="likely"))
        said = Mappings({"house": Project(name="House", target={"none": "stays"})}, [rule])
        (one,) = suggested(meeting("weekly", "10:00..11:00", "tentative"), by=said)
        assert one.otherwise.startswith("Decline it")

    def test_P6_a_private_one_can_be_hidden_by_its_owner(self) -> None:
        (one,) = suggested(meeting("busy", "10:00..11:00", private=True, title=None))
        assert one.otherwise == (
            "If it was no work, mark it as free in your calendar; then it is not suggested."
        )

    def test_P6_one_that_wants_an_issue_can_name_it_in_its_title(self) -> None:
        to_jira = booked_on({"jira": "task"})
        (one,) = suggested(meeting("weekly", "10:00..11:00"), by=to_jira)
        assert one.otherwise == "Name an issue in its title, like WEB-12, and it is booked on that."
        day = contributor_day(containers=["WEB"])
        (named,) = suggested(meeting("WEB-12 weekly", "10:00..11:00"), by=to_jira, day=day)
        assert named.target == "jira:WEB-12"

    def test_P6_logged_time_can_be_deleted(self) -> None:
        logged = activity("logged", "x", "10:00", minutes=20, title="weekly").model_copy(
            update={"task": None}
        )
        (one,) = suggested(meeting("weekly", "10:00..11:00"), logged)
        assert one.otherwise == "Delete what is already logged, and that time is suggested here again."
        assert one.minutes == 40
        assert minutes(meeting("weekly", "10:00..11:00")) == {"weekly": 60}


class TestOverlaps:
    def test_P6_the_answer_that_gives_back_the_time_is_named(self) -> None:
        small = meeting("ACME call", "10:00..11:00", audience=2)
        large = meeting("all hands", "10:30..11:30", audience=90)
        _, one = suggested(small, large)
        assert one.otherwise == 'Decline "ACME call" in your calendar, and this one can have the time.'
        assert (one.minutes, one.because[1].sentence) == (
            30,
            'Less 30 minutes, taken at the same time by "ACME call".',
        )
        declined = small.model_copy(update={"response": "declined"})
        assert minutes(declined, large) == {"all hands": 60}

    def test_P6_of_several_the_one_that_has_most_is_named(self) -> None:
        first, second = (
            meeting("short", "10:00..10:10", audience=1),
            meeting("long", "10:20..10:50", audience=1),
        )
        large = meeting("all hands", "10:00..11:00", audience=90)
        one = next(one for one in suggested(first, second, large) if one.text == "all hands")
        assert one.because[1].sentence == 'Less 40 minutes, taken at the same time by "long" and "short".'
        assert 'Decline "long"' in one.otherwise

    def test_P6_an_entry_of_ones_own_is_marked_as_free(self) -> None:
        own = meeting("desk", "10:00..11:00", None)
        large = meeting("all hands", "10:30..11:30", audience=90)
        assert (
            suggested(own, large)[1].otherwise
            == 'Mark "desk" as free in your calendar, and this one can have the time.'
        )

    def test_P6_what_they_decided_themselves_they_can_dismiss(self) -> None:
        call, large = meeting("call", "10:00..11:00"), meeting("all hands", "10:30..11:30", audience=90)
        (said,) = suggested(call)
        kept = Draft(suggestion=said, seen=said, decision="edited")
        (one,) = suggested(call, large, decided=(kept,))
        assert one.otherwise == 'Dismiss "call" here, and this one can have the time.'
        dismissed = kept.model_copy(update={"decision": "dismissed"})
        assert [one.minutes for one in suggested(call, large, decided=(dismissed,))] == [60]

    def test_P6_what_they_added_by_hand_is_named_by_its_text(self) -> None:
        (said,) = suggested(meeting("call", "10:00..11:00"))
        by_hand = said.model_copy(update={"key": "hand:1", "text": "Phoned Ben"})
        kept = Draft(suggestion=by_hand, seen=None, decision="confirmed")
        (one,) = suggested(meeting("all hands", "10:30..11:30"), decided=(kept,))
        assert one.because[1].sentence.endswith('taken at the same time by "Phoned Ben".')
        assert one.otherwise.startswith('Dismiss "Phoned Ben"')

    def test_P1_a_private_meeting_is_not_named_by_a_title(self) -> None:
        private = meeting("doctor", "10:00..11:00", private=True, audience=1)
        _, one = suggested(private, meeting("all hands", "10:30..11:30", audience=90))
        assert one.because[1].sentence.endswith("taken at the same time by another meeting.")
        assert one.otherwise == "Decline the other meeting in your calendar, and this one can have the time."

    def test_P1_several_private_meetings_are_told_as_one(self) -> None:
        private = [meeting(uid, when, private=True, audience=1, title=None) for uid, when in BUSY.items()]
        *_, one = sorted(
            suggested(*private, meeting("all hands", "10:00..12:00", audience=90)), key=by_length
        )
        assert one.because[1].sentence == "Less 1 hour, taken at the same time by another meeting."

    def test_P6_one_that_lost_all_to_several_is_told_one_change(self) -> None:
        halves = [meeting("a", "10:00..10:30", audience=2), meeting("b", "10:30..11:00", audience=2)]
        _, sums = suggest(TODAY, [*halves, meeting("all", "10:00..11:00", audience=90)], HOUSE)
        assert [one.why for one in sums.overlapped] == [
            'The time went to "a" and "b". Decline "a" in your calendar, and this one can have the time.'
        ]

    def test_P6_a_meeting_of_which_nothing_is_left_says_who_has_its_time(self) -> None:
        small, large = (
            meeting("call", "10:00..11:00", audience=2),
            meeting("all", "10:00..11:00", audience=90),
        )
        _, sums = suggest(contributor_day(), [small, large], HOUSE)
        assert [one.why for one in sums.overlapped] == [
            'The time went to "call". Decline "call" in your calendar, and this one can have the time.'
        ]


class TestTasks:
    def test_P6_one_without_a_sign_of_work_can_be_moved_out_of_progress(self) -> None:
        (one,) = suggested(activity("presence", "WEB-1", "09:00..17:00"))
        assert one.otherwise == (
            "Complete WEB-1 or move it out of progress when you stop; then it takes no time."
        )
        assert minutes(activity("presence", "WEB-1", "09:00..12:00")) == {"WEB-1": 180}

    def test_P6_also_where_it_shares_its_time_with_others(self) -> None:
        both = [activity("presence", name, "09:00..17:00") for name in ("WEB-1", "WEB-2")]
        for one in suggested(*both):
            assert one.otherwise.startswith(f"Complete {one.task} or move it out of progress")

    def test_P6_also_with_signs_of_work_where_nothing_shares_its_time(self) -> None:
        (one,) = suggested(activity("presence", "WEB-1", "09:00..17:00"), activity("touch", "WEB-1", "10:00"))
        assert one.otherwise.startswith("Complete WEB-1 or move it out of progress")

    def test_P6_one_that_shares_gets_more_by_a_sign_of_work(self) -> None:
        both = [activity("presence", name, "09:00..17:00") for name in ("WEB-1", "WEB-2")]
        before = [*both, activity("touch", "WEB-1", "10:00")]
        one = next(one for one in suggested(*before) if one.task == "WEB-1")
        assert (
            one.otherwise == "A comment or change on WEB-1 while you work on it gives it more of that time."
        )
        assert minutes(*before, activity("touch", "WEB-1", "14:00"))["WEB-1"] > one.minutes

    def test_P6_one_that_was_never_in_progress_can_be_put_there(self) -> None:
        touch = activity("touch", "WEB-1", "10:00")
        (one,) = suggested(touch)
        assert one.otherwise == "Move WEB-1 into progress while you work on it, and all of that time counts."
        assert minutes(touch, activity("presence", "WEB-1", "09:00..12:00"))["WEB-1"] > one.minutes

    def test_P6_logged_time_can_be_deleted(self) -> None:
        work = [activity("presence", "WEB-1", "09:00..17:00"), activity("touch", "WEB-1", "10:00")]
        (one,) = suggested(*work, activity("logged", "WEB-1", "09:00", minutes=60))
        assert one.otherwise == "Delete what is already logged, and that time is suggested here again."
        assert minutes(*work)["WEB-1"] == one.minutes + 60

    def test_P6_time_accounted_for_elsewhere_can_be_corrected(self) -> None:
        work = [activity("presence", "WEB-1", "09:00..17:00"), activity("touch", "WEB-1", "10:00")]
        (one,) = suggested(*work, activity("logged", "OPS-9", "09:00", minutes=60))
        assert one.otherwise == "Correct what is logged or confirmed elsewhere, and this has its time back."
        assert minutes(*work)["WEB-1"] == one.minutes + 60

    def test_P6_a_task_known_by_a_number_is_called_by_its_title(self) -> None:
        touch = activity("touch", "1201", "10:00", source="asana", title="December newsletter")
        (one,) = suggested(touch)
        assert one.otherwise.startswith('Move "December newsletter" into progress')
        renamed = activity("touch", "1201", "11:00", source="asana", title="January newsletter")
        (latest,) = suggested(touch, renamed)
        assert latest.otherwise.startswith('Move "January newsletter" into progress')
        (nameless,) = suggested(touch.model_copy(update={"title": None}))
        assert nameless.otherwise.startswith("Move it into progress")

    def test_P6_a_task_of_another_tool_than_its_project_books_on_needs_an_administrator(self) -> None:
        to_jira = Mappings(
            {"acme": Project(name="ACME", target={"jira": "task"})},
            [Rule(name="All", when=When(), then=Then(project="acme"))],
            {"jira": "jira"},
        )
        touch = activity("touch", "1201", "10:00", source="asana")
        (one,) = suggested(touch, by=to_jira)
        assert one.otherwise == "An administrator can say where acme is posted; then you need not choose."


class TestMemory:
    CHOICE = Choice(project="house", target="none")
    CALL = meeting("weekly", "10:00..11:00", series="s1")

    def recalling(self, **memory: object) -> ContributorDay:
        return contributor_day(memory=memory)

    def lesson(self, about: str, **more: object) -> dict[str, object]:
        said = {"about": about, "choice": self.CHOICE, "weight": 1, "times": 1, "corrected": 1}
        return said | {"last": THURSDAY} | more

    def test_P6_what_was_learnt_can_be_forgotten(self) -> None:
        day = self.recalling(lessons=[self.lesson("series:google_calendar:s1")])
        (one,) = suggested(self.CALL, by=booked_on({"none": "here"}), day=day)
        assert one.project == "house"
        assert one.otherwise == 'Forget it under "What Daybook learnt", and the rules decide again.'
        (again,) = suggested(self.CALL, by=booked_on({"none": "here"}))
        assert again.project == "acme"

    def test_P6_their_own_rule_can_be_taken_back(self) -> None:
        rule = {"about": "series:google_calendar:s1", "says": "always", "choice": self.CHOICE}
        day = self.recalling(rules=[rule | {"shown": "weekly", "made": THURSDAY}])
        (one,) = suggested(self.CALL, day=day)
        assert one.otherwise == (
            'Take your rule back under "What Daybook learnt", and the rules decide again.'
        )

    def test_P6_their_own_never_says_so(self) -> None:
        rule = {"about": "series:google_calendar:s1", "says": "never", "shown": "weekly", "made": THURSDAY}
        found, sums = suggest(self.recalling(rules=[rule]), [self.CALL], HOUSE)
        assert not found
        assert [one.why for one in sums.ignored] == ["you said never"]

    def test_P6_a_title_chosen_otherwise_once_needs_it_once_more(self) -> None:
        day = self.recalling(lessons=[self.lesson("title:google_calendar::weekly")])
        call = self.CALL.model_copy(update={"series": None})
        (one,) = suggested(call, by=booked_on({"none": "here"}), day=day)
        assert (one.project, one.because[1].kind) == ("acme", "memory")
        assert one.because[1].sentence == ("On 19 November you chose project house for this title.")
        assert one.otherwise == "Choose house for it once more, and Daybook suggests that from then on."
        day = self.recalling(lessons=[self.lesson("title:google_calendar::weekly", corrected=2, times=2)])
        (chosen,) = suggested(call, by=booked_on({"none": "here"}), day=day)
        assert chosen.project == "house"

    def test_P6_a_dismissal_before_is_told(self) -> None:
        day = self.recalling(lessons=[self.lesson("series:google_calendar:s1", choice=None)])
        (one,) = suggested(self.CALL, day=day)
        assert one.because[1].sentence == "You dismissed this once, on 19 November."
        assert one.otherwise == 'Press "Never suggest this again", and it is not.'

    def test_P6_a_choice_without_a_place_says_so_too(self) -> None:
        day = self.recalling(
            lessons=[self.lesson("series:google_calendar:s1", choice=Choice(project="house"))]
        )
        (one,) = suggested(self.CALL, by=booked_on({"none": "here"}), day=day)
        assert one.because[-1].sentence == "Nothing says where it is posted. Choose a place."
        assert one.otherwise == "An administrator can say where house is posted; then you need not choose."


class TestWhatIsMissing:
    def test_P6_without_a_rule_a_choice_is_remembered(self) -> None:
        said = "Choose a project and confirm it; the next time Daybook suggests that by itself."
        (task,) = suggested(activity("touch", "WEB-1", "10:00"), by=UNMAPPED)
        (call,) = suggested(meeting("weekly", "10:00..11:00", series="weekly"), by=UNMAPPED)
        assert (task.otherwise, call.otherwise) == (said, said)

    def test_P6_also_where_a_rule_says_the_place_and_no_project(self) -> None:
        rule = Rule(name="All", when=When(), then=Then(target={"none": "stays here"}))
        (one,) = suggested(activity("touch", "WEB-1", "10:00"), by=Mappings({}, [rule]))
        assert (one.project, one.target) == (None, "none")
        assert one.otherwise.startswith("Choose a project and confirm it")

    def test_P6_a_project_without_a_place_needs_an_administrator(self) -> None:
        for found in (activity("touch", "WEB-1", "10:00"), meeting("weekly", "10:00..11:00")):
            (one,) = suggested(found, by=booked_on(None))
            assert one.otherwise == "An administrator can say where acme is posted; then you need not choose."
            (placed,) = suggested(found, by=booked_on({"none": "stays here"}))
            assert placed.target == "none"


def test_P6_it_is_said_in_the_language_of_the_day() -> None:
    german = contributor_day(say=spoken("de").sentences)
    (one,) = suggested(meeting("Jour fixe", "10:00..11:00"), day=german)
    assert one.otherwise == "Sagen Sie im Kalender ab, dann wird der Termin nicht mehr vorgeschlagen."
    assert one.because[0].sentence == "In Ihrem Kalender 10:00-11:00; Sie haben zugesagt."
