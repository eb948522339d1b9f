from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.capacity.scaling.replay import replay
from opslib.analysis.capacity.scaling.rules import ScalingRules, ScalingSetting, rules_of

ECS = rules_of("ecs:service:DesiredCount", None)
DAY = 288


def setting(minimum: float, maximum: float, target: float | None = 60.0) -> ScalingSetting:
    return ScalingSetting(minimum=minimum, maximum=maximum, target_percent=target)


def plainly(
    load: list[float], one: ScalingSetting, rules: ScalingRules, warm_up: float
) -> tuple[float, float]:
    """Replay one setting from end to end, a period at a time; minutes under, unit-hours."""
    target = (one.target_percent or 100) / 100
    lag = (rules.out_minutes + warm_up) / 5
    whole, behind = math.floor(lag), lag - math.floor(lag)
    low_after, cooldown = math.ceil(rules.in_minutes / 5), math.ceil(rules.in_cooldown_minutes / 5)

    def wanted(units: float) -> float:
        return min(max(math.ceil(units / target - 1e-9), one.minimum), one.maximum)

    first = wanted(0.0 if math.isnan(load[0]) else load[0])
    decided = [first] * (whole + 1)
    low, since_in, under, hours = 0, cooldown, 0.0, 0.0
    for period, now in enumerate(load):
        units, runs = decided[-1], decided[-max(whole, 1)]
        is_low = now < (rules.in_below * target - rules.in_below_percent / 100) * runs
        low = low + 1 if is_low else 0
        after = units
        if now > rules.out_above * target * runs:
            after = max(units, wanted(min(now, runs)))
        elif is_low and low >= low_after and since_in >= cooldown:
            lately = load[max(0, period - low_after + 1) : period + 1]
            after = min(units, wanted(max(one for one in lately if not math.isnan(one))))
        since_in = 0 if after < units else since_in + 1
        decided.append(after)
        early, late = decided[-whole - 2], decided[-whole - 1]
        full = rules.full_percent / 100
        under += 5 * (
            behind * (now > full * early + 1e-9) + (1 - behind) * (now > full * late + 1e-9)
        )
        hours += 0.0 if math.isnan(now) else after / 12
    return under, hours


