"""How many unusual days of daily cost are found, and how many usual ones are claimed.

    python -m benchmarks.cost_anomalies [--series N] [--seed N] [--size 2]

Draws daily costs of made-up groups of a bill, 98 days each, quiet ones and the same with a rise
planted in the last week: of one day, or from a day on. Prints for each kind of group the false
alarms a year and group worth 20 or more, and the share of the planted that is found with its first
day, for opslib and for two baselines: beyond three standard deviations of the same weekday's past,
and beyond the mean and three standard deviations of the whole past. Baselines have no episodes:
each day beyond is an alarm, and a day that follows one is the same.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.anomaly.daily import FEWEST_DAYS, find_daily_episodes

Floats = NDArray[np.float64]
Days = Sequence[date]
Draw = Callable[[np.random.Generator, Days], Floats]
Found = list[tuple[int, int]]

COUNT, FLOOR, LAST_WEEK = 98, 20.0, 91
FEWEST_WEEKDAYS = 4
BEYOND = 3.0
WEEKDAYS = 5


def _first_days(days: Days) -> Floats:
    return np.array([400.0 if day.day == 1 else 0.0 for day in days])


def _walk(chance: np.random.Generator, kept: float, noise: float) -> Floats:
    level = np.zeros(COUNT)
    for place, step in enumerate(chance.normal(0, noise, COUNT - 1), start=1):
        level[place] = kept * level[place - 1] + step
    return 100 * np.exp(level)


GROUPS: dict[str, Draw] = {
    "constant": lambda _, __: np.full(COUNT, 100.0),
    "noise of 5%": lambda chance, _: 100 * chance.lognormal(0, 0.05, COUNT),
    "noise of 30%": lambda chance, _: 100 * chance.lognormal(0, 0.3, COUNT),
    "heavy tail (Student's t, 3)": lambda chance, _: np.maximum(
        100 + 10 * chance.standard_t(3, COUNT), 0
    ),
    "quiet weekends": lambda chance, days: (
        np.array([40.0 if day.weekday() >= WEEKDAYS else 100.0 for day in days])
        * chance.lognormal(0, 0.05, COUNT)
    ),
    "fee on the 1st": lambda chance, days: (
        100 * chance.lognormal(0, 0.05, COUNT) + _first_days(days)
    ),
    "growth of 5% a week": lambda chance, _: (
        100 * 1.05 ** (np.arange(COUNT) / 7) * chance.lognormal(0, 0.05, COUNT)
    ),
    "batch, 2 days a week": lambda chance, _: np.where(
        chance.random(COUNT) < 2 / 7, chance.uniform(70, 160, COUNT), 0.0
    ),
    "batch, 2 days a month": lambda chance, _: np.where(
        chance.random(COUNT) < 2 / 30, chance.uniform(70, 160, COUNT), 0.0
    ),
    "drifting (0.7 kept)": lambda chance, _: _walk(chance, 0.7, 0.05),
    "random walk of 3%": lambda chance, _: _walk(chance, 1.0, 0.03),
}


def by_opslib(days: Days, costs: Floats) -> Found:
    """Return the first and last days of the episodes that are worth the floor."""
    shown = find_daily_episodes(days, costs, scale=FLOOR, confidence=0.8)
    spans = [(one.first, one.last) for one in shown.episodes]
    return [
        (first, last)
        for first, last in spans
        if abs(np.nansum(costs[first : last + 1] - shown.expected[first : last + 1])) >= FLOOR
    ]


def by_weekday(_: Days, costs: Floats) -> Found:
    """Return the days beyond three standard deviations of the same weekday's past."""
    return _beyond(costs, lambda day: costs[day % 7 : day : 7], FEWEST_WEEKDAYS)


def by_mean(_: Days, costs: Floats) -> Found:
    """Return the days beyond the mean and three standard deviations of the whole past."""
    return _beyond(costs, lambda day: costs[:day], FEWEST_DAYS)


def _beyond(costs: Floats, past_of: Callable[[int], Floats], fewest: int) -> Found:
    spans: Found = []
    for day in range(FEWEST_DAYS, COUNT):
        past = past_of(day)
        if len(past) < fewest:
            continue
        off = abs(costs[day] - past.mean())
        if off <= BEYOND * past.std() or off < FLOOR:
            continue
        if spans and spans[-1][1] == day - 1:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


METHODS = {"opslib": by_opslib, "weekday": by_weekday, "mean": by_mean}


def measure(group: str, series: int, seed: int, size: float) -> dict[str, tuple[float, ...]]:
    """Return by method: false alarms a year, share found of one day's rises, and of lasting."""
    alarms = dict.fromkeys(METHODS, 0)
    found = {method: [0, 0] for method in METHODS}
    for number in range(series):
        chance = np.random.default_rng([seed, zlib.crc32(group.encode()), number])
        first = date(2025, 1, 1) + timedelta(days=int(chance.integers(365)))
        days = [first + timedelta(days=n) for n in range(COUNT)]
        costs = GROUPS[group](chance, days)
        extra = (size - 1) * float(np.median(costs[costs > 0]))
        starts = int(chance.integers(LAST_WEEK, COUNT)), int(chance.integers(LAST_WEEK, COUNT - 3))
        for method, find in METHODS.items():
            alarms[method] += len(find(days, costs))
            for kind, start in enumerate(starts):
                planted = costs.copy()
                planted[start : start + 1 if kind == 0 else None] += extra
                found[method][kind] += any(begun == start for begun, _ in find(days, planted))
    years = series * (COUNT - FEWEST_DAYS) / 365
    return {
        method: (alarms[method] / years, found[method][0] / series, found[method][1] / series)
        for method in METHODS
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=float, default=2.0, help="a planted day over a usual one")
    options = parser.parse_args()
    head = "".join(f"{method + ' false/yr':>18}{'1 day':>8}{'lasting':>9}" for method in METHODS)
    print(f"{'group':<29}{head}")
    for group in GROUPS:
        scores = measure(group, options.series, options.seed, options.size)
        row = "".join(f"{fa:>18.2f}{one:>8.0%}{lasts:>9.0%}" for fa, one, lasts in scores.values())
        print(f"{group:<29}{row}", flush=True)


if __name__ == "__main__":
    main()
