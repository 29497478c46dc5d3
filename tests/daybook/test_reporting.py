"""From a confirmed day to a released report: once, on its day, to everybody at once (P-20 to P-25)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.schema import Configuration
from connectors.memory import Memory, Tool
from core import rounds
from core.model import Entry
from core.notice import Standing, Version
from core.policy import Billing, version
from daybook import links, reporting, state, wiring
from daybook.cli.report import report
from daybook.house import House, Member
from daybook.jobs import perform
from daybook.mail.send import Carrier
from daybook.page.app import create
from daybook.store.reports import Published
from daybook.words import policy as told_by
from tests.daybook.conftest import BERLIN, Clock
from tests.daybook.mail.said import parsed
from tests.daybook.page.browser import Browser

MONDAY = date(2026, 11, 16)
WEEK = "2026-W47"
DECLARED = datetime(2026, 11, 25, 9, 0, tzinfo=BERLIN)
"""The Wednesday after it."""
STUDIO = [f"s{number}" for number in range(6)]
OFFICE = ["o0", "o1"]
MARA, OTTO = "mara@northwind.example", "otto@northwind.example"


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Eight people in two teams; Mara manages the large one, and takes part in none."""
    people: list[dict[str, Any]] = [
        {"name": "Mara Example", "email": "mara@northwind.example", "manages": ["studio"]}
    ]
    for team, names in (("studio", STUDIO), ("office", OFFICE)):
        people += [
            {"name": name, "email": f"{name}@northwind.example", "team": team, "role": "client_billed"}
            for name in names
        ]
    people.append({"name": "Otto Example", "email": "otto@northwind.example"})
    said = configuration.model_dump(exclude={"store"}, exclude_none=True, by_alias=True)
    said["people"] = people
    said["policy"]["groups"] = {"minimum": 5}
    said["policy"]["reports"] = [
        {"who": "managers", "what": ["client", "billable"], "cadence": "weekly", "on": "wednesday"}
    ]
    said["policy"]["managers"] = [MARA]
    return Configuration.model_validate(said)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 16, 8, 0, tzinfo=BERLIN))


def member(house: House, name: str) -> Member:
    with house.store.reading() as tx:
        return next(one for one in house.members(tx) if one.person.email == f"{name}@northwind.example")


def confirmed(
    house: House, name: str, key: str, minutes: int, day: date = MONDAY, billable: bool = True
) -> None:
    """Something this person said yes to, on this day."""
    entry = Entry(
        id=f"e-{name}-{key}",
        day=day,
        start=datetime(day.year, day.month, day.day, 9, 0, tzinfo=BERLIN),
        minutes=minutes,
        project="acme-web" if billable else "internal",
        billable=billable,
        target="none",
        text="kanarie",
    )
    with house.store.writing() as tx:
        tx.entries.add(member(house, name).id, key, entry)


def a_week(house: House, day: date = MONDAY) -> None:
    for name in (*STUDIO, *OFFICE):
        confirmed(house, name, f"billed-{day}", 600, day)
        confirmed(house, name, f"own-{day}", 300, day, billable=False)


def round_(house: House) -> list[rounds.Work]:
    """What is due of reports, and done."""
    wanted = (rounds.Freeze, rounds.Publish)
    done: list[rounds.Work] = []
    for _ in range(3):
        due = [
            one
            for one in rounds.due(state.snapshot(house, house.clock()), house.clock())
            if isinstance(one, wanted)
        ]
        for work in due:
            perform(house, work)
        done += due
    return done


def all_of(house: House) -> list[Published]:
    with house.store.reading() as tx:
        return tx.reports.all()


@pytest.fixture
def published(house: House, clock: Clock) -> Published:
    """The report of a week, released on its day."""
    assert round_(house) == [rounds.Freeze(week=WEEK)]
    a_week(house)
    clock.now = DECLARED
    assert rounds.Publish(report="weekly by team", period=WEEK) in round_(house)
    (one,) = all_of(house)
    return one


