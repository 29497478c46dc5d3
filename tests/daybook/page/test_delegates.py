"""Ada lets Ben look at her days and prepare them: by her own grant, in her log, until a day (P1, P-07)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from config.schema import Configuration
from core.policy import Delegates
from daybook import deeds, joining, policies
from daybook.house import House, Member
from daybook.page.app import create
from daybook.sandbox.post_office import PostOffice
from daybook.store.access import Access
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, member
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, comes_to, drafts, entries, everything

BEN = "ben@northwind.example"
BEFORE = YESTERDAY - timedelta(days=1)


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    assert configuration.policy is not None
    policy = configuration.policy.model_copy(update={"delegates": Delegates(days=10)})
    return configuration.model_copy(update={"policy": policy})


@pytest.fixture
def home(mailing: House) -> Browser:
    return Browser(create(mailing))


@pytest.fixture
def granting(home: Browser, ada: Member, link: Links) -> Callable[..., Page]:
    def let(address: str = BEN, until: date = TODAY + timedelta(days=5)) -> Page:
        page = home.open(f"{link(ada, 'own')}/delegates")
        return home.press(page, "Let them look", address=address, until=str(until))

    return let


def mailed(post_office: PostOffice) -> str:
    """The link in the newest mail to a delegate."""
    found = [
        one
        for mail in post_office.deliveries
        for one in re.findall(r"https://\S+/delegate/\S+", mail.part("plain"))
    ]
    return str(found[-1])


def log(house: House, who: Member) -> list[Access]:
    with house.store.reading() as tx:
        assert tx.access.intact(who.id)
        return tx.access.of(who.id)


@pytest.fixture
def inside(
    home: Browser, house: House, ada: Member, granting: Callable[..., Page], post_office: PostOffice
) -> Page:
    """Ben on Ada's day, with one draft of hers."""
    drafted(
        house, ada, draft("a", "10:00"), draft("b", "11:00", text="ACME review", about=("series:memory:s",))
    )
    granting()
    return home.open(f"{home.press(home.open(mailed(post_office)), 'Open their days').url}?on={YESTERDAY}")


def test_P1_ben_prepares_and_ada_sees_that_it_was_him(
    home: Browser, house: House, ada: Member, link: Links, inside: Page
) -> None:
    edited = home.press(home.follow(inside, "Edit ACME call"), "Save", length="45")
    assert "Done. It waits for the word of the one whose day it is" in edited.text
    home.press(edited, "Dismiss ACME review")
    added = home.press(home.follow(edited, "Add by hand"), "Add", length="20", text="Wrote to ACME")
    assert "Wrote to ACME" in added.text
    held = drafts(house, ada)
    assert {one.prepared_by for one in held.values()} == {"Ben Example"}
    assert sorted(one.decision for one in held.values()) == ["dismissed", "edited", "edited"]
    hers = home.open(link(ada)).text
    assert "prepared by Ben Example" in hers
    assert "Ben Example changed the length from 30 minutes to 45 minutes." in hers
    assert "Ben Example wrote this by hand." in hers
    with house.store.reading() as tx:
        assert tx.memory.of(ada.id).lessons == ()  # a delegate teaches nothing


@pytest.mark.parametrize("way", ["Split", "Put together", "Move"])
def test_P1_what_ben_splits_merges_or_moves_waits_for_ada_and_she_makes_it_as_it_was(
    home: Browser, house: House, ada: Member, link: Links, inside: Page, way: str
) -> None:
    stood = drafts(house, ada)
    cut = home.follow(home.follow(inside, "Edit ACME call"), "Split, merge or move it instead")
    other = re.search('name="with" value="([^"]+)"', cut.answer.text)
    assert other
    typed = {"Split": {"length": "10"}, "Put together": {"with": other[1]}, "Move": {"to": f"{BEFORE}"}}
    after = home.press(cut, way, **typed[way])
    assert "Done. It waits for the word of the one whose day it is" in after.text
    made = drafts(house, ada) | drafts(house, ada, BEFORE)
    changed = {key: one for key, one in made.items() if one != stood.get(key)}
    assert len(changed) == 2
    assert {one.prepared_by for one in changed.values()} == {"Ben Example"}
    assert {one.decision for one in changed.values()} <= {"edited", "dismissed"}
    said = [one.because[-1].sentence for one in (each.suggestion for each in changed.values())]
    assert any(sentence.startswith("Ben Example ") for sentence in said)
    with house.store.reading() as tx:
        assert tx.memory.of(ada.id).lessons == ()
    hers = home.open(f"{link(ada)}?on={BEFORE}" if way == "Move" else link(ada))
    assert "prepared by Ben Example" in hers.text
    home.press(home.open(link(ada)), "Take it back ACME call" if way == "Move" else "Undo ACME call")
    assert drafts(house, ada) | drafts(house, ada, BEFORE) == stood


