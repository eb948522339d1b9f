"""The SQL that checks rest on, as it was sent to a restored database."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["SESSION", "STATEMENTS"]

SESSION = "session"
"""Stands for a check where a statement is of all: the settings under which the others ran."""

STATEMENTS = pa.DataFrameSchema(
    {
        "Check": column(str),
        "Subject": column(str),
        "Statement": column(str),
        "Parameters": column(str),
        "Seconds": column(float),
    },
    unique=["Check", "Subject", "Statement", "Parameters"],
)
"""One row a statement of a check's subject, sorted by both, then in the order of sending. Check and
Subject are those of `opslib.analysis.dr.check_result.CheckResult`; Subject is '' where all subjects
of a check share a statement, and a relation for amcheck. Statement is the text that was sent, with
$1, $2, ... for Parameters, a JSON list of texts (null for null), '' where there are none. The parts
by which a large table is read over several connections are one statement of the whole table.
Seconds add up how often it was sent, and over connections."""
