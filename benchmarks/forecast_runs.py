"""The runs of the forecast benchmark: rolling origins over folders, and competition files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.forecast_baselines import ask_statsforecast
from benchmarks.forecast_m4 import write_forecasts
from benchmarks.forecast_methods import (
    Answer,
    by_last_day,
    by_naive2,
    by_opslib,
    by_seasonal_naive,
)
from benchmarks.forecast_results import (
    NAIVE,
    OURS,
    Summary,
    print_refusals,
    print_series,
    print_summary,
    score_answers,
    summarise,
)
from benchmarks.forecast_scores import overall_weighted_average
from benchmarks.forecast_series_files import Recorded, coarsened_step, own_step, regularise
from benchmarks.forecast_tasks import Task, rolling_tasks
from benchmarks.forecast_verdicts import print_verdicts

__all__ = ["run_m4", "run_rolling"]

ORIGINS = {1: 16, 7: 8}
"""Days ahead to origins a series."""

NAIVE2 = "Naive2"
Way = Callable[[Task], Answer]
WAYS: dict[str, Way] = {OURS: by_opslib, NAIVE: by_seasonal_naive, "mean of last day": by_last_day}
M4_WAYS: dict[str, Way] = {OURS: by_opslib, NAIVE: by_seasonal_naive, NAIVE2: by_naive2}


def run_rolling(
    recorded: Sequence[Recorded], origins: int | None, python: Path | None
) -> pd.DataFrame:
    """Print the tables of all horizons, by the hour and by the series' own step.

    Args:
        recorded: the series.
        origins: a series and horizon; None for the usual.
        python: of statsforecast's environment; None leaves it out.

    Returns:
        The scores of `benchmarks.forecast_results.score_answers`, with the table they belong to.
    """
    tables = []
    for step_of, steps, asked in (
        (coarsened_step, "means of an hour", python),
        (own_step, "own step", None),
    ):
        regular = {series.name: regularise(series, step_of(series)) for series in recorded}
        for days, usual in ORIGINS.items():
            tasks = {
                name: rolling_tasks(name, series, days, origins or usual)
                for name, series in regular.items()
            }
            title = f"{days} day{'s' * (days > 1)} ahead, {steps}"
            tables.append(_run_table(tasks, asked, title))
    return pd.concat(tables)


def run_m4(tasks: Sequence[Task], python: Path | None, out: Path | None) -> None:
    """Print the competition's scores and write the forecasts."""
    answers = _ask_all(tasks, M4_WAYS, python)
    if out:
        write_forecasts(out, tasks, answers[OURS])
    rows = score_answers(tasks, answers)
    print(f"{len(tasks)} series")
    print_refusals(rows)
    _print_unscaled(rows)
    if rows["mase"].notna().any():
        _print_m4(summarise(rows))


def _ask_all(
    tasks: Sequence[Task], ways: Mapping[str, Way], python: Path | None
) -> dict[str, list[Answer]]:
    """Return the answers of every method, statsforecast's too where its Python is given."""
    answers: dict[str, list[Answer]] = {}
    for name, way in ways.items():
        way(tasks[0])
        answers[name] = [way(task) for task in tasks]
    return answers | (ask_statsforecast(python, tasks) if python else {})


def _run_table(asked: Mapping[str, list[Task]], python: Path | None, title: str) -> pd.DataFrame:
    """Forecast all, print what it comes to and return the scores."""
    tasks = [task for of_series in asked.values() for task in of_series]
    left_out = [name for name, of_series in asked.items() if not of_series]
    print(f"\n{title}: {len(asked) - len(left_out)} series, {len(tasks)} forecasts a method")
    if left_out:
        print(f"left out, less than two horizons or mostly gaps: {', '.join(left_out)}")
    if not tasks:
        return pd.DataFrame()
    rows = score_answers(tasks, _ask_all(tasks, WAYS, python))
    print_refusals(rows)
    _print_unscaled(rows)
    refused = rows.loc[(rows["method"] == OURS) & (rows["refusal"] != ""), "task"]
    counted = rows[rows["mase"].notna() & ~rows["task"].isin(refused)]
    if not counted.empty:
        print_summary(summarise(counted))
        print()
        print_series(counted)
        print()
        print_verdicts(counted)
    return rows.assign(table=title)


def _print_unscaled(rows: pd.DataFrame) -> None:
    names = rows.loc[rows["mase"].isna(), "series"].unique()
    if len(names):
        print(f"not scored, the same in every season: {', '.join(names)}")


def _print_m4(found: Mapping[str, Summary]) -> None:
    naive2 = found[NAIVE2]
    print(f"{'method':<18}{'sMAPE':>9}{'MASE':>9}{'OWA':>9}{'MSIS':>10}", end="")
    print(f"{'in 50':>8}{'in 80':>8}{'in 95':>8}{'ms':>10}")
    for method, told in found.items():
        owa = overall_weighted_average(told.mase_mean, told.smape, naive2.mase_mean, naive2.smape)
        points = f"{told.smape:9.3f}{told.mase_mean:9.3f}{owa:9.3f} {told.msis_mean:9.2f}"
        shares = "".join(f"{100 * share:7.1f}%" for share in told.inside.values())
        print(f"{method:<18}{points}{shares}{told.milliseconds:10.1f}")
