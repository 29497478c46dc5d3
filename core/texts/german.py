"""The sentences of the reconciler in German."""

from __future__ import annotations

from core.texts.catalogue import Catalogue, one_or_many

_TEXTS = {
    # Times and names
    "clock": "{hour:02}:{minute:02}",
    "span": "{start}-{end}",
    "date": "{day}. {month}",
    "hours and minutes": "{hours} {minutes}",
    "list": "{most} und {last}",
    "title": "„{title}“",
    "it": "die Aufgabe",
    "another meeting": "ein anderer Termin",
    "the other meeting": "den anderen Termin",
    "the other meetings": "die anderen Termine",
    # A meeting, by what its contributor answered
    "meeting": "In Ihrem Kalender {span}; {answer}.",
    "organizer": "Sie haben eingeladen",
    "accepted": "Sie haben zugesagt",
    "tentative": "Sie haben unter Vorbehalt zugesagt",
    "needs action": "Sie haben nicht geantwortet",
    "declined": "Sie haben abgesagt",
    "nobody asked": "Ihr eigener Eintrag",
    "private": "Als privat markiert, daher wird der Titel nicht gelesen. Benennen oder verwerfen Sie ihn.",
    "overlap": "Weniger {time}, zur selben Zeit belegt durch: {others}.",
    # A task
    "in progress all day": "Den ganzen Tag in Arbeit.",
    "in progress until": "In Arbeit bis {end}.",
    "in progress since": "In Arbeit seit {start}.",
    "in progress": "In Arbeit {span}.",
    "worked on": "Sie haben sie um {times} geändert oder kommentiert.",
    "alone": "Die Arbeitszeit zwischen den Terminen zählt dafür.",
    "around": "Bis zu {reach} davor und danach zählen dafür.",
    # What is taken off, and put on
    "less logged": "Weniger {time}, schon erfasst.",
    "less charged": "Weniger {time}: So viel des Tages ist anderswo erfasst oder bestätigt.",
    "less rested": "Weniger {time}: Ein so langer Tag hat eine Pause.",
    "rounding": "Gerundet auf {step}; die Summe des Tages bleibt.",
    # Where it belongs, and who said so
    "rule": "Regel „{name}“",
    "rule at line": "Regel „{name}“ (Zeile {line})",
    "rule in file": "Regel „{name}“ ({file}, Zeile {line})",
    "by rule": "Nach {rule}.",
    "project by rule": "Projekt {project} nach {rule}.",
    "unmapped": "Keine Regel passt. Wählen Sie das Projekt.",
    "no project": "Noch kein Projekt. Wählen Sie eines.",
    "needs task": "Dieses Projekt bucht auf eine Aufgabe, und keine ist genannt. Wählen Sie eine.",
    "no target": "Nirgends steht, wohin gebucht wird. Wählen Sie einen Ort.",
    "chosen otherwise": "Am {date} haben Sie für diesen Titel das Projekt {project} gewählt.",
    "always": "Projekt {project} nach Ihrer eigenen Regel vom {date}.",
    "never": "Sie haben „nie“ gesagt",
    "unworked": "in Arbeit, am {date} verworfen, seither kein Zeichen; ein Kommentar holt sie zurück",
    # What its contributor did with it
    "by hand": "Sie haben dies selbst eingetragen.",
    "as posted": "Sie haben es so gelassen, wie es dort steht, wo es gebucht ist.",
    "by hand of": "{who} hat dies eingetragen.",
    "changed": "Sie haben geändert: {what}.",
    "changed by": "{who} hat geändert: {what}.",
    "length": "die Dauer von {before} auf {after}",
    "when it was": "wann es war",
    "the project": "das Projekt",
    "the category": "die Kategorie",
    "whether it is billed": "die Abrechenbarkeit",
    "where it is posted": "den Ort der Buchung",
    "the text": "den Text",
    # In a calendar of their own
    "draft calendar": "Daybook-Entwürfe",
    "without project": "ohne Projekt",
    "shown draft": "Ein Entwurf von Daybook: {project}, {time}. Niemand sonst bekommt ihn gezeigt.",
    "changed there": "Was Sie hier an Zeit oder Titel ändern, ändert den Entwurf; Löschen verwirft ihn.",
    "confirmed here": "Bestätigt wird nur auf Ihrer Seite.",
    # The one change that would alter it
    "accept": "Sagen Sie im Kalender zu, dann gilt der Vorschlag als wahrscheinlich.",
    "decline": "Sagen Sie im Kalender ab, dann wird der Termin nicht mehr vorgeschlagen.",
    "mark as free": "Stellen Sie ihn im Kalender auf „frei“, dann wird er nicht mehr vorgeschlagen.",
    "private as free": "War er keine Arbeit, stellen Sie ihn im Kalender auf „frei“; dann entfällt er hier.",
    "decline others": "sagen Sie {others} im Kalender ab",
    "mark others as free": "stellen Sie {others} im Kalender auf „frei“",
    "dismiss others": "verwerfen Sie hier {others}",
    "have the time": "{changes}, dann kann dieser die Zeit haben.",
    "choose": "Wählen und bestätigen Sie ein Projekt; beim nächsten Mal schlägt Daybook es von selbst vor.",
    "key in title": "Nennen Sie im Titel einen Vorgang, etwa WEB-12; dann wird darauf gebucht.",
    "place": "Ein Administrator kann festlegen, wohin {project} gebucht wird; dann entfällt die Wahl.",
    "forget": "Löschen Sie es unter „What Daybook learnt“, dann entscheiden wieder die Regeln.",
    "take back rule": "Nehmen Sie Ihre Regel unter „What Daybook learnt“ zurück, dann gelten die übrigen.",
    "once more": "Wählen Sie {project} noch einmal, dann schlägt Daybook es künftig vor.",
    "never again": "Drücken Sie „Never suggest this again“, dann entfällt es.",
    "out of progress": "Nehmen Sie {task} aus „in Arbeit“, wenn Sie aufhören; dann zählt keine Zeit mehr.",
    "into progress": "Setzen Sie {task} auf „in Arbeit“, solange Sie daran arbeiten; dann zählt alle Zeit.",
    "more of the time": "Kommentieren oder ändern Sie {task} während der Arbeit; das gibt mehr von der Zeit.",
    "delete logged": "Löschen Sie, was schon erfasst ist, dann wird die Zeit hier wieder vorgeschlagen.",
    "correct elsewhere": "Berichtigen Sie, was anderswo erfasst ist; dann kehrt die Zeit hierher zurück.",
    # What took working time away
    "leave by title": "Urlaub, den ganzen Tag; ist es keiner, benennen Sie den Eintrag im Kalender um",
    "away all day": "ganztägig abwesend; haben Sie gearbeitet, löschen Sie den Eintrag im Kalender",
    "away": "abwesend {span}; haben Sie gearbeitet, löschen Sie den Eintrag im Kalender",
    # What is left out, and why
    "left out as declined": "abgesagt",
    "all day": "ganztägig",
    "logged": "schon erfasst",
    "no length": "ohne Dauer",
    "same meeting": "derselbe Termin steht noch in einem anderen Kalender",
    "no task": "nennt keine Aufgabe",
    "told twice": "vom Werkzeug auf zwei Arten gemeldet; die spätere zählt",
    "ignored by": "nicht berücksichtigt nach {rule}",
    "overlapped": "Die Zeit hat: {others}.",
    "too short": "weniger als {time}",
    "outside hours": "außerhalb Ihrer Arbeitszeit",
    "no working day": "kein Arbeitstag",
    "away then": "Sie waren abwesend",
    "taken by meetings": "Termine hatten diese Zeit",
    "logged elsewhere": "die Zeit des Tages ist anderswo erfasst oder bestätigt",
    "went to the break": "der Rest des Tages ist seine Pause",
    "rounds away": "zu wenig für einen Schritt von {step}",
}

