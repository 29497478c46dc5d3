"""Time is written once, under its contributor's own name, and never over a person's hand."""

from __future__ import annotations

from datetime import date

import pytest
import responses

from connectors.asana.connector import Asana
from connectors.asana.posting import AsanaWriter
from connectors.asana.settings import Settings
from connectors.contract import Account, Credential, Paced, Receipt, Refused, Terms, Unclear
from core.model import Entry
from tests.connectors.asana.world import DAY, MORNING, AsanaWorld, Losing

KEY = "0123456789abcdef0123456789abcdef"
ENDPOINT = "https://app.asana.com/api/1.0"
POST = "POST /api/1.0/tasks/{task_gid}/time_tracking_entries"


@pytest.fixture
def entry(world: AsanaWorld) -> Entry:
    return Entry(
        id="e-1",
        day=DAY,
        start=MORNING,
        minutes=45,
        billable=True,
        target=f"asana:{world.task}",
        text="ACME call",
    )


@pytest.fixture
def writer(world: AsanaWorld, connector: Asana) -> AsanaWriter:
    return connector.writer(world.ada, world.credential(world.ada))


def lost(world: AsanaWorld, writer: AsanaWriter, entry: Entry) -> str:
    """A post whose answer never came; gives the baseline of its look."""
    baseline = writer.baseline(entry)
    assert isinstance(world.site.faults, Losing)
    world.site.faults.lose = True
    with pytest.raises(Unclear):
        writer.post(KEY, entry)
    return baseline


