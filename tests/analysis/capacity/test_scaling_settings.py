from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opslib.analysis.capacity.demand.models import learn_demand
from opslib.analysis.capacity.headroom.zone_losses import ZoneLoss, check_zone_loss
from opslib.analysis.capacity.scaling.choice import Bounds, SettingResult, choose
from opslib.analysis.capacity.scaling.findings import conclude_scaling
from opslib.analysis.capacity.scaling.proposals import ScalingProposal
from opslib.analysis.capacity.scaling.rules import ScalingSetting
from opslib.analysis.capacity.scaling.settings import propose_settings
from opslib.findings import Verdict
from opslib.tables.capacity import CapacityTables
from tests.analysis.capacity.estates import parameters
from tests.analysis.capacity.scaled import (
    history,
    limit_row,
    resource_row,
    scaled_estate,
    series_row,
    target_row,
)

DAY = 288
FARGATE = [
    {"Region": "us-east-1", "SkuMeter": name, "Price": Decimal(price), "Unit": "hours"}
    for name, price in (
        ("USE1-Fargate-vCPU-Hours:perCPU", "0.04"),
        ("USE1-Fargate-GB-Hours", "0.004"),
        ("USE1-Fargate-ARM-vCPU-Hours:perCPU", "0.03"),
    )
]
TASK = json.dumps({"task_cpu": 0.5, "task_memory_mib": 1024, "launch_type": "FARGATE"})


def waves(days: int, low: float, high: float) -> np.ndarray:
    """Return load between two levels, one wave a day."""
    wave = (1 - np.cos(2 * np.pi * np.arange(days * DAY) / DAY)) / 2
    return low + (high - low) * wave


def api(load: np.ndarray, *, low: float = 2, high: float = 10, **more: Any) -> CapacityTables:
    """Return a service of ten running tasks that carries a load, in tasks."""
    ran = more.pop("ran", 10.0)
    return scaled_estate(
        resources=[resource_row("api", **{"Settings": TASK, **more.pop("resource", {})})],
        series=[series_row("api", "CPU"), series_row("api", "tasks", "units")],
        targets=[target_row("api", low, high, **more.pop("target", {}))],
        prices=more.pop("prices", FARGATE),
        usage={
            "api/CPU": history(np.minimum(load / ran * 100, 100)),
            "api/tasks": history(np.full_like(load, ran)),
        },
    )


def proposed(tables: CapacityTables, **chosen: Any) -> ScalingProposal:
    peaks = chosen.pop("peaks", {})
    asked = parameters(scaling_grid=chosen)
    (proposal,) = propose_settings(tables, asked, learn_demand(tables, asked), peaks)
    return proposal


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


def test_one_task_a_zone_stays_whatever_it_would_save() -> None:
    zones = {"Zones": json.dumps(["a", "b", "b", "c"])}
    quiet = waves(28, 0.2, 1.0)
    spread = proposed(api(quiet, low=3, resource=zones))
    alone = proposed(api(quiet, low=3))
    assert spread.proposed is not None
    assert alone.proposed is not None
    assert spread.proposed.setting.minimum == 3
    assert alone.proposed.setting.minimum < 3
    assert any("one for each zone" in one.why for one in spread.excuses)


def test_the_other_zones_still_carry_the_load_when_one_is_lost() -> None:
    load = waves(28, 1.0, 6.0)
    three = proposed(api(load, resource={"Zones": json.dumps(["a", "b", "c"])}))
    assert three.proposed is not None
    assert three.proposed.setting.target_percent == 60
    whys = {
        one.setting.target_percent: one.why for one in three.excuses if one.setting.minimum == 3
    }
    assert whys[80] == "with one of 3 zones lost, the others would run at 120%"
    assert "zones are not known" not in three.reason
    assert "zones are not known" in proposed(api(load)).reason


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


def lose_zone(tables: CapacityTables) -> tuple[ZoneLoss, ...]:
    return check_zone_loss(tables, parameters())


