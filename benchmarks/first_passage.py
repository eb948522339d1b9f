"""How often the day on which a limit is reached lies in the interval that was printed for it.

    python -m benchmarks.first_passage [--series 100] [--seed 0] [--horizon 120]

Daily peaks are simulated, of which the future is known: by a line, compound, with a slope that
began lately, with a past shift of level, wandering without a trend, and flat; each with a week,
noise that is autocorrelated, and a length, slope and size that are drawn. The limit is drawn too,
such that the known future reaches it within the horizon, or, for wandering and flat ones, at some
distance above the last peak. Each is forecast by `opslib.analysis.forecast` as a report does.

Prints, by kind: how often the day lies in the 80 and the 95 % interval, the median size of the
error of P50 as a share of the days, how many of those not reached within the horizon were given a
P50 or a P10 within it, and milliseconds a series. Beside it the same of a straight line fitted to
the last 90 days with normal errors about it, which is what a spreadsheet does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit, first_days, summarise_days
from opslib.analysis.forecast import Forecast, forecast_series
from opslib.tables.regular_series import RegularSeries

__all__ = ["KINDS", "simulate"]

Floats = NDArray[np.float64]
START = datetime(2025, 1, 1, tzinfo=UTC)
KINDS = ("line", "compound", "bend", "shift", "wander", "flat")
LIMITED = ("wander", "flat")
PATHS, FITTED_DAYS = 400, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A simulated series: its past, the limit, and the day that reaches it (None: not within)."""

    past: Floats
    limit: float
    day: int | None


@dataclass(slots=True)
class Tally:
    """What was counted of one kind by one method."""

    inside_80: list[bool] = field(default_factory=list)
    inside_95: list[bool] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    false_p50: list[bool] = field(default_factory=list)
    false_p10: list[bool] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0


def simulate(kind: str, chance: np.random.Generator, horizon: int) -> Case:
    """Return one series of a kind.

    Args:
        kind: of `KINDS`.
        chance: draws length, slope, noise and limit.
        horizon: days ahead within which the limit is reached, where there is a trend.
    """
    days = int(chance.integers(120, 455))
    at = np.arange(days + horizon)
    level = float(chance.uniform(20, 200))
    rise = float(chance.uniform(0.1, 0.8)) / 120
    trend = {
        "line": level * (1 + rise * at),
        "compound": level * np.exp(rise * at),
        "bend": level * (1 + rise * 2 * np.maximum(at - days + chance.integers(45, 110), 0)),
        "shift": level * (1 + rise * at) + level * 0.4 * (at > days - chance.integers(60, 110)),
    }.get(kind, np.full(len(at), level))
    size = level * float(chance.uniform(0.005, 0.04))
    if kind == "wander":
        trend = trend + np.cumsum(chance.standard_normal(len(at))) * size * 0.5
    week = 1 - float(chance.uniform(0, 0.25)) * (at % 7 >= 5)  # noqa: PLR2004  the weekend
    values = np.maximum(trend * week + size * _noise(chance, len(at)), 0)
    past, future = values[:days], values[days:]
    if kind in LIMITED:
        limit = float(past[-7:].max() * chance.uniform(1.05, 1.6))
    else:
        limit = float(np.maximum.accumulate(future)[int(chance.integers(10, horizon - 5))])
        limit = max(limit, float(past[-14:].max()) * 1.02)
    reached = np.flatnonzero(future >= limit)
    return Case(past=past, limit=limit, day=int(reached[0]) + 1 if len(reached) else None)


def _noise(chance: np.random.Generator, count: int) -> Floats:
    """Return noise of about one that goes on from day to day."""
    keeps = float(chance.uniform(0, 0.7))
    drawn = chance.standard_normal(count) * np.sqrt(1 - keeps**2)
    made = np.empty(count)
    last = 0.0
    for place, one in enumerate(drawn):
        last = keeps * last + one
        made[place] = last
    return made


def by_forecast(case: Case, horizon: int) -> TimeToLimit | None:
    """Return the days as a report tells them; None where it has no honest forecast."""
    series = RegularSeries(start=START, step_seconds=86_400, values=case.past)
    made = forecast_series(series, min(horizon, len(case.past)))
    if not isinstance(made, Forecast):
        return None
    return summarise_days(first_days(made.paths(PATHS, 1), case.limit), 100.0)


def by_line(case: Case, horizon: int) -> TimeToLimit | None:
    """Return the days of a line through the last days, with independent normal errors."""
    recent = case.past[-FITTED_DAYS:]
    at = np.arange(len(recent))
    slope, begin = np.polyfit(at, recent, 1)
    spread = float(np.std(recent - begin - slope * at))
    ahead = begin + slope * (len(recent) + np.arange(horizon))
    drawn = np.random.default_rng(0).standard_normal((PATHS, horizon)) * spread
    return summarise_days(first_days((ahead + drawn).astype(np.float32), case.limit), 100.0)


METHODS: dict[str, Callable[[Case, int], TimeToLimit | None]] = {
    "opslib": by_forecast,
    "line": by_line,
}


def tally(case: Case, told: TimeToLimit | None, horizon: int, counted: Tally) -> None:
    """Count one case."""
    if told is None:
        counted.refused += 1
        return
    late = horizon + 1
    if case.day is None:
        counted.false_p50.append(told.p50 is not None)
        counted.false_p10.append(told.p10 is not None)
        return
    for first, last, held in (
        (told.p10, told.p90, counted.inside_80),
        (told.low, told.high, counted.inside_95),
    ):
        held.append((late if first is None else first) <= case.day <= (last or late))
    counted.errors.append(abs((told.p50 or late) - case.day) / case.day)


def lines_of(kind: str, tallies: dict[str, Tally], series: int) -> Iterator[str]:
    """Yield the lines of a kind."""
    for name, counted in tallies.items():
        shares = [_share(counted.inside_80), _share(counted.inside_95)]
        error = f"{np.median(counted.errors):.0%}" if counted.errors else "-"
        false = [_share(counted.false_p50), _share(counted.false_p10)]
        yield (
            f"{kind:<10}{name:<8}{len(counted.inside_80):>8}{shares[0]:>8}{shares[1]:>8}{error:>8}"
            f"{len(counted.false_p50):>9}{false[0]:>8}{false[1]:>8}{counted.refused:>9}"
            f"{counted.seconds / series * 1000:>8.1f}"
        )


def _share(held: list[bool]) -> str:
    return f"{sum(held) / len(held):.0%}" if held else "-"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--series", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--horizon", type=int, default=120)
    options = parser.parse_args()
    print(
        f"{'kind':<10}{'by':<8}{'reached':>8}{'in 80%':>8}{'in 95%':>8}{'error':>8}"
        f"{'never':>9}{'P50':>8}{'P10':>8}{'refused':>9}{'ms':>8}"
    )
    for place, kind in enumerate(KINDS):
        chance = np.random.default_rng([options.seed, place])
        cases = [simulate(kind, chance, options.horizon) for _ in range(options.series)]
        tallies = {name: Tally() for name in METHODS}
        for name, method in METHODS.items():
            for case in cases:
                begun = time.perf_counter()
                told = method(case, options.horizon)
                tallies[name].seconds += time.perf_counter() - begun
                tally(case, told, options.horizon, tallies[name])
        for line in lines_of(kind, tallies, options.series):
            print(line)


if __name__ == "__main__":
    main()
