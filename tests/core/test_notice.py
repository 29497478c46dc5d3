"""A policy that allows more waits for its day, whatever is tried to bring it forward (S-20)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.loosening import loosened
from core.notice import Standing, settled
from core.policy import Policy
from tests.core.test_loosening import policies
from tests.core.test_policy import policy

TODAY = date(2026, 12, 10)
AFTER = TODAY + timedelta(days=15)
"""The first day after a notice of 14 days given today."""


def keeping(evidence: int, **more: Any) -> Policy:
    return policy(retention={"evidence": evidence}, **more)


def first(asked: Policy, today: date = TODAY) -> Standing:
    return settled(None, asked, today)


def test_the_first_policy_holds_from_the_day_it_names() -> None:
    standing = first(keeping(45), date(2026, 11, 20))
    assert (standing.in_force.since, standing.coming, standing.former) == (date(2026, 12, 1), None, None)


def test_the_same_again_changes_nothing() -> None:
    standing = first(keeping(45))
    assert settled(standing, keeping(45), TODAY + timedelta(days=9)) == standing


def test_P08_what_is_tighter_holds_at_once() -> None:
    standing = settled(first(keeping(45)), keeping(30, effective="2027-06-01"), TODAY)
    assert (standing.in_force.policy.retention.evidence, standing.in_force.since) == (30, TODAY)
    assert standing.former is not None
    assert standing.former.policy.retention.evidence == 45


def test_P08_what_is_looser_waits_for_the_whole_notice() -> None:
    standing = settled(first(keeping(45)), keeping(90), TODAY)
    assert (standing.in_force.policy.retention.evidence, standing.in_force.since) == (45, date(2026, 12, 1))
    assert standing.coming is not None
    assert (standing.coming.seen, standing.coming.since) == (TODAY, AFTER)
    last_day = settled(standing, keeping(90), AFTER - timedelta(days=1))
    assert last_day == standing
    arrived = settled(standing, keeping(90), AFTER)
    assert (arrived.in_force.policy.retention.evidence, arrived.in_force.since) == (90, AFTER)
    assert (arrived.coming, arrived.former) == (None, standing.in_force)


def test_P08_it_waits_longer_where_the_file_says_so() -> None:
    standing = settled(first(keeping(45)), keeping(90, effective="2027-03-01"), TODAY)
    assert standing.coming is not None
    assert standing.coming.since == date(2027, 3, 1)


def test_S20_meanwhile_the_stricter_of_both_holds() -> None:
    standing = settled(first(keeping(45, groups={"minimum": 8})), keeping(90, groups={"minimum": 12}), TODAY)
    held = standing.in_force.policy
    assert (held.retention.evidence, held.groups.minimum, standing.in_force.since) == (45, 12, TODAY)
    assert settled(standing, keeping(90, groups={"minimum": 12}), TODAY) == standing


def test_S20_a_shorter_notice_does_not_shorten_itself() -> None:
    standing = settled(first(keeping(45)), keeping(90, notice=1), TODAY)
    assert (standing.in_force.policy.notice, standing.coming and standing.coming.since) == (14, AFTER)


def test_S20_an_older_file_is_a_loosening_like_any_other() -> None:
    tighter = settled(first(keeping(45)), keeping(30), TODAY)
    restored = settled(tighter, keeping(45), TODAY)
    assert restored.in_force.policy.retention.evidence == 30
    assert restored.coming is not None
    assert restored.coming.since == AFTER


def test_S20_a_file_that_was_taken_back_is_announced_from_the_beginning() -> None:
    announced = settled(first(keeping(45)), keeping(90), TODAY)
    back = settled(announced, keeping(45), TODAY + timedelta(days=1))
    assert (back.coming, back.in_force) == (None, announced.in_force)
    again = settled(back, keeping(90), AFTER)
    assert again.in_force.policy.retention.evidence == 45
    assert again.coming is not None
    assert again.coming.seen == AFTER


def test_what_allows_no_more_than_was_announced_keeps_its_day() -> None:
    announced = settled(first(keeping(45)), keeping(90, contact="opps@northwind.example"), TODAY)
    mended = settled(announced, keeping(80), TODAY + timedelta(days=10))
    assert mended.coming is not None
    assert (mended.coming.policy.retention.evidence, mended.coming.since) == (80, AFTER)
    more = settled(mended, keeping(81), TODAY + timedelta(days=10))
    assert more.coming is not None
    assert more.coming.since == AFTER + timedelta(days=10)


def test_a_first_day_is_put_off_and_never_brought_forward() -> None:
    before = date(2026, 11, 20)
    standing = first(keeping(45), before)
    assert settled(standing, keeping(45, effective="2026-11-01"), before).in_force.since == date(2026, 12, 1)
    assert settled(standing, keeping(45, effective="2027-01-01"), before).in_force.since == date(2027, 1, 1)
    looser = settled(standing, keeping(90, effective="2026-11-01"), before)
    assert looser.in_force.since == date(2026, 12, 1)


class Tricks(RuleBasedStateMachine):
    """Somebody writes whatever file they like, whenever they like, and restarts as often as they like."""

    @initialize(asked=policies())
    def begin(self, asked: Policy) -> None:
        self.today = TODAY
        self.asked = asked
        self.standing = settled(None, asked, self.today)
        self.files = [asked]
        self.promised = self.today

    @rule(days=st.integers(min_value=0, max_value=3))
    def time_goes_by(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.load(self.asked)

    @rule(asked=policies())
    def write_another(self, asked: Policy) -> None:
        self.files.append(asked)
        self.load(asked)

    @rule(number=st.integers(min_value=0, max_value=50))
    def restore_an_old_one(self, number: int) -> None:
        self.load(self.files[number % len(self.files)])

    def load(self, asked: Policy) -> None:
        before = self.standing
        self.asked, self.standing = asked, settled(before, asked, self.today)
        assert settled(self.standing, asked, self.today) == self.standing
        if loosened(before.in_force.policy, self.standing.in_force.policy):
            assert before.coming is not None, "what allows more was not announced"
            assert not loosened(before.coming.policy, self.standing.in_force.policy)
            assert self.today >= self.promised
        coming = self.standing.coming
        if coming is not None and (before.coming is None or before.coming.seen != coming.seen):
            self.promised = self.today + timedelta(days=before.in_force.policy.notice + 1)

    @invariant()
    def what_holds_is_at_most_what_is_asked_for(self) -> None:
        found = loosened(self.asked, self.standing.in_force.policy)
        assert {one.what for one in found} <= {"policy.why"}


TestTricks = Tricks.TestCase
TestTricks.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