def in_two_zones(load: np.ndarray, ran: Any, **target: Any) -> CapacityTables:
    """Return a service of two tasks in one zone and one in another."""
    tables = api(load, resource={"Zones": json.dumps(["a", "a", "b"])}, low=3, target=target)
    limits = [limit_row("api", "CPU", "api/CPU", 100)]
    return scaled_estate(
        resources=tables.resources.to_dict("records"),  # type: ignore[arg-type]
        series=[series_row("api", "CPU"), series_row("api", "tasks", "units")],
        limits=limits,
        targets=tables.targets.to_dict("records"),  # type: ignore[arg-type]
        prices=FARGATE,
        usage={"api/CPU": history(load / ran * 100), "api/tasks": history(ran + 0 * load)},
    )


def test_what_a_lost_zone_takes_down_is_told_to_scale_so_that_it_holds() -> None:
    tables = in_two_zones(waves(28, 0.5, 1.9), 3.0, Target=65.0)
    (loss,) = lose_zone(tables)
    assert (loss.verdict, loss.target_percent) == (Verdict.FAIL, 65.0)
    assert (loss.units_to_carry, loss.units_at_target) == (4, 6)
    (proposal,) = propose_settings(tables, parameters(), (), {}, [loss])
    assert proposal.verdict is Verdict.FAIL
    assert "minutes a week too busy for the other zones alone" in proposal.broken_now
    assert "too busy for the other zones alone" in proposal.reason
    assert proposal.keeps
    assert proposal.proposed is not None
    assert proposal.proposed.without_zone_minutes_a_week <= 5
    assert proposal.proposed.setting.minimum >= 4 or proposal.proposed.setting.target_percent < 50  # type: ignore[operator]


def test_no_target_is_raised_to_where_the_other_zones_would_not_carry_the_load() -> None:
    """Four tasks in three zones leave two, which 60% of four would fill to 120%."""
    load = np.full(28 * DAY, 2.3)
    tables = in_two_zones(load, 6.0, Target=40.0)
    tables.resources["Zones"] = json.dumps(["a", "b", "c"])
    (loss,) = lose_zone(tables)
    assert loss.verdict is Verdict.PASS
    (proposal,) = propose_settings(tables, parameters(), (), {}, [loss])
    assert proposal.proposed is not None
    assert proposal.proposed.setting.target_percent == 50
    (unweighed,) = propose_settings(tables, parameters())
    assert unweighed.proposed is not None
    assert unweighed.proposed.setting.target_percent == 60


def test_one_zone_is_told_and_weighs_nothing() -> None:
    tables = in_two_zones(waves(28, 0.5, 1.9), 3.0)
    tables.resources["Zones"] = json.dumps(["a", "a", "a"])
    (loss,) = lose_zone(tables)
    (proposal,) = propose_settings(tables, parameters(), (), {}, [loss])
    assert proposal.keeps
    assert "all of it is in one zone, whose loss no setting survives" in proposal.reason


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


def database(acus: np.ndarray, high: float = 8) -> CapacityTables:
    return scaled_estate(
        resources=[resource_row("orders", "aurora")],
        limits=[limit_row("orders", "ACU", "orders/ACU", high)],
        series=[series_row("orders", "ACU", Unit="ACU")],
        targets=[
            target_row("orders", 1, high, Dimension="rds:cluster:acu", Metric="", Target=None)
        ],
        usage={"orders/ACU": history(acus)},
    )


def test_a_database_at_its_maximum_is_given_more_and_one_below_it_is_left_alone() -> None:
    calm = proposed(database(waves(28, 1.0, 6.0)))
    assert not calm.changes
    assert calm.keeps
    assert calm.verdict is Verdict.PASS
    full = proposed(database(np.minimum(waves(28, 1.0, 10.0), 8)))
    assert full.now is not None
    assert full.now.under_minutes_a_week > 100
    assert full.proposed is not None
    assert full.proposed.setting.maximum == 12
    assert full.proposed.setting.minimum == 1
    assert "more was wanted than was recorded" in full.reason


