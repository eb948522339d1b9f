"""What earlier reports recommended, as the runner left it in the run's folder.

Not of AWS; it is read like what is, so that a run keeps it as evidence and a replay says the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.errors import ReadError
from opslib.run_folder import PAST_TABLES as FOLDER
from opslib.tables.past_advice import ADVICE_TABLES, PAST_ADVICE, PAST_LINES
from opslib.wording import count, printable

__all__ = ["read_past_advice"]

NAMES = {
    "id": "Id",
    "kind": "Kind",
    "ResourceId": "ResourceId",
    "name": "Name",
    "SubAccountId": "SubAccountId",
    "account": "Account",
    "RegionId": "RegionId",
    "owner": "Owner",
    "basis": "Basis",
    "cost": "Cost",
    "saving": "Saving",
}
"""Columns of the report's table, and those of `PAST_ADVICE`."""
KEY = ["Id", "SubAccountId", "ResourceId", "SkuMeter"]


def read_past_advice(reads: Reads) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read what earlier reports of this notebook and environment recommended.

    Without the runner (JupyterLab, plain papermill) nobody hands them on, and coverage says so.

    Returns:
        Columns of `PAST_ADVICE`, and of `PAST_LINES`.
    """
    folder = reads.run.path / FOLDER
    advice = _read(reads, ADVICE_TABLES[0], PAST_ADVICE, lambda: _advice(folder))
    return advice, _read(reads, ADVICE_TABLES[1], PAST_LINES, lambda: _lines(folder))


def _read(reads: Reads, table: str, schema: pa.DataFrameSchema, load: Any) -> pd.DataFrame:
    request = ReadRequest(
        table=table, asked="reports of this notebook in this environment", schema=schema
    )
    return reads.read(request, lambda: _fetch(reads.run.path / FOLDER, schema, load)).frame


def _fetch(folder: Path, schema: pa.DataFrameSchema, load: Any) -> Fetched:
    empty = pd.DataFrame(columns=list(schema.columns))
    try:
        runs = json.loads((folder / "runs.json").read_text(encoding="utf-8"))
        left_out = [f"{one['run']}: {one['problem']}" for one in runs if one["problem"]]
        frame = load()
    except FileNotFoundError:
        detail = "only a run by opslib run is told of earlier ones"
        return Fetched(frame=empty, status=CoverageStatus.NOT_ASKED, detail=detail)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{FOLDER} cannot be read: {error!r}", where=FOLDER) from None
    return Fetched(
        frame=frame if len(frame) else empty,
        status=CoverageStatus.PARTIAL if left_out else CoverageStatus.COMPLETE,
        detail=_shortened(left_out),
    )


def _shortened(left_out: list[str]) -> str:
    if not left_out:
        return ""
    more = f", and {len(left_out) - 1} more" if len(left_out) > 1 else ""
    return f"{count(len(left_out), 'report')} left out: {printable(left_out[0])}{more}"


def _advice(folder: Path) -> pd.DataFrame:
    """Return each recommendation once, as the last report with it had it."""
    told = _table(folder, "recommendations", [*NAMES, "AsOf"]).rename(columns=NAMES)
    if told.empty:
        return told
    moments = told.groupby("Id")["AsOf"].agg(["min", "max"])
    last = told.sort_values("AsOf", kind="stable").drop_duplicates("Id", keep="last")
    return last.assign(
        FirstAsOf=last["Id"].map(moments["min"]), LastAsOf=last["Id"].map(moments["max"])
    )


def _lines(folder: Path) -> pd.DataFrame:
    """Return the lines of each recommendation, of the last report with it."""
    charged = _lines_of(folder, "recommended_charges")
    acted = _lines_of(folder, "recommendation_lines")
    told = pd.concat([part for part in (acted, charged) if len(part)] or [acted])
    if told.empty:
        return told
    last = told.groupby("Id")["AsOf"].transform("max") == told["AsOf"]
    once = told[last].drop_duplicates([*KEY])
    return once.assign(Acted=_is_among(once, acted), Charged=_is_among(once, charged))


def _lines_of(folder: Path, name: str) -> pd.DataFrame:
    frame = _table(folder, name, ["id", *KEY[1:], "cost", "AsOf"])
    told = frame.rename(columns={"id": "Id", "cost": "Cost"})
    return told.sort_values("AsOf", kind="stable").drop_duplicates([*KEY, "AsOf"], keep="last")


def _is_among(rows: pd.DataFrame, held: pd.DataFrame) -> list[bool]:
    keys = set(zip(*(held[name] for name in [*KEY, "AsOf"]), strict=True))
    return [key in keys for key in zip(*(rows[name] for name in [*KEY, "AsOf"]), strict=True)]


def _table(folder: Path, name: str, columns: list[str]) -> pd.DataFrame:
    """Return a table of the reports; without rows where none of them has any."""
    place = folder / f"{name}.parquet"
    if not place.exists():
        return pd.DataFrame(columns=columns)
    return pd.read_parquet(place, columns=columns)