def test_P21_a_week_is_published_on_its_day_and_not_before(house: House, clock: Clock) -> None:
    round_(house)
    a_week(house)
    clock.now = DECLARED - timedelta(hours=10)
    round_(house)
    assert all_of(house) == []
    clock.now = DECLARED
    round_(house)
    assert [(one.pattern.period, one.day) for one in all_of(house)] == [(WEEK, DECLARED.date())]


def test_a_report_that_is_declared_later_reaches_back_to_nothing(house: House, clock: Clock) -> None:
    round_(house)
    a_week(house)
    clock.wait(days=14)
    policy = house.policy.model_copy(update={"effective": clock().date()})
    round_(House(house.configuration, policy, house.connectors, house.store, clock))
    assert all_of(house) == []


def test_a_report_is_made_up_for_after_an_outage_but_not_for_ever(house: House, clock: Clock) -> None:
    round_(house)
    a_week(house)
    clock.now = DECLARED + timedelta(days=32)
    round_(house)
    assert all_of(house) == []
    clock.now = DECLARED + timedelta(days=30)
    round_(house)
    assert [one.pattern.period for one in all_of(house)] == [WEEK]


def test_P20_a_team_gets_figures_and_a_small_one_gets_words(published: Published) -> None:
    office, studio = published.pattern.parts
    assert (studio.group, [(table.what, [row.hours for row in table.rows]) for table in studio.tables]) == (
        "studio",
        [("client", [60, 30]), ("billable", [60, 30])],
    )
    assert (office.group, office.tables, office.small) == ("office", (), True)


def test_P21_a_period_is_published_once(house: House, published: Published, clock: Clock) -> None:
    confirmed(house, "s0", "late", 240)
    clock.wait(hours=1)
    assert not [one for one in round_(house) if isinstance(one, rounds.Publish)]
    reporting.publish(house, "weekly by team", WEEK)
    assert all_of(house) == [published]


def test_P21_late_confirmations_fall_into_the_next_period(
    house: House, published: Published, clock: Clock
) -> None:
    for name in STUDIO:
        confirmed(house, name, "late", 120)
    next_week = MONDAY + timedelta(days=7)
    a_week(house, next_week)
    clock.now = DECLARED + timedelta(days=7)
    round_(house)
    latest = all_of(house)[0]
    assert latest.pattern.period == "2026-W48"
    assert [row.hours for row in latest.pattern.parts[1].tables[1].rows] == [72, 30]


def test_a_corrected_entry_is_not_counted_anew(house: House, published: Published, clock: Clock) -> None:
    with house.store.writing() as tx:
        who = member(house, "s0").id
        entry = tx.entries.get(who, f"e-s0-billed-{MONDAY}")
        assert entry is not None
        tx.entries.add(who, f"billed-{MONDAY}", entry.model_copy(update={"revision": 2, "minutes": 60}))
    a_week(house, MONDAY + timedelta(days=7))
    clock.now = DECLARED + timedelta(days=7)
    round_(house)
    assert [row.hours for row in all_of(house)[0].pattern.parts[1].tables[1].rows] == [60, 30]


def test_P23_what_nobody_confirmed_is_in_no_report(house: House, clock: Clock) -> None:
    round_(house)
    clock.now = DECLARED
    round_(house)
    assert [part.tables for part in all_of(house)[0].pattern.parts] == [(), ()]


def test_membership_is_frozen_as_the_week_begins(
    house: House, clock: Clock, configuration: Configuration, tool: Tool
) -> None:
    round_(house)
    a_week(house)
    said = configuration.model_dump(exclude={"store"}, exclude_none=True, by_alias=True)
    moved = next(person for person in said["people"] if person["name"] == "s0")
    moved["team"] = "office"
    other = Configuration.model_validate(said)
    clock.now = DECLARED
    round_(House(other, house.policy, {"memory": Memory(tool)}, house.store, clock))
    assert [row.hours for row in all_of(house)[0].pattern.parts[1].tables[1].rows] == [60, 30]


