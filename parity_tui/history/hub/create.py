"""Makes the tables of a hub, and the SQL that gives least privilege to its users."""

from __future__ import annotations

from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.hub.connection import SCHEMA_NAME
from parity_tui.history.hub.database import PostgresDatabase
from parity_tui.history.store import schema
from parity_tui.model import Target

WRITER, READER = "parity_writer", "parity_reader"
"""roles that boards and watchers, and those who only look on, are members of"""

GRANTS = f"""\
-- Boards and watchers log in as members of {WRITER}, those who only look on (parity-tui open) of {READER}.
CREATE ROLE {WRITER} NOLOGIN;
CREATE ROLE {READER} NOLOGIN;
GRANT USAGE ON SCHEMA {SCHEMA_NAME} TO {WRITER}, {READER};
GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA_NAME} TO {WRITER}, {READER};
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA_NAME} TO {WRITER};
-- For each user: CREATE ROLE ann LOGIN PASSWORD '…' IN ROLE {WRITER};
"""


class ForbiddenError(StoreError):
    """The login may not create a schema."""


def create(target: Target) -> bool:
    """Make the tables; return False where they exist. Raises StoreError, ForbiddenError."""
    database = PostgresDatabase(target)
    try:
        if not database.is_new():
            return False
        if database.query("SHOW server_encoding") != [("UTF8",)]:
            raise StoreError(Fault.UNAVAILABLE, f"{database.name}: a history needs a database with the encoding UTF8")
        database.execute("BEGIN")
        _create_schema(database)
        schema.create(database)
        database.execute("COMMIT")
    finally:
        database.close()  # without a commit, nothing is made
    return True


def _create_schema(database: PostgresDatabase) -> None:
    allowed = "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"
    if database.query(allowed) != [(True,)]:
        raise ForbiddenError(Fault.UNAVAILABLE, f"{database.name} does not let this login create a schema")
    database.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA_NAME}")


def sql() -> str:
    """Return all statements that make a hub, for psql."""
    tables = "".join(f"{statement};\n" for statement in schema.TABLES)
    note = f"INSERT INTO meta (name, value) VALUES ('schema', '{schema.SCHEMA}');\n"  # noqa: S608 - a constant
    return f"CREATE SCHEMA {SCHEMA_NAME};\nSET search_path = {SCHEMA_NAME};\n{tables}{note}{GRANTS}"
