"""The page of a day: what its contributor sees, and what each form does."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from connectors.contract import Sighting
from core.model import Activity, Reason
from daybook import deeds
from daybook.house import House, Member
from daybook.links import PURPOSES
from tests.daybook.conftest import BERLIN, YESTERDAY, Clock, draft, drafted
from tests.daybook.page.browser import Browser, Page, bare
from tests.daybook.page.conftest import Links, comes_to, drafts, entries, everything, postings


@pytest.fixture
def day(house: House, ada: Member) -> None:
    """Six drafts: two plain ones, one for Daybook only, one without a project, one flagged, one dismissed."""
    flagged = draft("f", "14:00", 45, "Checkout review", decision="edited", noticed=False)
    assert flagged.seen
    later = datetime(2026, 11, 19, 14, 30, tzinfo=BERLIN)
    moved = {"start": later, "pieces": ((later, later + timedelta(minutes=30)),), "minutes": 30}
    now = flagged.seen.model_copy(update=moved)
    drafted(
        house,
        ada,
        draft("a", "10:00", 30, "ACME call"),
        draft("b", "11:00", 90, "Address form", confidence="likely"),
        draft("k", "09:00", 30, "Stand-up", project="internal", target="none", attributed={"internal": 30}),
        draft("n", "13:00", 45, "", project=None, target=None, attributed={}, confidence="unsure"),
        flagged.model_copy(update={"seen": now}),
        draft("x", "12:00", 30, "Lunch", decision="dismissed"),
        gaps=75,
        away=60,
        logged=20,
    )


@pytest.fixture
def opened(day: None, browser: Browser, link: Links, ada: Member) -> Page:
    return browser.open(link(ada))


def test_a_draft_is_shown_with_all_that_a_yes_needs(opened: Page) -> None:
    assert opened.status == 200
    for said in ("Thursday, 19 November", "10:00-10:30", "ACME website", "ACME call", "Sure", "30 min"):
        assert said in opened.text
    assert "In your calendar; you accepted." in opened.text


def test_P04_where_it_goes_and_who_can_read_it_there_stands_there_before_the_click(opened: Page) -> None:
    assert (
        "Goes to Memory, WEB-12 . Your account there is not connected yet, so it waits until it is."
        in opened.text
    )
    assert "Goes to Daybook only . Nobody else can read it." in opened.text


def test_P04_what_holds_for_all_of_a_project_is_said_once_above_them(opened: Page) -> None:
    before, readers, after = opened.text.partition("Everyone who can see the test can read it there.")
    assert readers and readers not in after
    assert before.rstrip().endswith("2 h 45 min") and "Goes to Memory" not in before


def test_P04_a_draft_that_goes_there_alone_says_it_itself(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a"))
    told = "Goes to Memory, WEB-12 . Everyone who can see the test can read it there."
    assert told in browser.open(link(ada)).text


def test_P04_the_number_of_a_task_says_nothing_to_a_person(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", target="memory:1200000000000037"))
    page = browser.open(link(ada)).text
    assert "Goes to Memory . Everyone" in page and "1200000000000037" not in page


@pytest.mark.parametrize("minutes, told", [(4, False), (5, True)])
def test_a_gap_too_short_for_any_draft_is_none_to_speak_of(
    house: House, ada: Member, browser: Browser, link: Links, minutes: int, told: bool
) -> None:
    drafted(house, ada, draft("a"), gaps=minutes)
    assert ("Unexplained" in browser.open(link(ada)).text) is told


def test_P4_no_time_on_the_page_covers_minutes_of_another(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    def at(clock: str) -> datetime:
        return datetime.fromisoformat(f"2026-11-19T{clock}").replace(tzinfo=BERLIN)

    drafted(
        house,
        ada,
        draft("call", "10:30", 60, "ACME call"),
        draft("task", "09:00", 135, "Address form", pieces=()),
        draft(
            "cut", "12:00", 90, "Workshop", pieces=((at("12:00"), at("12:30")), (at("13:00"), at("14:00")))
        ),
        draft("sum", None, 45, "Press kit"),
    )
    page = browser.open(link(ada))
    assert "10:30-11:30 ACME call" in page.text
    assert "from 09:00 Address form" in page.text
    assert "12:00-12:30 13:00-14:00 Workshop" in page.text
    blocks = re.findall(r'<rect class="open" x="(\d+)" y="4" width="(\d+)"', page.answer.text)
    assert [(int(left) / 60, int(width)) for left, width in blocks] == [(1.5, 60), (3, 30), (4, 60)]


def test_the_sums_of_the_day_are_those_of_its_drafts_and_its_sheet(opened: Page) -> None:
    for sum_ in ("Meetings 4 h", "Logged elsewhere 20 min", "Away 1 h", "Unexplained 1 h 15 min"):
        assert sum_ in opened.text
    assert "Project Attended Billed to it Billable ACME website 2 h 45 min 2 h 45 min" in opened.text


def test_the_policy_in_force_is_named_on_the_page_and_one_click_away(
    opened: Page, browser: Browser, house: House
) -> None:
    assert f"{house.policy_version} , in force since 1 November 2026" in opened.text
    policy = browser.follow(opened, "what Daybook reads")
    assert house.policy.why in policy.text
    assert "What a thing is called." in policy.text


def test_confirming_one_holds_its_posting_and_nothing_else(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    after = browser.press(opened, "Confirm ACME call")
    assert after.status == 200
    assert {key for key, one in drafts(house, ada).items() if one.decision == "confirmed"} == {"a"}
    (posting,) = postings(house, ada)
    assert (posting.state, posting.task) == ("held", "WEB-12")
    assert "Goes to Memory, WEB-12 at 08:45; until then you can take it back." in after.text


def test_W03_confirming_all_names_count_and_total_and_skips_what_needs_its_contributor(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    assert "Confirm all 3 · 2 h 30 min" in opened.buttons
    after = browser.press(opened, "Confirm all 3")
    assert {key for key, one in drafts(house, ada).items() if one.decision == "confirmed"} == {"a", "b", "k"}
    assert "3 drafts confirmed. For 15 min you can take them back." in after.text
    assert len(postings(house, ada)) == 2  # one stays in Daybook


def test_W06_a_form_sent_twice_confirms_once_and_says_so(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    browser.press(opened, "Confirm ACME call")
    again = browser.press(opened, "Confirm ACME call")
    assert again.status == 409
    assert "It is confirmed already." in again.text
    assert (entries(house, ada), len(postings(house, ada))) == (1, 1)


def test_W06_a_draft_that_changed_in_another_tab_is_left_as_it_is(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    deeds.edit(house, ada, "a", minutes=15)
    stale = browser.press(opened, "Confirm ACME call")
    assert stale.status == 409
    assert deeds.CHANGED in stale.text
    assert drafts(house, ada)["a"].decision == "edited"
    assert postings(house, ada) == []


def test_W06_after_the_back_button_a_yes_to_all_covers_what_still_stands(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    browser.press(opened, "Dismiss Address form")
    after = browser.press(opened, "Confirm all 3")
    assert "2 drafts done." in after.text
    assert "Take it back first, then confirm it." in after.text
    assert drafts(house, ada)["b"].decision == "dismissed"


def test_a_confirmation_can_be_taken_back_while_it_is_held(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    held = browser.press(opened, "Confirm ACME call")
    browser.press(held, "Take it back ACME call")
    assert drafts(house, ada)["a"].decision == "open"
    assert [posting.state for posting in postings(house, ada)] == ["withdrawn"]


def test_all_that_is_held_can_be_taken_back_at_once(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    held = browser.press(opened, "Confirm all 3")
    after = browser.press(held, "Take all 2 back")
    assert "2 drafts taken back. Nothing of them was sent." in after.text
    assert {posting.state for posting in postings(house, ada)} == {"withdrawn"}


def test_an_edit_changes_what_was_typed_and_nothing_else(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    before = drafts(house, ada)["a"].suggestion
    form = browser.follow(opened, "Edit ACME call")
    after = browser.press(form, "Save", length="1h 15m", text="ACME call\r\nsecond line")
    stands = drafts(house, ada)["a"]
    assert after.status == 200
    assert stands.decision == "edited"
    assert (stands.suggestion.minutes, stands.suggestion.text) == (75, "ACME call\nsecond line")
    assert (stands.suggestion.target, stands.suggestion.start) == (before.target, before.start)


def test_saving_an_edit_form_as_it_came_is_no_edit(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    browser.press(browser.follow(opened, "Edit ACME call"), "Save")
    assert drafts(house, ada)["a"].decision == "open"


def test_a_new_project_brings_its_own_place_unless_another_is_chosen_with_it(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    browser.press(browser.follow(opened, "Edit ACME call"), "Save", project="internal")
    assert drafts(house, ada)["a"].suggestion.target == "none"
    browser.press(
        browser.follow(opened, "Edit Address form"), "Save", project="internal", task="WEB-7", billable="yes"
    )
    chosen = drafts(house, ada)["b"].suggestion
    assert (chosen.project, chosen.target, chosen.billable) == ("internal", "memory:WEB-7", True)


def test_an_incomplete_draft_is_completed_and_then_confirmed(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    assert "Choose where it is posted, or keep it in Daybook only." in opened.text
    form = browser.follow(opened, "Complete it")
    after = browser.press(form, "Save", text="Budget talk", project="internal")
    browser.press(after, "Confirm Budget talk")
    assert drafts(house, ada)["n"].decision == "confirmed"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"length": "soon"}, "Write the length like 45, 1h 15m, 1:15 or 1.25 h."),
        ({"length": "0"}, "It needs at least one minute."),
        ({"length": "99:00"}, "are more than a day has."),
        ({"project": "nowhere"}, "There is no project"),
        ({"connection": "memory", "task": ""}, "Name the connection and the task"),
        ({"text": "x" * 2_000}, "1024 are the most that fit."),
    ],
)
def test_W06_what_cannot_be_saved_is_explained_and_nothing_typed_is_lost(
    opened: Page, browser: Browser, house: House, ada: Member, typed: dict[str, str], said: str
) -> None:
    form = browser.follow(opened, "Edit ACME call")
    refused = browser.press(form, "Save", **({"text": "what I typed"} | typed))
    assert refused.status == 422
    assert said in refused.text
    assert ("text", typed.get("text", "what I typed")) in refused.forms[0].fields
    assert drafts(house, ada)["a"].decision == "open"


def test_a_dismissed_draft_can_be_taken_back(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    after = browser.press(opened, "Dismiss ACME call")
    assert drafts(house, ada)["a"].decision == "dismissed"
    browser.press(after, "Take it back ACME call")
    assert drafts(house, ada)["a"].decision == "open"


def test_P2_what_the_source_says_otherwise_stands_beside_ones_own_and_is_not_taken_unasked(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    assert "Time 14:00-14:45 14:30-15:00" in opened.text
    assert "Length 45 min 30 min" in opened.text
    browser.press(opened, "Keep mine")
    kept = drafts(house, ada)["f"]
    assert (kept.suggestion.minutes, kept.noticed) == (45, True)


def test_P2_what_the_source_says_now_can_be_taken(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    browser.press(opened, "Take what it says now")
    assert drafts(house, ada)["f"].suggestion.minutes == 30


def test_a_draft_whose_evidence_is_gone_says_so(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    gone = draft("g", "10:00", decision="edited", noticed=False).model_copy(update={"seen": None})
    drafted(house, ada, gone)
    page = browser.open(link(ada))
    assert "Its source no longer has it." in page.text
    browser.press(page, "Remove it")
    assert drafts(house, ada)["g"].decision == "dismissed"


# --- after the yes -----------------------------------------------------------------------------------------


@pytest.fixture
def sent(house: House, ada: Member, clock: Clock) -> None:
    """One draft, confirmed; its time to think again is over."""
    drafted(house, ada, draft("a", "10:00"))
    deeds.confirm(house, ada, YESTERDAY)
    clock.wait(minutes=16)


def test_a_refused_entry_says_why_and_can_be_tried_again(
    sent: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    comes_to(house, ada, state="refused", reason="The tool has no such task.", whose="entry")
    page = browser.open(link(ada))
    assert "Not posted. The tool has no such task." in page.text
    browser.press(page, "Try again")
    assert postings(house, ada)[0].state == "held"


def test_R08_what_an_account_holds_up_says_where_the_link_to_connect_it_is(
    sent: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    comes_to(house, ada, state="refused", reason="The tool refused your token.", whose="account")
    page = browser.open(link(ada))
    assert "Confirmed time waits until your Memory account is connected." in page.text
    assert "Your connections, at the foot of this page, lead to a button for that." in page.text
    there = browser.open(next(href for said, href in page.links if said == "your connections"))
    assert there.buttons == ["Send me the link"]


def test_a_refused_entry_can_be_taken_back_changed_and_confirmed_again(
    sent: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    comes_to(house, ada, state="refused", reason="The tool has no such task.", whose="entry")
    page = browser.press(browser.open(link(ada)), "Take it back")
    page = browser.press(browser.follow(page, "Edit"), "Save", task="WEB-13")
    browser.press(page, "Confirm ACME call")
    assert {(one.task, one.state) for one in postings(house, ada)} == {
        ("WEB-12", "withdrawn"),
        ("WEB-13", "held"),
    }


@pytest.mark.parametrize(("answer", "state"), [("I found it there", "posted"), ("It is not there", "held")])
def test_R04_what_nobody_can_tell_its_contributor_says(
    sent: None, house: House, ada: Member, browser: Browser, link: Links, answer: str, state: str
) -> None:
    comes_to(house, ada, state="unclear", reason="Two records could be it.")
    page = browser.open(link(ada))
    assert "Daybook cannot tell whether it reached Memory, WEB-12. Two records could be it." in page.text
    browser.press(page, answer)
    assert postings(house, ada)[0].state == state


def test_a_posted_entry_says_where_it_is_and_offers_nothing_that_cannot_be_done(
    sent: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    comes_to(house, ada, state="posted")
    page = browser.open(link(ada))
    assert "You found it in Memory, WEB-12. Nothing more is done." in page.text
    assert not [label for label in page.buttons if "ACME call" in label]


def test_what_waits_says_why_until_when_and_that_it_takes_long(
    sent: None, house: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    comes_to(house, ada, reason="The tool did not answer.", not_before=clock() + timedelta(minutes=5))
    page = browser.open(link(ada))
    assert "Waits. The tool did not answer. Next try at 08:51." in page.text
    clock.wait(days=1)
    assert "This has taken more than a day." in browser.open(link(ada)).text


# --- by hand, and nothing to add ---------------------------------------------------------------------------


def test_a_draft_by_hand_is_added_once_however_often_its_form_is_sent(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    before = drafts(house, ada).keys()
    form = browser.follow(opened, "Add by hand")
    for _ in range(2):
        browser.press(form, "Add", length="1:05", text="Phone call", project="internal")
    (new,) = drafts(house, ada).keys() - before
    added = drafts(house, ada)[new].suggestion
    assert (added.minutes, added.text, added.target) == (65, "Phone call", "none")


def test_P10_what_was_typed_anew_after_an_answer_was_lost_is_not_called_added(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    before = drafts(house, ada).keys()
    form = browser.follow(opened, "Add by hand")
    browser.press(form, "Add", length="30", text="Phone call")
    refused = browser.press(form, "Add", length="45", text="Phone call with Ben")
    assert (refused.status, len(drafts(house, ada)) - len(before)) == (422, 1)
    assert deeds.ADDED in refused.text
    assert {("length", "45"), ("text", "Phone call with Ben")} <= {*refused.forms[0].fields}
    for _ in range(2):
        browser.press(refused, "Add")
    new = [drafts(house, ada)[key].suggestion for key in drafts(house, ada).keys() - before]
    assert sorted((one.minutes, one.text) for one in new) == [(30, "Phone call"), (45, "Phone call with Ben")]


def test_a_draft_by_hand_says_what_it_was(opened: Page, browser: Browser, house: House, ada: Member) -> None:
    before = drafts(house, ada)
    refused = browser.press(browser.follow(opened, "Add by hand"), "Add", length="30")
    assert (refused.status, drafts(house, ada)) == (422, before)
    assert "Say what it was, or choose a project." in refused.text


def test_nothing_to_add_answers_the_day_and_leaves_its_drafts_open(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    answered = browser.press(opened, "Nothing to add")
    with house.store.reading() as tx:
        day = tx.days.get(ada.id, YESTERDAY)
    assert day and day.answered_at
    assert drafts(house, ada)["a"].decision == "open"
    browser.press(answered, "Take that back")
    with house.store.reading() as tx:
        day = tx.days.get(ada.id, YESTERDAY)
    assert day and day.answered_at is None


# --- what made no draft, and days without any --------------------------------------------------------------


def test_evidence_without_a_draft_is_named_with_the_reason(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    at = datetime(2026, 11, 19, 12, tzinfo=BERLIN)
    seen = [
        Activity(source="memory", uid="d", kind="meeting", start=at, end=at, title="Dentist"),
        Activity(source="memory", uid="l", kind="logged", start=at, minutes=20, title="Cookie banner"),
        Activity(
            source="memory", uid="w", kind="away", start=at, end=at + timedelta(hours=1), title="Doctor"
        ),
        Activity(source="memory", uid="v", kind="meeting", start=at, end=at, title="Vacation", all_day=True),
    ]
    with house.store.writing() as tx:
        sightings = [Sighting(origin=one.uid, activities=((ada.id, one),)) for one in seen]
        tx.evidence.apply("memory", sightings, {ada.id: ada.zone}, house.clock())
        sheet = (
            '{"capacity":0,"away":60,"logged":20,"gaps":0,"outside":0,"attended":0,"attributed":{},'
            '"ignored":[{"uid":"d","why":"has no length"},{"uid":"lost","why":"declined"}],'
            '"absences":[{"uid":"v","why":"leave takes the whole day"}],'
            '"overlapped":[{"uid":"w","minutes":60,"why":"The time went to another meeting."}],'
            '"parked":[{"uid":null,"why":"names no task"}]}'
        )
        version = tx.days.version(ada.id, YESTERDAY)
        tx.days.reconciled(ada.id, YESTERDAY, sheet, house.mappings_hash, version, house.clock())
    text = browser.open(link(ada)).text
    for said in (
        "Cookie banner : 20 min",
        "Doctor : 12:00-13:00",
        "Vacation : leave takes the whole day",
        "Dentist : has no length",
        "Something your tools no longer show : declined",
        "Doctor : 1 h. The time went to another meeting.",
        "Something your tools no longer show : names no task",
    ):
        assert said in text
    assert "There is no draft of this day so far, and not all of it was seen" in text


def test_a_day_nobody_looked_at_says_so(browser: Browser, link: Links, ada: Member) -> None:
    page = browser.open(link(ada))
    assert "There is nothing to confirm." in page.text
    assert "Daybook has not looked at this day yet." in page.text


def test_a_private_event_is_a_block_for_its_owner_to_name(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    why = Reason(kind="meeting", sentence="Marked private, so its title is not read. Name it, or dismiss it.")
    drafted(house, ada, draft("p", "10:00", 30, "", project=None, target=None, because=(why,)))
    page = browser.open(link(ada))
    assert why.sentence in page.text
    assert "Without a text" in page.text


# --- the days of a link ------------------------------------------------------------------------------------


def test_S03_a_link_opens_a_week_and_not_a_day_more(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    first, before = YESTERDAY - timedelta(days=6), YESTERDAY - timedelta(days=7)
    later = YESTERDAY + timedelta(days=1)
    for number, one in enumerate((first, before, later, YESTERDAY)):
        drafted(house, ada, draft(f"d{number}", "10:00", text=f"{one:%A} work", day=one))
    page = browser.open(link(ada))
    there = browser.follow(page, "Fri 13 Nov")
    assert "Friday work" in there.text
    assert not [href for _, href in page.links if str(before) in href or str(later) in href]
    for closed in (before, later, "2026-13-01", "yesterday"):
        assert browser.open(f"{link(ada)}?on={closed}").status == 404


def test_S03_a_form_reaches_no_draft_of_a_day_outside_its_link(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    before = YESTERDAY - timedelta(days=7)
    drafted(house, ada, draft("old", "10:00", day=before), draft("a", "10:00"))
    inside = browser.open(link(ada, day=before))
    form, _ = inside.button("Confirm ACME call")
    outside = link(ada)
    stands = everything(house, but="sessions")
    for on in ([], [("on", str(before))]):
        answer = browser.send(f"{outside}/confirm", [*bare(form), *on])
        assert answer.status in (404, 409)
    assert everything(house, but="sessions") == stands


def test_a_form_on_another_day_comes_back_to_that_day(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    day = YESTERDAY - timedelta(days=1)
    drafted(house, ada, draft("w", "10:00", day=day))
    page = browser.open(f"{link(ada)}?on={day}")
    for label in ("Confirm ACME call", "Take it back", "Nothing to add"):
        page = browser.press(page, label)
        assert "Wednesday, 18 November" in page.text
    page = browser.press(browser.follow(page, "Edit"), "Save", length="45")
    assert "Wednesday, 18 November" in page.text
    assert drafts(house, ada, day)["w"].suggestion.minutes == 45


# --- nobody else -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ben", "mara", "otto"])
def test_P1_nobody_elses_link_shows_or_touches_anything_of_adas_day(
    day: None,
    name: str,
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    request: pytest.FixtureRequest,
) -> None:
    other: Member = request.getfixturevalue(name)
    form, _ = browser.open(link(ada)).button("Confirm all 3")
    for purpose in PURPOSES:
        text = browser.open(link(other, purpose)).text
        assert not [word for word in ("ACME call", "Address form", "Lunch", "Ada") if word in text]
    stands = everything(house)
    for deed in ("confirm", "dismiss", "undo", "settle", "again", "found", "edit"):
        browser.send(f"{link(other)}/{deed}", form.fields)
    assert everything(house) == stands


def test_a_connected_account_is_not_asked_for(
    day: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada-1", SecretStr("t"), house.clock())
    assert "not connected" not in browser.open(link(ada)).text


def test_a_revision_nobody_was_given_is_answered_and_not_choked_on(opened: Page, browser: Browser) -> None:
    form, _ = opened.button("Confirm ACME call")
    fields = [(name, "9" * 5_000 if name == "revision" else value) for name, value in form.fields]
    answer = browser.sent(form.action, fields)
    assert answer.status_code == 409


def test_P6_an_open_draft_says_what_would_change_it_and_a_decided_one_does_not(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(
        house,
        ada,
        draft("a", "10:00", 30, "ACME call", otherwise="Decline it in your calendar."),
        draft("b", "11:00", 30, "Stand-up", otherwise="Mark it as free.", decision="dismissed"),
        draft("c", "12:00", 30, "Review", otherwise="Accept it.", decision="confirmed"),
    )
    text = browser.open(link(ada)).text
    assert "In your calendar; you accepted. +30 min Decline it in your calendar." in text
    assert "Mark it as free." not in text
    assert "Accept it." not in text
