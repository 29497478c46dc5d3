"""Ada's deeds on her drafts, and the entries that come of them."""

from datetime import UTC, date, datetime
from itertools import product
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.drafts import (
    LONGEST_DAY,
    Deed,
    added,
    can,
    confirm,
    dismiss,
    edit,
    entry,
    ready,
    reopen,
    settle,
)
from core.model import Decision, Draft, Reason, Suggestion, Verdict
from core.rules import Project

BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = date(2026, 11, 19)
NINE = datetime(2026, 11, 19, 9, 0, tzinfo=BERLIN)

PROJECTS = {
    "acme-web": Project(
        name="ACME website", client="ACME", category="delivery", billable=True, target={"jira": "task"}
    ),
    "beta": Project(name="Beta", category="delivery", billable=True, target={"jira": "BETA-1"}),
    "garden": Project(name="Garden", category="care", target={"asana": "task"}),
    "internal": Project(name="Internal", category="internal", target={"none": "stays here"}),
    "loose": Project(name="Loose"),
    "joint": Project(name="Joint", share={"acme-web": 67, "beta": 33}),
}
TOOLS = {"jira": "jira", "asana": "asana"}
CALL = Suggestion(
    key="call-1",
    day=THURSDAY,
    start=datetime(2026, 11, 19, 9, 0, tzinfo=UTC),
    minutes=60,
    attributed={"acme-web": 60},
    project="acme-web",
    category="delivery",
    billable=True,
    target="jira:WEB-12",
    task="WEB-12",
    text="ACME call",
    confidence="sure",
    because=(Reason(kind="meeting", uid="ev-1", minutes=60, sentence="ACME call, 10:00 to 11:00."),),
)
LATER = CALL.model_copy(update={"minutes": 30, "attributed": {"acme-web": 30}})
DECISIONS: tuple[Decision, ...] = get_args(Decision)
DEEDS: tuple[Deed, ...] = get_args(Deed)


def drafted(decision: Decision = "open", suggestion: Suggestion = CALL, **rest: object) -> Draft:
    return Draft.model_validate({"suggestion": suggestion, "seen": CALL, "decision": decision, **rest})


def well(outcome: Draft | Verdict) -> Draft:
    assert isinstance(outcome, Draft), outcome
    return outcome


def refused(outcome: Draft | Verdict) -> str:
    assert isinstance(outcome, Verdict), outcome
    assert not outcome
    return outcome.reason


def explained(suggestion: Suggestion) -> int:
    return sum(reason.minutes for reason in suggestion.because)


@pytest.mark.parametrize(("deed", "decision"), list(product(DEEDS, DECISIONS)))
def test_what_can_answers_is_what_the_deed_does(deed: Deed, decision: Decision) -> None:
    draft = drafted(decision, noticed=deed != "settle")
    outcome = {
        "edit": lambda: edit(draft, PROJECTS, minutes=45),
        "confirm": lambda: confirm(draft),
        "dismiss": lambda: dismiss(draft),
        "reopen": lambda: reopen(draft),
        "settle": lambda: settle(draft, take=False),
    }[deed]()
    assert isinstance(outcome, Draft) == bool(can(draft, deed))
    if isinstance(outcome, Verdict):
        assert outcome.reason.endswith(".")


def test_P2_confirmed_and_dismissed_ones_are_not_edited_confirmed_or_dismissed_in_passing() -> None:
    for decision in ("confirmed", "dismissed"):
        for deed in ("edit", "confirm", "dismiss"):
            assert not can(drafted(decision), deed)


def test_P2_an_edit_makes_the_draft_hers() -> None:
    mine = well(edit(drafted(), PROJECTS, minutes=45, text="ACME call, follow-up"))
    assert mine.decision == "edited"
    assert mine.touched
    assert (mine.suggestion.minutes, mine.suggestion.text) == (45, "ACME call, follow-up")
    assert mine.seen == CALL


def test_P6_an_edit_says_so_and_the_because_still_adds_up() -> None:
    mine = well(edit(drafted(), PROJECTS, minutes=45, text="Follow-up"))
    assert mine.suggestion.because[:-1] == CALL.because
    assert mine.suggestion.because[-1] == Reason(
        kind="decision",
        minutes=-15,
        sentence="You changed the length from 1 hour to 45 minutes and the text.",
    )
    assert explained(mine.suggestion) == 45


def test_saving_a_form_without_a_change_leaves_the_draft_open() -> None:
    same = edit(drafted(), PROJECTS, minutes=60, project="acme-web", billable=True, text="ACME call")
    assert same == drafted()


def test_a_new_project_brings_its_category_billing_and_target() -> None:
    moved = well(edit(drafted(), PROJECTS, project="internal")).suggestion
    assert (moved.project, moved.category, moved.billable, moved.target) == (
        "internal",
        "internal",
        False,
        "none",
    )
    assert moved.attributed == {"internal": 60}


