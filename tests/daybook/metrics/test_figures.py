"""What a scrape tells: of the machine what is, of people only what cannot be one person's (P1, P13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.budget import Budget
from connectors.layers import Pacing
from connectors.memory import Tool
from core import posting
from core.exits import Measured
from core.model import Entry
from core.posting import PostingState
from core.rounds import Post, Pull, Reconcile
from daybook import jobs
from daybook.daemon import enrol
from daybook.doing import LATE, Doing
from daybook.house import House, Member
from daybook.metrics import collect
from daybook.metrics.figures import FIGURES
from tests.daybook.conftest import TODAY, Clock
from tests.daybook.metrics.conftest import Shown, Ticks

Scrape = Callable[[House], Shown]
PULL = Pull(connection="memory", partition="memory")


def filed(house: House, who: Member, state: PostingState, number: int = 1) -> None:
    """An entry somebody confirmed, and where it stands."""
    entry = Entry(id=f"e-{number}", day=TODAY, start=house.clock(), minutes=30, target="memory:WEB-1")
    held = posting.hold(f"p-{number}", entry, who.id, house.clock(), timedelta(minutes=15))
    with house.store.writing() as tx:
        tx.postings.add(held.model_copy(update={"state": state}))


def only(shown: Shown, kind: str) -> Shown:
    """The figures of one kind."""
    names = {figure.name for figure in FIGURES if figure.kind == kind}
    return {key: value for key, value in shown.items() if key[0].removesuffix("_total") in names}


def test_every_figure_says_what_it_is_and_no_label_can_name_anybody() -> None:
    assert all(figure.says for figure in FIGURES)
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    labels = {label for figure in FIGURES for label in figure.labels}
    assert labels == {"version", "connection", "kind", "outcome", "state", "answered", "as_suggested"}


# --- P1, P13: nobody's day is read from a series -----------------------------------------------------------


def people(configuration: Configuration, number: int) -> Configuration:
    """The studio with so many people, who may be read."""
    some = [{"name": f"P{n}", "email": f"p{n}@northwind.example"} for n in range(number)]
    return Configuration.model_validate(configuration.model_dump(by_alias=True) | {"people": some})


def test_P13_what_somebody_confirms_moves_no_figure_in_the_minute_they_do(
    house: House, ada: Member, scrape: Scrape
) -> None:
    """Otto scrapes every fifteen seconds. At 10:42 Ada confirms, and at 10:57 it is posted."""
    before = scrape(house)
    for number, state in enumerate(("held", "sending", "posted", "withdrawn"), 1):
        filed(house, ada, state, number)  # type: ignore[arg-type]
        assert differences(before, scrape(house)) == set()


def test_P13_no_job_that_somebodys_click_sets_off_is_counted_as_it_is_done(
    house: House, here: Doing, scrape: Scrape, configuration: Configuration
) -> None:
    """Also where they are many: who knows that only Ada works on Saturday would know when."""
    many = replace(house, configuration=people(configuration, 40))
    before = scrape(many)
    for work in (Post(posting="p-1", lane="x"), Reconcile(contributor="c", days=(TODAY,))):
        with here.job(work):
            pass
        here.looked([work])
    assert differences(before, scrape(many)) <= {("daybook_look_age_seconds",)}


def test_P13_the_rhythm_of_pulls_shows_only_where_many_are_read(
    house: House, here: Doing, scrape: Scrape, configuration: Configuration
) -> None:
    """A calendar that is not pulled says that its owner is not at work."""
    with here.job(PULL):
        pass
    assert only(scrape(house), "rhythm") == {}, "four people"
    floor = house.policy.groups.minimum
    assert only(scrape(replace(house, configuration=people(configuration, floor - 1))), "rhythm") == {}
    shown = only(scrape(replace(house, configuration=people(configuration, floor))), "rhythm")
    assert shown[("daybook_jobs_total", "Pull", "done")] == 1
    assert {key[1] for key in shown} == {"Pull"}


@pytest.mark.parametrize(("days", "shown"), [(49, False), (50, True)])
def test_P13_a_week_counts_only_if_its_days_cannot_be_those_of_fewer_people(
    house: House, days: int, shown: bool
) -> None:
    """Seven people have forty-nine days in a week; the group is of eight."""
    week = {"days": days, "answered": 40, "decided": 100, "untouched": 90}
    found = collect.deeds({"2026-W40": week, "2026-W52": {"days": 5, "answered": 5}}, house)
    assert found == (
        {
            "days": [(("yes",), 40), (("no",), days - 40)],
            "drafts": [(("yes",), 90), (("no",), 10)],
        }
        if shown
        else {}
    )


def test_P13_deeds_are_of_whole_weeks_and_a_week_late(house: House, scrape: Scrape) -> None:
    """On Friday the 20th the week of the 2nd is the last whose days all had their week, and a day more."""
    counts = {"days": 60, "answered": 50, "decided": 10, "untouched": 5}
    weeks = dict.fromkeys(("2026-W44", "2026-W45", "2026-W46", "2026-W47"), counts)
    with house.store.writing() as tx:
        look = Measured(weeks=weeks).model_dump_json()
        tx.rollout.keep(house.clock() - timedelta(days=1), 1, look)
        tx.rollout.keep(house.clock(), 1, Measured(weeks=weeks | {"2026-W43": counts}).model_dump_json())
    assert only(scrape(house), "deeds")[("daybook_days_total", "yes")] == 2 * 50


def test_P13_the_one_request_of_a_click_moves_no_budget(house: House, scrape: Scrape) -> None:
    budget = Budget(rate=10, burst=20, clock=lambda: 0.0)
    paced = replace(house, connectors={"memory": Pacing(house.connectors["memory"], budget=budget)})
    assert scrape(paced)[("daybook_budget_left", "memory")] == 1
    budget.take()
    assert scrape(paced)[("daybook_budget_left", "memory")] == 1
    for _ in range(14):
        budget.take()
    assert scrape(paced)[("daybook_budget_left", "memory")] == 0.25
    budget.rest(timedelta(minutes=1))
    assert scrape(paced)[("daybook_budget_left", "memory")] == 0


def differences(before: Shown, after: Shown) -> set[tuple[str, ...]]:
    moved = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return {key for key in moved if key[0] != "daybook_disk_free_bytes"}


# --- trouble is told as it is ------------------------------------------------------------------------------


def test_what_a_target_refused_is_told_at_once(house: House, ada: Member, scrape: Scrape) -> None:
    filed(house, ada, "refused", 1)
    filed(house, ada, "unclear", 2)
    shown = scrape(house)
    assert shown[("daybook_postings", "refused")] == shown[("daybook_postings", "unclear")] == 1


def test_a_posting_or_a_pull_that_waits_too_long_is_late_by_kind_and_by_connection(
    house: House, here: Doing, ticks: Ticks, scrape: Scrape
) -> None:
    here.looked([Post(posting="p-1", lane="x"), PULL, PULL.model_copy(update={"partition": "c-ben"})])
    ticks.now = LATE - 1
    shown = scrape(house)
    assert shown[("daybook_late", "Post")] == shown[("daybook_source_late", "memory")] == 0
    ticks.now = LATE + 60
    shown = scrape(house)
    assert (shown[("daybook_late", "Post")], shown[("daybook_late_seconds", "Post")]) == (1, LATE + 60)
    assert shown[("daybook_source_late", "memory")] == 2
    assert shown[("daybook_source_lag_seconds", "memory")] == LATE + 60
    assert shown[("daybook_look_age_seconds",)] == LATE + 60


def test_work_that_breaks_is_counted_whatever_it_is(house: House, here: Doing, scrape: Scrape) -> None:
    with pytest.raises(ValueError, match="mine"), here.job(Post(posting="p-1", lane="x")):
        raise ValueError("mine")
    assert scrape(house)[("daybook_jobs_broken_total", "Post")] == 1


def test_a_source_that_fails_says_how_many_and_since_when(
    house: House, ada: Member, tool: Tool, clock: Clock, ticks: Ticks, scrape: Scrape
) -> None:
    with house.store.writing() as tx:
        tool.tokens["token"] = "ada@memory"
        tx.grants.save(ada.id, "memory", "ada@memory", SecretStr("token"), clock())
    assert scrape(house)[("daybook_source_failing", "memory")] == 0
    tool.mishaps += ["unavailable"]
    jobs.perform(house, PULL)
    clock.wait(minutes=3)
    assert scrape(house)[("daybook_source_failing", "memory")] == 1
    assert scrape(house)[("daybook_source_failing_seconds", "memory")] == 180


def test_a_credential_that_ends_says_when(house: House, scrape: Scrape) -> None:
    ends = replace(house, ends={"memory": TODAY + timedelta(days=10)})
    left = scrape(ends)[("daybook_credential_ends_seconds", "memory")]
    assert timedelta(days=9) < timedelta(seconds=left) < timedelta(days=10)


def test_the_age_of_the_last_backup_is_told_until_the_configuration_says_that_others_make_them(
    house: House, clock: Clock, scrape: Scrape
) -> None:
    enrol(house)
    with house.store.writing() as tx:
        tx.backed_up(clock())
    clock.wait(hours=3)
    assert scrape(house)[("daybook_backup_age_seconds",)] == 3 * 3600
    store = house.configuration.store.model_copy(update={"backups": "elsewhere"})
    theirs = replace(house, configuration=house.configuration.model_copy(update={"store": store}))
    assert ("daybook_backup_age_seconds",) not in scrape(theirs)


def test_a_store_that_does_not_answer_is_a_figure_and_no_error(
    house: House, scrape: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daybook.store.errors import StoreUnavailable

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("It is away.")

    monkeypatch.setattr("daybook.status.look", away)
    shown = scrape(house)
    assert shown[("daybook_store_up",)] == 0
    assert ("daybook_clock_believed",) not in shown
    assert ("daybook_build_info", "0.1.0") in shown


def test_several_who_scrape_cost_one_look_at_the_store(
    house: House, ticks: Ticks, here: Doing, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, look = [], collect.status.look
    monkeypatch.setattr("daybook.status.look", lambda *a, **k: looks.append(1) or look(*a, **k))
    figures = collect.Figures(house, here, ticks)
    for _ in range(3):
        list(figures.collect())
    ticks.now += collect.FRESH
    list(figures.collect())
    assert len(looks) == 2


def test_a_scrape_writes_nothing(house: House, scrape: Scrape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(house.store), "writing", lambda _: pytest.fail("a scrape wrote"))
    assert scrape(house)[("daybook_store_up",)] == 1
