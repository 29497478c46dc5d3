"""Calendars that are .ics files or feeds, as evidence for Daybook."""
