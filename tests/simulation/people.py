"""What contributors do: they read a page, act on it now or later, leave and come back.

They answer truthfully what they see, and sometimes from a page that was opened long ago.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from pydantic import SecretStr

from core.model import Draft, Entry
from core.posting import Posting
from daybook import deeds, joining
from daybook.deeds import Outcome
from daybook.house import Member
from tests.simulation.ground import FRIDAY, TASKS, THURSDAY, row, token

if TYPE_CHECKING:
    from tests.simulation.world import World


UNDER_WAY = "SELECT contributor FROM postings WHERE state = 'sending'"
MOVING = ("sending", "unclear", "refused")
"""States of a posting that make somebody look again."""


@dataclass
class Line:
    """One line of the page, as it was when it was opened."""

    revision: int
    draft: Draft
    posting: Posting | None


@dataclass
class Someone:
    """A contributor with a page open."""

    id: str
    name: str
    known: tuple[object, Member | None]
    """Their row in the store, and whom the house takes them for by it."""
    tokens: int = 0
    """How often they made a new one."""
    page: dict[str, Line] = field(default_factory=dict)
    at: str = ""
    """The line they acted on last."""

    @property
    def token(self) -> str:
        """The one they made last."""
        return token(self.address, self.tokens).get_secret_value()

    @property
    def address(self) -> str:
        return f"{self.name}@northwind.example"


def act(world: World) -> None:
    """One of them does something: rather one of whom something is under way, and who just looked."""
    one = world.chance.choice(world.people)
    under_way = {who for (who,) in world.eyes.execute(UNDER_WAY)}
    if under_way and one.id not in under_way and world.chance.happens(0.5):
        (one,) = (other for other in world.people if other is not one)
    if one.id in under_way and world.chance.happens(0.5):
        opens(world, one)
    _acts(world, one)


def _acts(world: World, one: Someone) -> None:
    """They do one thing."""
    who = _here(world, one)
    if who is None or not world.house.agreed(who):
        if world.chance.happens(0.2):
            comes_back(world, one)
        return
    if not one.page or world.chance.happens(0.1):
        opens(world, one)
        if world.chance.happens(0.4):
            return  # they read it, and act on it later
    rare = world.chance.random()
    if rare < 0.01:
        leaves(world, one, who)
    elif rare < 0.06:
        _writes_by_hand(world, one, who)
    elif rare < 0.09:
        deeds.answer(world.house, who, THURSDAY)
    elif one.page:
        key = _looked_at(world, one)
        line = one.page[key]
        _acts_on(world, one, who, key, line)
        if world.chance.happens(0.3):  # they have it open in another tab too, as it was before
            _acts_on(world, one, who, key, line)
        elif world.chance.happens(0.7):
            one.page = {}


def _looked_at(world: World, one: Someone) -> str:
    """The line they act on: rather the one they were at, or one about which something is going on."""
    if one.at in one.page and world.chance.happens(0.5):
        return one.at
    keys = sorted(one.page)
    moving = [key for key in keys if (line := one.page[key]).posting and line.posting.state in MOVING]
    one.at = world.chance.choice(moving if moving and world.chance.happens(0.5) else keys)
    return one.at


def opens(world: World, one: Someone, day: date | None = None) -> None:
    """They open the page of a day, rather of one on which there is something."""
    if day is None:
        days = "SELECT day FROM drafts WHERE contributor = ? ORDER BY day, draft"
        found = [date.fromisoformat(day) for (day,) in world.eyes.execute(days, (one.id,))]
        day = world.chance.choice(found or [THURSDAY])
    with world.house.store.reading() as tx:
        held = tx.drafts.of(one.id, day)
        made = tx.entries.from_drafts(one.id, [h.draft.key for h in held])
        filed = tx.postings.of(one.id, day) if made else []
    postings = {(f.posting.entry.id, f.posting.entry.revision): f.posting for f in filed}
    one.page = {
        h.draft.key: Line(h.revision, h.draft, _posting_of(made.get(h.draft.key), postings)) for h in held
    }


def _posting_of(entry: Entry | None, postings: dict[tuple[str, int], Posting]) -> Posting | None:
    return postings.get((entry.id, entry.revision)) if entry else None


def _acts_on(world: World, one: Someone, who: Member, key: str, line: Line) -> None:
    draft, state = line.draft, line.posting.state if line.posting else ""
    if draft.decision in ("open", "edited"):
        may = [_confirms, _confirms, _confirms_all, _edits, _edits, _dismisses]
        may += [_keeps] if state == "refused" else []
    elif draft.decision == "dismissed":
        may = [_undoes]
    elif state == "refused":
        may = [_tries_again, _corrects, _undoes]
    elif state == "unclear":
        may = [_looks_there]
    elif state == "posted":
        may = [_corrects, _corrects, _undoes]
    else:
        may = [_undoes, _undoes, _undoes, _confirms, _keeps if line.posting else _undoes]
    if not draft.noticed:
        may += [_settles, _settles]
    deed = world.chance.choice(may)
    outcome = deed(world, one, who, key, line)
    left = "; ".join(sentence for _, sentence in outcome.left)
    world.tell(
        f"{one.name} {deed.__name__.strip('_')} {key}: {'done' if outcome.done else left or 'nothing'}"
    )


Deed = Callable[["World", Someone, Member, str, Line], Outcome]


def _confirms(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    world.witness.says_yes(one.id, key, line.draft.suggestion)
    outcome = deeds.confirm(world.house, who, line.draft.suggestion.day, {key: line.revision})
    _thanked(world, one, outcome)
    return outcome


def _confirms_all(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    """One yes to all of the day that waits, as it stands now."""
    day = line.draft.suggestion.day
    with world.house.store.reading() as tx:
        for held in tx.drafts.of(one.id, day):
            world.witness.says_yes(one.id, held.draft.key, held.draft.suggestion)
    outcome = deeds.confirm(world.house, who, day)
    _thanked(world, one, outcome)
    return outcome


def _thanked(world: World, one: Someone, outcome: Outcome) -> None:
    for key in outcome.done:
        world.witness.was_thanked(one.id, key)


def _edits(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    return deeds.edit(world.house, who, key, line.revision, **_other_words(world))


def _other_words(world: World) -> dict[str, object]:
    return world.chance.choice(
        (
            {"minutes": world.chance.choice((15, 30, 60))},
            {"text": f"Otter, said {world.chance.randint(1, 9)} times"},
            {"target": f"memory:{world.chance.choice(TASKS)}"},
            {"target": "none"},
        )
    )


def _dismisses(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    return deeds.dismiss(world.house, who, key, line.revision)


def _undoes(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    stood = world.witness.stands_by(one.id, key)
    outcome = deeds.undo(world.house, who, key, line.revision)
    if outcome.done and line.draft.decision == "confirmed":
        world.witness.took_back(stood)
    return outcome


def _settles(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    take = world.chance.happens(0.6)
    world.witness.stands_by(one.id, key)
    if take and line.draft.seen is not None:
        world.witness.says_yes(one.id, key, line.draft.seen)
    return deeds.settle(world.house, who, key, take, line.revision)


def _corrects(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    stated = {"minutes": world.chance.choice((20, 40)), "target": f"memory:{world.chance.choice(TASKS)}"}
    world.witness.stands_by(one.id, key)
    world.witness.says_yes(one.id, key, line.draft.suggestion.model_copy(update=stated))
    return deeds.correct(world.house, who, key, line.revision, **stated)


def _keeps(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    """What is posted is to stay as it stands there."""
    world.witness.stands_by(one.id, key)
    return deeds.keep(world.house, who, key, line.revision)


def _tries_again(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    return deeds.again(world.house, who, key, line.revision)


def _looks_there(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    """They look at the tool whether it stands there."""
    assert line.posting is not None
    there = bool(world.tool.ours(line.posting.entry.id))
    return deeds.found(world.house, who, key, there, line.revision)


def _writes_by_hand(world: World, one: Someone, who: Member) -> None:
    once = f"{one.name}{world.steps}"
    day, task = world.chance.choice((THURSDAY, FRIDAY)), world.chance.choice(TASKS)
    deeds.add(world.house, who, day, 25, once, target=f"memory:{task}", text="Otter by hand")
    world.tell(f"{one.name} adds {once} by hand")


def leaves(world: World, one: Someone, who: Member) -> None:
    world.tell(f"{one.name} leaves")
    world.witness.left.add(one.id)
    joining.leave(world.house, who)
    one.page = {}


def comes_back(world: World, one: Someone) -> None:
    """They acknowledge the policy, and connect their account anew."""
    who = _here(world, one)
    if who is not None:
        world.tell(f"{one.name} comes back")
        joining.acknowledge(world.house, who, world.house.policy_version)
        connects(world, one)


def connects(world: World, one: Someone) -> None:
    """They make a new token and give it to us."""
    one.tokens += 1
    world.tool.tokens[one.token] = one.address
    who = _here(world, one)
    if who is not None:
        said = joining.connect(world.house, who, "memory", SecretStr(one.token))
        world.tell(f"{one.name} connects: {said.allowed}")


def repairs(world: World, one: Someone) -> None:
    """They come back, connect their account, and answer whatever waits for their answer."""
    eyes = world.eyes
    (gone,) = eyes.execute("SELECT left_at IS NOT NULL FROM contributors WHERE id = ?", (one.id,)).fetchone()
    if gone:
        comes_back(world, one)
    working = "SELECT 1 FROM grants WHERE contributor = ? AND refused IS NULL"
    if not eyes.execute(working, (one.id,)).fetchone() or one.token not in world.tool.tokens:
        connects(world, one)
    stuck = "SELECT DISTINCT day FROM postings WHERE contributor = ? AND state IN ('refused', 'unclear')"
    for (day,) in eyes.execute(stuck, (one.id,)).fetchall():
        opens(world, one, date.fromisoformat(day))
        who = _here(world, one)
        assert who is not None
        for key, line in sorted(one.page.items()):
            if line.posting is not None and line.posting.state in ("refused", "unclear"):
                deed = _looks_there if line.posting.state == "unclear" else _gives_way
                outcome = deed(world, one, who, key, line)
                world.tell(f"{one.name} {deed.__name__.strip('_')} {key}: {outcome.left or 'done'}")


def _gives_way(world: World, one: Someone, who: Member, key: str, line: Line) -> Outcome:
    """What a hand changed there stays as it is; anything else is tried again."""
    assert line.posting is not None
    remote = line.posting.remote
    return (_keeps if remote and remote.id in world.tool.touched else _tries_again)(
        world, one, who, key, line
    )


def waiting(world: World) -> dict[str, int]:
    """How much is still on its way, or waits for somebody, by state.

    Who left has no page any more on which to say what is to become of what a tool refused or does not tell.
    """
    query = "SELECT contributor, state FROM postings WHERE state NOT IN ('posted', 'withdrawn')"
    left = world.witness.left
    found = world.eyes.execute(query).fetchall()
    return Counter(state for who, state in found if state in ("held", "sending") or who not in left)


def _here(world: World, one: Someone) -> Member | None:
    """As the house knows them; asked anew whenever their row is another."""
    found = row(world.eyes, one.id)
    if one.known[0] != found:
        with world.house.store.reading() as tx:
            one.known = found, world.house.member(tx, one.id)
    return one.known[1]