def test_who_left_is_out_of_it(house: House, clock: Clock) -> None:
    round_(house)
    a_week(house)
    with house.store.writing() as tx:
        tx.people.leave(member(house, "s0").id, clock())
    clock.now = DECLARED
    round_(house)
    studio = all_of(house)[0].pattern.parts[1]
    assert (studio.tables, studio.small) == ((), True), "five are left"


def test_what_was_published_outlives_an_erasing_and_names_nobody(house: House, published: Published) -> None:
    who = member(house, "s0").id
    with house.store.writing() as tx:
        mark = tx.counted.mark(who)
        tx.people.erase(who)
    with house.store.reading() as tx:
        assert tx.reports.all() == [published]
        release = tx.reports.released(published)
        assert mark in release.groups[1].members
        assert mark not in {piece.who for piece in tx.counted.pieces([WEEK])}
    assert "s0" not in published.model_dump_json()
    assert "kanarie" not in published.model_dump_json()


@pytest.mark.parametrize("lapsed", [(), tuple(STUDIO[1:])])
def test_P22_hours_exported_by_name_leave_no_figure_of_one_person(
    house: House, clock: Clock, configuration: Configuration, lapsed: tuple[str, ...]
) -> None:
    """Who has all hours for ACME by name would have s0's other time, also once nobody else acknowledges."""
    round_(house)
    for name in STUDIO:
        confirmed(house, name, "long", 600)
        confirmed(house, name, "short", 60)
    confirmed(house, "s0", "own", 300, billable=False)
    confirmed(house, "s0", "own short", 60, billable=False)
    report = configuration.policy.reports[0].model_copy(update={"what": ("focus time",)})  # type: ignore[union-attr]
    clock.now = DECLARED
    shown = {}
    for said in (None, Billing(who=("mara@northwind.example",), projects=("acme-web",))):
        policy = house.policy.model_copy(update={"reports": (report,), "billing": said})
        now = House(house.configuration, policy, house.connectors, house.store, clock)
        with house.store.writing() as tx:
            for person in tx.people.all():
                agreed = "another" if person.email.partition("@")[0] in lapsed else now.policy_version
                tx.people.acknowledge(person.id, agreed, clock())
        (pattern,) = reporting.coming(now, clock())
        shown[said is not None] = [table.what for table in pattern.parts[1].tables]
    assert shown == {False: ["focus time"], True: []}


def test_P13_who_does_not_take_part_as_a_week_begins_is_in_no_group(house: House) -> None:
    with house.store.writing() as tx:
        tx.people.acknowledge(member(house, "s0").id, "another", house.clock())
    round_(house)
    with house.store.reading() as tx:
        placed = tx.reports.places(WEEK)
        marks = {name: tx.counted.mark(member(house, name).id) for name in STUDIO}
    assert [name for name in STUDIO if marks[name] not in placed] == ["s0"]


# --- who reads it ------------------------------------------------------------------------------------------


def test_P25_managers_and_all_who_are_in_it_hear_in_the_same_moment(
    house: House, published: Published, clock: Clock
) -> None:
    due = rounds.due(state.snapshot(house, clock()), clock())
    told = {one.contributor for one in due if isinstance(one, rounds.Hand)}
    assert told == {member(house, name).id for name in (*STUDIO, *OFFICE, "mara")}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    outbox: list[Any] = []
    monkeypatch.setattr(Carrier, "send", lambda _, mail, *__: outbox.append(parsed(mail)))
    return outbox


def test_each_of_them_gets_one_mail_without_a_figure(
    house: House, published: Published, clock: Clock, sent: list[Any]
) -> None:
    for _ in range(2):
        for work in rounds.due(state.snapshot(house, clock()), clock()):
            if isinstance(work, rounds.Hand):
                perform(house, work)
    assert len(sent) == 9
    for message in sent:
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        assert "/report/" in text
        assert not any(figure in text + html for figure in ("60 h", "90 h", ">60<"))


