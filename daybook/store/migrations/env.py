"""Where Alembic finds our tables: it is handed a connection, already inside its transaction."""

from alembic import context

from daybook.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