_COUNTED = {
    "hours": ("{number} Stunde", "{number} Stunden"),
    "minutes": ("{number} Minute", "{number} Minuten"),
    "more times": ("{number} weiteres Mal", "{number} weitere Male"),
    "shared": (
        "Sie teilt sich die Arbeitszeit zwischen den Terminen mit {number} anderen Aufgabe.",
        "Sie teilt sich die Arbeitszeit zwischen den Terminen mit {number} anderen Aufgaben.",
    ),
    "around, shared": (
        "Bis zu {reach} davor und danach zählen dafür, geteilt mit {number} anderen Aufgabe.",
        "Bis zu {reach} davor und danach zählen dafür, geteilt mit {number} anderen Aufgaben.",
    ),
    "chosen for series": (
        "Projekt {project}: von Ihnen einmal für diese Terminserie gewählt, am {date}.",
        "Projekt {project}: von Ihnen {number}-mal für diese Terminserie gewählt, zuletzt am {date}.",
    ),
    "chosen for task": (
        "Projekt {project}: von Ihnen einmal für diese Aufgabe gewählt, am {date}.",
        "Projekt {project}: von Ihnen {number}-mal für diese Aufgabe gewählt, zuletzt am {date}.",
    ),
    "chosen for title": (
        "Projekt {project}: von Ihnen einmal für diesen Titel gewählt, am {date}.",
        "Projekt {project}: von Ihnen {number}-mal für diesen Titel gewählt, zuletzt am {date}.",
    ),
    "chosen for titles like it": (
        "Projekt {project}: von Ihnen einmal für {title} gewählt, am {date}.",
        "Projekt {project}: von Ihnen {number}-mal für Titel wie {title} gewählt, zuletzt am {date}.",
    ),
    "dismissed before": (
        "Sie haben dies schon einmal verworfen, am {date}.",
        "Sie haben dies schon {number}-mal verworfen, zuletzt am {date}.",
    ),
    "stale": (
        "in Arbeit, seit {number} Arbeitstag kein Zeichen von Arbeit; ein Kommentar holt sie zurück",
        "in Arbeit, seit {number} Arbeitstagen kein Zeichen von Arbeit; ein Kommentar holt sie zurück",
    ),
}

GERMAN = Catalogue(
    texts=_TEXTS,
    counted=_COUNTED,
    form=one_or_many,
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
)  # fmt: skip
