"""Changing the master key: everything is sealed with the new one before the former may go."""

from __future__ import annotations

from collections.abc import Iterator

from daybook.store.store import Store
from daybook.words import count


def standing(store: Store) -> Iterator[str]:
    """Which master keys seal how much; gives sentences for the administrator."""
    with store.reading() as tx:
        used = tx.vault.wrapped_by()
    first, *others = store.masters
    yield f"{first}  seals {count(used.get(first, 0), 'key')}; what is new is sealed with it."
    for master in others:
        sealed = used.get(master, 0)
        yield f"{master}  {_still(sealed)}."
    if any(used.get(master) for master in others):
        yield "Seal all with the first one: daybook keys --renew"


def renewed(store: Store) -> Iterator[str]:
    """Seal everything with the first master key. Raises StoreRefused while a daemon runs."""
    with store.hold(alone=True):
        for left in store.renew_keys():
            if left:
                yield f"{count(left, 'key')} to go."
    yield from standing(store)
    former = store.masters[1:]
    if former:
        yield (
            f"Take {', '.join(former)} out of store.key now. Keep it as long as you keep backups from "
            "before: they open with nothing else."
        )


def _still(sealed: int) -> str:
    return f"still seals {count(sealed, 'key')}" if sealed else "opens nothing any more"
