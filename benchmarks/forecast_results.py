"""What the methods' answers come to: scores by task, by series and by method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.forecast_methods import Answer
from benchmarks.forecast_scores import LEVELS, scale_of, score
from benchmarks.forecast_tasks import Task

__all__ = [
    "NAIVE",
    "OURS",
    "Summary",
    "by_series",
    "mase_ratios",
    "print_refusals",
    "print_series",
    "print_summary",
    "score_answers",
    "summarise",
]

OURS = "opslib"
NAIVE = "seasonal naive"
INSIDE = {level: f"inside{100 * level:g}" for level in LEVELS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one method is worth over all series.

    Args:
        mase: median over series, each the mean of its origins.
        mase_mean: mean over series.
        worst: largest ratio of a series' MASE to seasonal naive's.
        smape: mean over series, in per cent.
        msis: median over series.
        msis_mean: mean over series.
        inside: share of all points that each interval holds, by level.
        milliseconds: of processor time a forecast, mean over series.
    """

    mase: float
    mase_mean: float
    worst: float
    smape: float
    msis: float
    msis_mean: float
    inside: Mapping[float, float]
    milliseconds: float


def score_answers(tasks: Sequence[Task], answers: Mapping[str, Sequence[Answer]]) -> pd.DataFrame:
    """Return one row a method and task.

    Columns: method, series, task, mase, smape, msis, points, inside50, inside80, inside95, ms
    (processor time), refusal (empty, or why another forecast stands in).
    """
    scales = [scale_of(task.history.values, task.season) for task in tasks]
    rows = [
        _row(method, number, task, given[number], scales[number])
        for method, given in answers.items()
        for number, task in enumerate(tasks)
    ]
    return pd.DataFrame(rows)


def by_series(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a method and series: means over its origins, points and insides summed.

    Args:
        rows: of `score_answers`; those without a scale are not counted.
    """
    scaled = rows[rows["mase"].notna()]
    means = dict.fromkeys(("mase", "smape", "msis", "ms"), "mean")
    sums = dict.fromkeys(("points", *INSIDE.values()), "sum")
    return scaled.groupby(["method", "series"], sort=False).agg({**means, **sums}).reset_index()


def mase_ratios(rows: pd.DataFrame, method: str) -> pd.Series[float]:
    """Return a method's MASE over seasonal naive's by series, largest first."""
    mase = by_series(rows).pivot_table(index="series", columns="method", values="mase")
    return (mase[method] / mase[NAIVE]).sort_values(ascending=False)


def summarise(rows: pd.DataFrame) -> dict[str, Summary]:
    """Return what each method is worth, in the order of the rows."""
    series = by_series(rows)
    return {
        method: _summary(series[series["method"] == method], mase_ratios(rows, method))
        for method in rows["method"].unique()
    }


def print_summary(found: Mapping[str, Summary]) -> None:
    """Print one line a method."""
    print(f"{'method':<18}{'MASE':>7}{'mean':>7}{'worst':>7}{'sMAPE':>7}", end="")
    print(f"{'in 50':>7}{'in 80':>7}{'in 95':>7}{'MSIS':>8}{'mean':>8}{'ms':>9}")
    for method, told in found.items():
        points = f"{told.mase:7.3f}{told.mase_mean:7.3f}{told.worst:7.2f}{told.smape:7.2f}"
        shares = "".join(f"{100 * share:6.1f}%" for share in told.inside.values())
        interval = f" {told.msis:7.2f} {told.msis_mean:7.2f}"
        print(f"{method:<18}{points}{shares}{interval}{told.milliseconds:9.1f}")


def print_series(rows: pd.DataFrame) -> None:
    """Print one line a series: every method's MASE, ours over seasonal naive's, what 95 % holds."""
    series = by_series(rows)
    methods = [str(method) for method in rows["method"].unique()]
    mase = series.pivot_table(index="series", columns="method", values="mase")[methods]
    ours = series[series["method"] == OURS].set_index("series")
    shares = (100 * ours[INSIDE[0.95]] / ours["points"]).to_dict()
    origins = rows[rows["method"] == OURS].groupby("series").size().to_dict()
    ratios = mase_ratios(rows, OURS).to_dict()
    print(f"{'series':<42}{'origins':>8}", end="")
    print("".join(f"{method.split()[0]:>10}" for method in methods) + f"{'ratio':>7}{'in 95':>7}")
    for name, figures in zip(mase.index, mase.to_numpy(), strict=True):
        told = "".join(f"{figure:10.3f}" for figure in figures)
        print(f"{name[:41]:<42}{origins[name]:>8}{told}{ratios[name]:7.2f}{shares[name]:6.1f}%")


def print_refusals(rows: pd.DataFrame) -> None:
    """Print which methods did not answer which series, and why."""
    refused = rows[rows["refusal"] != ""]
    told = zip(refused["method"], refused["series"], refused["refusal"], strict=True)
    for (method, name, why), times in Counter(told).items():
        print(f"{method}: no forecast of {name} from {times} of its origins: {why}")


def _row(method: str, number: int, task: Task, answer: Answer, scale: float) -> dict[str, object]:
    scores = score(task.actual, answer.mid, answer.intervals, scale)
    return {
        "method": method,
        "series": task.name,
        "task": number,
        "mase": scores.mase,
        "smape": scores.smape,
        "msis": scores.msis,
        "points": scores.points,
        **{column: scores.inside[level] for level, column in INSIDE.items()},
        "ms": 1000 * answer.seconds,
        "refusal": answer.refusal,
    }


def _summary(series: pd.DataFrame, ratios: pd.Series[float]) -> Summary:
    mase, smape, msis, ms = (series[name].to_numpy() for name in ("mase", "smape", "msis", "ms"))
    points = series["points"].sum()
    return Summary(
        mase=float(np.median(mase)),
        mase_mean=float(mase.mean()),
        worst=float(ratios.max()),
        smape=float(smape.mean()),
        msis=float(np.median(msis)),
        msis_mean=float(msis.mean()),
        inside={level: float(series[name].sum() / points) for level, name in INSIDE.items()},
        milliseconds=float(ms.mean()),
    )
