"""The ways a command can fail that are not a bug."""

from __future__ import annotations


class Wrong(Exception):
    """What we were given cannot be used: a file, an option, a database. Nothing changed."""


class Outside(Exception):
    """Something outside did not do its part: a mail server, a port, a disk."""


class No(Exception):
    """What was asked for is not to be had. Nothing changed."""
