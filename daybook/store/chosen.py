"""What contributors chose to have read beside what is read of everybody: calendars of their own."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import TypeAdapter
from sqlalchemy import delete, select

from connectors.contract import Container
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import chosen

_CONTAINERS = TypeAdapter(tuple[Container, ...])


class Chosen(Part):
    """One sealed list a person and connection; no row means that nothing was chosen."""

    def keep(self, contributor: str, connection: str, containers: Iterable[Container]) -> None:
        """These and no others, from now on."""
        place = {"contributor": contributor, "connection": connection}
        if wanted := tuple(containers):
            row = self._vault.sealed(chosen, place, _CONTAINERS.dump_json(wanted).decode())
            said = engine.insert(chosen).values(row)
            self._connection.execute(said.on_conflict_do_update(index_elements=chosen.primary_key, set_=row))
        else:
            which = (chosen.c.contributor == contributor, chosen.c.connection == connection)
            self._connection.execute(delete(chosen).where(*which))

    def forget(self, contributor: str) -> None:
        self._connection.execute(delete(chosen).where(chosen.c.contributor == contributor))

    def of(self, contributor: str, connection: str) -> tuple[Container, ...]:
        return self.at(connection, contributor).get(contributor, ())

    def at(self, connection: str, contributor: str | None = None) -> dict[str, tuple[Container, ...]]:
        """What each contributor chose at this connection.

        Takes    contributor: to ask about them alone
        """
        query = select(chosen).where(chosen.c.connection == connection)
        if contributor is not None:
            query = query.where(chosen.c.contributor == contributor)
        rows = self._connection.execute(query).mappings().all()
        return {
            row["contributor"]: _CONTAINERS.validate_json(self._vault.opened(chosen, row)) for row in rows
        }
