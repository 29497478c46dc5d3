"""All that a loop imports, also late: the parent of all loops does it once for them."""

import alembic.context

import connectors.asana.connector
import connectors.jira.connector
import daybook.mail.compose
import tests.kill_sweep.loop

__all__ = ["alembic", "connectors", "daybook", "tests"]
