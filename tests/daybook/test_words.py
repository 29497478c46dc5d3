"""What mails and pages say alike."""

from __future__ import annotations

from typing import Any

import pytest

from core.policy import Policy
from daybook.words import Section, Tool, duration, period, policy, tool

JIRA = Tool(
    "Jira", (("title", "The summary of an issue."), ("worklogs", "")), "everyone who can see the issue"
)
CALENDAR = Tool("Google Calendar", (), None)


def told(*tools: Tool, **more: Any) -> dict[str, Section]:
    said: dict[str, Any] = {
        "why": "Two  invoices\nwere disputed.",
        "contact": "ops@northwind.example",
        "effective": "2026-11-01",
        "tracked": {"jira": ["title", "worklogs"]},
    }
    return {section.heading: section for section in policy(Policy.model_validate(said | more), tools)}


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (61, "1 h 1 min"), (600, "10 h")]
)
def test_a_length_is_short_and_exact(minutes: int, said: str) -> None:
    assert duration(minutes) == said


@pytest.mark.parametrize(("days", "said"), [(1, "1 day"), (90, "90 days"), (365, "1 year"), (730, "2 years")])
def test_whole_years_are_said_as_years(days: int, said: str) -> None:
    assert period(days) == said


def test_a_tool_is_called_as_its_connector_says_and_one_that_is_gone_by_its_kind() -> None:
    assert (tool("google_calendar"), tool("time_clock")) == ("Google Calendar", "Time clock")


def test_P11_what_is_read_is_listed_by_tool_with_what_each_word_means() -> None:
    sections = told(JIRA, CALENDAR)
    assert sections["What is read in Jira"].terms == (
        ("Title", "The summary of an issue."),
        ("Worklogs", ""),
    )
    assert sections["What is read in Google Calendar"].sentences == ("Nothing is read there.",)


def test_P04_who_can_read_what_is_posted_is_said_of_each_tool_that_is_posted_to() -> None:
    nobody_said = JIRA._replace(called="Asana", readers="")
    seen = told(JIRA, nobody_said, CALENDAR)["Who sees what"].sentences
    assert "In Jira it can then be read by everyone who can see the issue." in seen
    assert "In Asana it can then be read by whoever can see that task." in seen
    assert not [sentence for sentence in seen if "Google" in sentence]


@pytest.mark.parametrize(("private", "said"), [("busy", "only the time is kept"), ("ignore", "left out")])
def test_P11_what_becomes_of_private_events_is_said(private: str, said: str) -> None:
    assert said in " ".join(told(private_events=private)["What is not read"].sentences)


@pytest.mark.parametrize(
    ("back_fill", "said"), [(0, "Daybook begins from there"), (14, "looks back 14 days")]
)
def test_the_first_look_back_is_said_where_there_is_one(back_fill: int, said: str) -> None:
    assert said in told(back_fill=back_fill)["From when"].sentences[0]
