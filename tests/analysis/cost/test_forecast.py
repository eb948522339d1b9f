from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.cost.forecast import forecast_sum, probability_above


def weekly(days: int, *, noise: float = 0.0, seed: int = 1) -> list[Decimal]:
    chance = random.Random(seed)
    return [
        Decimal(str(round((60 if n % 7 > 4 else 100) * chance.lognormvariate(0, noise), 4)))
        for n in range(days)
    ]


def test_a_perfect_week_is_forecast_exactly() -> None:
    forecast = forecast_sum([weekly(98)], 7, skip=0, confidence=0.8)
    assert forecast is not None
    assert forecast.estimate.mid == 5 * 100 + 2 * 60
    assert forecast.mean_error == 0


def test_days_of_the_month_before_are_left_out_of_the_sum() -> None:
    whole = forecast_sum([weekly(98)], 14, skip=0, confidence=0.8)
    part = forecast_sum([weekly(98)], 14, skip=7, confidence=0.8)
    assert whole is not None
    assert part is not None
    assert part.estimate.mid * 2 == whole.estimate.mid


def test_a_short_history_gives_no_forecast() -> None:
    assert forecast_sum([weekly(35)], 30, skip=0, confidence=0.8) is None


def test_intervals_hold_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(200):
        series = weekly(128, noise=0.15, seed=seed)
        forecast = forecast_sum([series[:98]], 30, skip=0, confidence=0.8)
        assert forecast is not None
        held += forecast.estimate.low <= sum(series[98:]) <= forecast.estimate.high
    assert 0.65 <= held / 200 <= 0.95


@given(st.integers(0, 500), st.integers(100, 5000))
def test_a_higher_limit_is_never_passed_more_probably(seed: int, limit: int) -> None:
    forecast = forecast_sum([weekly(98, noise=0.1, seed=seed)], 20, skip=0, confidence=0.8)
    assert forecast is not None
    low = probability_above(forecast, Decimal(0), Decimal(limit))
    high = probability_above(forecast, Decimal(0), Decimal(limit + 100))
    assert 0 < high <= low < 1


def test_a_history_of_credits_gives_no_forecast_or_one_in_order() -> None:
    negative = [-cost for cost in weekly(98)]
    assert forecast_sum([negative], 7, skip=0, confidence=0.8) is None
    # The level is positive in the backtest and negative from the last step on.
    credited = [*weekly(84), *(cost - 150 for cost in weekly(14))]
    forecast = forecast_sum([credited], 7, skip=0, confidence=0.8)
    if forecast is not None:
        assert forecast.estimate.low <= forecast.estimate.mid <= forecast.estimate.high
        assert 0 < probability_above(forecast, Decimal(0), Decimal(10)) < 1


def test_growth_is_carried_on() -> None:
    """Three per cent a week: the mean of the errors stays within two per cent of nothing."""
    errors = []
    for seed in range(40):
        chance = random.Random(seed)
        series = [
            Decimal(str(round(100 * 1.03 ** (n / 7) * chance.lognormvariate(0, 0.05), 4)))
            for n in range(121)
        ]
        forecast = forecast_sum([series[:91]], 30, skip=0, confidence=0.8)
        assert forecast is not None
        errors.append(float(forecast.estimate.mid / sum(series[91:])) - 1)
    assert abs(sum(errors) / len(errors)) < 0.02
