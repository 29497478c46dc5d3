"""The review, the card and the message of the first day say what holds, and nothing of anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.exits import Measured, Terms
from core.rollout import Stage
from daybook import papers, policies, remarks
from daybook.errors import No
from daybook.house import House, Member
from daybook.languages import speaking
from daybook.page.app import create
from daybook.page.render import on_paper
from tests.daybook.conftest import Clock
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import link
from tests.daybook.test_languages import english, made_up, third, unmarked

__all__ = ["english", "link", "made_up", "third"]


@pytest.fixture
def reviewed(house: House, ada: Member, clock: Clock) -> House:
    """A pilot of three weeks: one week with many days, one with few, a stop, a remark and its answer."""
    began = clock() - timedelta(days=25)
    with house.store.writing() as tx:
        tx.rollout.add(began, "stage", "pilot", "A rollout begins with it.", Terms().model_dump_json())
        step = tx.rollout.stage()
        assert step is not None
        many = {"days": 20, "answered": 17, "decided": 50, "untouched": 41, "seconds:45": 20}
        tx.rollout.count(step.serial, "2026-W45", many)
        tx.rollout.count(step.serial, "2026-W46", {"days": 9, "answered": 9})
        seen = Measured(elapsed=24, answered=26, weeks=tx.rollout.counts())
        tx.rollout.keep(clock() - timedelta(days=1), step.serial, seen.model_dump_json())
        tx.rollout.add(clock() - timedelta(days=3), "stopped", "pilot", "Three people left.", "{}")
    remarks.say(house, ada, "draft", "Dentists are no work.", signed=True)
    with house.store.reading() as tx:
        (remark,) = tx.remarks.all()
    remarks.answer(house, remark.id, "Private events are out.")
    return replace(house, stage_in_force="normal")


def text(house: House, days: int = 30) -> str:
    return "\n".join(papers.review(house, days).lines())


def test_the_review_says_week_by_week_how_it_went(reviewed: House) -> None:
    said = text(reviewed)
    assert (
        "Week of 2 November 2026: about 85 % of the days answered, about 80 % of the drafts confirmed "
        "untouched and half of the days in 45 seconds or less." in said
    )
    assert "Week of 9 November 2026: too few days to say anything." in said
    assert "17 November 2026: It stopped by itself. Three people left." in said
    assert "1 remark, none without an answer." in said
    assert f"Version {reviewed.policy_version} holds from this day." in said


def test_P13_of_a_pilot_no_signs_are_told_and_no_names(reviewed: House) -> None:
    said = text(reviewed)
    assert "Not looked for: that takes at least 8 people and four weeks." in said
    assert "Ada" not in said


def test_P1_everybody_reads_the_review_so_no_remark_and_no_answer_stands_in_it(
    reviewed: House, ada: Member
) -> None:
    remarks.judge(reviewed, ada, False, "My Friday was shorter.")
    said = text(reviewed)
    for sentence in ("Dentists", "Private events", "Friday was"):
        assert sentence not in said
    assert "2 remarks, 1 without an answer." in said


def test_contributors_read_the_same_page(reviewed: House, ada: Member, link: object) -> None:
    browser = Browser(create(reviewed))
    page = browser.follow(browser.open(link(ada)), "how the rollout goes")  # type: ignore[operator]
    seen = browser.follow(page, "Review of 30 days").text
    for line in papers.review(reviewed, 30).lines():
        for part in line.strip().split(": "):
            assert " ".join(part.split()) in seen
    assert browser.follow(page, "Review of 90 days").text.startswith("The first 90 days")


def test_contributors_read_the_review_in_their_language(reviewed: House, made_up: str) -> None:
    with speaking(made_up):
        said = text(reviewed)
    theirs = {"Northwind", "pilot", "Three", "people", "left", "rollout", "begins", "with", "it"}
    assert {*unmarked(f"<body>{said}")} - theirs == set()


def test_a_review_of_the_past_says_how_it_stood_then(reviewed: House, clock: Clock) -> None:
    """Read a quarter later: another stage, other numbers and another policy are of a later day."""
    before, asked = text(reviewed), reviewed.policy
    policies.keep(reviewed)
    clock.wait(days=60)
    with reviewed.store.writing() as tx:
        tx.rollout.add(clock(), "stage", "expand", "All is reached.", Terms().model_dump_json())
    later = policies.renewed(
        replace(
            reviewed,
            ledger=policies.look(
                reviewed.store, asked.model_copy(update={"contact": "new@northwind.example"}), clock()
            ).standing,
            connecting=lambda _: reviewed.connectors,
        )
    )
    policies.keep(later)
    assert later.policy_version != reviewed.policy_version
    said = text(later)
    assert "What the stage pilot is to reach" in said and "expand" not in said
    assert later.policy_version not in said and reviewed.policy_version in said
    assert "Answered days: At least 20.\n" in said and "eached:" not in said
    _, _, since = said.partition("Week by week")
    assert since == before.partition("Week by week")[2]


def test_there_is_nothing_to_review_before_a_stage(house: House) -> None:
    with pytest.raises(No, match="No stage has begun yet"):
        papers.review(house, 30)


@pytest.mark.parametrize(
    ("hold", "said"),
    [
        (600, "For 10 minutes you can take it back."),
        (90, "For 90 seconds you can take it back."),
        (0, "posted where it says.\n"),
    ],
)
def test_a_card_says_how_long_a_yes_can_be_taken_back(house: House, hold: int, said: str) -> None:
    posting = house.configuration.posting.model_copy(update={"hold": hold})
    configuration = house.configuration.model_copy(update={"posting": posting})
    card = papers.card(papers.Filling(configuration, house.policy, "pilot", ("Jira",)))
    assert said in "\n".join(card.lines())


def test_a_card_and_a_first_message_are_filled_from_the_policy(house: House) -> None:
    said = papers.Filling(house.configuration, house.policy, "pilot", ("Google Calendar", "Jira"))
    for paper in (papers.card(said), papers.day_one(said)):
        told = "\n".join(paper.lines())
        assert "ops@northwind.example" in told and house.policy_version in told
        assert len(told.split()) < 450, "one page"
        html = on_paper(paper)
        assert "two invoices were disputed" in html if paper.title.startswith("Daybook begins") else True
        assert "<script" not in html and "http" not in html
    first = "\n".join(papers.day_one(said).lines())
    assert "nothing from Google Calendar and Jira" in first
    assert "Days answered within a week: at least 85 %." in first
    assert "Not read: descriptions, guests, screen and keyboard." in first


def test_S08_what_people_wrote_is_text_on_paper(house: House) -> None:
    why = house.policy.model_copy(update={"why": "<script>alert(1)</script>"})
    said = papers.Filling(house.configuration, why, "pilot", ("Jira",))
    assert "<script" not in on_paper(papers.day_one(said))


@pytest.mark.parametrize(
    ("stage", "told", "untold"),
    [
        ("shadow", "The pilot is of 4 to 8 people", "no pilot"),
        ("pilot", "The pilot is of 4 to 8 people", "no pilot"),
        ("expand", "It widens to everybody only once", "The pilot"),
        ("normal", "Everybody takes part.", "widens"),
    ],
)
def test_P09_the_first_message_speaks_of_the_stage_it_begins_with(
    house: House, stage: Stage, told: str, untold: str
) -> None:
    rollout = house.configuration.rollout.model_copy(update={"skip_pilot_because": "Two people work here."})
    configuration = house.configuration.model_copy(update={"rollout": rollout})
    said = papers.Filling(configuration, house.policy, stage, ("Jira",))
    first = "\n".join(papers.day_one(said).lines())
    assert told in first and untold not in first
    assert ("Why there was no pilot" in first) == (stage in ("expand", "normal"))
