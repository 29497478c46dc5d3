"""Which posted entries of a day no longer stand at their targets as confirmed, read from the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from connectors.contract import uid_of_record
from core.standing import Altered, altered
from daybook.house import House, Member
from daybook.store.postings import Filed
from daybook.store.unit import Unit


def altered_on(
    house: House, tx: Unit, who: Member, day: date, postings: Sequence[Filed]
) -> dict[str, Altered]:
    """What hands made of this day's records, by entry; nothing where the tools are not asked any more.

    Takes    postings: all of that day
    """
    if not postings or day < house.first_day(who, house.clock()):
        return {}
    shown = {name for name, one in house.connectors.items() if one.abilities.shows_records}
    posted = [filed.posting for filed in postings if filed.posting.connection in shown]
    uids = {one.id: uid_of_record(one.remote.id) for one in posted if one.remote}
    wanted = [(house.tools[one.connection], uids[one.id]) for one in posted if one.id in uids]
    records = tx.evidence.records(who.id, wanted)
    zone = ZoneInfo(house.configuration.zone_of(who.person.on(day)))
    found = {}
    for one in posted:
        if hand := altered(one, records.get(uids.get(one.id, "")), zone):
            found[one.entry.id] = hand
    return found