def test_P2_what_she_states_herself_outweighs_the_project() -> None:
    moved = well(
        edit(drafted(), PROJECTS, project="internal", category="travel", billable=True, target="jira:WEB-1")
    ).suggestion
    assert (moved.category, moved.billable, moved.target) == ("travel", True, "jira:WEB-1")


def test_saying_the_same_project_again_keeps_what_a_rule_said_about_billing() -> None:
    support = CALL.model_copy(update={"billable": False})
    kept = well(edit(drafted(suggestion=support), PROJECTS, project="acme-web", minutes=45)).suggestion
    assert kept.billable is False


ASANA_TASK = CALL.model_copy(update={"target": None, "task": "1201", "project": None, "attributed": {}})


@pytest.mark.parametrize(
    ("project", "before", "target"),
    [
        ("beta", CALL, "jira:BETA-1"),
        ("loose", CALL, None),
        ("garden", CALL, None),
        ("garden", CALL.model_copy(update={"target": None, "task": None}), None),
        ("garden", ASANA_TASK, "asana:1201"),
        ("acme-web", ASANA_TASK, None),
    ],
    ids=["catch-all", "no target", "an issue in Asana", "no task", "its own task", "an Asana task in Jira"],
)
def test_a_new_project_posts_where_it_can_and_asks_where_it_cannot(
    project: str, before: Suggestion, target: str | None
) -> None:
    draft = drafted(suggestion=before)
    assert well(edit(draft, PROJECTS, TOOLS, project=project)).suggestion.target == target


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("jira", "Name the connection and the task, like jira:WEB-12, or none to keep it in Daybook only."),
        ("jria:WEB-12", "There is no connection 'jria'. Choose one of jira, asana, or none."),
        ("jira:1201", "'1201' is no place at jira: name an issue key, like WEB-12."),
        ("asana:WEB-12", "'WEB-12' is no place at asana: name the number of a task, like 1201000000000777."),
    ],
)
def test_P14_a_place_that_is_none_is_refused_with_what_would_be_one(target: str, said: str) -> None:
    assert edit(drafted(), PROJECTS, TOOLS, target=target) == Verdict(allowed=False, reason=said)


def test_a_new_project_that_belongs_to_several_is_attributed_as_it_says() -> None:
    moved = well(edit(drafted(), PROJECTS, TOOLS, project="joint", minutes=45)).suggestion
    assert (moved.project, moved.attributed) == ("joint", {"acme-web": 30, "beta": 15})


@pytest.mark.parametrize(
    ("stated", "word"),
    [
        ({"minutes": 0}, "at least one minute"),
        ({"minutes": -5}, "at least one minute"),
        ({"minutes": LONGEST_DAY + 1}, "more than a day"),
        ({"project": "acme"}, "'acme'"),
        ({"target": "WEB-12"}, "jira:WEB-12"),
        ({"target": "jira:"}, "jira:WEB-12"),
        ({"text": "x" * 1025}, "1024"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(stated: dict[str, object], word: str) -> None:
    assert word in refused(edit(drafted(), PROJECTS, **stated))  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 300), min_size=2, max_size=4), st.integers(1, LONGEST_DAY))
def test_a_call_shared_between_clients_stays_shared_to_the_minute(shares: list[int], minutes: int) -> None:
    names = ["acme-web", "beta", "garden", "internal"][: len(shares)]
    shared = CALL.model_copy(
        update={"minutes": sum(shares), "attributed": dict(zip(names, shares, strict=True)), "because": ()}
    )
    after = well(edit(drafted(suggestion=shared), PROJECTS, minutes=minutes)).suggestion.attributed
    assert sum(after.values()) == minutes
    assert list(after) == names
    assert all(
        abs(after[n] - s * minutes / sum(shares)) < len(shares) for n, s in zip(names, shares, strict=True)
    )


def test_a_call_billed_in_full_to_two_clients_stays_billed_in_full() -> None:
    both = CALL.model_copy(update={"attributed": {"acme-web": 60, "beta": 60}})
    after = well(edit(drafted(suggestion=both), PROJECTS, minutes=45)).suggestion
    assert after.attributed == {"acme-web": 45, "beta": 45}


def test_a_draft_without_target_or_minutes_is_not_ready() -> None:
    assert ready(drafted())
    nowhere = drafted(suggestion=CALL.model_copy(update={"target": None}))
    assert "Choose where" in refused(confirm(nowhere))
    empty = drafted(suggestion=CALL.model_copy(update={"minutes": 0}))
    assert "one minute" in refused(confirm(empty))
    endless = drafted(suggestion=CALL.model_copy(update={"minutes": LONGEST_DAY + 1}))
    assert "more than a day" in refused(confirm(endless))


def test_a_project_that_closed_takes_no_yes_and_one_without_a_project_does() -> None:
    unmapped = drafted(suggestion=CALL.model_copy(update={"project": None}))
    for projects in (None, {}):
        assert well(confirm(unmapped, projects)).decision == "confirmed"
    assert "closed by now" in refused(confirm(drafted(), {}))


