"""Athena: a table over the trail's log files, one over the bill export, and queries, by DuckDB.

Source: Amazon Athena API Reference; AWS CloudTrail User Guide, "Create a table for CloudTrail logs
in Athena using partition projection", whose columns the table has.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

from opslib.sandbox import athena_bill
from opslib.sandbox.incident_buckets import OWNER, TRAIL_BUCKET, trail_files
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import Scenario
from opslib.sandbox.shop import REGION, make_uuid

if TYPE_CHECKING:
    import duckdb
    from sqlglot import exp

    from opslib.sandbox.scenario import Scenario

__all__ = [
    "get_query_execution",
    "get_table_metadata",
    "start_query_execution",
]

CATALOG, DATABASE, TABLE = "AwsDataCatalog", "default", "cloudtrail_logs"
RESULTS_BUCKET = "acme-athena-results"
KEPT_ANSWERS = 20
IDENTITY = (
    "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,"
    "accesskeyid:string,username:string,sessioncontext:struct<attributes:"
    "struct<mfaauthenticated:string,creationdate:string>,sessionissuer:struct<type:string,"
    "principalid:string,arn:string,accountid:string,username:string>>>"
)
TEXTS = (
    "eventversion",
    "eventtime",
    "eventsource",
    "eventname",
    "awsregion",
    "sourceipaddress",
    "useragent",
    "errorcode",
    "errormessage",
    "requestparameters",
    "responseelements",
    "additionaleventdata",
    "requestid",
    "eventid",
    "readonly",
    "eventtype",
    "apiversion",
    "recipientaccountid",
    "serviceeventdetails",
    "sharedeventid",
    "vpcendpointid",
)
COLUMNS = {"useridentity": IDENTITY, **dict.fromkeys(TEXTS, "string")}
PROJECTION = {
    "projection.enabled": "true",
    "projection.timestamp.type": "date",
    "projection.timestamp.format": "yyyy/MM/dd",
    "projection.timestamp.interval.unit": "DAYS",
}
_LOCK = threading.Lock()
_ANSWERS: dict[str, dict[str, Any]] = {}
_NUMBERS = count()


@op("athena", "GetTableMetadata")
def get_table_metadata(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer athena:GetTableMetadata of the tables that there are."""
    named = (asked["CatalogName"], asked["DatabaseName"], asked["TableName"])
    if named == (CATALOG, DATABASE, athena_bill.TABLE) and len(caller.scenario.bill):
        return {"TableMetadata": athena_bill.describe(caller.scenario.bill)}
    if named != (CATALOG, DATABASE, TABLE) or caller.region != REGION:
        raise AwsError("MetadataException", f"Entity Not Found: {'.'.join(named[1:])}")
    return {
        "TableMetadata": {
            "Name": TABLE,
            "TableType": "EXTERNAL_TABLE",
            "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()],
            "PartitionKeys": [{"Name": "timestamp", "Type": "string"}],
            "Parameters": PROJECTION | {"location": f"s3://{TRAIL_BUCKET}/AWSLogs/"},
        }
    }


