"""Whatever is done with files, clocks and daemons, a looser policy waits for its day (S-20)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML
from structlog.testing import capture_logs

from core.policy import Policy
from daybook import daemon, joining, policies
from daybook.check import findings
from daybook.daemon import enrol, serve
from daybook.house import House, Member
from daybook.languages import speaking
from daybook.status import look
from daybook.wiring import open_house
from tests.daybook.conftest import Clock
from tests.ports import free_port

TODAY = date(2026, 12, 10)
AFTER = date(2026, 12, 25)
"""The day after a notice of 14 days given today."""
POLICY: dict[str, Any] = {
    "why": "Two invoices were disputed this quarter.",
    "contact": "ops@northwind.example",
    "effective": "2026-12-01",
    "tracked": {"asana": ["title", "section history"]},
    "not_tracked": ["guests"],
}
PEOPLE = ["ada@northwind.example", "ben@northwind.example"]
LOOSER = {"retention": {"evidence": "90 days"}}
TIGHTER = {"tracked": {"asana": ["section history"]}}


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 12, 10, 9, 0, tzinfo=UTC))


class Office:
    """One store, and whatever file lies beside it today."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.file, self.clock = folder / "daybook.yaml", clock
        self.opened: list[House] = []

    def write(self, manage: Sequence[str] = (), **changes: Any) -> None:
        people: list[dict[str, Any]] = [{"name": email.partition("@")[0], "email": email} for email in PEOPLE]
        if manage:
            people = [one | {"manages": ["studio"] if one["email"] in manage else []} for one in people]
            people += [
                {"name": name, "email": f"{name}@northwind.example", "team": "studio"} for name in "cd"
            ]
        key = base64.b64encode(bytes(range(32))).decode()
        said = {
            "version": 1,
            "policy": POLICY | changes,
            "connections": {"asana": {"type": "asana", "token": "none"}},
            "people": people,
            "rollout": {"stage": "normal", "skip_pilot_because": "Two people work here."},
            "mail": {"from": "Daybook <daybook@northwind.example>", "smtp": "127.0.0.1:9", "tls": "none"},
            "page": {"url": "http://127.0.0.1:18797", "listen": f"127.0.0.1:{free_port()}"},
            "store": {"url": f"sqlite:///{self.file.parent}/daybook.db", "key": key},
        }
        YAML(typ="safe").dump(said, self.file)

    def look(self, **changes: Any) -> House:
        """Open the house with this policy, and write nothing."""
        self.write(**changes)
        house = open_house(self.file, self.clock)
        self.opened.append(house)
        return house

    def start(self, **changes: Any) -> House:
        """What every start of a daemon does first."""
        house = self.look(**changes)
        enrol(house)
        return house


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    office = Office(tmp_path, clock)
    yield office
    for house in office.opened:
        house.store.close()


def kept(house: House) -> int:
    return house.policy.retention.evidence


def ada(house: House) -> Member:
    with house.store.reading() as tx:
        return next(one for one in house.members(tx) if one.person.name == "ada")


def acknowledges(house: House, version: str | None = None) -> None:
    who = ada(house)
    with house.store.writing() as tx:
        tx.people.invited(who.id, house.policy_version, house.clock())
    assert joining.acknowledge(house, who, version or house.policy_version)


def test_S20_a_restart_waits_as_long_as_everybody_else(office: Office) -> None:
    office.start()
    for _ in range(3):
        house = office.start(**LOOSER)
        assert (kept(house), house.configuration.policy) == (45, house.policy)
        assert house.standing.coming is not None
        assert house.standing.coming.since == AFTER
        office.clock.wait(days=1)
    office.clock.now = datetime(2026, 12, 25, 0, 0, tzinfo=UTC)
    house = office.start(**LOOSER)
    assert (kept(house), house.policy_since, house.standing.coming) == (90, AFTER, None)


def test_P08_what_is_tighter_holds_from_the_next_start(office: Office) -> None:
    office.start()
    house = office.start(**TIGHTER)
    assert (house.policy.tracked, house.policy_since) == ({"asana": ("section history",)}, TODAY)
    assert house.connectors["asana"].source == "asana"


def test_S20_an_old_file_brings_nothing_back(office: Office) -> None:
    office.start()
    office.start(**TIGHTER)
    office.clock.wait(days=30)
    house = office.start()
    assert house.policy.tracked == {"asana": ("section history",)}
    assert house.standing.coming is not None


def test_S20_a_file_taken_back_is_announced_anew(office: Office) -> None:
    office.start()
    office.start(**LOOSER)
    office.start()
    office.clock.wait(days=15)
    house = office.start(**LOOSER)
    assert house.standing.coming is not None
    assert house.standing.coming.seen == AFTER


