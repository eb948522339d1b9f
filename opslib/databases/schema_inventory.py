"""Everything a schema is made of, as one table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg

from opslib.databases.schema_queries import SCHEMA_QUERIES
from opslib.databases.statements import Statements
from opslib.tables.databases import SCHEMA_OBJECTS
from opslib.tables.schema import check_table

__all__ = ["read_schema_objects"]


def read_schema_objects(
    connection: psycopg.Connection[Any], statements: Statements | None = None
) -> pd.DataFrame:
    """Read every object of the connected database; columns of `SCHEMA_OBJECTS`.

    Args:
        connection: from `opslib.databases.postgres.connect`.
        statements: takes what is asked, a check for each kind of object.
    """
    asked = statements or Statements()
    rows = [
        (kind, schema or "", name, definition or "")
        for kind, query in SCHEMA_QUERIES.items()
        for schema, name, definition in asked.execute(connection, query, f"schema: {kind}")
    ]
    frame = pd.DataFrame(rows, columns=list(SCHEMA_OBJECTS.columns))
    ordered = frame.sort_values(list(frame.columns), ignore_index=True)
    return check_table(ordered, SCHEMA_OBJECTS, "schema objects")
