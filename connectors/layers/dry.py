"""A connection that reads and never writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from connectors.contract import Account, Connector, Credential, Receipt, Refused, Writer
from connectors.layers.around import Layer
from core.model import Entry
from core.said import Said


class DryRun(Layer):
    """Reads as ever; says that it cannot post, and refuses who tries."""

    def __init__(self, inner: Connector) -> None:
        super().__init__(inner)
        self.abilities = inner.abilities.model_copy(update={"posts": False, "shows_drafts": False})

    def writer(self, account: Account, credential: Credential) -> Writer:
        return DryWriter(self.name, self.inner.writer(account, credential))


class DryWriter:
    """Looks, and keeps its hands in its pockets."""

    def __init__(self, name: str, inner: Writer) -> None:
        self._name, self._inner = name, inner

    def baseline(self, entry: Entry) -> str:
        return self._inner.baseline(entry)

    def find(self, key: str, entry: Entry, baseline: str, later: Sequence[str] = ()) -> Receipt | None:
        return self._inner.find(key, entry, baseline, later)

    def post(self, key: str, entry: Entry) -> Receipt:
        self._refuse()

    def amend(self, receipt: Receipt, key: str, entry: Entry) -> Receipt:
        self._refuse()

    def withdraw(self, receipt: Receipt) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise Refused(
            Said(
                "The connection {name} is on a dry run. Nothing was written; the entry stays confirmed. "
                "Switch the dry run off to post it.",
                name=self._name,
            ),
            whose="connection",
        )