def table(consumed: np.ndarray, provisioned: float, throttles: np.ndarray) -> CapacityTables:
    return scaled_estate(
        resources=[resource_row("orders", "dynamodb")],
        limits=[limit_row("orders", "read capacity", "orders/read capacity", 100)],
        series=[
            series_row("orders", "read capacity", Unit="units/s", IsRate=True),
            series_row("orders", "provisioned read capacity", "units"),
            series_row("orders", "read throttles", "throttles"),
        ],
        targets=[
            target_row(
                "orders",
                10,
                100,
                Dimension="dynamodb:table:ReadCapacityUnits",
                Metric="DynamoDBReadCapacityUtilization",
                Target=70.0,
            )
        ],
        usage={
            "orders/read capacity": history(consumed),
            "orders/provisioned read capacity": history(np.full_like(consumed, provisioned)),
            "orders/read throttles": history(throttles),
        },
    )


def test_a_table_scales_in_capacity_units_and_throttles_count() -> None:
    load = waves(28, 5.0, 60.0)
    calm = proposed(table(load, 100, np.zeros_like(load)))
    assert calm.unit == "read capacity units"
    assert calm.unknown_minutes == 0
    assert calm.keeps
    short = proposed(table(np.minimum(load, 40), 40, (load > 40).astype(float)))
    assert short.unknown_minutes == 5 * (load > 40).sum()


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ({"Target": None, "Metric": ""}, "it tracks no target"),
        ({"Metric": "ALBRequestCountPerTarget"}, "no utilisation that is replayed"),
        ({"Dimension": "eks:nodegroup"}, "how eks:nodegroup scales is not replayed"),
        ({"Metric": "ECSServiceAverageMemoryUtilization"}, "its memory is not recorded"),
    ],
)
def test_what_is_not_replayed_says_why_and_proposes_nothing(
    target: dict[str, Any], why: str
) -> None:
    proposal = proposed(api(waves(28, 1.0, 6.0), target=target))
    assert proposal.proposed is None
    assert proposal.verdict is Verdict.INCONCLUSIVE
    assert why in proposal.reason


def deployment(load: np.ndarray, pods: np.ndarray) -> CapacityTables:
    return scaled_estate(
        resources=[resource_row("main/shop/web", "eks")],
        series=[series_row("main/shop/web", "CPU"), series_row("main/shop/web", "pods", "units")],
        usage={
            "main/shop/web/CPU": history(load / pods * 100),
            "main/shop/web/pods": history(pods),
        },
    )


def test_a_deployment_is_replayed_though_aws_does_not_tell_its_autoscaler() -> None:
    load = waves(28, 0.5, 6.0)
    proposal = proposed(deployment(load, np.ceil(load / 0.6)))
    assert proposal.dimension == "eks:hpa"
    assert proposal.is_supposed
    assert proposal.verdict is Verdict.INCONCLUSIVE
    assert (proposal.in_force.minimum, proposal.in_force.maximum) == (1, 10)
    assert proposal.in_force.target_percent == 60
    assert proposal.proposed is not None
    assert "AWS does not tell what is in force" in proposal.reason
    assert proposal.price_missing == "a unit of it is billed with the node that it runs on"
    answer = conclude_scaling([proposal], [])
    assert answer.verdict is Verdict.INCONCLUSIVE
    assert answer.because == ("AWS does not tell what is set: main/shop/web",)


def test_a_group_of_one_instance_type_has_its_price_and_a_mixed_one_has_none() -> None:
    price = {"Region": "", "SkuMeter": "BoxUsage:m6i.large", "Price": Decimal("0.1"), "Unit": "Hrs"}
    group = {"Dimension": "autoscaling:group", "Metric": "ASGAverageCPUUtilization"}
    for types, hourly in ((["m6i.large"], 0.1), (["m6i.large", "m5.large"], None)):
        settings = {"Settings": json.dumps({"instance_types": types})}
        tables = api(waves(28, 1.0, 6.0), resource=settings, target=group, prices=[price])
        now = proposed(tables).now
        assert now is not None
        if hourly is None:
            assert now.cost_a_month is None
        else:
            assert float(now.cost_a_month or 0) == pytest.approx(now.unit_hours_a_month * hourly)


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
