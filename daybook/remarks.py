"""What contributors say about Daybook itself, how it reaches who can change it, and the way back.

An administrator reads the sentence and nothing beside it: no name unless it is signed, no draft, no
day. Whoever says it is told so before they send it, and sees the answer on their page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core.exits import Terms, asks
from core.model import Noun
from daybook.errors import Wrong
from daybook.house import House, Member
from daybook.looking import Viewer, looked
from daybook.rollout import shown
from daybook.store.remarks import About, Remark
from daybook.store.unit import Unit
from daybook.words import count

LONGEST = 500
"""Characters of a remark or an answer."""


class Item(Noun):
    """A remark as an administrator sees it."""

    id: str
    about: About
    sentence: str
    said: str
    """How long ago, in weeks: a day would tell who was at work."""
    who: str
    """A name where it is signed, else nothing."""
    answer: str

    def lines(self) -> Iterator[str]:
        yield f"{self.id}  {self.said}, {_ABOUT[self.about]}{f', by {self.who}' if self.who else ''}"
        yield f"        {self.sentence}"
        yield f"        {f'> {self.answer}' if self.answer else 'No answer yet.'}"


_ABOUT: dict[About, str] = {
    "draft": "about a draft",
    "mail": "about Daybook",
    "ready": "what must change first",
}


def say(house: House, who: Member, about: About, sentence: str, *, signed: bool) -> None:
    """Something looks wrong."""
    _add(house, who, about, sentence, signed=signed)


def judge(house: House, who: Member, ready: bool, sentence: str) -> None:
    """Is it ready for the rest of the team, and what must change first? The last word of a stage counts."""
    _add(house, who, "ready", sentence, ready=ready)


def asked(house: House, tx: Unit, who: Member, now: datetime) -> bool:
    """Is it time for them to say whether it is ready?"""
    stage = tx.rollout.stage()
    if stage is None or not house.agreed(who):
        return False
    terms = Terms.model_validate_json(stage.terms)
    return asks(terms.exit, stage.stage, shown(tx, stage.serial, now))


def judged(tx: Unit, who: Member) -> bool:
    """Have they said so at this stage?"""
    stage, theirs = tx.rollout.stage(), tx.remarks.all(who.id)
    return stage is not None and any(one.about == "ready" and one.step == stage.serial for one in theirs)


def items(house: House, viewer: Viewer) -> list[Item]:
    """All that was said in words, oldest first; nothing of who said it unless they signed."""
    now = house.clock()
    with house.store.writing() as tx:
        names = {member.id: member.person.name for member in house.members(tx)}
        said = [one for one in tx.remarks.all() if one.sentence]
        for contributor in sorted({one.contributor for one in said}):
            looked(tx, viewer, contributor, "remark", "unconfirmed", now, "daybook rollout --friction")
    return [_item(one, names.get(one.contributor, ""), now) for one in said]


def _item(remark: Remark, name: str, now: datetime) -> Item:
    weeks = (now - remark.at).days // 7
    return Item(
        id=remark.id,
        about=remark.about,
        sentence=remark.sentence,
        said=f"{count(weeks, 'week')} ago" if weeks else "this week",
        who=name if remark.signed else "",
        answer=remark.answer,
    )


def answer(house: House, name: str, words: str) -> None:
    """Answer one; raises Wrong where there is none of that name."""
    now = house.clock()
    with house.store.writing() as tx:
        remark = next((one for one in tx.remarks.all() if one.id == name and one.sentence), None)
        if remark is None:
            raise Wrong(f"Nothing was said under {name}. Look at: daybook rollout --friction")
        tx.remarks.answer(remark, words.strip()[:LONGEST], now)


def news(tx: Unit, who: Member) -> list[Remark]:
    """Their remarks with an answer that no mail spoke of yet."""
    return [one for one in tx.remarks.all(who.id) if one.answer and not one.told]


def _add(
    house: House, who: Member, about: About, sentence: str, *, signed: bool = False, ready: bool | None = None
) -> None:
    with house.store.writing() as tx:
        stage = tx.rollout.stage()
        step = stage.serial if stage else 0
        said = sentence.strip()[:LONGEST]
        tx.remarks.add(who.id, house.clock(), about, step, said, signed=signed, ready=ready)
