"""How well anomalies in labelled series are found, and at what cost in false alarms.

    python -m benchmarks.anomalies DIR [--out FILE.csv]

DIR holds `*.csv` (`timestamp,value`) and `windows.json` (file name to a list of [start, end], both
inclusive). Each series is scored causally by `opslib.analysis.anomaly` with its one threshold,
and by two baselines: the departure from a rolling median of three days in median absolute
deviations, kept only where it is the largest of the last day, and the departure from the mean of
the whole past in standard deviations. Baselines have no threshold of their own: they are given the
one that suits the corpus best. Prints windows hit, false alarms a week after the probationary
period, the standard-profile score of the Numenta Anomaly Benchmark (0 for no detection, 100
perfect), that score at the best threshold for comparison, and the seconds taken.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.nab_score import OUTSIDE, Labelled, best_threshold, label, standard_score
from opslib.analysis.anomaly import ALERT_SCORE, detect_anomalies

Scores = NDArray[np.float64]
Hits = NDArray[np.bool_]
MAD_TO_SIGMA = 1.4826
WEEK = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One labelled series: its file name, its values by time and what its rows are worth."""

    name: str
    metric: pd.Series
    labelled: Labelled


def read_corpus(folder: Path) -> list[Series]:
    """Return the series of a folder, by name; one that no window names has none.

    Raises:
        SystemExit: no series, no ``windows.json``, or one that names no window or a missing file.
    """
    listed = folder / "windows.json"
    files = sorted(folder.glob("*.csv"))
    if not files or not listed.is_file():
        sys.exit(f"{folder} needs *.csv and windows.json")
    windows = json.loads(listed.read_text(encoding="utf-8"))
    missing = sorted(set(windows) - {file.name for file in files})
    if missing:
        sys.exit(f"{listed} names what {folder} lacks: {', '.join(missing)}")
    if not any(windows.values()):
        sys.exit(f"{listed} names no window: there is nothing to be found")
    return [_read(file, windows.get(file.name, [])) for file in files]


def _read(file: Path, windows: list[tuple[str, str]]) -> Series:
    table = pd.read_csv(file)
    times = pd.to_datetime(table["timestamp"], format="ISO8601")
    metric = pd.Series(table["value"].to_numpy(dtype=float), index=pd.DatetimeIndex(times))
    return Series(name=file.name, metric=metric, labelled=label(times, windows))


def score_by_detector(metric: pd.Series) -> Scores:
    """Return the scores of the package's detector; a missing value is no anomaly."""
    return detect_anomalies(metric).scores.fillna(0.0).to_numpy()


def score_by_daily_maximum(metric: pd.Series) -> Scores:
    """Return departures from the median of three days, where none of the day before is as large."""
    ordered = pd.Series(metric.to_numpy(), index=_rising(metric.index))
    past = ordered.rolling("3D", closed="left", min_periods=30)
    away = (ordered - past.median()).abs()
    spread = MAD_TO_SIGMA * away.rolling("3D", closed="left", min_periods=30).median()
    departure = (away / spread.where(spread > 0)).fillna(0.0)
    before = departure.rolling("1D", closed="left", min_periods=1).max().fillna(0.0)
    return departure.where(departure > before, 0.0).to_numpy()


def score_by_deviation(metric: pd.Series) -> Scores:
    """Return departures from the mean of the whole past in its standard deviations."""
    past = metric.reset_index(drop=True).expanding(min_periods=30)
    mean, spread = past.mean().shift(), past.std().shift()
    departure = (metric.reset_index(drop=True) - mean).abs() / spread.where(spread > 0)
    return departure.fillna(0.0).to_numpy()


def _rising(index: pd.Index) -> pd.DatetimeIndex:
    """Return times with each one before its predecessor's taken for that."""
    times = pd.DatetimeIndex(index).as_unit("us")
    return pd.DatetimeIndex(np.maximum.accumulate(times.asi8).astype("datetime64[us]"))


def windows_hit(series: Labelled, hits: Hits) -> int:
    """Return how many windows hold a scored detection."""
    found = np.unique(series.window[hits & series.scored])
    return int(np.count_nonzero(found != OUTSIDE))


