"""Amazon Athena: describe a table, start a query, wait for it, fetch its rows.

Source: Amazon Athena API Reference, GetTableMetadata, StartQueryExecution, GetQueryExecution and
GetQueryResults (1,000 rows a page, the first of which names the columns). AWS charges by the bytes
that a query scans, 10 MB at least (Athena pricing). What limits them is the workgroup, which also
says where results are kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opslib.aws.places import Place
from opslib.errors import ReadError
from opslib.tables.athena_table import AthenaTable, TableName

__all__ = ["Answer", "describe_table", "fetch_rows", "start_query"]

MOST_WAIT_SECONDS = 1800.0
"""Athena's own limit of a query's time."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0
GOING_ON = {"QUEUED", "RUNNING"}
USD_A_TB = {"us-east-1": Decimal(5)}
"""Athena pricing, SQL queries: USD a TB of data scanned."""
BYTES_A_TB = 10**12
LEAST_BYTES = 10 * 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query came to.

    Args:
        rows: text or None by column's name.
        scanned_bytes: what AWS charges for.
    """

    rows: list[dict[str, str | None]]
    scanned_bytes: int


def describe_table(place: Place, name: TableName) -> AthenaTable:
    """Return a table's columns, partitions and properties.

    Raises:
        ReadError: what AWS refuses; a table that is not there.
    """
    told = place.call(
        "athena",
        "GetTableMetadata",
        CatalogName=name.catalog,
        DatabaseName=name.database,
        TableName=name.table,
    )["TableMetadata"]
    return AthenaTable(
        name=name,
        columns={one["Name"]: one["Type"] for one in told.get("Columns", [])},
        partitions={one["Name"]: one["Type"] for one in told.get("PartitionKeys", [])},
        properties=told.get("Parameters", {}),
    )


def start_query(place: Place, query: str, name: TableName, workgroup: str) -> str:
    """Start a query and return its id.

    Raises:
        ReadError: what AWS refuses; a workgroup without a place for results among it.
    """
    started = place.call(
        "athena",
        "StartQueryExecution",
        QueryString=query,
        QueryExecutionContext={"Catalog": name.catalog, "Database": name.database},
        WorkGroup=workgroup,
    )
    return str(started["QueryExecutionId"])


def wait_for_query(
    place: Place, query_id: str, wait: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Return the query's execution once it has succeeded.

    Raises:
        ReadError: it failed, was cancelled, or goes on after half an hour.
    """
    pause, waited = FIRST_WAIT, 0.0
    while True:
        told: dict[str, Any] = place.call("athena", "GetQueryExecution", QueryExecutionId=query_id)
        execution: dict[str, Any] = told["QueryExecution"]
        state = execution["Status"]["State"]
        if state not in GOING_ON:
            break
        if waited >= MOST_WAIT_SECONDS:
            raise _fault(place, f"a query goes on after {waited:.0f} seconds")
        wait(pause)
        waited, pause = waited + pause, min(pause * 1.5, LONGEST_WAIT)
    if state != "SUCCEEDED":
        reason = execution["Status"].get("StateChangeReason", "")
        raise _fault(place, f"a query ended as {state}{f': {reason}' if reason else ''}")
    return execution


def _fault(place: Place, what: str) -> ReadError:
    return ReadError(
        what,
        where=f"{place.label} {place.region} athena:GetQueryExecution".strip(),
        remedy="Look at it in Athena's list of recent queries; its workgroup may limit it.",
    )


def fetch_rows(place: Place, query_id: str, wait: Callable[[float], None] = time.sleep) -> Answer:
    """Wait for a query and return its rows; what it scanned goes into the ledger.

    Raises:
        ReadError: as `wait_for_query`.
    """
    execution = wait_for_query(place, query_id, wait)
    scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
    _charge(place, scanned)
    pages = place.pages("athena", "GetQueryResults", QueryExecutionId=query_id)
    told = [
        [value.get("VarCharValue") for value in row["Data"]]
        for page in pages
        for row in page["ResultSet"]["Rows"]
    ]
    names = [str(name) for name in told[0]] if told else []
    rows = [dict(zip(names, row, strict=True)) for row in told[1:]]
    return Answer(rows=rows, scanned_bytes=scanned)


def _charge(place: Place, scanned: int) -> None:
    price = USD_A_TB.get(place.region)
    if price is not None:
        place.reads.ledger.charge(
            "athena",
            "StartQueryExecution",
            account=place.account.id if place.account else "",
            region=place.region,
            usd=price * max(scanned, LEAST_BYTES) / BYTES_A_TB,
        )
