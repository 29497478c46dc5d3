"""The sentences of the reconciler in English; other languages translate these, by their names."""

from __future__ import annotations

from datetime import date, time

from core.texts.catalogue import Catalogue

TEXTS = {
    # Times and names
    "span": "{start}-{end}",
    "hours and minutes": "{hours} {minutes}",
    "list": "{most} and {last}",
    "title": '"{title}"',
    "it": "it",
    "another meeting": "another meeting",
    "the other meeting": "the other meeting",
    "the other meetings": "the other meetings",
    # A meeting, by what its contributor answered
    "meeting": "In your calendar {span}; {answer}.",
    "organizer": "you organised it",
    "accepted": "you accepted",
    "tentative": "you said maybe",
    "needs action": "you have not answered",
    "declined": "you declined",
    "nobody asked": "your own entry",
    "private": "Marked private, so its title is not read. Name it, or dismiss it.",
    "overlap": "Less {time}, taken at the same time by {others}.",
    # A task
    "in progress all day": "In progress all day.",
    "in progress until": "In progress until {end}.",
    "in progress since": "In progress since {start}.",
    "in progress": "In progress {span}.",
    "worked on": "You changed or commented on it at {times}.",
    "alone": "The working time between meetings went to it.",
    "around": "Up to {reach} before and after count as work on it.",
    # What is taken off, and put on
    "less logged": "Less {time}, already logged.",
    "less charged": "Less {time}: so much of the day is logged or confirmed elsewhere.",
    "less rested": "Less {time}: a day as long as this has a break.",
    "rounding": "Rounded to {step}; the day keeps its total.",
    # Where it belongs, and who said so
    "rule": 'the rule "{name}"',
    "rule at line": 'the rule "{name}" (line {line})',
    "rule in file": 'the rule "{name}" ({file} line {line})',
    "by rule": "By {rule}.",
    "project by rule": "Project {project} by {rule}.",
    "unmapped": "No rule fits. Choose the project.",
    "no project": "No project yet. Choose one.",
    "needs task": "This project books on an issue or task, and none is named. Choose one.",
    "no target": "Nothing says where it is posted. Choose a place.",
    "chosen otherwise": "On {date} you chose project {project} for this title.",
    "always": "Project {project} by your own rule, made on {date}.",
    "never": "you said never",
    "unworked": "in progress, no sign of work since you dismissed it on {date}; a comment brings it back",
    # What its contributor did with it
    "by hand": "You wrote this by hand.",
    "as posted": "You left it as it stands where it was posted.",
    "by hand of": "{who} wrote this by hand.",
    "cut in two": "You cut {time} off.",
    "cut in two by": "{who} cut {time} off.",
    "cut from": "You cut this off {what}.",
    "cut from by": "{who} cut this off {what}.",
    "put together": "You put {what} into it.",
    "put together by": "{who} put {what} into it.",
    "moved from": "You moved this here from {day}.",
    "moved from by": "{who} moved this here from {day}.",
    "changed": "You changed {what}.",
    "changed by": "{who} changed {what}.",
    "length": "the length from {before} to {after}",
    "when it was": "when it was",
    "the project": "the project",
    "the category": "the category",
    "whether it is billed": "whether it is billed",
    "where it is posted": "where it is posted",
    "the text": "the text",
    # In a calendar of their own
    "draft calendar": "Daybook drafts",
    "without project": "without a project",
    "shown draft": "A draft by Daybook: {project}, {time}. Nobody else is shown it.",
    "changed there": "Change its time or title here, and the draft changes; delete it to dismiss it.",
    "confirmed here": "You confirm on your page alone.",
    # The one change that would alter it
    "accept": "Accept it in your calendar, and it counts as likely.",
    "decline": "Decline it in your calendar, and it is not suggested any more.",
    "mark as free": "Mark it as free in your calendar, and it is not suggested any more.",
    "private as free": "If it was no work, mark it as free in your calendar; then it is not suggested.",
    "decline others": "decline {others} in your calendar",
    "mark others as free": "mark {others} as free in your calendar",
    "dismiss others": "dismiss {others} here",
    "have the time": "{changes}, and this one can have the time.",
    "choose": "Choose a project and confirm it; the next time Daybook suggests that by itself.",
    "key in title": "Name an issue in its title, like WEB-12, and it is booked on that.",
    "place": "An administrator can say where {project} is posted; then you need not choose.",
    "forget": 'Forget it under "What Daybook learnt", and the rules decide again.',
    "take back rule": 'Take your rule back under "What Daybook learnt", and the rules decide again.',
    "once more": "Choose {project} for it once more, and Daybook suggests that from then on.",
    "never again": 'Press "Never suggest this again", and it is not.',
    "out of progress": "Complete {task} or move it out of progress when you stop; then it takes no time.",
    "into progress": "Move {task} into progress while you work on it, and all of that time counts.",
    "more of the time": "A comment or change on {task} while you work on it gives it more of that time.",
    "delete logged": "Delete what is already logged, and that time is suggested here again.",
    "correct elsewhere": "Correct what is logged or confirmed elsewhere, and this has its time back.",
    # What took working time away
    "leave by title": "leave takes the whole day; if it is none, give it another name in your calendar",
    "away all day": "away all day; if you worked, delete it in your calendar",
    "away": "away {span}; if you worked, delete it in your calendar",
    # What is left out, and why
    "left out as declined": "declined",
    "all day": "all day",
    "logged": "already logged",
    "no length": "has no length",
    "same meeting": "the same meeting is in another calendar too",
    "no task": "names no task",
    "told twice": "its tool tells it in two different ways; the later one counts",
    "ignored by": "ignored by {rule}",
    "overlapped": "The time went to {others}.",
    "too short": "less than {time}",
    "outside hours": "outside your working hours",
    "no working day": "not a working day",
    "away then": "you were away",
    "taken by meetings": "meetings took its time",
    "logged elsewhere": "the time of the day is logged or confirmed elsewhere",
    "went to the break": "what was left of the day is its break",
    "rounds away": "too little for one step of {step}",
}

