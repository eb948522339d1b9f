"""The score of the Numenta Anomaly Benchmark, standard profile.

Source: Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly
Benchmark", ICMLA 2015 (arXiv 1510.03336), with the details that the paper leaves to its program,
NAB 1.1 (sweeper.py): positions count rows, not minutes; the first row of a window has relative
position -1 and is worth exactly 1; a window whose rows are all probationary is not scored.

A window is worth its earliest detection, or -1 without one. Every detection outside windows costs
0.11 times the same sigmoid at its distance past the preceding window, in widths of that window:
next to nothing just behind it, the full 0.11 far away or with no window before. The sum over the
corpus is scaled so that no detection at all is 0 and the first row of each window 100.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["OUTSIDE", "Labelled", "best_threshold", "label", "probation", "standard_score"]

TRUE_POSITIVE = 1.0
FALSE_POSITIVE = 0.11
FALSE_NEGATIVE = 1.0
STEEPNESS = 5.0
FARTHEST = 3.0
"""Window widths from which on a false positive counts in full."""

PROBATION_SHARE = 0.15
PROBATION_ROWS = 5000
OUTSIDE = -1
"""Window number of rows in no window."""

Window = tuple[datetime | str, datetime | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What each row of a series is worth when it is detected.

    Args:
        worth: positive in a window, zero or negative outside.
        window: number of the row's window, or ``OUTSIDE``.
        scored: False for the rows of the probationary period.
    """

    worth: NDArray[np.float64]
    window: NDArray[np.int64]
    scored: NDArray[np.bool_]

    @property
    def windows(self) -> NDArray[np.int64]:
        """Return the numbers of the windows that have a scored row."""
        return np.unique(self.window[self.scored & (self.window != OUTSIDE)])


def probation(rows: int) -> int:
    """Return how many rows at the start of a series are not scored: 15 %, at most 750."""
    return int(PROBATION_SHARE * min(rows, PROBATION_ROWS))


def label(timestamps: pd.Series, windows: Iterable[Window]) -> Labelled:
    """Return what each row is worth.

    Args:
        timestamps: of the rows, in the order of the file.
        windows: first and last time of each, both inclusive; they do not overlap.

    Raises:
        ValueError: a window without a row, or one that overlaps the one before.
    """
    rows = len(timestamps)
    worth = np.full(rows, -FALSE_POSITIVE)
    window = np.full(rows, OUTSIDE, dtype=np.int64)
    for number, (left, right) in enumerate(_rows_of(timestamps, windows)):
        width = right - left + 1
        window[left : right + 1] = number
        positions = np.arange(left - right - 1, 0) / width
        worth[left : right + 1] = TRUE_POSITIVE * _sigmoid(positions) / _sigmoid(np.array(-1.0))
        past = np.arange(1, rows - right) / max(width - 1, 1)
        full = np.where(past >= FARTHEST, -1.0, _sigmoid(np.minimum(past, FARTHEST)))
        worth[right + 1 :] = FALSE_POSITIVE * full
    return Labelled(worth=worth, window=window, scored=np.arange(rows) >= probation(rows))


def standard_score(corpus: Sequence[Labelled], detected: Sequence[NDArray[np.bool_]]) -> float:
    """Return the score of the detections in a corpus: 0 for none, 100 for perfect ones.

    Raises:
        ValueError: a corpus without a window.
    """
    gained = lost = count = 0.0
    for series, hits in zip(corpus, detected, strict=True):
        counted = hits & series.scored
        lost += float(series.worth[counted & (series.window == OUTSIDE)].sum())
        for number in series.windows:
            worths = series.worth[counted & (series.window == number)]
            gained += float(worths.max()) if worths.size else -FALSE_NEGATIVE
            count += 1
    return _scaled(gained + lost, count)


def best_threshold(
    corpus: Sequence[Labelled], scores: Sequence[NDArray[np.float64]]
) -> tuple[float, float]:
    """Return the one threshold that suits the corpus best, and the score with it.

    A row is detected where its anomaly score is at or above the threshold. This looks at the
    labels: it tells how much a fixed threshold leaves on the table, and is no result.
    """
    rows = _by_falling_score(corpus, scores)
    held: dict[tuple[int, int], float] = {
        (at, int(number)): -FALSE_NEGATIVE
        for at, series in enumerate(corpus)
        for number in series.windows
    }
    raw, best, chosen = -FALSE_NEGATIVE * len(held), -FALSE_NEGATIVE * len(held), np.inf
    last = np.inf
    for score, at, number, worth in rows:
        if score != last and raw > best:
            best, chosen = raw, last
        last = score
        if number == OUTSIDE:
            raw += worth
        elif worth > held[at, number]:
            raw += worth - held[at, number]
            held[at, number] = worth
    if raw > best:
        best, chosen = raw, last
    return chosen, _scaled(best, len(held))


def _rows_of(timestamps: pd.Series, windows: Iterable[Window]) -> list[tuple[int, int]]:
    """Return first and last row of each window, in the order of time."""
    found: list[tuple[int, int]] = []
    for start, end in windows:
        inside = np.flatnonzero(
            ((timestamps >= pd.Timestamp(start)) & (timestamps <= pd.Timestamp(end))).to_numpy()
        )
        if not inside.size:
            raise ValueError(f"no row between {start} and {end}")
        found.append((int(inside[0]), int(inside[-1])))
    found.sort()
    for before, after in pairwise(found):
        if after[0] <= before[1]:
            raise ValueError(f"windows overlap at {timestamps.iloc[after[0]]}")
    return found


def _by_falling_score(
    corpus: Sequence[Labelled], scores: Sequence[NDArray[np.float64]]
) -> list[tuple[float, int, int, float]]:
    rows = [
        (float(score), at, int(number), float(worth))
        for at, (series, found) in enumerate(zip(corpus, scores, strict=True))
        for score, number, worth in zip(
            found[series.scored],
            series.window[series.scored],
            series.worth[series.scored],
            strict=True,
        )
    ]
    return sorted(rows, key=lambda row: -row[0])


def _sigmoid(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 far left of the window's end (position 0), -1 far right of it."""
    return np.asarray(2.0 / (1.0 + np.exp(STEEPNESS * position)) - 1.0)


def _scaled(raw: float, windows: float) -> float:
    if not windows:
        raise ValueError("no window to be found in the whole corpus")
    none, perfect = -FALSE_NEGATIVE * windows, TRUE_POSITIVE * windows
    return 100.0 * (raw - none) / (perfect - none)
