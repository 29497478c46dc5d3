"""Asana: the history of a contributor's tasks, and time entries in their name."""
