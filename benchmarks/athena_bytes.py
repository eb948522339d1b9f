"""What the one query of the cost report scans in Athena, and what that costs, by rows of the bill.

Makes an export, writes the query that the report would send for its days, and adds up what the
columns that it names take in the files of the billing periods that it asks for, which is what
Athena counts of Parquet. Nothing is sent to AWS.

    python -m benchmarks.athena_bytes --millions 1,10
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from sqlglot import exp, parse_one

from benchmarks.cost_export import DAYS, write_export
from opslib.aws.athena import BYTES_A_TB, LEAST_BYTES, USD_A_TB
from opslib.sandbox.athena_bill import athena_type, bytes_of_columns
from opslib.tables.athena_table import AthenaTable, TableName
from opslib.tables.bill_athena import query_charges

TAGS = ("Environment", "Project")
LAST_MONTH = tuple(day for day in DAYS if day.month == DAYS[-1].month - 1)
PARTITION = "BILLING_PERIOD="


def main() -> int:
    """Print a line a size and span of days."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--millions", default="1,10", help="sizes of the bill, in million rows")
    asked.add_argument("--folder", help="where the bills are made; default the temporary folder")
    options = asked.parse_args()
    print("| million rows | days | export MB | scanned MB | share | USD | USD a million rows |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for millions in (float(part) for part in options.millions.split(",")):
        with tempfile.TemporaryDirectory(dir=options.folder, prefix="opslib-athena-") as folder:
            write_export(Path(folder), int(millions * 10**6))
            for days in (DAYS, LAST_MONTH):
                _report(millions, sorted(Path(folder).rglob("*.parquet")), days)
    return 0


def _report(millions: float, files: list[Path], days: tuple[date, ...]) -> None:
    query = query_charges(_table(files[0]), (days[0], days[-1]), TAGS)
    periods = {f"{day:%Y-%m}" for day in days}
    asked = [file for file in files if file.parent.name.removeprefix(PARTITION) in periods]
    whole = sum(file.stat().st_size for file in files)
    named = named_columns(query)
    scanned = sum(bytes_of_columns(pq.read_metadata(file), named) for file in asked)
    usd = USD_A_TB * max(scanned, LEAST_BYTES) / BYTES_A_TB
    rows = sum(pq.read_metadata(file).num_rows for file in asked) / 10**6
    print(
        f"| {millions:g} | {len(days)} | {whole / 10**6:.1f} | {scanned / 10**6:.1f} "
        f"| {scanned / whole:.0%} | {usd:.5f} | {float(usd) / rows:.6f} |",
        flush=True,
    )


def named_columns(query: str) -> set[str]:
    """Return the columns that the query reads of its one table, in small letters."""
    parsed = parse_one(query, dialect="athena", into=exp.Select)
    (table,) = parsed.find_all(exp.Table)
    select = table.find_ancestor(exp.Select)
    assert select is not None
    return {column.name.lower() for column in select.find_all(exp.Column)}


def _table(file: Path) -> AthenaTable:
    """Return the table over the export as a Glue crawler makes it."""
    return AthenaTable(
        name=TableName(catalog="AwsDataCatalog", database="billing", table="focus"),
        columns={field.name.lower(): athena_type(field.type) for field in pq.read_schema(file)},
        partitions={"billing_period": "string"},
        properties={},
    )


if __name__ == "__main__":
    sys.exit(main())