def test_S20_a_clock_put_back_begins_no_notice_in_the_past(office: Office) -> None:
    house = office.start()
    house.store.forget({}, office.clock())
    office.clock.now -= timedelta(days=20)
    office.start(**LOOSER)
    office.clock.now += timedelta(days=20)
    house = office.start(**LOOSER)
    assert (kept(house), house.standing.coming and house.standing.coming.since) == (45, AFTER)


def test_S20_a_look_with_another_file_promises_and_breaks_nothing(office: Office) -> None:
    first = office.start()
    assert kept(office.look(**LOOSER)) == 45
    with first.store.reading() as tx:
        assert tx.policies.standing() == first.standing
    office.clock.wait(days=20)
    assert kept(office.start(**LOOSER)) == 45


def test_S20_a_second_daemon_with_another_file_is_noticed_by_the_first(office: Office) -> None:
    first = office.start()
    assert not policies.is_over(first)
    enrol(office.look(**LOOSER))
    assert policies.is_over(first)
    renewed = policies.renewed(first)
    policies.keep(renewed)
    assert renewed.standing == first.standing
    office.clock.wait(days=15)
    assert kept(office.start(**LOOSER)) == 45


def test_S20_in_the_store_the_strictest_of_both_stands_beside_what_is_announced(office: Office) -> None:
    office.start()
    house = office.start(**(LOOSER | TIGHTER))
    assert (kept(house), house.policy.tracked) == (45, {"asana": ("section history",)})
    with house.store.reading() as tx:
        assert tx.policies.standing() == house.standing
        texts = tx.policies.texts()
    assert len(texts) == 3
    assert texts[house.policy_version] == house.policy
    assert isinstance(texts[policies.news(house)], Policy)


def test_S20_somebody_new_who_manages_waits_like_all_that_is_looser(office: Office) -> None:
    """Under `people`, where no word of the policy changed; whom they follow reads no more from now on."""
    ada_, ben = PEOPLE
    reports = {"reports": [{"who": "managers", "what": ["project"], "cadence": "weekly"}]}
    first = office.start(manage=[ada_], **reports)
    waiting = office.start(manage=[ben], **reports)
    assert (first.policy.managers, waiting.policy.managers) == ((ada_,), ())
    (wait,) = waiting.waits
    assert wait.what == "policy.managers"
    assert wait.sentence == (
        f"{ben} is one of the managers who get the reports. "
        "It waits until 25 December 2026; before, it stays as it is."
    )
    later = policies.change(waiting, first.policy_version).later
    assert [one.sentence for one in later] == [f"{ben} is one of the managers who get the reports."]
    office.clock.now = datetime(2026, 12, 25, 9, 0, tzinfo=UTC)
    there = office.start(manage=[ben], **reports)
    with there.store.reading() as tx:
        assert policies.managing(there, tx) == {ben: AFTER}


def test_P3_an_acknowledgement_covers_what_allows_no_more(office: Office) -> None:
    house = office.start()
    acknowledges(house)
    tighter = office.start(**TIGHTER)
    assert ada(tighter).consent
    assert ada(tighter).contributor.acknowledged != tighter.policy_version


def test_P3_who_said_nothing_to_a_looser_one_is_not_read_from_its_day_on(office: Office) -> None:
    acknowledges(office.start())
    waiting = office.start(**LOOSER)
    assert ada(waiting).consent
    office.clock.wait(days=15)
    there = office.start(**LOOSER)
    assert not ada(there).consent
    acknowledges(there)
    assert ada(there).consent


def test_P3_what_is_announced_can_be_acknowledged_ahead(office: Office) -> None:
    acknowledges(office.start())
    waiting = office.start(**LOOSER, why="Three clients ask for reports.")
    acknowledges(waiting, policies.news(waiting))
    assert ada(waiting).consent
    office.clock.wait(days=15)
    there = office.start(**LOOSER, why="Three clients ask for reports.")
    assert kept(there) == 90
    assert ada(there).consent


def test_P3_nobody_acknowledges_what_is_to_come_before_what_holds(office: Office) -> None:
    office.start()
    waiting = office.start(**LOOSER)
    assert not joining.acknowledge(waiting, ada(waiting), policies.news(waiting))
    assert ada(waiting).contributor.agreed == frozenset()


