from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from opslib.analysis.capacity.scaling.choice import Bounds, SettingResult, choose
from opslib.analysis.capacity.scaling.rules import ScalingSetting
from opslib.findings import Verdict
from tests.analysis.capacity.scaled import (
    history,
    scaled_estate,
    series_row,
)
from tests.analysis.capacity.scaled_services import (
    DAY,
    FARGATE,
    api,
    proposed,
    waves,
)


def test_a_gentle_load_may_run_hotter_and_says_what_that_saves() -> None:
    proposal = proposed(api(waves(28, 1.0, 6.0)))
    assert proposal.proposed is not None
    assert proposal.now is not None
    assert proposal.changes
    assert proposal.keeps
    assert proposal.proposed.setting.target_percent == 80
    assert proposal.proposed.setting.maximum == 10
    assert proposal.proposed.unit_hours_a_month < proposal.now.unit_hours_a_month * 0.95
    assert proposal.proposed.cost_a_month is not None
    # Half a vCPU at 0.04 and a GiB at 0.004.
    assert float(proposal.proposed.cost_a_month) == pytest.approx(
        proposal.proposed.unit_hours_a_month * 0.024, abs=1e-3
    )
    assert proposal.reason.startswith("Set ")
    assert "$" in proposal.reason
    assert "less" in proposal.reason
    assert proposal.held_out is not None
    assert proposal.held_out.keeps
    assert (proposal.held_out.chosen_days, proposal.held_out.held_days) == (14, 14)
    assert proposal.recorded_unit_hours_a_month == pytest.approx(7200)


def test_every_other_setting_has_its_reason() -> None:
    proposal = proposed(api(waves(28, 1.0, 6.0)))
    assert proposal.proposed is not None
    assert len(proposal.excuses) == len(proposal.results) - 1
    assert {one.setting for one in proposal.excuses} == {
        one.setting for one in proposal.results
    } - {proposal.proposed.setting}
    assert all(one.why for one in proposal.excuses)
    assert any(one.why.startswith("$") for one in proposal.excuses)


def test_a_maximum_that_was_reached_is_raised() -> None:
    load = waves(28, 1.0, 7.5)
    proposal = proposed(api(load, high=8, ran=8.0))
    assert proposal.now is not None
    assert proposal.now.under_minutes_a_week > 5
    assert proposal.proposed is not None
    # At the target in force, which is not raised since it ran short: 7.5 / 0.6 = 12.5.
    assert proposal.proposed.setting.maximum == 16
    assert proposal.proposed.setting.target_percent == 60
    whys = {one.why for one in proposal.excuses if one.setting.target_percent == 80}
    assert "it ran short at a target of 60% already" in whys
    assert proposal.keeps
    assert "now, 5 allowed" in proposal.reason
    assert "under-provisioned, 5 allowed" in proposal.broken_now
    assert proposal.verdict is Verdict.FAIL


def test_what_ran_has_to_be_what_the_bounds_allow() -> None:
    load = waves(28, 1.0, 6.0)
    proposal = proposed(api(load, high=8))
    assert proposal.proposed is None
    assert proposal.verdict is Verdict.INCONCLUSIVE
    assert "fewer or more tasks than its bounds allow" in proposal.reason
    fraction = proposed(api(load, ran=0.6))
    assert fraction.proposed is None
    assert fraction.reason == "0.0 days of five minutes are known, 7 are wanted"


