"""How the rollout goes, for those who take part in it, before anybody else; and what they say to that."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from core.exits import Terms, lines, unlimited
from daybook import papers, pulse, remarks
from daybook.errors import No
from daybook.languages import _
from daybook.page import words
from daybook.page.door import Visit, closed
from daybook.store.remarks import About, Remark
from daybook.words import full_date

HERE = "/rollout"
WRONG = "/wrong"


class Said(NamedTuple):
    """A remark of theirs."""

    on: str
    remark: Remark


def show(visit: Visit) -> Response:
    return _page(visit)


def judge(visit: Visit) -> Response:
    """Whether it is ready for the rest of the team."""
    ready, sentence = visit.stated("ready"), visit.stated("sentence")
    if ready not in ("yes", "no") or len(sentence) > remarks.LONGEST:
        return _page(visit, 422, words.TOO_LONG)
    remarks.judge(visit.house, visit.who, ready == "yes", sentence)
    return visit.back("judged", at=HERE)


def wrong(visit: Visit) -> Response:
    """The form for what looks wrong."""
    return _form(visit)


def say(visit: Visit) -> Response:
    """Take the sentence on what looks wrong."""
    sentence = visit.stated("sentence").strip()
    if not sentence or len(sentence) > remarks.LONGEST:
        return _form(visit, 422, words.TOO_LONG if sentence else words.NO_SENTENCE)
    about: About = "draft" if visit.stated("about") == "draft" else "mail"
    remarks.say(visit.house, visit.who, about, sentence, signed=visit.stated("signed") == "yes")
    return visit.back("remarked", at=HERE)


def review(visit: Visit) -> Response:
    """The same page that whoever runs the rollout reads."""
    try:
        paper = papers.review(visit.house, 90 if visit.query.get("days") == "90" else 30)
    except No:
        return closed()
    return visit.show("review.html", title=paper.title, said="", paper=paper)


def _form(visit: Visit, status: int = 200, problem: str = "") -> Response:
    return visit.show(
        "wrong.html",
        status,
        title=words.WRONG,
        said=problem,
        went_wrong=bool(problem),
        about=visit.query.get("about", "") or visit.stated("about"),
        longest=remarks.LONGEST,
    )


def _page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    house, who, now = visit.house, visit.who, visit.house.clock()
    with house.store.reading() as tx:
        stage, stopped, steps = tx.rollout.stage(), tx.rollout.stopped(), tx.rollout.steps()
        measured = pulse.measure(house, tx, stage, now) if stage else None
        theirs, asked = tx.remarks.all(who.id), remarks.asked(house, tx, who, now)
    terms = Terms.model_validate_json(stage.terms) if stage else Terms()
    return visit.show(
        "rollout.html",
        status,
        title=words.ROLLOUT,
        said=problem or visit.said,
        went_wrong=bool(problem),
        below=visit.link.purpose != "rollout",
        stage=words.STAGES[stage.stage] if stage else "",
        begun_on=full_date(stage.at.astimezone(who.zone).date()) if stage else "",
        stopped=_(stopped.said) if stopped else "",
        lines=lines(stage.stage, terms.exit, measured) if stage and measured else [],
        unlimited="; ".join(map(_, unlimited(terms, len(house.named)))) if stage else "",
        steps=[
            (
                full_date(one.at.astimezone(who.zone).date()),
                papers.WHAT[one.what].format(one.stage),
                _(one.said),
            )
            for one in reversed(steps)
        ],
        asked=asked,
        longest=remarks.LONGEST,
        theirs=[Said(full_date(one.at.astimezone(who.zone).date()), one) for one in reversed(theirs)],
    )
