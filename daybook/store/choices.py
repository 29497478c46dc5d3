"""What contributors chose for their series and tasks: each sealed, and theirs alone."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import delete, select

from core.memory import Choice
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import choices
from daybook.store.seal import week


class Choices(Part):
    """One row for each series or task a contributor had a word on."""

    def keep(self, contributor: str, about: str, choice: Choice, day: date) -> None:
        """Remember it in place of any earlier one; `day` is the last it was used on."""
        place = {"contributor": contributor, "about": self._vault.fingerprint("about", contributor, about)}
        content = json.dumps({"about": about, "choice": choice.model_dump()})
        row = self._vault.sealed(choices, place, content, week(day)) | {"day": day}
        self._connection.execute(
            engine.insert(choices)
            .values(row)
            .on_conflict_do_update(index_elements=choices.primary_key, set_=row)
        )

    def of(self, contributor: str) -> dict[str, Choice]:
        """All they chose, by series or task."""
        query = select(choices).where(choices.c.contributor == contributor)
        rows = self._connection.execute(query).mappings().all()
        said = [json.loads(self._vault.opened(choices, row)) for row in rows]
        return {one["about"]: Choice.model_validate(one["choice"]) for one in said}

    def drop(self, contributor: str) -> None:
        """Forget all of them."""
        self._connection.execute(delete(choices).where(choices.c.contributor == contributor))
