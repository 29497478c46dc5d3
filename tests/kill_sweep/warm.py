"""All that a loop imports, also late, and its letters: the parent of all loops does it once for them."""

import gc

import alembic.command
import alembic.context
import asana
import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite

import connectors.asana.connector
import connectors.google_calendar.connector
import connectors.jira.connector
import connectors.jira.http
import tests.kill_sweep.loop
from daybook.mail import compose

__all__ = ["alembic", "asana", "connectors", "sqlalchemy", "tests"]

for name in compose._templates().list_templates():
    compose._template(name)
gc.freeze()  # or each child's first look for garbage writes to, and so copies, all of it
