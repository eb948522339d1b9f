"""The first question to a database that was restored: does it answer with data?"""

from __future__ import annotations

from psycopg import sql

from opslib.databases.postgres import Database, connect

__all__ = ["ask_first"]

LARGEST = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
    ORDER BY c.relpages DESC, n.nspname, c.relname LIMIT 1"""


def ask_first(database: Database) -> None:
    """Read a row of the largest table, which a volume that loads lazily must fetch.

    Raises:
        ReadError: it cannot be reached, or refuses.
    """
    with connect(database) as connection:
        found = connection.execute(LARGEST).fetchone()
        if found is not None:
            query = sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(*found))
            connection.execute(query).fetchone()
