"""How alembic reaches the database: the connection is handed to it by `makegood.store.sql.schema`."""

from alembic import context

from makegood.store.sql.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
context.run_migrations()
