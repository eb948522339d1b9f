"""Whether intervals hold what they say, by simulation with fixed seeds.

Bounds are the nominal share and what chance allows for that many series; a point's neighbours err
with it, so that points count for much less than their number.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from opslib.analysis.forecast import Forecast, forecast_series
from opslib.analysis.forecast.results import Floats
from opslib.tables.regular_series import RegularSeries

START = datetime(2026, 1, 5, tzinfo=UTC)
SERIES = 60


def told(values: Floats, horizon: int, step: int) -> Forecast:
    found = forecast_series(RegularSeries(start=START, step_seconds=step, values=values), horizon)
    assert isinstance(found, Forecast), found
    return found


def autoregressive(random: np.random.Generator, steps: int, kept: float) -> Floats:
    noise = random.standard_normal(steps + 50) * np.sqrt(1 - kept**2)
    for step in range(1, len(noise)):
        noise[step] += kept * noise[step - 1]
    return np.asarray(noise[50:])


def first_passages(kind: str, seeds: range, horizon: int = 120) -> tuple[list[float], list[float]]:
    """Return where in the drawn days the true day lies, and the width of the 80% of each."""
    places, widths = [], []
    for seed in seeds:
        random = np.random.default_rng(seed)
        days = int(random.choice([120, 200, 300]))
        at = np.arange(days + horizon)
        noise = autoregressive(random, len(at), float(random.choice([0.0, 0.4, 0.7])))
        course = 100 + np.where(at % 7 >= 5, -random.uniform(0, 5), 0.0)
        if kind == "line":
            course = course + random.uniform(0.03, 0.15) * at
            limit = course[days : days + int(random.integers(20, horizon))].max() + 1
        else:
            noise = np.cumsum(random.standard_normal(len(at))) * random.uniform(0.2, 1)
            limit = (course + noise)[:days].max() + random.uniform(0, 2) * np.std(noise[:days])
        values = course + noise
        reached = np.append(values[days:] >= limit, True).argmax()
        paths = told(values[:days], horizon, 86_400).paths(400, seed) >= limit
        drawn = np.where(paths.any(axis=1), paths.argmax(axis=1), horizon)
        tie = float(random.random())
        places.append(float((drawn < reached).mean() + tie * (drawn == reached).mean()))
        widths.append(float(np.diff(np.quantile(drawn, [0.1, 0.9]))[0]))
    return places, widths


@pytest.mark.parametrize("kind", ["line", "walk"])
def test_the_day_of_a_limit_lies_in_the_interval_as_often_as_it_says(kind: str) -> None:
    places, widths = first_passages(kind, range(SERIES))
    found = np.array(places)
    assert 0.68 <= ((found >= 0.1) & (found <= 0.9)).mean() <= 0.93
    assert ((found >= 0.025) & (found <= 0.975)).mean() >= 0.88
    assert np.median(widths) > 10, "no wall is promised to the day"


def test_intervals_of_a_seasonal_series_hold_what_they_say() -> None:
    held: dict[float, list[float]] = {0.5: [], 0.8: [], 0.95: []}
    for seed in range(SERIES):
        random = np.random.default_rng(seed)
        at = np.arange(31 * 24)
        daily = random.uniform(1, 4) * np.sin(2 * np.pi * at / 24 + random.uniform(0, 6))
        noise = autoregressive(random, len(at), float(random.choice([0.0, 0.7, 0.95])))
        values = 20 + daily + noise * random.uniform(0.3, 2)
        found = told(values[:-72], 72, 3600)
        for level, (low, high) in found.intervals.items():
            held[level].append(float(((values[-72:] >= low) & (values[-72:] <= high)).mean()))
    assert np.mean(held[0.5]) == pytest.approx(0.5, abs=0.1)
    assert np.mean(held[0.8]) == pytest.approx(0.8, abs=0.07)
    assert 0.93 <= np.mean(held[0.95]) <= 0.99, "wider where few windows tell the size"


def test_the_backtest_says_how_often_its_like_were_right() -> None:
    said, was = [], []
    for seed in range(30):
        random = np.random.default_rng(seed)
        noise = autoregressive(random, 45 * 24, 0.9)
        found = told(noise[:-24] - 50, 24, 3600)
        low, high = found.intervals[0.8]
        was.append(float(((noise[-24:] - 50 >= low) & (noise[-24:] - 50 <= high)).mean()))
        said.append(found.backtest.coverage[0.8])
    assert np.mean(said) == pytest.approx(np.mean(was), abs=0.08)
