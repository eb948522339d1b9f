"""Competition files in the wide layout of M4: read, and forecasts written.

A row a series: its id, then its values; rows are as long as their series, or padded with empty
cells at the end. The first line is a header. Train and Test hold the same ids, in any order.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.forecast_methods import Answer
from benchmarks.forecast_series_files import DAY
from benchmarks.forecast_tasks import DAYS_OF_WEEK, Task, Values
from opslib.errors import ParameterError
from opslib.tables.regular_series import RegularSeries

__all__ = ["m4_tasks", "read_wide", "write_forecasts"]

UNDATED = datetime(2000, 1, 3, tzinfo=UTC)
HOURS_OF_DAY = 24
NAMED = 5
"""How many ids an error names."""


def m4_tasks(train: Path, test: Path, season: int, horizon: int) -> list[Task]:
    """Return one task a series of the training file, in its order.

    Seasons to consider are the one given, and the week where that is a day of hours.

    Raises:
        ParameterError: files that are not of the layout, ids that differ, a test that is shorter
            than the horizon, or a history too short for the season.
    """
    known, later = read_wide(train), read_wide(test)
    differing = sorted(known.keys() ^ later.keys())
    if differing:
        named = ", ".join(differing[:NAMED]) + (", ..." if len(differing) > NAMED else "")
        raise ParameterError(
            f"{len(differing)} ids are in one file alone: {named}",
            where=f"{train}, {test}",
            remedy="Give the training and test files of the same series.",
        )
    _check_lengths(known, season + 1, "the season", train)
    _check_lengths(later, horizon, "the horizon", test)
    return [_task(name, values, later[name][:horizon], season) for name, values in known.items()]


def read_wide(file: Path) -> dict[str, Values]:
    """Return the series of a file by id, in its order.

    Raises:
        ParameterError: no such file, no header, no series, an id twice, or a cell that is no
            number.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = [row for row in csv.reader(lines) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as reason:
        raise ParameterError(f"cannot be read: {reason}", where=str(file)) from reason
    if len(rows) < 2 or any(_is_number(cell) for cell in rows[0]):  # noqa: PLR2004
        raise ParameterError(
            "is not in the wide layout",
            where=str(file),
            remedy="Give a header V1,V2,... and below it a row a series: id, then values.",
        )
    found: dict[str, Values] = {}
    for line, (name, *cells) in enumerate(rows[1:], start=2):
        if name in found:
            raise ParameterError(f"{name} is there twice", where=f"{file}, row {line}")
        found[name] = _values(cells, f"{file}, row {line} ({name})")
    return found


def write_forecasts(file: Path, tasks: Sequence[Task], answers: Sequence[Answer]) -> None:
    """Write ``id,step,forecast,low95,high95``, steps from 1 on."""
    parts = [
        pd.DataFrame(
            {
                "id": task.name,
                "step": np.arange(1, task.horizon + 1),
                "forecast": answer.mid,
                "low95": answer.intervals[0.95][0],
                "high95": answer.intervals[0.95][1],
            }
        )
        for task, answer in zip(tasks, answers, strict=True)
    ]
    pd.concat(parts).to_csv(file, index=False)


def _task(name: str, values: Values, actual: Values, season: int) -> Task:
    step = DAY // season if DAY % season == 0 else DAY
    weekly = DAYS_OF_WEEK * season
    has_week = season == HOURS_OF_DAY and 2 * weekly <= len(values)
    return Task(
        name=name,
        history=RegularSeries(start=UNDATED, step_seconds=step, values=values),
        actual=actual,
        season=season,
        seasons=(season, weekly) if has_week else (season,),
    )


def _values(cells: Sequence[str], where: str) -> Values:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if not cells:
        raise ParameterError("holds no value", where=where)
    for column, cell in enumerate(cells, start=2):
        if not _is_number(cell):
            raise ParameterError(f"column {column} is no number: {cell[:40]!r}", where=where)
    return np.array([float(cell) for cell in cells])


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def _check_lengths(series: Mapping[str, Values], least: int, what: str, file: Path) -> None:
    short = [(name, len(values)) for name, values in series.items() if len(values) < least]
    if short:
        name, length = short[0]
        raise ParameterError(
            f"{name} has {length} values and {what} needs {least} ({len(short)} such series)",
            where=str(file),
            remedy="Give a smaller --season or --horizon, or longer series.",
        )
