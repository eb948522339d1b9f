"""Where the month will end: a forecast whose interval comes from its own past errors.

Method: four simple models of a day's cost are tried (the same weekday of last week, the mean of
the same weekday over four weeks, and that mean carried along half and all of the recent trend).
Each forecasts the same number of days from every earlier day that leaves room (rolling origin;
Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.10). The one
with the smallest mean absolute error is used. The interval and the probability of passing a limit
come from its relative errors by Student's t, with as many degrees of freedom as the history holds
horizons without overlap, since errors of overlapping origins are not independent (Hansen and
Hodrick 1980, Journal of Political Economy 88).

Days before a recent step that has lasted are first brought to the level after it, and a day that
stands alone to the days beside it (`opslib.analysis.cost.level`), group by group
(`opslib.analysis.cost.group_levels`).

Assumption: the coming days are like the past ones; a launch that the bill has not seen is not in
it. Charges that come once a month are taken over from the month before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import sqrt

from scipy.special import stdtr, stdtrit

from opslib.analysis.cost.group_levels import level_of_groups
from opslib.estimate import Estimate

__all__ = ["Forecast", "forecast_sum", "least_probability", "probability_above"]

WEEK = 7
FEWEST_DAYS = 28
FEWEST_ORIGINS = 10

Model = Callable[[Sequence[float], int], list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The sum of the days to come.

    Args:
        estimate: the sum with its interval.
        model: name of the model that was best in the backtest.
        origins: number of days that the backtest forecast from.
        mean_error: mean absolute relative error in the backtest.
        spread: root mean square of the relative errors, widened for the few that are independent
            and for what is not known of a new level.
        freedom: degrees of freedom of ``spread``.
    """

    estimate: Estimate
    model: str
    origins: int
    mean_error: float
    spread: float
    freedom: float


def _last_week(history: Sequence[float], horizon: int) -> list[float]:
    week = history[-WEEK:]
    return [week[step % WEEK] for step in range(horizon)]


def _weekday_mean(history: Sequence[float], horizon: int) -> list[float]:
    weeks = [history[-WEEK * n :][:WEEK] for n in range(1, 5)]
    means = [sum(week[day] for week in weeks) / len(weeks) for day in range(WEEK)]
    return [means[step % WEEK] for step in range(horizon)]


def _weekday_trend(history: Sequence[float], horizon: int, *, carried: float) -> list[float]:
    """Carry the weekday mean along a share of the growth between the last two fortnights.

    Growth of one fortnight over the other is spread evenly over 14 days; the mean stands for the
    middle of its four weeks, 14 days before the first day to come.
    """
    recent, earlier = sum(history[-14:]), sum(history[-28:-14])
    daily = ((recent / earlier) - 1) / 14 * carried if earlier > 0 else 0.0
    level = _weekday_mean(history, horizon)
    return [value * (1 + daily * (14 + step)) for step, value in enumerate(level)]


MODELS: dict[str, Model] = {
    "same weekday of last week": _last_week,
    "mean of the same weekday over four weeks": _weekday_mean,
    "mean of the same weekday with half of the trend": partial(_weekday_trend, carried=0.5),
    "mean of the same weekday with trend": partial(_weekday_trend, carried=1.0),
}


def forecast_sum(
    groups: Sequence[Sequence[Decimal]], horizon: int, *, skip: int, confidence: float
) -> Forecast | None:
    """Forecast the sum of the days after a history, or return None where it is too short.

    Args:
        groups: cost of each settled day, in order, without gaps, by group; at least one group.
        horizon: days to the end of the month, counted from the end of the history.
        skip: of these, the first days that are not part of the sum (they belong to the month
            before).
        confidence: of the interval, 0.5 to 0.99.
    """
    level = level_of_groups([[float(cost) for cost in costs] for costs in groups])
    costs = level.costs
    origins = range(FEWEST_DAYS, len(costs) - horizon + 1)
    if len(origins) < FEWEST_ORIGINS or horizon <= skip:
        return None
    tested = {
        name: _backtest(model, costs, origins, horizon, skip) for name, model in MODELS.items()
    }
    usable = {name: errors for name, errors in tested.items() if errors}
    if not usable:
        return None
    best = min(usable, key=lambda name: _mean_size(usable[name]))
    errors = usable[best]
    freedom = max(1.0, (len(costs) - FEWEST_DAYS) / horizon)
    middle = sum(MODELS[best](costs, horizon)[skip:])
    tested_spread = sum(error * error for error in errors) / len(errors) * (1 + 1 / freedom)
    level_spread = (level.error * (horizon - skip) / middle) ** 2 if middle else 0.0
    spread = sqrt(tested_spread + level_spread)
    reach = abs(middle) * spread * float(stdtrit(freedom, (1 + confidence) / 2))
    return Forecast(
        estimate=Estimate(
            low=_cents(middle - reach),
            mid=_cents(middle),
            high=_cents(middle + reach),
            confidence=confidence,
        ),
        model=best,
        origins=len(errors),
        mean_error=_mean_size(errors),
        spread=spread,
        freedom=freedom,
    )


def least_probability(forecast: Forecast) -> float:
    """Return the smallest probability that the backtest can tell from none."""
    return 1 / (forecast.origins + 2)


def probability_above(forecast: Forecast, spent: Decimal, limit: Decimal) -> float:
    """Return how probable it is that ``spent`` plus the forecast passes ``limit``.

    Never 0 or 1: a backtest from n days cannot tell more than one part in n + 2 (rule of
    succession).
    """
    middle, room = float(forecast.estimate.mid), float(limit - spent)
    least = least_probability(forecast)
    scale = abs(middle) * forecast.spread
    if scale <= 0:
        return 1 - least if middle > room else least
    beyond = 1 - float(stdtr(forecast.freedom, (room - middle) / scale))
    return min(1 - least, max(least, beyond))


def _backtest(
    model: Model, costs: Sequence[float], origins: range, horizon: int, skip: int
) -> list[float]:
    errors = []
    for origin in origins:
        forecast = sum(model(costs[:origin], horizon)[skip:])
        actual = sum(costs[origin + skip : origin + horizon])
        if forecast > 0:
            errors.append((actual - forecast) / forecast)
    return errors


def _mean_size(errors: Sequence[float]) -> float:
    return sum(abs(error) for error in errors) / len(errors)


def _cents(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(Decimal("0.01"))