def test_undo_of_an_untouched_confirmation_lets_the_draft_follow_its_evidence_again() -> None:
    assert reopen(well(confirm(drafted()))) == drafted()
    assert reopen(well(dismiss(drafted()))) == drafted()


def test_P2_undo_of_a_confirmation_keeps_the_edit_before_it() -> None:
    mine = well(edit(drafted(), PROJECTS, minutes=45))
    assert reopen(well(confirm(mine))) == mine
    assert reopen(well(dismiss(mine))) == mine


def test_P2_an_edit_the_source_later_agrees_with_is_still_hers() -> None:
    mine = well(edit(drafted(), PROJECTS, minutes=30))
    agreed = mine.model_copy(update={"seen": LATER})
    assert well(reopen(well(confirm(agreed)))).decision == "edited"


def test_undo_of_an_edit_goes_back_to_the_evidence_as_it_is_now() -> None:
    mine = well(edit(drafted(), PROJECTS, minutes=45)).model_copy(update={"seen": LATER, "noticed": False})
    back = well(reopen(mine))
    assert (back.suggestion, back.decision, back.noticed) == (LATER, "open", True)


def test_an_edit_without_evidence_has_nothing_to_go_back_to() -> None:
    mine = well(edit(drafted(), PROJECTS, minutes=45)).model_copy(update={"seen": None})
    assert "nothing to go back to" in refused(reopen(mine))


@pytest.mark.parametrize("decision", DECISIONS)
def test_P2_a_changed_source_is_answered_once_and_her_own_stands_if_she_says_so(decision: Decision) -> None:
    flagged = drafted(decision, seen=LATER, noticed=False)
    kept = well(settle(flagged, take=False))
    assert (kept.suggestion, kept.decision, kept.noticed) == (CALL, decision, True)
    assert "nothing new" in refused(settle(kept, take=True))


@pytest.mark.parametrize(
    ("decision", "after"),
    [("open", "open"), ("edited", "open"), ("confirmed", "confirmed"), ("dismissed", "open")],
)
def test_P2_she_can_take_what_the_source_says_now(decision: Decision, after: Decision) -> None:
    taken = well(settle(drafted(decision, seen=LATER, noticed=False), take=True))
    assert (taken.suggestion, taken.decision, taken.noticed) == (LATER, after, True)


def test_P2_a_meeting_that_is_gone_takes_nothing_with_it_unless_she_agrees() -> None:
    flagged = drafted("edited", seen=None, noticed=False)
    assert well(settle(flagged, take=False)).decision == "edited"
    assert well(settle(flagged, take=True)).decision == "dismissed"


def test_a_draft_written_by_hand_is_hers_from_the_start() -> None:
    mine = well(added("r4nd0m", THURSDAY, 20, PROJECTS, project="beta", text="Phone call"))
    assert (mine.key, mine.decision, mine.seen) == ("hand:r4nd0m", "edited", None)
    assert (mine.suggestion.target, mine.suggestion.billable) == ("jira:BETA-1", True)
    assert mine.suggestion.attributed == {"beta": 20}
    assert [reason.sentence for reason in mine.suggestion.because] == ["You wrote this by hand."]
    assert explained(mine.suggestion) == 20
    assert well(confirm(mine)).decision == "confirmed"


def test_a_draft_written_by_hand_is_checked_like_an_edit() -> None:
    assert "one minute" in refused(added("r4nd0m", THURSDAY, 0, PROJECTS))
    assert "'nobody'" in refused(added("r4nd0m", THURSDAY, 20, PROJECTS, project="nobody"))


def test_the_entry_says_what_was_confirmed_at_her_own_time_of_day() -> None:
    yes = well(confirm(well(edit(drafted(), PROJECTS, minutes=45))))
    out = entry(yes, "e-8f3c", 1, BERLIN, NINE)
    assert (out.id, out.revision, out.day) == ("e-8f3c", 1, THURSDAY)
    assert (out.minutes, out.target, out.text, out.billable) == (45, "jira:WEB-12", "ACME call", True)
    assert out.attributed == {"acme-web": 45}
    assert out.start.isoformat() == "2026-11-19T10:00:00+01:00"


def test_an_entry_without_a_time_of_day_begins_with_her_first_working_minute() -> None:
    task = CALL.model_copy(update={"start": None})
    out = entry(drafted("confirmed", suggestion=task), "e-8f3c", 1, BERLIN, NINE)
    assert out.start.isoformat() == "2026-11-19T09:00:00+01:00"


@pytest.mark.parametrize("decision", ["open", "edited", "dismissed"])
def test_I1_nothing_unconfirmed_becomes_an_entry(decision: Decision) -> None:
    with pytest.raises(ValueError, match="No entry was made"):
        entry(drafted(decision), "e-8f3c", 1, BERLIN, NINE)


def test_S13_a_refusal_to_make_an_entry_names_no_title() -> None:
    with pytest.raises(ValueError, match="call-1") as refusal:
        entry(drafted("edited"), "e-8f3c", 1, BERLIN, NINE)
    assert "ACME" not in str(refusal.value)