@op("athena", "StartQueryExecution")
def start_query_execution(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer athena:StartQueryExecution; the answer is ready at once."""
    status, scanned, rows = _run(asked["QueryString"], caller.scenario)
    with _LOCK:
        identity = make_uuid(f"athena query {next(_NUMBERS)}")
        _ANSWERS[identity] = {"status": status, "scanned": scanned}
        _keep(identity, rows)
        if len(_ANSWERS) > KEPT_ANSWERS:
            del _ANSWERS[next(iter(_ANSWERS))]
    return {"QueryExecutionId": identity}


@op("athena", "GetQueryExecution")
def get_query_execution(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer athena:GetQueryExecution."""
    del caller
    answer, identity = _answer(asked), asked["QueryExecutionId"]
    return {
        "QueryExecution": {
            "QueryExecutionId": identity,
            "StatementType": "DML",
            "ResultConfiguration": {"OutputLocation": f"s3://{RESULTS_BUCKET}/{identity}.csv"},
            "Status": answer["status"],
            "Statistics": {"DataScannedInBytes": answer["scanned"]},
        }
    }


def _keep(identity: str, rows: Iterable[Sequence[str | None]]) -> None:
    """Write what a query answered as Athena does: every value quoted, null nothing at all."""
    buckets: Any = get_backend("s3")[OWNER]["aws"]
    if RESULTS_BUCKET not in buckets.buckets:
        buckets.create_bucket(RESULTS_BUCKET, REGION)
    lines = (",".join("" if one is None else _quoted(one) for one in row) + "\n" for row in rows)
    content = "".join(lines).encode()
    buckets.put_object(RESULTS_BUCKET, f"{identity}.csv", content, disable_notification=True)


def _quoted(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["QueryExecutionId"] not in _ANSWERS:
        raise AwsError("InvalidRequestException", "QueryExecution was not found")
    return _ANSWERS[asked["QueryExecutionId"]]


def _run(query: str, scenario: Scenario) -> tuple[dict[str, str], int, list[Sequence[str | None]]]:
    """Return a query's status, the bytes that it scanned and its rows, the columns' names first."""
    import duckdb  # noqa: PLC0415  0.2 s with sqlglot, paid only where somebody queries
    import sqlglot  # noqa: PLC0415

    try:
        parsed = sqlglot.parse_one(query, dialect="athena")
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        raise AwsError("InvalidRequestException", f"line 1: {error}") from None
    with TemporaryDirectory() as folder, duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        try:
            scanned = _fill(engine, Path(folder), parsed, scenario)
            found = engine.sql(_of_duckdb(parsed)).project("COLUMNS(*)::VARCHAR")
            rows = [found.columns, *found.fetchall()]
        except duckdb.Error as error:
            failed = {"State": "FAILED", "StateChangeReason": str(error)}
            return failed, 0, []
    return {"State": "SUCCEEDED"}, scanned, rows


def _of_duckdb(query: exp.Expr) -> str:
    """Return a query of Athena as DuckDB has it, of tables without a catalog."""
    from sqlglot import exp  # noqa: PLC0415

    def rewritten(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and node.args.get("db"):
            return exp.alias_(exp.to_table(node.name), node.alias, table=True)
        if isinstance(node, exp.ArraySize):  # which DuckDB has of lists only
            return exp.Anonymous(this="cardinality", expressions=[node.this])
        return node

    return query.transform(rewritten).sql("duckdb")


def _fill(
    engine: duckdb.DuckDBPyConnection, folder: Path, query: exp.Expr, scenario: Scenario
) -> int:
    """Make the table that a query is about; return the bytes that the query scans."""
    from sqlglot import exp  # noqa: PLC0415

    if athena_bill.TABLE in {table.name for table in query.find_all(exp.Table)}:
        athena_bill.make_table(engine, folder, scenario.bill)
        return athena_bill.scanned_bytes(engine, query, scenario.bill)
    return _make_table(engine, folder, scenario)


def _make_table(engine: duckdb.DuckDBPyConnection, folder: Path, scenario: Scenario) -> int:
    """Make the table of every record of the trail; return the bytes of its files."""
    scanned, place = 0, folder / "records.json"
    with place.open("w") as file:
        for key, content, _ in trail_files(scenario.incident, scenario.cost_calls):
            scanned += len(content)
            day = "/".join(key.split("/")[-4:-1])
            for record in json.loads(gzip.decompress(content))["Records"]:
                json.dump(_row(record) | {"timestamp": day}, file)
                file.write("\n")
    types = {
        **dict.fromkeys(COLUMNS, "VARCHAR"),
        "useridentity": _duckdb_type(IDENTITY),
        "timestamp": "VARCHAR",
    }
    records = engine.read_json(str(place), columns=types, format="newline_delimited")
    records.create(TABLE)
    return scanned


def _row(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as Athena's SerDe gives it: keys in small letters, parameters as text."""
    told: dict[str, Any] = {}
    for key, value in record.items():
        if key == "userIdentity":
            told["useridentity"] = _lowered(value)
        elif isinstance(value, str) or value is None:
            told[key.lower()] = value
        else:
            told[key.lower()] = json.dumps(value)
    return told


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): _lowered(one) for key, one in value.items()}
    return value


def _duckdb_type(kind: str) -> str:
    from sqlglot import exp  # noqa: PLC0415

    return exp.DataType.build(kind, dialect="athena").sql("duckdb")
