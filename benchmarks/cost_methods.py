"""The tables of the cost report, made in four ways of the same files, each in a process of its own.

`opslib`: what the report does. `sql`: DuckDB by hand, an aggregate of all that the tables need and
every table of it, without a check of anything. `polars` and `pandas`: the same aggregate and
tables; their money is doubles, which are faster and no longer exact.

    python -m benchmarks.cost_methods METHOD EXPORT OUTPUT

writes a Parquet file a table into OUTPUT and says seconds, CPU seconds and peak MiB as JSON.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

__all__ = ["ALL_CHARGES", "TABLES", "TAGS"]

TAGS = ("Environment", "Project")
METER = ("ServiceName", "SkuMeter", "PricingUnit")
ALL_CHARGES = {
    "meters": METER,
    "accounts": ("SubAccountId", "ServiceName"),
    "regions": ("RegionId", "ChargeCategory"),
    "places": ("ServiceName", "SubAccountId", "RegionId"),
    "providers": ("ProviderName", "ServiceName"),
}
TABLES: dict[str, tuple[str, ...]] = {
    **ALL_CHARGES,
    "resources": (*METER, "SubAccountId", "ResourceId"),
    **{f"tag {key}": (key, "ServiceName") for key in TAGS},
    **{f"untagged {key}": ("ServiceName", "SubAccountId", "ResourceId") for key in TAGS},
}
NAMES = (
    "BillingCurrency",
    "BillingAccountId",
    "ProviderName",
    "ServiceName",
    "PricingUnit",
    "SubAccountId",
    "SubAccountName",
    "RegionId",
    "ChargeCategory",
    "ResourceId",
)
AMOUNTS = ("PricingQuantity", "BilledCost", "EffectiveCost")
READ = (*NAMES, *AMOUNTS, "ChargePeriodStart", "x_UsageType", "Tags")


def _by_opslib(files: list[Path]) -> dict[str, Any]:
    from benchmarks.cost_export import DAYS
    from opslib.tables.bill import aggregate_bill
    from opslib.tables.engine import Engine
    from opslib.tables.export import open_bill

    with Engine() as engine:
        bill = aggregate_bill(
            engine, open_bill(engine, files), days=(DAYS[0], DAYS[-1]), tag_keys=TAGS
        )
    tags = {
        f"tag {key}": frame.rename(columns={"TagValue": key}) for key, frame in bill.tags.items()
    }
    untagged = {f"untagged {key}": frame for key, frame in bill.untagged.items()}
    return {
        **{name: getattr(bill, name) for name in (*ALL_CHARGES, "resources")}, **tags, **untagged
    }  # fmt: skip


def _by_sql(files: list[Path]) -> dict[str, Any]:
    import duckdb

    engine = duckdb.connect(config={"memory_limit": "512MB"})
    engine.execute("SET TimeZone = 'UTC'")
    sums = ", ".join(f"sum({name}::DECIMAL(38, 18)) AS {name}" for name in AMOUNTS)
    tags = ", ".join(f"Tags['{key}'] AS {key}" for key in TAGS)
    engine.execute(
        f"CREATE TEMP TABLE charges AS SELECT {', '.join(NAMES)}, x_UsageType AS SkuMeter, {tags}, "
        f"ChargePeriodStart::DATE AS day, {sums} FROM read_parquet(?) "
        f"GROUP BY ALL",
        [[str(file) for file in files]],
    )
    kept = ", ".join(f"sum({name}) AS {name}" for name in AMOUNTS)
    tables = {}
    for name, columns in TABLES.items():
        groups = ", ".join(f"coalesce({column}, '') AS {column}" for column in columns)
        tables[name] = (
            engine.sql(
                f"SELECT day AS ChargePeriodStart, {groups}, {kept} FROM charges "
                f"{_where(name)} GROUP BY ALL ORDER BY ALL"
            )
            .to_arrow_table()
            .to_pandas()
        )
    return tables


def _where(name: str) -> str:
    """Return which charges a table is about."""
    kind, _, key = name.partition(" ")
    return {
        "resources": "WHERE ResourceId IS NOT NULL",
        "tag": "WHERE ChargeCategory = 'Usage'",
        "untagged": f"WHERE ChargeCategory = 'Usage' AND {key} IS NULL",
    }.get(kind, "")


def _by_polars(files: list[Path]) -> dict[str, Any]:
    import polars as pl

    scanned = pl.scan_parquet([str(file) for file in files], hive_partitioning=False)
    keys = [*NAMES, "SkuMeter", "day", *TAGS]
    charges = (
        scanned.select(
            *NAMES,
            *AMOUNTS,
            *(pl.col("Tags").map.get(key).alias(key) for key in TAGS),
            pl.col("x_UsageType").alias("SkuMeter"),
            pl.col("ChargePeriodStart").dt.date().alias("day"),
        )
        .group_by(keys)
        .agg(pl.col(name).sum() for name in AMOUNTS)
        .collect(engine="streaming")
    )
    tables = {}
    for name, columns in TABLES.items():
        kind, _, key = name.partition(" ")
        counted = (
            charges.filter(pl.col("ResourceId").is_not_null()) if kind == "resources" else charges
        )
        if key:
            counted = counted.filter(pl.col("ChargeCategory") == "Usage")
        if kind == "untagged":
            counted = counted.filter(pl.col(key).is_null())
        groups = [pl.col(column).fill_null("") for column in columns]
        tables[name] = (
            counted.group_by(pl.col("day").alias("ChargePeriodStart"), *groups)
            .agg(pl.col(amount).sum() for amount in AMOUNTS)
            .sort("ChargePeriodStart", *columns)
        )
    return tables


def _by_pandas(files: list[Path]) -> dict[str, Any]:
    import pandas as pd
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    parts = []
    for file in files:
        table = pq.read_table(file, columns=list(READ), partitioning=None)
        for key in TAGS:
            table = table.append_column(key, pc.map_lookup(table["Tags"], key, "first"))
        table = table.drop_columns("Tags").rename_columns({"x_UsageType": "SkuMeter"})
        part = table.to_pandas()
        part["day"] = part.pop("ChargePeriodStart").dt.date
        parts.append(part)
    keys = [*NAMES, "SkuMeter", "day", *TAGS]
    rows = pd.concat(parts)
    parts.clear()
    charges = rows.groupby(keys, dropna=False, sort=False)[list(AMOUNTS)].sum().reset_index()
    tables = {}
    for name, columns in TABLES.items():
        kind, _, key = name.partition(" ")
        counted = charges[charges["ResourceId"].notna()] if kind == "resources" else charges
        if key:
            counted = counted[counted["ChargeCategory"] == "Usage"]
        if kind == "untagged":
            counted = counted[counted[key].isna()]
        named = counted.fillna(dict.fromkeys(columns, "")).rename(
            columns={"day": "ChargePeriodStart"}
        )
        tables[name] = (
            named.groupby(["ChargePeriodStart", *columns])[list(AMOUNTS)].sum().reset_index()
        )
    return tables


IMPORTED = {
    "opslib": ("opslib.tables.bill", "opslib.tables.export", "benchmarks.cost_export"),
    "sql": ("duckdb", "pandas", "pyarrow"),
    "polars": ("polars",),
    "pandas": ("pandas", "pyarrow.compute", "pyarrow.parquet"),
}
"""What a method imports, before its time is taken."""

METHODS: dict[str, Callable[[list[Path]], dict[str, Any]]] = {
    "opslib": _by_opslib,
    "sql": _by_sql,
    "polars": _by_polars,
    "pandas": _by_pandas,
}


def main(method: str, export: Path, output: Path) -> None:
    """Make the tables, measure it, and write them."""
    files = sorted(export.rglob("*.parquet"))
    for module in IMPORTED[method]:
        importlib.import_module(module)
    began, busy = time.perf_counter(), time.process_time()
    tables = METHODS[method](files)
    measured = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - busy,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if output.name:
        _write(tables.items(), output)
    print(json.dumps(measured))


def _write(tables: Iterable[tuple[str, Any]], output: Path) -> None:
    output.mkdir(parents=True)
    for name, table in tables:
        file = output / f"{name}.parquet"
        table.to_parquet(file) if hasattr(table, "to_parquet") else table.write_parquet(file)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]) if sys.argv[3:] else Path())
