from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opslib.analysis.capacity.scaling.findings import conclude_scaling
from opslib.findings import Verdict
from tests.analysis.capacity.scaled_services import (
    api,
    database,
    deployment,
    proposed,
    table,
    waves,
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