def test_R03_the_description_ends_in_a_marker_that_reveals_nothing(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    writer.post(KEY, entry)
    (record,) = world.posted()
    assert record.text == "ACME call [db:0123456789]"
    assert record.day == DAY
    assert not [word for word in ("ada", entry.id) if word in record.text.partition("[")[2]]


def test_an_entry_without_words_is_its_marker(world: AsanaWorld, writer: AsanaWriter, entry: Entry) -> None:
    writer.post(KEY, entry.model_copy(update={"text": ""}))
    (record,) = world.posted()
    assert record.text == "[db:0123456789]"


def test_R06_one_lost_answer_is_one_post(world: AsanaWorld, writer: AsanaWriter, entry: Entry) -> None:
    baseline = lost(world, writer, entry)
    assert world.site.counts[POST] == 1
    found = writer.find(KEY, entry, baseline)
    assert found is not None and [record.id for record in world.posted()] == [found.id]


def test_P8_what_a_person_changed_before_we_looked_is_still_ours(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    baseline = lost(world, writer, entry)
    (record,) = world.posted()
    world.edit(record.id)
    found = writer.find(KEY, entry, baseline)
    assert found is not None and found.id == record.id


# --- plans that lack something ------------------------------------------------------------------------------


def test_a_plan_without_billing_costs_one_refused_request_and_no_marker(
    world: AsanaWorld, connector: Asana, writer: AsanaWriter, entry: Entry
) -> None:
    world.site.addon_fields = frozenset({"billable_status"})
    writer.post(KEY, entry)
    assert world.site.counts[POST] == 2
    other = connector.writer(world.ben, world.credential(world.ben))
    other.post("ffff", entry)
    assert world.site.counts[POST] == 3  # remembered for the whole connection
    assert [record.text[-1] for record in world.posted()] == ["]", "]"]


@pytest.fixture
def plain(world: AsanaWorld) -> None:
    """A plan without billing and without descriptions."""
    world.site.addon_fields = frozenset({"billable_status", "description"})


def test_R04_without_descriptions_the_only_new_entry_is_adopted(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry, plain: None
) -> None:
    first = writer.post("first", entry)
    assert world.posted()[0].text == ""
    baseline = lost(world, writer, entry)
    found = writer.find(KEY, entry, baseline)
    assert found is not None and {record.id for record in world.posted()} == {first.id, found.id}


def test_R04_without_descriptions_none_is_none_and_several_are_nobodys_guess(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry, plain: None
) -> None:
    writer.post("first", entry)
    baseline = writer.baseline(entry)
    world.site.add_time_entry(world.task, world.ada.external, entry.minutes + 1, DAY)
    world.site.add_time_entry(world.task, world.ada.external, entry.minutes, date(2026, 11, 19))
    assert writer.find(KEY, entry, baseline) is None
    for _ in range(2):
        world.site.add_time_entry(world.task, world.ada.external, entry.minutes, DAY)
    with pytest.raises(Unclear):
        writer.find(KEY, entry, baseline)


def test_R09_in_doubt_it_is_found_by_any_of_its_marks_on_any_task(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    other = world.site.add_task(None, "Elsewhere", world.ada.external)
    shorter = entry.model_copy(update={"minutes": 5, "target": f"asana:{other}"})
    receipt = writer.post("3" * 32, shorter)
    assert receipt.task == other
    assert writer.find(KEY, entry, "", ("2" * 32, "3" * 32)) == receipt
    assert writer.find(KEY, entry, "", ("2" * 32,)) is None


def test_R09_in_doubt_and_without_descriptions_other_time_of_that_day_is_nobodys_guess(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry, plain: None
) -> None:
    writer.post(KEY, entry.model_copy(update={"minutes": 5}))
    with pytest.raises(Unclear):
        writer.find(KEY, entry, "", ("2" * 32,))
    like = writer.post(KEY, entry)
    assert writer.find(KEY, entry, "", ("2" * 32,)) == like


def test_R04_a_like_entry_without_words_is_nobodys_guess_while_the_plan_is_unknown(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    baseline = writer.baseline(entry)
    world.site.add_time_entry(world.task, world.ada.external, entry.minutes, DAY)
    with pytest.raises(Unclear):
        writer.find(KEY, entry, baseline)
    writer.post("other", entry.model_copy(update={"minutes": 5}))  # now it is known to keep descriptions
    assert writer.find(KEY, entry, baseline) is None


def test_without_descriptions_an_amend_still_sees_a_persons_hand(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry, plain: None
) -> None:
    receipt = writer.post(KEY, entry)
    shorter = entry.model_copy(update={"minutes": 30, "revision": 2})
    receipt = writer.amend(receipt, "k2", shorter)
    world.edit(receipt.id)
    with pytest.raises(Refused):
        writer.amend(receipt, "k3", entry)
    assert [record.minutes for record in world.posted()] == [31]


def test_a_plan_without_time_tracking_is_the_administrators_matter(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    world.site.time_tracking = False
    for call in (lambda: writer.baseline(entry), lambda: writer.post(KEY, entry)):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.whose == "connection" and "another target" in str(caught.value)
    world.site.time_tracking = True  # bought meanwhile: nothing was remembered that stands in the way
    writer.post(KEY, entry)
    assert world.posted()[0].text.endswith("]")


# --- categories and billing ---------------------------------------------------------------------------------

CATEGORIES = "GET /api/1.0/time_tracking_categories"


def of(world: AsanaWorld) -> list[tuple[str, list[str]]]:
    return [(entry.billable, list(entry.categories)) for entry in world.site.time_entries]


def test_a_category_the_workspace_knows_by_the_same_name_goes_along(
    world: AsanaWorld, connector: Asana, writer: AsanaWriter, entry: Entry
) -> None:
    world.site.add_category("Old meetings", archived=True)
    meeting = world.site.add_category("Meeting")
    for category in ("meeting", "delivery", "old meetings", None):
        writer.post(KEY, entry.model_copy(update={"category": category, "billable": category is None}))
    other = connector.writer(world.ben, world.credential(world.ben))
    other.post("k2", entry.model_copy(update={"category": "MEETING"}))
    assert of(world) == [
        ("nonBillable", [meeting]), ("nonBillable", []), ("nonBillable", []), ("billable", []),
        ("billable", [meeting]),
    ]  # fmt: skip
    assert world.site.counts[CATEGORIES] == 1


def test_a_category_archived_meanwhile_refuses_one_entry_and_is_known_from_then_on(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    meeting = world.site.add_category("Meeting")
    entry = entry.model_copy(update={"category": "meeting"})
    writer.post("first", entry)
    world.site.archive_category(meeting)
    with pytest.raises(Refused):
        writer.post(KEY, entry)
    writer.post(KEY, entry)
    assert [categories for _, categories in of(world)] == [[meeting], []]


def test_what_the_plan_lacks_is_left_out_and_not_tried_again(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    world.site.add_category("Meeting")
    world.site.addon_fields = frozenset({"categories", "billable_status"})
    entry = entry.model_copy(update={"category": "Meeting"})
    for key in (KEY, "k2"):
        writer.post(key, entry)
    assert of(world) == [("notApplicable", [])] * 2
    assert world.site.counts[POST] == 4
    assert all(record.text.endswith("]") for record in world.posted())


def test_I6_a_category_or_billing_a_person_changed_is_their_hand(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    world.site.add_category("Meeting")
    receipt = writer.post(KEY, entry.model_copy(update={"category": "Meeting"}))
    world.site.change_time_entry(receipt.id, billable="nonBillable")
    with pytest.raises(Refused):
        writer.withdraw(receipt)
    assert len(world.posted()) == 1


# --- what is no longer only theirs --------------------------------------------------------------------------


def test_I6_into_a_week_that_is_handed_in_nothing_is_posted_unasked(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    world.site.add_timesheet(world.ada.external, date(2026, 11, 16), date(2026, 11, 22))
    with pytest.raises(Refused, match="handed in") as caught:
        writer.baseline(entry)
    assert caught.value.whose == "entry"
    writer.baseline(entry.model_copy(update={"day": date(2026, 11, 23)}))


@pytest.mark.parametrize("status", ["DRAFT", "REJECTED"])
def test_a_week_that_is_still_theirs_is_posted_into(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry, status: str
) -> None:
    week = (date(2026, 11, 16), date(2026, 11, 22))
    world.site.add_timesheet(world.ada.external, *week, status)  # type: ignore[arg-type]
    world.site.add_timesheet(world.ben.external, *week)
    assert writer.baseline(entry) == "[]"


@responses.activate
def test_I6_an_entry_of_an_approved_timesheet_is_left_alone() -> None:
    said = {"gid": "5", "duration_minutes": 45, "entered_on": "2026-11-20", "approval_status": "APPROVED"}
    responses.get(f"{ENDPOINT}/time_tracking_entries/5", json={"data": said})
    receipt = Receipt(id="5", task="7", stamp="any")
    for call in (lambda: _alone().amend(receipt, "k2", _an_entry()), lambda: _alone().withdraw(receipt)):
        with pytest.raises(Refused, match="handed in") as caught:
            call()
        assert caught.value.whose == "entry"
    assert {call.request.method for call in responses.calls} == {"GET"}


def test_a_colleagues_entry_on_the_task_is_not_in_our_baseline(
    world: AsanaWorld, writer: AsanaWriter, entry: Entry
) -> None:
    world.record(world.ben, entry)
    mine = world.record(world.ada, entry)
    assert writer.baseline(entry) == f'["{mine}"]'


def test_a_no_break_space_is_no_persons_hand(world: AsanaWorld, writer: AsanaWriter, entry: Entry) -> None:
    receipt = writer.post(KEY, entry.model_copy(update={"text": "ACME\u00a0call  twice"}))
    assert writer.find(KEY, entry, "[]") == receipt
    writer.withdraw(receipt)
    assert world.posted() == []


def test_a_record_does_not_move_to_another_task(world: AsanaWorld, writer: AsanaWriter, entry: Entry) -> None:
    receipt = writer.post(KEY, entry)
    other = world.site.add_task(world.board, "Other", world.mara)
    with pytest.raises(Refused):
        writer.amend(receipt, "k2", entry.model_copy(update={"target": f"asana:{other}"}))
    assert [(record.task, record.minutes) for record in world.posted()] == [(world.task, 45)]


def test_somebody_elses_record_is_not_changed_or_removed(
    world: AsanaWorld, connector: Asana, writer: AsanaWriter, entry: Entry
) -> None:
    receipt = writer.post(KEY, entry)
    ben = connector.writer(world.ben, world.credential(world.ben))
    for call in (
        lambda: ben.amend(receipt, "k2", entry.model_copy(update={"minutes": 5})),
        lambda: ben.withdraw(receipt),
    ):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.whose == "entry"
    assert [record.minutes for record in world.posted()] == [45]


# --- answers nobody can read --------------------------------------------------------------------------------


@responses.activate
@pytest.mark.parametrize(
    "body", [{}, {"data": None}, {"data": []}, {"data": {"gid": 5}}, [], "later"], ids=str
)
def test_R02_a_201_that_says_nothing_is_unclear(body: object) -> None:
    responses.post(f"{ENDPOINT}/tasks/7/time_tracking_entries", json=body, status=201)
    with pytest.raises(Unclear):
        _alone().post(KEY, _an_entry())
    assert len(responses.calls) == 1


@responses.activate
def test_R06_too_fast_means_nothing_was_made_and_when_to_come_back() -> None:
    responses.post(
        f"{ENDPOINT}/tasks/7/time_tracking_entries", json={}, status=429, headers={"Retry-After": "7"}
    )
    with pytest.raises(Paced) as caught:
        _alone().post(KEY, _an_entry())
    assert caught.value.wait.total_seconds() == 7
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    ("status", "whose"), [(400, "entry"), (401, "account"), (403, "entry"), (404, "entry"), (451, "entry")]
)
def test_a_refusal_says_who_must_act_and_is_sent_once(status: int, whose: str) -> None:
    body = {"errors": [{"message": "task: ACME call of ada@northwind.example"}]}
    responses.post(f"{ENDPOINT}/tasks/7/time_tracking_entries", json=body, status=status)
    with pytest.raises(Refused) as caught:
        _alone().post(KEY, _an_entry())
    assert caught.value.whose == whose
    assert "ACME" not in str(caught.value) and caught.value.__cause__ is None
    assert len(responses.calls) == 1


def _alone() -> AsanaWriter:
    connector = Asana("asana", Settings.model_validate({"token": "otto-token"}), Terms())
    credential = Credential.model_validate({"secret": "ada-token"})
    return connector.writer(Account(contributor="ada", external="1"), credential)


def _an_entry() -> Entry:
    return Entry(id="e-1", day=DAY, start=MORNING, minutes=45, target="asana:7", text="ACME call")