def test_P08_the_running_daemon_passes_over_when_the_day_comes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a restart, and with connectors that ask for what the new policy allows."""
    office.start()
    house = office.look(**LOOSER)
    seen: list[tuple[int, int]] = []

    def started(under: House) -> None:
        enrol(under)
        policy = under.configuration.policy
        assert policy is not None
        seen.append((kept(under), policy.retention.evidence))
        if len(seen) == 1:
            office.clock.wait(days=15)
        else:
            under.stopping.set()
        under.work_is_waiting.set()

    monkeypatch.setattr("daybook.daemon.enrol", started)
    ending = threading.Timer(20, house.stopping.set)
    ending.start()
    assert serve(house)
    ending.cancel()
    assert seen == [(45, 45), (90, 90)]
    with house.store.reading() as tx:
        standing = tx.policies.standing()
    assert standing is not None
    assert (standing.in_force.policy.retention.evidence, standing.in_force.since) == (90, AFTER)


# --- said by name and line ---------------------------------------------------------------------------------


def line_of(office: Office, word: str) -> str:
    lines = office.file.read_text().splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if word in line)
    return f"{office.file}:{number}:"


def test_P08_what_waits_is_said_by_name_and_line_until_when_and_who_knows(office: Office) -> None:
    first = office.start()
    acknowledges(first)
    house = office.start(**LOOSER)
    where = line_of(office, "90 days")
    (wait,) = house.waits
    assert wait.what == "policy.retention.evidence"
    assert wait.place.startswith(where)
    assert wait.sentence == (
        "What calendars and tools said is kept for 90 days, not for 45 days. "
        "It waits until 25 December 2026; before, it stays at 45 days."
    )
    standing = look(house)
    policy, said = standing.policy, " ".join(" ".join(standing.lines()).split())
    assert f"Version {house.policy_version} holds since 1 December 2026." in policy
    assert f"Version {policies.news(house)} allows more and holds from 25 December 2026" in policy
    assert policy.endswith("0 of 1 people who acknowledged a version were told.")
    assert f"{wait.place} {wait.what} {wait.sentence}" in said
    found = list(findings(office.file, online=False, clock=office.clock))
    assert (wait.what, True, wait.sentence, wait.place) in found
    assert next(one for one in found if one.what == "policy").sentence == policy


def test_P08_a_daemon_that_starts_says_what_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.start()
    house = office.look(**LOOSER)
    ends_at_once = SimpleNamespace(run=house.stopping.set, idle=True)
    monkeypatch.setattr(daemon, "runner", lambda _: ends_at_once)
    with capture_logs() as logged:
        serve(house)
    (said,) = (event for event in logged if event["event"] == "policy.waits")
    assert line_of(office, "90 days") in said["reason"]
    assert "policy.retention.evidence" in said["reason"]


def test_nothing_waits_where_nothing_is_looser(office: Office) -> None:
    office.start()
    house = office.start(**TIGHTER)
    assert house.waits == ()
    found = list(findings(office.file, online=False, clock=office.clock))
    assert [one.sentence for one in found if one.what.startswith("policy")] == [
        f"Version {house.policy_version} holds since 10 December 2026."
    ]


def test_W07_what_changes_is_said_in_the_language_of_whom_it_is_said_to(office: Office) -> None:
    first = office.start()
    waiting = office.start(**LOOSER)
    with speaking("de"):
        (one,) = policies.change(waiting, first.policy_version).later
    assert one.sentence == (
        "Was Kalender und Werkzeuge sagten, wird 90 Tage aufbewahrt, statt bisher 45 Tage."
    )


def test_S20_who_only_helps_follows_what_is_written_down_and_an_older_file_takes_nothing_back(
    office: Office,
) -> None:
    """A page on another machine, whose administrator put the new file there a while later."""
    office.start()
    page = replace(office.look(), follows=True)
    daemon = office.start(**TIGHTER)
    assert policies.is_over(page), "without a restart"
    after = policies.renewed(page)
    assert after.policy == daemon.policy != page.policy
    assert not policies.is_over(after) and not policies.is_over(daemon)


def test_who_helps_goes_back_to_an_earlier_stage_with_the_others(office: Office, clock: Clock) -> None:
    """Else a worker whose file is of yesterday reads people whom the rollout no longer reaches."""
    office.start()
    helper = policies.renewed(replace(office.look(), follows=True))
    assert set(helper.named) == set(PEOPLE) and not policies.is_over(helper)
    office.file.write_text(office.file.read_text().replace("stage: normal", "stage: expand"))
    daemon = open_house(office.file, clock)
    office.opened.append(daemon)
    enrol(daemon)
    assert not daemon.named
    assert policies.is_over(helper)
    after = policies.renewed(helper)
    assert not after.named and not policies.is_over(after)