def page(house: House, name: str, path: str = "", purpose: links.Purpose = "report") -> str:
    with house.store.writing() as tx:
        address = links.mint(tx, house, member(house, name), purpose, DECLARED.date(), house.clock())
    answer = Browser(create(house)).client.get(
        address.removeprefix("https://daybook.northwind.example") + path
    )
    return str(answer.text) if answer.status_code == 200 else str(answer.status_code)


def body(text: str) -> str:
    """What a page says, less its reader's own name and links."""
    return text.partition('<div class="head">')[2].partition("/csv?")[0].rpartition("<p")[0]


def test_P25_the_page_is_the_same_for_a_manager_and_for_contributors(
    house: House, published: Published
) -> None:
    seen = {name: body(page(house, name)) for name in ("mara", *STUDIO, *OFFICE)}
    assert len(set(seen.values())) == 1
    assert "60 h" in seen["mara"]
    assert "too small for figures" in seen["o0"]
    assert "Managers who read it: <bdi>Mara Example</bdi>." in seen["s0"]


def led_by(house: House, *since: tuple[date, tuple[str, ...]]) -> House:
    """The house after these managers stood in its policy, each from that day on."""
    held: list[Version] = []
    for day, managers in since:
        policy = house.policy.model_copy(update={"managers": managers})
        held.append(Version(version=version(policy), policy=policy, seen=day, since=day))
        with house.store.writing() as tx:
            tx.policies.keep(Standing(in_force=held[-1], former=held[-2] if held[1:] else None))
            for row in tx.people.all():
                tx.people.acknowledge(row.id, held[-1].version, house.clock())
    return replace(house, policy=held[-1].policy, ledger=Standing(in_force=held[-1]))


NOVEMBER = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("since", "read"),
    [
        ([(NOVEMBER, (MARA, OTTO))], True),
        ([(NOVEMBER, (MARA,)), (MONDAY, (MARA, OTTO))], True),
        ([(NOVEMBER, (MARA,)), (MONDAY + timedelta(days=1), (MARA, OTTO))], False),
        ([(NOVEMBER, (MARA, OTTO)), (DECLARED.date(), (MARA,))], False),
        ([(NOVEMBER, (MARA, OTTO)), (MONDAY, (MARA,)), (DECLARED.date(), (MARA, OTTO))], False),
    ],
    ids=["always", "as it began", "a day later", "no longer", "not without a break"],
)
def test_P08_a_manager_reads_only_of_a_time_in_which_the_policy_named_them(
    house: House, published: Published, clock: Clock, since: list[tuple[date, tuple[str, ...]]], read: bool
) -> None:
    """Otto was made a manager, and read at once what others had confirmed before they knew of him."""
    led = led_by(house, *since)
    assert (page(led, "otto", "?number=1") != "404") == read
    assert (page(led, "otto", "/csv?number=1") != "404") == read
    assert ("Otto Example" in page(led, "s0")) == read
    due = rounds.due(state.snapshot(led, clock()), clock())
    told = {one.contributor for one in due if isinstance(one, rounds.Hand)}
    assert (member(led, "otto").id in told) == read
    assert member(led, "mara").id in told


def test_P08_whoever_manages_by_the_file_alone_reads_nothing(
    house: House, published: Published, configuration: Configuration
) -> None:
    people = [one.model_copy(update={"manages": ("studio",)}) for one in configuration.people]
    other = configuration.model_copy(update={"people": tuple(people)})
    assert page(replace(house, configuration=other), "otto", "?number=1") == "404"


def test_P08_the_policy_says_who_reads_as_a_manager(house: House) -> None:
    assert f"As managers, these get reports: {MARA}." in repr(told_by(house.policy, ()))


def test_who_is_in_none_sees_none(house: House, published: Published) -> None:
    assert "No report was published that you may read" in page(house, "otto")
    assert page(house, "otto", "?number=1") == "404"
    assert page(house, "otto", "/csv?number=1") == "404"


