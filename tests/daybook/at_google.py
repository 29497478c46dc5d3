"""A house whose only tool is Google Calendar, as its stand-in plays it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from config.schema import Configuration
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.settings import Settings
from daybook import wiring
from daybook.house import House


def tracking(configuration: Configuration, **policy: Any) -> Configuration:
    """With a policy that lets titles and times of calendars be read."""
    assert configuration.policy is not None
    tracked = {"google_calendar": ("title", "time")}
    return configuration.model_copy(
        update={"policy": configuration.policy.model_copy(update={"tracked": tracked, **policy})}
    )


def site_for(configuration: Configuration, **more: Any) -> CalendarSite:
    """A calendar for everybody; not started yet."""
    site = CalendarSite(**more)
    for person in configuration.people:
        site.add_user(person.email, "Europe/Berlin")
    return site


def reading(house: House, site: CalendarSite, **settings: Any) -> House:
    """The same house, reading from there."""
    key = SecretStr(json.dumps(site.service_account_key()))
    told = Settings(key=key, endpoint=f"{site.url}/calendar/v3", **settings)
    terms = wiring.terms(house.configuration, "google_calendar")
    pace = wiring.manners(house.configuration, told, house.stopping)
    calendar = GoogleCalendar("calendar", told, terms, pace)
    return replace(
        house, connectors={"calendar": wiring.layered(calendar, house.configuration, house.stopping)}
    )
