"""Amazon Athena: describe a table, start a query, wait for it, fetch its rows.

Rows come from the file that Athena writes to the workgroup's place in S3, by one request however
many there are: GetQueryResults tells 1,000 a request, and needs leave to read that file as well.

Source: Amazon Athena API Reference, GetTableMetadata, StartQueryExecution and GetQueryExecution
(OutputLocation). Every value of the file is quoted, but null, which is nothing at all (Amazon
Athena user guide, "Work with query results and recent queries"). AWS charges by the bytes that a
query scans, 10 MB at least (Athena pricing). What limits them is the workgroup.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any

from opslib.aws.faults import aws_faults
from opslib.aws.places import Place
from opslib.errors import ReadError
from opslib.tables.athena_table import AthenaTable, TableName

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Answer", "describe_table", "fetch_rows", "start_query"]

MOST_WAIT_SECONDS = 1800.0
"""Athena's own limit of a query's time."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0
GOING_ON = {"QUEUED", "RUNNING"}
USD_A_TB = Decimal(5)
"""Athena pricing, SQL queries in us-east-1: USD a TB of data scanned."""
BYTES_A_TB = 10**12
LEAST_BYTES = 10 * 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query came to.

    Args:
        rows: columns of text, null where Athena tells nothing.
        scanned_bytes: what AWS charges for.
    """

    rows: pa.Table
    scanned_bytes: int


@contextmanager
def _remedied(remedy: str) -> Iterator[None]:
    """Say what to do about a refusal whose code alone does not tell it."""
    try:
        yield
    except ReadError as error:
        if error.remedy:
            raise
        raise ReadError(error.what, where=error.where, remedy=remedy) from error


def describe_table(place: Place, name: TableName) -> AthenaTable:
    """Return a table's columns, partitions and properties.

    Raises:
        ReadError: what AWS refuses; a table that is not there.
    """
    with _remedied(f"Check that {name.database}.{name.table} is there and may be seen in Glue."):
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
        ReadError: what AWS refuses.
    """
    remedy = f"Check that workgroup {workgroup} is there, and says where results are kept."
    with _remedied(remedy):
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
        where=_where(place, "GetQueryExecution"),
        remedy="Look at it in Athena's list of recent queries; its workgroup may limit it.",
    )


def _where(place: Place, operation: str) -> str:
    return f"{place.label} {place.region} athena:{operation}".strip()


def fetch_rows(place: Place, query_id: str, wait: Callable[[float], None] = time.sleep) -> Answer:
    """Wait for a query and return its rows; what it scanned goes into the ledger.

    Raises:
        ReadError: as `wait_for_query`; the rows are not in S3, or may not be read there.
    """
    execution = wait_for_query(place, query_id, wait)
    scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
    charged = USD_A_TB * max(scanned, LEAST_BYTES) / BYTES_A_TB
    place.charge("athena", "StartQueryExecution", charged)
    kept = execution.get("ResultConfiguration", {}).get("OutputLocation", "")
    if not kept.startswith("s3://"):
        raise ReadError(
            "the workgroup keeps its results itself, where only 1,000 rows a request can be had",
            where=_where(place, "GetQueryExecution"),
            remedy="Name a workgroup whose results go to a place in S3, as workgroup.",
        )
    return Answer(rows=_parsed(_content(place, kept), kept), scanned_bytes=scanned)


def _content(place: Place, uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = place.call("s3", "GetObject", Bucket=bucket, Key=key)["Body"]
    with aws_faults(f"{place.label} s3:GetObject {uri}".strip()), body:
        return bytes(body.read())


def _parsed(content: bytes, uri: str) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415  paid only with Athena
    from pyarrow import csv as pa_csv  # noqa: PLC0415

    names = next(csv.reader(TextIOWrapper(BytesIO(content), "utf-8", newline="")), [])
    try:
        return pa_csv.read_csv(
            pa.BufferReader(content),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise ReadError(
            f"what a query answered cannot be read: {error}",
            where=uri,
            remedy="Run it again; nothing else may write to Athena's place for results.",
        ) from error