@st.composite
def loads(draw: st.DrawFn) -> np.ndarray:
    """Draw loads of up to three weeks with days, steps, noise and gaps."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    length = draw(st.integers(1, 21 * DAY))
    day = np.sin(2 * np.pi * np.arange(length) / DAY) * draw(st.floats(0, 0.9))
    noise = np.exp(chance.normal(size=length) * draw(st.floats(0, 0.5)))
    load = draw(st.floats(0.5, 40)) * (1 + day) * noise
    if draw(st.booleans()):
        load[length // 2 :] *= draw(st.floats(0.1, 5))
    if draw(st.booleans()):
        load[chance.random(length) < 0.05] = np.nan
    return load


DIMENSIONS = ["ecs:service:DesiredCount", "dynamodb:table:ReadCapacityUnits", "eks:hpa"]


@settings(max_examples=40, deadline=None)
@given(
    loads(),
    st.sampled_from(DIMENSIONS),
    st.floats(0, 20),
    st.lists(
        st.builds(setting, st.integers(1, 5), st.integers(5, 60), st.integers(30, 90)),
        min_size=1,
        max_size=4,
    ),
)
def test_weeks_side_by_side_come_to_what_one_replay_comes_to(
    load: np.ndarray, dimension: str, warm_up: float, tried: list[ScalingSetting]
) -> None:
    rules = rules_of(dimension, None)
    assert rules is not None
    done = replay(load, 300, tried, rules, warm_up)
    for row, one in enumerate(tried):
        under, hours = plainly(load.tolist(), one, rules, warm_up)
        assert done.under_minutes[row].sum() == pytest.approx(under)
        assert done.unit_hours[row].sum() == pytest.approx(hours)
    assert done.known_minutes.sum() == pytest.approx(5 * np.isfinite(load).sum())


def test_a_steady_load_runs_at_the_target() -> None:
    assert ECS is not None
    done = replay(np.full(DAY, 5.5), 300, [setting(2, 20)], ECS, 3)
    # 5.5 units of load at 60% want 9.17 tasks, which are 10.
    assert done.unit_hours[0, 0] == pytest.approx(240)
    assert done.under_minutes.sum() == 0


def test_a_jump_is_under_provisioned_until_the_alarm_and_the_warm_up_are_over() -> None:
    assert ECS is not None
    load = np.concatenate([np.full(DAY, 1.2), np.full(DAY, 1.9)])
    done = replay(load, 300, [setting(1, 20), setting(4, 20)], ECS, 3)
    # Two tasks run; 1.9 of 2 is above 90%: three minutes of alarm and three of warm-up.
    assert done.under_minutes[0].sum() == pytest.approx(6)
    assert done.under_minutes[1].sum() == 0
    longer = replay(load, 300, [setting(1, 20)], ECS, 10)
    assert longer.under_minutes[0].sum() == pytest.approx(13)


def test_saturated_units_show_no_more_than_all_of_themselves() -> None:
    assert ECS is not None
    load = np.concatenate([np.full(DAY, 0.5), np.full(DAY, 8.0)])
    done = replay(load, 300, [setting(1, 20, 50)], ECS, 2)
    # 1 task shows 100%, so 2 are wanted; then 4, 8 and 16: five minutes each, 8 still lack 0.8.
    assert done.under_minutes[0].sum() == pytest.approx(20)


def test_it_scales_in_after_a_quarter_of_an_hour() -> None:
    assert ECS is not None
    load = np.concatenate([np.full(DAY, 6.0), np.full(DAY, 0.6)])
    done = replay(load, 300, [setting(1, 20)], ECS, 2)
    # Ten tasks for three periods, of which the last decides; one task from then on, since the
    # highest load of those fifteen minutes is 0.6.
    assert done.unit_hours[0, 1] == pytest.approx((2 * 10 + (DAY - 2)) / 12)


def test_a_cooldown_holds_the_next_scale_in_back() -> None:
    load = np.concatenate([np.full(DAY, 6.0), np.full(5, 3.0), np.full(DAY - 5, 0.6)])
    quick, slow = (
        rules_of("ecs:service:DesiredCount", 0),
        rules_of("ecs:service:DesiredCount", 3600),
    )
    assert quick is not None
    assert slow is not None
    hours = [replay(load, 300, [setting(1, 20)], one, 2).unit_hours.sum() for one in (quick, slow)]
    # From ten to five tasks in the third period of 3.0; then to one, in 3 periods or after an hour.
    assert hours[0] == pytest.approx((DAY * 10 + 2 * 10 + 5 * 5 + (DAY - 7)) / 12)
    assert hours[1] == pytest.approx((DAY * 10 + 2 * 10 + 13 * 5 + (DAY - 15)) / 12, abs=0.5)
    assert hours[1] > hours[0]


@given(loads(), st.floats(1, 30))
@settings(max_examples=25, deadline=None)
def test_a_fixed_number_of_units_is_too_little_exactly_when_the_load_says_so(
    load: np.ndarray, units: float
) -> None:
    assert ECS is not None
    done = replay(load, 300, [setting(units, units)], ECS, 3)
    known = load[np.isfinite(load)]
    assert done.under_minutes.sum() == pytest.approx(5 * (known > 0.9 * units + 1e-9).sum())
    assert done.unit_hours.sum() == pytest.approx(units * len(known) / 12)


@given(loads(), st.integers(1, 10), st.integers(10, 80))
@settings(max_examples=25, deadline=None)
def test_a_minimum_that_holds_the_peak_is_never_too_little(
    load: np.ndarray, minimum: int, target: int
) -> None:
    assert ECS is not None
    enough = max(minimum, math.ceil(np.nanmax([*load, 0.0]) / 0.9))
    done = replay(load, 300, [setting(enough, enough + 5, target)], ECS, 3)
    assert done.under_minutes.sum() == 0


def test_bounds_alone_are_replayed_where_there_is_no_target() -> None:
    rules = rules_of("rds:cluster:acu", None)
    assert rules is not None
    load = np.array([0.5, 4.0, 10.0, np.nan])
    done = replay(load, 300, [setting(1, 8, None), setting(2, 16, None)], rules, 3)
    assert done.under_minutes[:, 0].tolist() == [5.0, 0.0]
    assert done.unit_hours[:, 0].tolist() == pytest.approx([(1 + 4 + 8) / 12, (2 + 4 + 10) / 12])


def test_what_scales_otherwise_is_not_replayed() -> None:
    assert rules_of("lambda:function:ProvisionedConcurrency", None) is None