def test_the_chart_is_drawn_on_the_server_and_each_figure_stands_beside_its_bar(
    house: House, published: Published
) -> None:
    text = page(house, "s1")
    assert text.count("<rect") == text.count("</th><td aria-hidden") == 4
    assert 'width="1000" height="20"/></svg></td><td>60 h</td>' in text
    assert 'width="500" height="20"/></svg></td><td>30 h</td>' in text
    assert "<script" not in text
    assert "style=" not in text


def test_a_contributor_finds_every_report_on_their_own_page(house: House, published: Published) -> None:
    assert "60 h" in page(house, "s2", "/reports", "own")
    assert "/reports" in page(house, "s2", "/mine", "own")


def test_S08_the_file_for_a_spreadsheet_says_the_same_and_begins_no_formula(
    house: House, clock: Clock, configuration: Configuration, tool: Tool
) -> None:
    said = configuration.model_dump(exclude={"store"}, exclude_none=True, by_alias=True)
    said["projects"]["acme-web"]["client"] = '=HYPERLINK("http://x")'
    house = House(
        Configuration.model_validate(said), house.policy, {"memory": Memory(tool)}, house.store, clock
    )
    round_(house)
    a_week(house)
    clock.now = DECLARED
    round_(house)
    lines = page(house, "s1", "/csv?number=1").lstrip("\ufeff").splitlines()
    assert lines[1] == (
        '"weekly by team","2026-11-16","2026-11-22","studio","client","\'=HYPERLINK(""http://x"")","60"'
    )
    assert len(lines) == 5


# --- what an administrator sees ----------------------------------------------------------------------------


def test_a_dry_run_says_what_would_be_shown_and_keeps_nothing(house: House, clock: Clock) -> None:
    round_(house)
    a_week(house)
    clock.wait(days=4)
    (pattern,) = reporting.coming(house, clock())
    assert [(part.group, [table.what for table in part.tables]) for part in pattern.parts] == [
        ("office", []),
        ("studio", ["client", "billable"]),
    ]
    with house.store.reading() as tx:
        assert tx.counted.pieces([WEEK]) == []
        assert tx.reports.all() == []
    clock.now = DECLARED
    round_(house)
    assert all_of(house)[0].pattern == pattern


@pytest.fixture
def typed(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(wiring, "open_house", lambda *_, **__: house)
    return lambda *words: CliRunner().invoke(report, words)


def test_the_command_lists_what_was_published_and_shows_one_as_it_is(
    typed: Callable[..., Result], published: Published
) -> None:
    listed = typed()
    assert (listed.exit_code, listed.output) == (
        0,
        "   1  2026-11-25  Confirmed time by team, 16 to 22 November 2026\n",
    )
    shown = typed("1").output.splitlines()
    assert shown[7].split() == ["ACME", "60", "h"]
    assert shown[3].startswith("  This team is too small for figures")
    told = json.loads(typed("1", "--json").output)
    assert told["pattern"]["parts"] == json.loads(published.pattern.model_dump_json())["parts"]
    assert [one["id"] for one in json.loads(typed("--json").output)] == [1]


def test_a_report_there_is_not_is_said_so(typed: Callable[..., Result], house: House) -> None:
    assert typed().output == "No report was published yet.\n"
    assert str(typed("7").exception) == "There is no report 7. See which there are with: daybook report"


def test_a_dry_run_names_groups_and_no_figure(typed: Callable[..., Result], house: House) -> None:
    nothing = typed("--dry-run")
    assert (nothing.exit_code, nothing.output.startswith("No report is to come")) == (1, True)
    round_(house)
    assert typed("--dry-run").exit_code == 1
    a_week(house)
    said = typed("--dry-run")
    assert said.exit_code == 0
    assert "  studio: Shown: by client and billable or not." in said.output
    assert "60" not in said.output
    (office, studio) = json.loads(typed("--dry-run", "--json").output)
    assert (office["shown"], studio["shown"]) == ([], ["client", "billable"])
    assert {*studio} == {"report", "period", "group", "shown", "withheld"}
