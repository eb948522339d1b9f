"""What is read of a database: its schema, its sequences, and digests of its rows."""

from __future__ import annotations

from decimal import Decimal

import pandera.pandas as pa

from opslib.tables.schema import column
from opslib.tables.statements import STATEMENTS

__all__ = [
    "BUCKET_DIGESTS",
    "CORRUPTIONS",
    "ORPHANS",
    "ROW_DIGESTS",
    "SCHEMA_OBJECTS",
    "SEQUENCES",
    "STATE_PARTS",
    "TABLE_FACTS",
    "UNREADABLE",
    "WRITTEN_ROWS",
]

SCHEMA_OBJECTS = pa.DataFrameSchema(
    {
        "Kind": column(str),
        "Schema": column(str),
        "Name": column(str),
        "Definition": column(str),
    }
)
"""One row an object; equal rows are alike. Indexes of one table share a Name, and constraints of
several tables may, so Kind, Schema and Name alone name no single row."""

SEQUENCES = pa.DataFrameSchema(
    {
        "Schema": column(str),
        "Sequence": column(str),
        "Position": column(Decimal, nullable=True),
        "Step": column(Decimal),
        "Table": column(str),
        "Column": column(str),
        "Reached": column(Decimal, nullable=True),
    },
    unique=["Schema", "Sequence"],
)
"""One row a sequence. Position is the value it gave out last, null before the first; Step its
increment. Table (with its schema) and Column are what it numbers, '' where nothing; Reached is the
value furthest in the direction of Step there, null in an empty table."""

TABLE_FACTS = pa.DataFrameSchema(
    {
        "Schema": column(str),
        "Table": column(str),
        "Rows": column(int),
        "Buckets": column(int),
        "Key": column(str),
        "Seconds": column(float),
    },
    unique=["Schema", "Table"],
)
"""One row a table: exact count, the number of buckets of its digests (see
`opslib.databases.row_digests`), the columns of its key as JSON, and how
long reading took."""

BUCKET_DIGESTS = pa.DataFrameSchema(
    {
        "Schema": column(str),
        "Table": column(str),
        "Bucket": column(int),
        "Rows": column(int),
        "Digest": column(str),
    },
    unique=["Schema", "Table", "Bucket"],
)
"""One row a bucket of a table's rows: their number and the sum of their digests, as text. A row's
bucket follows from its key, or from the whole row where the table has none; empty buckets are
absent."""

ROW_DIGESTS = pa.DataFrameSchema(
    {
        "Schema": column(str),
        "Table": column(str),
        "Bucket": column(int),
        "Key": column(str),
        "Digest": column(str),
    }
)
"""One row a row: its key as text (the whole row where the table has none) and its digest. Equal
rows of a table without a key stand here as often as they are there."""

WRITTEN_ROWS = ROW_DIGESTS.add_columns({"Transaction": column(int)})
"""The same, with the id of the transaction that wrote the row: its xmin, with the epoch that makes
64 bits of it; 0 where the server was made with it. A frozen row of 2^32 transactions ago looks
younger than it is."""

ORPHANS = pa.DataFrameSchema(
    {
        "Schema": column(str),
        "Table": column(str),
        "Constraint": column(str),
        "Validated": column(bool),
        "Rows": column(int),
        "Seconds": column(float),
    },
    unique=["Schema", "Table", "Constraint"],
)
"""One row a foreign key: rows that refer to nothing."""

CORRUPTIONS = pa.DataFrameSchema(
    {
        "Schema": column(str),
        "Relation": column(str),
        "Kind": column(str),
        "Found": column(str),
        "Seconds": column(float),
    }
)
"""One row a table or index that was checked, and one for each further corruption of it; Found is
'' where there is none. Kind is table or index."""

UNREADABLE = pa.DataFrameSchema(
    {
        "Part": column(str),
        "Schema": column(str),
        "Name": column(str),
        "Cause": column(str),
        "Said": column(str),
    },
    unique=["Part", "Schema", "Name"],
)
"""One row a thing that the server could not read. Part is what was being read of it: content,
references, sequences or amcheck; Name is a table, table.constraint, sequence or relation, '' for
all. Cause is damaged (a page, file or index), value (a stored value that cannot be told), cancelled
(it took too long) or refused; Said is the server's message."""

STATE_PARTS = {
    "schema_objects": SCHEMA_OBJECTS,
    "tables": TABLE_FACTS,
    "digests": BUCKET_DIGESTS,
    "rows": ROW_DIGESTS,
    "sequences": SEQUENCES,
    "orphans": ORPHANS,
    "corruptions": CORRUPTIONS,
    "unreadable": UNREADABLE,
    "statements": STATEMENTS,
}
"""The frames of a `opslib.tables.database_state.DatabaseState`, by the names of its fields."""
