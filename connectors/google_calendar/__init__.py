"""Google Calendar: what a contributor's calendar says."""