COUNTED = {
    "hours": ("{number} hour", "{number} hours"),
    "minutes": ("{number} minute", "{number} minutes"),
    "more times": ("{number} more time", "{number} more times"),
    "shared": (
        "It shares the working time between meetings with {number} other task.",
        "It shares the working time between meetings with {number} other tasks.",
    ),
    "around, shared": (
        "Up to {reach} before and after count as work on it, shared with {number} other task.",
        "Up to {reach} before and after count as work on it, shared with {number} other tasks.",
    ),
    "chosen for series": (
        "Project {project}: you chose it once for this recurring meeting, on {date}.",
        "Project {project}: you chose it {number} times for this recurring meeting, last on {date}.",
    ),
    "chosen for task": (
        "Project {project}: you chose it once for this task, on {date}.",
        "Project {project}: you chose it {number} times for this task, last on {date}.",
    ),
    "chosen for title": (
        "Project {project}: you chose it once for this title, on {date}.",
        "Project {project}: you chose it {number} times for this title, last on {date}.",
    ),
    "chosen for titles like it": (
        "Project {project}: you chose it once for {title}, on {date}.",
        "Project {project}: you chose it {number} times for titles like {title}, last on {date}.",
    ),
    "dismissed before": (
        "You dismissed this once, on {date}.",
        "You dismissed this {number} times, last on {date}.",
    ),
    "stale": (
        "in progress, no sign of work for {number} working day; a comment brings it back",
        "in progress, no sign of work for {number} working days; a comment brings it back",
    ),
}

CLOCK, DAY = "HH:mm", "d MMMM"
"""How times and days are written, in patterns of the CLDR."""


def _counted(name: str, number: int) -> str:
    one, many = COUNTED[name]
    return one if number == 1 else many


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _date(day: date) -> str:
    return f"{day.day} {day:%B}"


ENGLISH = Catalogue(TEXTS, _counted, _clock, _date)