def false_alarms(series: Labelled, hits: Hits) -> int:
    """Return how many scored detections lie in no window."""
    return int(np.count_nonzero(hits & series.scored & (series.window == OUTSIDE)))


def scored_weeks(series: Series) -> float:
    """Return the weeks from the first scored row to the last."""
    times = _rising(series.metric.index)[series.labelled.scored]
    return float((times[-1] - times[0]).total_seconds()) / WEEK if len(times) else 0.0


def print_series(corpus: Sequence[Series], hits: Sequence[Hits]) -> None:
    """Print windows hit and false alarms of each series."""
    print(f"{'series':<44}{'rows':>7}{'windows':>9}{'hit':>5}{'false':>7}{'a week':>8}")
    for series, found in zip(corpus, hits, strict=True):
        false, weeks = false_alarms(series.labelled, found), scored_weeks(series)
        rate = f"{false / weeks:8.2f}" if weeks else f"{'-':>8}"
        windows = f"{len(series.labelled.windows):>9}{windows_hit(series.labelled, found):>5}"
        print(f"{series.name:<44}{len(found):>7}{windows}{false:>7}{rate}")


def print_way(
    name: str,
    corpus: Sequence[Series],
    scores: Sequence[Scores],
    fixed: float | None,
    seconds: float,
) -> None:
    """Print one way's figures over the corpus, at its own threshold or at the best."""
    labelled = [series.labelled for series in corpus]
    best_at, best = best_threshold(labelled, scores)
    hits = [found >= (best_at if fixed is None else fixed) for found in scores]
    hit = sum(windows_hit(one, found) for one, found in zip(labelled, hits, strict=True))
    windows = sum(len(one.windows) for one in labelled)
    false = sum(false_alarms(one, found) for one, found in zip(labelled, hits, strict=True))
    weeks = sum(scored_weeks(series) for series in corpus)
    kind = "best" if fixed is None else f"{fixed:g}"
    counts = f"{f'{hit} of {windows}':>12}{false / weeks if weeks else 0:>10.2f}"
    figures = f"{standard_score(labelled, hits):>8.1f}{best:>10.1f}"
    print(f"{name:<34}{kind:>10}{counts}{figures}{seconds:>9.1f}")


def score_all(
    corpus: Sequence[Series], way: Callable[[pd.Series], Scores]
) -> tuple[list[Scores], float]:
    """Return the scores of each series and the seconds that it took."""
    begun = time.perf_counter()
    return [way(series.metric) for series in corpus], time.perf_counter() - begun


def write_scores(file: Path, corpus: Sequence[Series], scores: Sequence[Scores]) -> None:
    """Write ``file,timestamp,score``, one row a point, in the order of each series."""
    parts = [
        pd.DataFrame({"file": series.name, "timestamp": series.metric.index, "score": found})
        for series, found in zip(corpus, scores, strict=True)
    ]
    pd.concat(parts).to_csv(file, index=False)


def main() -> None:
    """Score a corpus and print what it comes to."""
    parser = argparse.ArgumentParser(description="Score anomaly detection on labelled series.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="FILE.csv")
    asked = parser.parse_args()
    corpus = read_corpus(asked.folder)
    scores, seconds = score_all(corpus, score_by_detector)
    print_series(corpus, [found >= ALERT_SCORE for found in scores])
    print(f"\n{'over all series':<34}{'threshold':>10}{'windows hit':>12}{'false/wk':>10}", end="")
    print(f"{'score':>8}{'at best':>10}{'seconds':>9}")
    print_way("opslib.analysis.anomaly", corpus, scores, ALERT_SCORE, seconds)
    for name, way in (
        ("median of 3 days, daily maximum", score_by_daily_maximum),
        ("mean and deviation of the past", score_by_deviation),
    ):
        print_way(name, corpus, *_with_best(score_all(corpus, way)))
    if asked.out:
        write_scores(asked.out, corpus, scores)


def _with_best(scored: tuple[list[Scores], float]) -> tuple[list[Scores], None, float]:
    return scored[0], None, scored[1]


if __name__ == "__main__":
    main()