def test_P1_what_ada_says_afterwards_is_hers_again(
    home: Browser, house: House, ada: Member, inside: Page
) -> None:
    home.press(home.follow(inside, "Edit ACME call"), "Save", length="45")
    assert deeds.edit(house, ada, "a", minutes=50).done
    assert drafts(house, ada)["a"].prepared_by is None
    home.press(inside, "Dismiss ACME review")
    assert deeds.undo(house, ada, "b").done
    assert drafts(house, ada)["b"].prepared_by is None


@pytest.mark.parametrize(
    "beyond",
    [
        *("confirm", "undo", "settle", "always", "never", "again", "found", "answer", "unrule", "forget"),
        *("forget-all", "connections", "connect", "lend", "leave", "mine", "mine/json", "mine/erase", "seen"),
        *("delegates", "learnt", "wrong", "rollout", "reports", "calendars", "acknowledge"),
    ],
)
def test_P1_a_delegate_never_confirms_connects_leaves_exports_erases_or_grants(
    home: Browser, house: House, ada: Member, inside: Page, post_office: PostOffice, beyond: str
) -> None:
    stands = everything(house)
    fields = [("draft", "ca978112ca1b"), ("revision", "1"), ("sure", "yes"), ("address", BEN)]
    for address in (inside.url.partition("?")[0], mailed(post_office)):
        assert home.open(f"{address}/{beyond}").status in (404, 405)
        assert home.send(f"{address}/{beyond}", fields).status in (404, 405)
    assert everything(house) == stands
    assert entries(house, ada) == 0
    assert "Confirm" not in inside.buttons


def test_P2_a_delegate_moves_nothing_that_ada_confirmed(
    home: Browser, house: House, ada: Member, inside: Page
) -> None:
    assert deeds.confirm(house, ada, YESTERDAY, {"a": 1}).done
    stands = drafts(house, ada)["a"]
    form, _ = inside.button("Dismiss ACME call")
    assert home.send(form.action, form.fields).status == 409
    again = [("length", "1h"), ("text", "x"), ("project", "acme-web"), *form.fields]
    assert home.send(form.action.replace("dismiss", "edit"), again).status == 422
    assert drafts(house, ada)["a"] == stands


def test_P1_a_delegate_sends_nothing_anew_that_was_refused(
    home: Browser, house: House, ada: Member, inside: Page
) -> None:
    """To choose another place for it is a yes as well."""
    assert deeds.confirm(house, ada, YESTERDAY, {"a": 1}).done
    comes_to(house, ada, state="refused", whose="entry", reason="There is no such task.")
    stands = everything(house)
    form, _ = inside.button("Dismiss ACME call")
    fields = [("length", "1h"), ("text", "x"), ("project", "acme-web"), *form.fields]
    fields = [(name, "2" if name == "revision" else value) for name, value in fields]
    assert home.send(form.action.replace("dismiss", "edit"), fields).status == 422
    assert everything(house) == stands


def test_P3_a_delegate_who_has_not_acknowledged_the_policy_looks_at_nothing(
    mailing: House, ada: Member, inside: Page, post_office: PostOffice, clock: Clock
) -> None:
    other = replace(mailing, policy=mailing.policy.model_copy(update={"delegates": Delegates(days=11)}))
    with mailing.store.writing() as tx:
        tx.people.acknowledge(ada.id, other.policy_version, clock())
    assert Browser(create(other)).open(mailed(post_office)).status == 404


