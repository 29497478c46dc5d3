"""What a contributor can do to a draft, and the Entry that comes of it.

Every deed gives the draft as it stands after it, or a Verdict that says in a sentence why not. What they
edited, confirmed or dismissed is theirs, and only their own next deed changes it (P2).

    open ---- edit ---> edited        edited ---------------- reopen ---> open, as the evidence says
    either -- confirm --> confirmed   confirmed, dismissed -- reopen ---> what it was before
    either -- dismiss --> dismissed   any, once the source says otherwise: settle

A confirmed one that is posted, or that its target refused, is changed and confirmed anew in one: corrected.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, timedelta, tzinfo
from typing import Any, Literal

from pydantic import AwareDatetime

from core.mapping import attributed
from core.model import LONGEST_TEXT, Decision, Draft, Entry, Reason, Suggestion, Verdict, Why
from core.rules import Project
from core.said import Said, worded
from core.sentences import ENGLISH, Sentences
from core.targets import misnamed, posted_to

Deed = Literal["edit", "confirm", "dismiss", "reopen", "settle"]

_POSTED = ("minutes", "attributed", "project", "category", "billable", "target", "text")
"""What an entry says of its draft."""

LONGEST_DAY = 24 * 60
"""More minutes than this are no entry of one day."""

MORE_THAN_A_DAY = worded("{minutes} minutes are more than a day has.")
TOO_LONG = worded("The text has {number} characters; {most} are the most that fit.")
NO_CONNECTION = worded("There is no connection '{connection}'. Choose one of {known}, or none.")
NO_PLACE = worded("'{task}' is no place at {connection}: name {form}.")

_NOT_NOW: dict[tuple[Deed, Decision], str] = {
    ("edit", "confirmed"): "It is confirmed. Undo that first, then change it.",
    ("edit", "dismissed"): "It is dismissed. Take it back first, then change it.",
    ("confirm", "confirmed"): "It is confirmed already.",
    ("confirm", "dismissed"): "It is dismissed. Take it back first, then confirm it.",
    ("dismiss", "confirmed"): "It is confirmed. Undo that first, then dismiss it.",
    ("dismiss", "dismissed"): "It is dismissed already.",
    ("reopen", "open"): "There is nothing to undo.",
}


def can(draft: Draft, deed: Deed) -> Verdict:
    """May its contributor do this to the draft as it stands?"""
    if refusal := _NOT_NOW.get((deed, draft.decision)):
        return _no(refusal)
    if deed == "reopen" and draft.decision == "edited" and draft.seen is None:
        return _no("No evidence stands behind it, so there is nothing to go back to. You can dismiss it.")
    if deed == "settle" and draft.noticed:
        return _no("The source says nothing new about it.")
    return Verdict(allowed=True, reason="It is yours.")


def ready(draft: Draft, projects: Container[str] | None = None) -> Verdict:
    """Is everything there that an entry needs?

    Takes    projects: those there are; without, any will do
    """
    suggestion = draft.suggestion
    if not (length := _length(suggestion.minutes)):
        return length
    if suggestion.target is None:
        return _no("Choose where it is posted, or keep it in Daybook only.")
    if projects is not None and suggestion.project is not None and suggestion.project not in projects:
        return _no("Its project is closed by now. Choose another one.")
    return Verdict(allowed=True, reason="Nothing is missing.")


def edit(
    draft: Draft,
    projects: Mapping[str, Project],
    connections: Mapping[str, str] | None = None,
    *,
    start: AwareDatetime | None = None,
    minutes: int | None = None,
    project: str | None = None,
    category: str | None = None,
    billable: bool | None = None,
    target: str | None = None,
    text: str | None = None,
    unseen: bool = False,
    by: str | None = None,
    say: Sentences = ENGLISH,
) -> Draft | Verdict:
    """Change what the contributor stated, and nothing else; a new project brings its own billing and target.

    Takes    the tool of each connection (without it, any task will do); only what they stated, None for the
             rest; target as `connection:task` or `none`; unseen: what they changed is what it said
             before its source's latest word, which is still to be shown to them (P2);
             by: the delegate who does it in their place
    """
    verdict = can(draft, "edit")
    if not verdict:
        return verdict
    if minutes is not None and not (length := _length(minutes)):
        return length
    if project is not None and project not in projects:
        return _no(Said("There is no project '{project}'. Choose one of the list.", project=project))
    if target is not None and not (place := _place(target, connections)):
        return place
    if text is not None and len(text) > LONGEST_TEXT:
        return _no(Said(TOO_LONG, number=len(text), most=LONGEST_TEXT))

    old = draft.suggestion
    stated = {
        "start": start,
        "minutes": minutes,
        "project": project,
        "category": category,
        "billable": billable,
        "target": target,
        "text": text,
    }
    wanted: dict[str, Any] = {name: value for name, value in stated.items() if value is not None}
    if project is not None and project != old.project:
        wanted = _brought_by(projects[project], old, connections or {}) | wanted
    # without pieces a start only says from when on; stated, it says when
    stands = dict(old) | {"start": old.start if old.pieces else None}
    changes = {name: value for name, value in wanted.items() if value != stands[name]}
    if not changes:
        return draft
    share = (project and projects[project].share) or {}
    edited = _changed(old, changes, share, say, by)
    noticed = draft.noticed and not unseen
    stands = {"suggestion": edited, "decision": "edited", "noticed": noticed, "prepared_by": by}
    return draft.model_copy(update=stands)


def confirm(draft: Draft, projects: Container[str] | None = None) -> Draft | Verdict:
    """Say yes to it as it stands.

    Takes    projects: those there are; without, any will do
    """
    verdict = can(draft, "confirm") and ready(draft, projects)
    return draft.model_copy(update={"decision": "confirmed"}) if verdict else verdict


def dismiss(draft: Draft, by: str | None = None) -> Draft | Verdict:
    """Say that this is no work to record; it stays dismissed whatever the source says later."""
    verdict = can(draft, "dismiss")
    return draft.model_copy(update={"decision": "dismissed", "prepared_by": by}) if verdict else verdict


def explain(draft: Draft, why: Why) -> Draft | Verdict:
    """Say why a dismissed one is none; the last word counts."""
    if draft.decision != "dismissed" or draft.tied:
        return _no("It is not dismissed.")
    return draft.model_copy(update={"why": why})


def reopen(draft: Draft) -> Draft | Verdict:
    """Undo the last word: a yes or no is taken back, an edit gives way to what the evidence says.

    A confirmed one may be on its way out: undo its posting first.
    """
    verdict = can(draft, "reopen")
    if not verdict:
        return verdict
    if draft.decision == "edited":
        back = {"suggestion": draft.seen, "decision": "open", "noticed": True, "prepared_by": None}
        return draft.model_copy(update=back | {"before": None})
    # An edit leaves its line in the because, so what equals the evidence was never edited.
    before: Decision = "open" if draft.suggestion == draft.seen else "edited"
    return draft.model_copy(update={"decision": before, "prepared_by": None, "why": None})


def corrected(
    draft: Draft,
    projects: Mapping[str, Project],
    connections: Mapping[str, str] | None = None,
    *,
    say: Sentences = ENGLISH,
    **stated: Any,
) -> Draft | Verdict:
    """Change one that is posted, or that its target refused, and say yes to it anew.

    Takes    stated: as for `edit`
    """
    if draft.decision != "confirmed":
        return _no("It is not confirmed.")
    before = reopen(draft)
    if isinstance(before, Verdict):
        return before
    after = edit(before, projects, connections, say=say, **stated)
    return after if isinstance(after, Verdict) else confirm(after)


def as_posted(draft: Draft, entry: Entry, say: Sentences = ENGLISH) -> Draft:
    """Say yes to what stands where it was posted, whatever was changed here since."""
    old = draft.suggestion
    back: dict[str, Any] = {name: getattr(entry, name) for name in _POSTED}
    if old.start is not None and old.start != entry.start:
        end = entry.start + timedelta(minutes=entry.minutes)
        back |= {"start": entry.start, "pieces": ((entry.start, end),)}
    line = Reason(kind="decision", minutes=entry.minutes - old.minutes, sentence=say("as posted"))
    suggestion = old.model_copy(update={**back, "because": (*old.because, line)})
    return draft.model_copy(update={"suggestion": suggestion, "decision": "confirmed"})


def settle(draft: Draft, take: bool) -> Draft | Verdict:
    """Answer a source that says otherwise since: take what it says now, or keep one's own (P2).

    Taking it into a confirmed one confirms the new value: it needs an entry of the next revision. Taking it
    where the evidence is gone dismisses the draft.
    """
    verdict = can(draft, "settle")
    if not verdict:
        return verdict
    if not take:
        return draft.model_copy(update={"noticed": True})
    if draft.seen is None:
        return draft.model_copy(update={"decision": "dismissed", "noticed": True})
    taken = draft.model_copy(update={"suggestion": draft.seen, "noticed": True, "before": None})
    still = "confirmed" if draft.decision == "confirmed" else "open"
    return taken.model_copy(update={"decision": still})


def added(
    random_id: str,
    day: date,
    minutes: int,
    projects: Mapping[str, Project],
    connections: Mapping[str, str] | None = None,
    *,
    start: AwareDatetime | None = None,
    project: str | None = None,
    category: str | None = None,
    billable: bool | None = None,
    target: str | None = None,
    text: str | None = None,
    by: str | None = None,
    say: Sentences = ENGLISH,
) -> Draft | Verdict:
    """A draft written by hand: no evidence stands behind it, so no sync ever touches it."""
    blank = Suggestion(key=f"hand:{random_id}", day=day, minutes=0, confidence="sure")
    written = edit(
        Draft(suggestion=blank, seen=None, decision="edited"),
        projects,
        connections,
        start=start,
        minutes=minutes,
        project=project,
        category=category,
        billable=billable,
        target=target,
        text=text,
        by=by,
        say=say,
    )
    if isinstance(written, Verdict):
        return written
    because = (Reason(kind="decision", minutes=minutes, sentence=_by_hand(say, by)),)
    suggestion = written.suggestion.model_copy(update={"because": because})
    return written.model_copy(update={"suggestion": suggestion})


def entry(draft: Draft, entry_id: str, revision: int, zone: tzinfo, day_start: AwareDatetime) -> Entry:
    """What may leave the house, once its contributor confirmed it.

    Takes    zone: the contributor's; day_start: their first working minute, for a draft without a start
    Raises   ValueError for a draft that is not confirmed or has no target
    """
    if draft.decision != "confirmed":
        raise ValueError(f"Draft {draft.key} is {draft.decision}, not confirmed. No entry was made.")
    suggestion = draft.suggestion
    if suggestion.target is None:
        raise ValueError(f"Draft {draft.key} has no target. No entry was made.")
    return Entry(
        id=entry_id,
        revision=revision,
        day=suggestion.day,
        start=(suggestion.start or day_start).astimezone(zone),
        minutes=suggestion.minutes,
        attributed=suggestion.attributed,
        project=suggestion.project,
        category=suggestion.category,
        billable=suggestion.billable,
        target=suggestion.target,
        text=suggestion.text,
        meeting=any(reason.kind == "meeting" for reason in suggestion.because),
    )


def of_length(suggestion: Suggestion, minutes: int) -> Suggestion:
    """The same with another length, and to each project its part of it."""
    parts = _attributed(suggestion, suggestion.project, minutes, {})
    return suggestion.model_copy(update={"minutes": minutes, "attributed": parts})


def _no(reason: str) -> Verdict:
    return Verdict(allowed=False, reason=reason)


def _length(minutes: int) -> Verdict:
    if minutes <= 0:
        return _no("It needs at least one minute. Dismiss it if it was no work.")
    if minutes > LONGEST_DAY:
        return _no(Said(MORE_THAN_A_DAY, minutes=minutes))
    return Verdict(allowed=True, reason="It fits into a day.")


def _place(target: str, connections: Mapping[str, str] | None) -> Verdict:
    """Is this somewhere time can be posted?"""
    connection, _, task = target.partition(":")
    if target == "none":
        return Verdict(allowed=True, reason="It stays in Daybook.")
    if not connection or not task:
        return _no("Name the connection and the task, like jira:WEB-12, or none to keep it in Daybook only.")
    if connections is not None and connection not in connections:
        return _no(Said(NO_CONNECTION, connection=connection, known=list(connections)))
    if form := misnamed(task, (connections or {}).get(connection)):
        return _no(Said(NO_PLACE, task=task, connection=connection, form=Said(form)))
    return Verdict(allowed=True, reason="It can be posted there.")


def _brought_by(project: Project, old: Suggestion, connections: Mapping[str, str]) -> dict[str, Any]:
    """What a newly chosen project says about a draft."""
    (connection,) = project.target or ("none",)
    return {
        "category": project.category,
        "billable": project.billable,
        "target": posted_to(project.target, old.task, connections.get(connection)),
    }


_CALLED = {
    "start": "when it was",
    "project": "the project",
    "category": "the category",
    "billable": "whether it is billed",
    "target": "where it is posted",
    "text": "the text",
}


def _by_hand(say: Sentences, by: str | None) -> str:
    return say("by hand of", who=by) if by else say("by hand")


def _changed(
    old: Suggestion, changes: Mapping[str, Any], share: Mapping[str, int], say: Sentences, by: str | None
) -> Suggestion:
    """The suggestion with these fields changed, saying so in its because (P6).

    Takes    the share of a newly chosen project
    """
    minutes: int = changes.get("minutes", old.minutes)
    said = [say(text) for name, text in _CALLED.items() if name in changes]
    if "minutes" in changes:
        said.insert(0, say("length", before=say.duration(old.minutes), after=say.duration(minutes)))
    what = say.listed(said)
    sentence = say("changed by", who=by, what=what) if by else say("changed", what=what)
    line = Reason(kind="decision", minutes=minutes - old.minutes, sentence=sentence)
    start = changes.get("start")
    return old.model_copy(
        update={
            **changes,
            **({"pieces": ((start, start + timedelta(minutes=minutes)),)} if start else {}),
            "attributed": _attributed(old, changes.get("project", old.project), minutes, share),
            "because": (*old.because, line),
        }
    )


def _attributed(
    old: Suggestion, project: str | None, minutes: int, share: Mapping[str, int]
) -> dict[str, int]:
    """The minutes by project: as a new project says, else in the proportions they had."""
    if project != old.project or len(old.attributed) < 2 or not old.minutes:
        return attributed(minutes, project, share)
    scaled = {name: share * minutes // old.minutes for name, share in old.attributed.items()}
    if sum(old.attributed.values()) == old.minutes:  # shares of the time, not the time in full to each
        scaled[next(iter(scaled))] += minutes - sum(scaled.values())
    return scaled
