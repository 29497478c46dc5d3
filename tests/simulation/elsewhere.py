"""What happens at the tool by other hands than ours: meetings move, records are changed, tokens end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.memory import Record
from tests.simulation.ground import FRIDAY, TASKS, THURSDAY, meeting
from tests.simulation.people import Someone, connects

if TYPE_CHECKING:
    from tests.simulation.world import World


def happens(world: World) -> None:
    """Something happens at the tool, by other hands than ours."""
    kinds = (_meets, _meets, _meets, _alters, _alters, _alters, _loses_token, _twin, _twin, _closes_task)
    kind = world.chance.choice(kinds)
    kind(world, world.chance.choice(world.people))


def _meets(world: World, one: Someone) -> None:
    """A meeting comes, moves, or goes."""
    tool, chance = world.tool, world.chance
    uid = f"{one.name}-{chance.randint(0, 3)}"
    world.news = True
    if uid in tool.things and chance.happens(0.3):
        world.tell(f"{uid} is cancelled")
        tool.drop(uid)
        return
    day, begin = chance.choice((THURSDAY, FRIDAY)), chance.choice((9, 10, 11, 13)) * 60
    minutes = chance.choice((30, 45, 90))
    world.tell(f"{uid} is on {day:%a} at {begin // 60} for {minutes} min")
    tool.put(one.address, meeting(uid, day, begin, minutes, f"Otter call {uid}"))


def _alters(world: World, one: Someone) -> None:
    """Somebody changes or removes a record at the tool.

    Rather one that we are about to change. Not while we do not know whether it arrived: nobody could tell
    their hand from a request that was lost.
    """
    tool = world.tool
    known = world.witness.receipts()
    there = [number for number in sorted(tool.records) if number in known]
    if not there:
        return
    soon = [number for number in there if known[number] == "held"]
    number = world.chance.choice(soon if soon and world.chance.happens(0.7) else there)
    tool.touched.add(number)
    world.tell(f"a hand is at {number}")
    if world.chance.happens(0.5):
        del tool.records[number]
    else:
        record = tool.records[number]
        tool.records[number] = replace(record, minutes=record.minutes + 5, version=record.version + 1)


def _loses_token(world: World, one: Someone) -> None:
    lost = [secret for secret, owner in sorted(world.tool.tokens.items()) if owner == one.address]
    if world.chance.happens(0.5):
        for secret in lost:
            del world.tool.tokens[secret]
        world.tell(f"{one.name}'s token is revoked")
    else:
        connects(world, one)


def _twin(world: World, one: Someone) -> None:
    """Somebody writes down there by hand what they confirmed here too: rather while it is under way."""
    on_its_way = "SELECT entry FROM postings WHERE contributor = ? ORDER BY state = 'sending' DESC, id"
    found = world.eyes.execute(on_its_way, (one.id,)).fetchone()
    said = world.witness.newest(found[0]) if found else None
    if said is not None and said.target != "none":
        task = said.target.partition(":")[2]
        record = Record(one.address, task, said.day, said.minutes, said.text, "", world.now)
        number = world.tool.write(record)
        world.tell(f"{one.name} writes {number} there by hand")


def _closes_task(world: World, one: Someone) -> None:
    """A task cannot be booked on any more, or can again."""
    tool = world.tool
    tool.tasks = frozenset({world.chance.choice(TASKS)}) if tool.tasks is None else None
    world.tell(f"tasks: {sorted(tool.tasks) if tool.tasks else 'all'}")