def test_cheaper_settings_that_fail_on_days_not_seen_are_not_proposed() -> None:
    load = waves(28, 1.0, 2.0)
    load[22 * DAY :: DAY // 4] = 5.5
    proposal = proposed(api(load, low=7))
    assert proposal.held_out is not None
    assert not proposal.held_out.keeps
    assert not proposal.changes
    assert "chosen on every other week alone" in proposal.reason
    assert "nothing else saves" not in proposal.reason


def test_a_spiky_load_keeps_what_is_in_force_or_better() -> None:
    load = waves(28, 1.0, 2.0)
    load[::DAY] = 9.0
    proposal = proposed(api(load, low=10, high=20))
    assert proposal.proposed is not None
    assert proposal.proposed.setting.minimum == 10
    halved = [one for one in proposal.excuses if one.setting.minimum == 5]
    assert halved
    assert all("under-provisioned" in one.why for one in halved)


def test_what_is_in_force_stays_where_nothing_saves_enough() -> None:
    load = np.full(28 * DAY, 2.3)
    proposal = proposed(api(load, low=3, high=10, target={"Target": 80.0}), min_factors=(1, 2))
    assert not proposal.changes
    assert proposal.reason.startswith("Keep 3 to 10 tasks at 80%")


def test_a_forecast_peak_raises_the_maximum_beyond_the_grid() -> None:
    load = waves(28, 1.0, 6.0)
    grown = proposed(api(load), peaks={"api": 8.0})
    assert grown.proposed is not None
    # 8 x 6 units at its target of 80% want 60 tasks (but for the five allowed minutes).
    assert grown.proposed.setting == ScalingSetting(minimum=2, maximum=60, target_percent=80)
    assert any("the forecast peak wants" in one.why for one in grown.excuses)
    assert "the forecast peak wants" in grown.reason
    assert grown.verdict is Verdict.FAIL
    assert grown.keeps


def test_a_maximum_holds_the_forecast_peak_at_its_target_as_the_wall_counts_it() -> None:
    """At 60% ten tasks carry six units: twice as much is a wall though they are not full."""
    grown = proposed(api(waves(28, 1.0, 4.0)), peaks={"api": 2.0}, targets_percent=[60])
    assert grown.proposed is not None
    assert grown.broken_now == "the forecast peak wants 14 tasks, its maximum is 10"
    assert grown.proposed.setting.maximum * 0.6 >= 8
    assert proposed(api(waves(28, 1.0, 4.0)), targets_percent=[60]).verdict is Verdict.PASS


def test_the_busiest_week_is_held_out_whichever_it_is() -> None:
    for week in range(4):
        load = waves(28, 1.0, 2.0)
        busy = (week * 7 + 2) * DAY
        load[busy : busy + DAY : 12] = 5.5
        held = proposed(api(load, low=7)).held_out
        assert held is not None
        assert not held.keeps
        assert (held.chosen_days, held.held_days) == (14, 14)


def test_a_choice_is_checked_against_the_bounds_of_the_weeks_that_it_was_made_on() -> None:
    load = waves(28, 1.0, 4.0)
    load[7 * DAY :][: 7 * DAY] *= 2.2
    load[21 * DAY :] *= 2.2
    held = proposed(api(load, high=6, ran=9.0, target={"Max": 9.0})).held_out
    assert held is not None
    assert held.setting.maximum == 9
    assert held.under_minutes_a_week > 5


def test_without_a_setting_that_keeps_the_allowed_minutes_the_closest_is_named() -> None:
    load = np.tile(np.repeat([0.5, 9.0], 6), 28 * DAY // 12)
    proposal = proposed(api(load, low=1, high=10), min_factors=(1,), max_factors=(1,))
    assert not proposal.keeps
    assert proposal.proposed is not None
    fewest = min(one.under_minutes_a_week for one in proposal.results)
    assert proposal.proposed.under_minutes_a_week == fewest > 5
    assert "No setting tried keeps" in proposal.reason


@pytest.mark.parametrize(
    ("prices", "why"),
    [
        ([], "the bill has no one price of Fargate-vCPU-Hours"),
        (FARGATE[:1], "the bill has no one price of Fargate-GB-Hours"),
        ([{**one, "Region": "eu-west-1"} for one in FARGATE], "Fargate-vCPU-Hours"),
    ],
)
def test_without_a_price_there_is_no_cost_and_the_choice_is_the_same(
    prices: list[dict[str, Any]], why: str
) -> None:
    load = waves(28, 1.0, 6.0)
    proposal = proposed(api(load, prices=prices))
    assert proposal.proposed is not None
    assert proposal.proposed.cost_a_month is None
    assert why in proposal.price_missing
    assert "task-hours a month less" in proposal.reason
    priced = proposed(api(load)).proposed
    assert priced is not None
    assert proposal.proposed.setting == priced.setting


def test_full_tasks_hide_what_was_wanted_unless_requests_tell() -> None:
    wanted = waves(28, 1.0, 14.0)
    hidden = proposed(api(wanted, high=10))
    assert hidden.unknown_minutes > 0
    assert hidden.filled_minutes == 0
    assert "more was wanted than was recorded" in hidden.reason
    tables = api(wanted, high=10)
    told = scaled_estate(
        resources=tables.resources.to_dict("records"),  # type: ignore[arg-type]
        series=[
            series_row("api", "CPU"),
            series_row("api", "tasks", "units"),
            series_row("api", "requests", "demand"),
        ],
        targets=tables.targets.to_dict("records"),  # type: ignore[arg-type]
        usage={**tables.usage, "api/requests": history(wanted * 50)},
    )
    filled = proposed(told)
    assert filled.unknown_minutes == 0
    assert filled.filled_minutes > 0
    assert filled.now is not None
    assert hidden.now is not None
    assert filled.now.under_minutes_a_week >= hidden.now.under_minutes_a_week
    assert filled.proposed is not None
    assert filled.proposed.setting.maximum * 0.9 >= 13.9


def test_a_young_history_proposes_nothing() -> None:
    proposal = proposed(api(waves(5, 1.0, 6.0)))
    assert proposal.proposed is None
    assert proposal.reason == "5.0 days of five minutes are known, 7 are wanted"


def test_of_equal_costs_the_setting_closest_to_that_in_force_is_chosen() -> None:
    def result(minimum: float, maximum: float, hours: float) -> SettingResult:
        setting = ScalingSetting(minimum=minimum, maximum=maximum, target_percent=60)
        return SettingResult(
            setting=setting, under_minutes_a_week=0, unit_hours_a_month=hours, cost_a_month=None
        )

    bounds = Bounds(
        most_under_minutes=5,
        zones=0,
        least_units=0,
        most_percent=100,
        peak_units=1,
        held=lambda target: 0.9,
    )
    results = [result(4, 10, 100), result(2, 20, 50), result(2, 10, 50), result(1, 10, 50.2)]
    assert choose(results, bounds, "tasks") is results[2]
