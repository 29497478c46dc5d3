"""A task that goes by another name since: its draft is known again by the evidence it cites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.evidence import Evidence
from core.model import Draft


def known_again(evidence: Evidence, drafts: Iterable[Draft]) -> Evidence:
    """The same evidence, with each task under the key that its draft already has.

    An issue that moved to another project has another key and the same history. As another draft, the time
    that its contributor confirmed under the old key would be suggested once more (P4).
    """
    lost = [draft for draft in drafts if draft.key not in evidence.tasks]
    cited = {
        (line.kind, line.uid): draft.key
        for draft in lost
        for line in draft.suggestion.because
        if line.kind in ("presence", "touch")
    }
    if not cited:
        return evidence
    held = {draft.key for draft in lost}
    tasks = dict(evidence.tasks)
    for key, task in evidence.tasks.items():
        earlier = next((cited[name] for a in task.activities if (name := (a.kind, a.uid)) in cited), None)
        if earlier is not None and earlier in held:
            held.remove(earlier)
            tasks[earlier] = tasks.pop(key)._replace(key=earlier)
    return replace(evidence, tasks=tasks)