def test_P3_nobody_looks_while_whose_days_they_are_has_not_acknowledged_the_policy(
    mailing: House, ben: Member, inside: Page, post_office: PostOffice, clock: Clock
) -> None:
    other = replace(mailing, policy=mailing.policy.model_copy(update={"delegates": Delegates(days=11)}))
    with mailing.store.writing() as tx:
        tx.people.acknowledge(ben.id, other.policy_version, clock())
    for address in (inside.url, mailed(post_office)):
        assert Browser(create(other)).open(address).status == 404


def test_P1_no_grant_opens_by_that_of_another(
    mailing: House,
    ada: Member,
    mara: Member,
    granting: Callable[..., Page],
    post_office: PostOffice,
    clock: Clock,
) -> None:
    """Mara's stands; Ben has not acknowledged the policy in force."""
    granting("mara@northwind.example")
    hers = mailed(post_office)
    granting(BEN)
    other = replace(mailing, policy=mailing.policy.model_copy(update={"delegates": Delegates(days=11)}))
    with mailing.store.writing() as tx:
        for one in (ada, mara):
            tx.people.acknowledge(one.id, other.policy_version, clock())
    page = Browser(create(other))
    assert (page.open(hers).status, page.open(mailed(post_office)).status) == (200, 404)


@pytest.mark.parametrize("takes_part", [True, False])
def test_P1_to_grant_tells_ada_of_nobody_whether_they_take_part(
    house: House,
    ben: Member,
    granting: Callable[..., Page],
    post_office: PostOffice,
    takes_part: bool,
) -> None:
    if not takes_part:
        joining.leave(house, ben)
    page = granting()
    assert page.status == 200
    assert "If they take part, a link is in their mailbox" in page.text
    assert "Ben Example Until 25 November 2026" in page.text
    assert bool(post_office.deliveries) == takes_part


def test_S04_the_link_of_a_grant_that_ended_never_opens_again(
    home: Browser, house: House, granting: Callable[..., Page], post_office: PostOffice
) -> None:
    """Also where either of them left meanwhile, came back, and was granted anew on the same day."""
    granting()
    old = [mailed(post_office)]
    for leaver in ("Ben", "Ada"):
        joining.leave(house, member(house, leaver))
        joining.acknowledge(house, member(house, leaver), house.policy_version)
        granting()
        assert home.open(mailed(post_office)).status == 200
        assert [home.open(one).status for one in old] == [404] * len(old)
        old.append(mailed(post_office))


def test_P07_each_visit_stands_in_adas_log_and_a_look_at_the_mail_changes_nothing(
    home: Browser, house: House, ada: Member, granting: Callable[..., Page], post_office: PostOffice
) -> None:
    granting()
    knock, stands = mailed(post_office), everything(house)
    assert "lets you look at their days and prepare them, until 25 November 2026" in home.open(knock).text
    assert everything(house) == stands  # a scanner of mails is no visit (S-01)
    for _ in range(2):
        home.press(home.open(knock), "Open their days")
    said = [(one.who, one.what) for one in log(house, ada)]
    assert said == [("owner", "draft"), *2 * [("delegate Ben Example", "draft")]]
    assert "as granted until 25 November 2026" in log(house, ada)[-1].reason


def test_S03_a_visit_lasts_an_hour(home: Browser, inside: Page, clock: Clock) -> None:
    assert home.open(inside.url).status == 200
    clock.wait(hours=1)
    assert home.open(inside.url).status == 404


def test_P1_ada_sees_who_may_look_and_ends_it_at_once(
    home: Browser, house: House, ada: Member, link: Links, inside: Page, post_office: PostOffice
) -> None:
    page = home.open(f"{link(ada, 'own')}/delegates")
    assert "Ben Example" in page.text
    assert "Until 25 November 2026" in page.text
    ended = home.press(page, "End it now")
    assert "Nobody may look at your days." in ended.text
    assert home.open(inside.url).status == 404
    assert home.open(mailed(post_office)).status == 404
    assert log(house, ada)[-1].reason == "They ended that Ben Example looks at their days."


def test_P1_a_grant_ends_by_itself_after_its_last_day(
    home: Browser, granting: Callable[..., Page], post_office: PostOffice, clock: Clock
) -> None:
    granting(until=TODAY)
    knock = mailed(post_office)
    clock.wait(hours=15, minutes=29)
    assert home.open(knock).status == 200
    clock.wait(minutes=1)
    assert home.open(knock).status == 404


