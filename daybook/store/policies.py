"""Every version of the policy that was ever seen: which holds, which is announced, which are past.

Nothing is removed, because people acknowledged versions that hold no longer.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Row, func, insert, select, update

from core.notice import Standing, Version
from core.policy import Policy
from daybook.store.part import Part
from daybook.store.schema import policies

_STATES = ("in_force", "coming")


class Policies(Part):
    """The ledger of policies."""

    def standing(self) -> Standing | None:
        """What was found to hold last; None before the first policy."""
        p = policies.c
        latest = select(policies).where(p.state.in_((*_STATES, "past"))).order_by(p.serial)
        found = {row.state: _version(row) for row in self._connection.execute(latest)}
        if "in_force" not in found:
            return None
        return Standing(in_force=found["in_force"], coming=found.get("coming"), former=found.get("past"))

    def versions(self) -> list[Version]:
        """Every version that was ever seen, with its days, the first first."""
        query = select(policies).order_by(policies.c.serial)
        return [_version(row) for row in self._connection.execute(query)]

    def held(self) -> list[Version]:
        """Those that were in force once, or are, the first first."""
        query = select(policies).where(policies.c.state.in_(("past", "in_force")))
        return [_version(row) for row in self._connection.execute(query.order_by(policies.c.serial))]

    def texts(self) -> dict[str, Policy]:
        """Every version that was ever seen."""
        return {one.version: one.policy for one in self.versions()}

    def first_seen(self) -> date | None:
        """The day the first of them was new, as old as the store; None before that."""
        day: date | None = self._connection.execute(select(func.min(policies.c.seen))).scalar()
        return day

    def last_seen(self) -> date | None:
        """The latest day on which a version was new."""
        day: date | None = self._connection.execute(select(func.max(policies.c.seen))).scalar()
        return day

    def keep(self, standing: Standing) -> None:
        """What holds from now on; what it replaces is past, what is asked for no longer is withdrawn."""
        p = policies.c
        wanted = {"in_force": standing.in_force, "coming": standing.coming}
        for row in self._connection.execute(select(policies).where(p.state.in_(_STATES))).all():
            same = [state for state, version in wanted.items() if version == _version(row)]
            state = same[0] if same else {"in_force": "past", "coming": "withdrawn"}[row.state]
            self._connection.execute(update(policies).where(p.serial == row.serial).values(state=state))
            wanted = {name: version for name, version in wanted.items() if name not in same}
        for state, version in wanted.items():
            if version is not None:
                said = version.model_dump(include={"version", "seen", "since"})
                row_said = said | {"state": state, "text": version.policy.model_dump_json()}
                self._connection.execute(insert(policies).values(row_said))


def _version(row: Row[tuple[object, ...]]) -> Version:
    said = row._mapping
    policy = Policy.model_validate_json(said["text"])
    return Version(version=said["version"], policy=policy, seen=said["seen"], since=said["since"])
