"""What every part of a unit of work stands on: a connection to speak through, a vault to seal with.

What a part asks all day is made once, above its class: making a query takes longer than a small answer.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from daybook.store.seal import Vault


class Part:
    """One noun's rows, inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault, worker: int | None = None) -> None:
        """Takes    worker: who claims what is claimed here; None for a command that runs beside others"""
        self._connection = connection
        self._vault = vault
        self._worker = worker


P = TypeVar("P", bound=Part)


class One(Generic[P]):
    """A part of a unit, made when it is first asked for: most units ask for three of them."""

    def __init__(self, part: type[P]) -> None:
        self._part = part

    def __set_name__(self, _owner: object, name: str) -> None:
        self._name = name

    def __get__(self, unit: Any, _owner: object = None) -> P:
        part = self._part(unit.connection, unit.vault, unit.worker)
        vars(unit)[self._name] = part
        return part