@pytest.mark.parametrize("leaver", ["Ada", "Ben"])
def test_P10_a_grant_ends_when_either_of_them_leaves_and_does_not_come_back(
    home: Browser, house: House, inside: Page, post_office: PostOffice, clock: Clock, leaver: str
) -> None:
    joining.leave(house, member(house, leaver))
    assert home.open(inside.url).status == home.open(mailed(post_office)).status == 404
    joining.acknowledge(house, member(house, leaver), house.policy_version)
    assert home.open(inside.url).status == home.open(mailed(post_office)).status == 404


def test_P7_nothing_is_left_of_a_delegate_who_erased_themselves(
    house: House, ben: Member, inside: Page
) -> None:
    """Not even in the log of whose days they came to: it names them under that one's key alone."""
    joining.erase(house, ben)
    held = repr(everything(house))
    assert not [one for one in (ben.id, "Ben Example", BEN) if one in held]


def test_P08_a_grant_ends_with_the_policy_that_named_delegates(
    mailing: House, inside: Page, post_office: PostOffice
) -> None:
    """And it does not come back with a later one."""
    without = mailing.policy.model_copy(update={"delegates": None})
    later = replace(mailing, policy=without)
    assert Browser(create(later)).open(mailed(post_office)).status == 404
    policies.keep(later)
    assert Browser(create(mailing)).open(mailed(post_office)).status == 404


def test_P08_a_shorter_policy_shortens_what_was_granted(
    mailing: House, ada: Member, inside: Page, post_office: PostOffice, clock: Clock
) -> None:
    shorter = mailing.policy.model_copy(update={"delegates": Delegates(days=2)})
    late = Browser(create(replace(mailing, policy=shorter)))
    with mailing.store.writing() as tx:
        for name in ("ada", "ben"):
            row = tx.people.by_email(f"{name}@northwind.example")
            assert row
            tx.people.acknowledge(row.id, replace(mailing, policy=shorter).policy_version, clock())
    assert "until 22 November 2026" in late.open(mailed(post_office)).text
    clock.wait(days=3)
    assert late.open(mailed(post_office)).status == 404


@pytest.mark.parametrize(
    ("address", "days", "why"),
    [
        ("nobody@northwind.example", 5, "Nobody of that address is invited here"),
        ("ada@northwind.example", 5, "yours already"),
        (BEN, 11, "A grant ends within 10 days"),
        (BEN, -1, "A grant ends within 10 days"),
    ],
)
def test_P14_what_cannot_be_granted_is_refused_with_its_reason(
    house: House, ada: Member, granting: Callable[..., Page], address: str, days: int, why: str
) -> None:
    stands = log(house, ada)
    page = granting(address, TODAY + timedelta(days=days))
    assert page.status == 422
    assert why in page.text
    assert "Nothing was granted" in page.text
    assert log(house, ada) == stands


def test_P08_without_a_word_in_the_policy_nobody_is_let_in(mailing: House, ada: Member, link: Links) -> None:
    none = replace(mailing, policy=mailing.policy.model_copy(update={"delegates": None}))
    page = Browser(create(none)).open(f"{link(ada, 'own')}/delegates")
    assert "The policy names no delegates" in page.text
    assert page.buttons == []
    sent = Browser(create(none)).send(page.url, [("address", BEN), ("until", str(TODAY))])
    assert (sent.status, "The policy names no delegates" in sent.text) == (422, True)


def test_P1_a_grant_whose_mail_did_not_go_out_is_none(
    home: Browser, house: House, ada: Member, granting: Callable[..., Page], post_office: PostOffice
) -> None:
    post_office.stop()
    page = granting()
    assert page.status == 422
    assert "Nobody may look at your days." in page.text


def test_P1_no_delegate_lets_in_another(home: Browser, house: House, ada: Member, inside: Page) -> None:
    """A link of Ben's own opens his page; what it grants is his."""
    fields = [("address", "mara@northwind.example"), ("until", str(TODAY))]
    assert home.send(f"{inside.url.partition('?')[0]}/delegates", fields).status == 404
    with house.store.reading() as tx:
        assert {link.delegate for link in tx.links.held(ada.id, house.clock())} == {member(house, "Ben").id}
