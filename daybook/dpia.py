"""A data protection impact assessment to begin with: filled as far as the program knows, else questions.

Its parts are those of Article 35(7) GDPR: what is done, whether it is needed, what could go wrong for people,
what is done against that; then who was asked. What only people can answer is marked, and not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from core.policy import Policy
from core.rollout import following
from daybook.annex import sources
from daybook.inventory import Live, flow, kept, live, manager_sees, nobody_sees, proved, under
from daybook.papers import Paper
from daybook.words import Section, count, listed, period

QUESTION = "TO ANSWER"

Lines = tuple[tuple[str, str], ...]


def assessment(file: Path, now: datetime) -> Paper:
    """All of it. Raises Unfit, Wrong."""
    of = live(file, now)
    return Paper(
        title="Data protection impact assessment",
        under=f"{under(of, now)} A template: it is complete when no line says {QUESTION}.",
        sections=tuple(_sections(of)),
    )


def asked(*questions: str) -> Lines:
    """What only people can answer, marked."""
    return tuple((QUESTION, question) for question in questions)


def _sections(of: Live) -> Iterator[Section]:
    yield Section(
        "0. Who, and why this assessment",
        (
            ("Controller", of.configuration.organisation),
            ("Whom people ask or contradict", of.policy.contact),
            *asked(
                "Who is the data protection officer, and since when do they know of this?",
                "Is an assessment required here (Article 35(1) and (3), and your authority's list)? Regular "
                "processing of what employees do usually is on it.",
                "Who decides on the outcome, and when is it looked at again?",
            ),
        ),
    )
    yield Section("1. What is done, and for what (Article 35(7)(a))", tuple(_described(of)))
    yield from sources(of)
    yield kept(of.policy)
    yield from flow(of)
    yield Section("2. Is it necessary and proportionate (Article 35(7)(b))", tuple(_needed(of)))
    yield Section(
        "3. What could go wrong for people (Article 35(7)(c))",
        _risks(of.policy),
        ("Likelihood and severity are for people to judge: the program does not know your organisation.",),
    )
    yield Section("4. What is done against it (Article 35(7)(d))", tuple(_measures(of)), _proofs())
    yield Section("5. Who was asked (Article 35(2) and (9))", _consulted())
    yield Section("6. Outcome", _outcome())


def _described(of: Live) -> Iterator[tuple[str, str]]:
    policy, people = of.policy, of.configuration.people
    yield "Purpose, as people read it", " ".join(policy.why.split())
    yield (
        "In short",
        (
            "Evidence of calendars and project tools becomes drafts of each contributor's day, which they "
            "alone see; what they confirm is posted to the tool under their own name. Silence confirms "
            "nothing."
        ),
    )
    yield (
        "People concerned",
        (
            f"{len(people)} named in the configuration; the stage wished is "
            f"{of.configuration.rollout.stage}"
            + (f", after it {after}" if (after := following(of.configuration.rollout.stage)) else "")
            + ". Nobody is read before they acknowledged the policy."
        ),
    )
    yield (
        "Kinds of data",
        (
            "as listed below by tool; beside it names, mail addresses, time zones and working hours of the "
            "people in the configuration"
        ),
    )
    yield (
        "Special categories (Article 9)",
        (
            "none are asked for; titles of events can hold them. Of private events "
            + ("only the time is kept." if policy.private_events == "busy" else "nothing is kept.")
        ),
    )
    yield from asked(
        "Are further purposes planned: pay, appraisal, dismissal? Daybook has no function for them.",
        "Which categories of people are among those named: trainees, part-time, members of a works council?",
        "Do titles in your tools name health, union matters or other people's affairs, and who was told "
        "to mark these private?",
    )


def _needed(of: Live) -> Iterator[tuple[str, str]]:
    policy = of.policy
    tracked = sum(len(words) for words in policy.tracked.values())
    yield (
        "As little as possible",
        (
            f"{count(tracked, 'word')} of the policy are tracked over all tools; what is not is not asked "
            "for, or dropped before it is stored. "
            + (
                f"Less is read of the role {listed(list(policy.roles))}."
                if policy.roles
                else "It is as much of everybody."
            )
        ),
    )
    yield (
        "No longer than needed",
        (
            f"evidence {period(policy.retention.evidence)}, drafts {period(policy.retention.drafts)}, "
            f"what was confirmed {period(policy.retention.entries)}; the first look reaches back "
            f"{period(policy.back_fill)}"
        ),
    )
    yield (
        "Told beforehand",
        (
            "every version of the policy is acknowledged before it holds for somebody; what allows more is "
            f"announced {period(policy.notice)} before. To acknowledge is to have read: it is no legal basis."
        ),
    )
    yield (
        "Rights of people",
        ("on their own page: see and take along all that is held, see who looked, correct, leave, erase"),
    )
    yield from asked(
        "Which legal basis is it: contract, legal obligation, legitimate interest, a works agreement, "
        "national law under Article 88?",
        "Why does each tracked word above serve the purpose, and what would be lost without it?",
        f"Why is {period(policy.retention.entries)} the right time for what was confirmed?",
        "Which other ways were weighed, such as time written by hand, and why is this one milder?",
        "What happens to somebody who leaves or never acknowledges? It must cost them nothing.",
    )


def _risks(policy: Policy) -> Lines:
    known = [
        ("Somebody watches what single people do", "see 4: visibility, reports"),
        ("Titles reveal health, union or private matters", "see 4: fields, private events, sealing"),
        ("Wrong drafts are confirmed unread and count against somebody", "see 4: silence, undo, because"),
        ("What is posted is read by many at the tool", "the page says who, before the click"),
        ("The holder of the master key reads the database", "remains: Daybook cannot prevent it"),
        ("Somebody reads a contributor's mail and opens their link", "remains while a link lives"),
        ("Figures of a group tell of one person", "see 4: reports"),
    ]
    if policy.billing:
        known.append(
            ("Hours by name for invoices are used otherwise", f"they go to {listed(policy.billing.who)}")
        )
    if policy.delegates:
        known.append(("Somebody is pressed to open their days to a colleague", "see 4: delegates"))
    return (
        *known,
        *asked(
            "How likely and how severe is each for your people, before and after the measures?",
            "Is there pressure in practice to acknowledge, to take part, or to explain gaps?",
            "Which risks of your own are missing: small teams, one-person roles, conflicts?",
        ),
    )


def _measures(of: Live) -> Iterator[tuple[str, str]]:
    policy = of.policy
    yield (
        "Visibility",
        (
            f"drafts and evidence are their contributor's alone. A manager sees of a person: "
            f"{listed(manager_sees())}. Nobody sees {listed(nobody_sees())}."
        ),
    )
    yield (
        "Reports",
        (
            f"{listed([report.name for report in policy.reports])}: only confirmed time, only of groups of "
            f"at least {policy.groups.minimum} people, once, never what could be subtracted to tell of fewer"
            if policy.reports
            else "none"
        ),
    )
    yield (
        "Delegates",
        (
            f"only by grant, for {period(policy.delegates.days)} at most, logged"
            if policy.delegates
            else "none"
        ),
    )
    yield "Sealing", "content is encrypted under a key for each person, week and class; erasing destroys it"
    yield "Silence", "confirms nothing; what is confirmed can be taken back until it is posted"
    yield "Because", "every draft names its evidence and its rule in a sentence"
    yield "Access log", "each look of somebody else stands in a chained log that the person reads"
    yield "Stages", "a pilot, numbers set beforehand, and stop rules by which it stops itself"
    yield from asked(
        "Who holds the master key and the server, and how is it logged who was on it?",
        "How are backups of the database kept, for how long, and apart from the key?",
        "Which rule at work forbids the use of Daybook's data for appraisal?",
    )


def _proofs() -> tuple[str, ...]:
    return tuple(proved(part) for part in ("seen", "asked", "kept", "never", "secret"))


def _consulted() -> Lines:
    return asked(
        "What did the data protection officer advise, and when?",
        "What did the works council or the people themselves say, and what was changed by it?",
        "Is there a works agreement, and does its text name this version of the policy?",
        "Must the authority be asked beforehand (Article 36)?",
    )


def _outcome() -> Lines:
    return asked(
        "Is what remains acceptable, to whom, and why?",
        "When is this looked at again? With each version of the policy that allows more, at the latest.",
        "Date and signature.",
    )
