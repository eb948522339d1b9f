from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from opslib.sandbox.estate import LAB, PAYER, PRODUCTION
from opslib.sandbox.handlers.size_advice import (
    get_instance_recommendations,
    get_rightsizing_recommendation,
    list_enrollment_statuses,
    list_recommendations,
)
from opslib.sandbox.overlay import Caller, Handler
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.metrics import read_lab_series
from opslib.sandbox.savings.planted import LabMetric, LabPlan, PlantedResource, Spell
from opslib.sandbox.savings.sizes import plan_databases_of_size, plan_instances_of_size

EPOCH = datetime(2026, 3, 2, 6, tzinfo=UTC)


def plant(seed: int, *, wasteful: bool) -> list[PlantedResource]:
    draw = Draw(chance=np.random.default_rng(seed), epoch=EPOCH, wasteful=wasteful)
    return [*plan_instances_of_size(draw), *plan_databases_of_size(draw)]


def caller(account: str, seed: int = 2, region: str = "us-east-1") -> Caller:
    scenario = SimpleNamespace(lab=LabPlan(resources=tuple(plant(1, wasteful=True))), seed=seed)
    return Caller(account=account, region=region, scenario=cast("Any", scenario))


def answer(handler: Handler, asked: dict[str, Any], who: Caller) -> dict[str, Any]:
    told = handler(asked, who)
    assert told is not None
    return told


@pytest.mark.parametrize("seed", range(5))
def test_what_is_too_large_saves_half_or_three_quarters_and_decoys_nothing(seed: int) -> None:
    planted = [one for one in plant(seed, wasteful=True) if one.wasted]
    assert {one.wasted for one in planted} == {"smaller_instance", "smaller_database"}
    for one in planted:
        (charge,) = one.charges
        assert one.saving in {charge.monthly / 2, charge.monthly * 3 / 4}
    assert not any(one.wasted or one.saving for one in plant(seed, wasteful=False))


def test_a_spell_lasts_from_its_first_to_its_last_day() -> None:
    spell = Spell(value=70.0, first=5, last=4)
    metric = LabMetric(namespace="AWS/EC2", name="CPU", dimensions=(), hourly=6.0, spell=spell)
    since, span = EPOCH - timedelta(days=99), (EPOCH - timedelta(days=7, hours=6), EPOCH)
    told = read_lab_series(metric, since, EPOCH, "Maximum", 86_400, span)
    assert told.values.tolist() == [6.0, 6.0, 70.0, 70.0, 6.0, 6.0, 6.0, 6.0]


def test_compute_optimizer_speaks_in_pages_of_the_account_s_own_region() -> None:
    page = answer(get_instance_recommendations, {}, caller(LAB))
    rest = answer(get_instance_recommendations, {"nextToken": page["nextToken"]}, caller(LAB))
    told = [*page["instanceRecommendations"], *rest["instanceRecommendations"]]
    assert all(":us-east-1:" in one["instanceArn"] for one in told)
    assert len({one["instanceArn"] for one in told}) == len(told)
    assert (
        answer(get_instance_recommendations, {}, caller(PRODUCTION))["instanceRecommendations"]
        == []
    )


def test_cost_explorer_speaks_to_the_payer_alone() -> None:
    assert answer(get_rightsizing_recommendation, {}, caller(PAYER))["RightsizingRecommendations"]
    with pytest.raises(AwsError, match="opt-in only"):
        answer(get_rightsizing_recommendation, {}, caller(LAB))


def test_the_hub_is_enrolled_in_every_other_story() -> None:
    asked = {"filter": {"resourceTypes": ["RdsDbInstance"]}}
    (one,) = answer(list_recommendations, asked, caller(PAYER))["items"]
    assert one["recommendedResourceSummary"] == "db.m6g.large"
    assert (
        answer(list_enrollment_statuses, {}, caller(PAYER, 3))["items"][0]["status"] == "Inactive"
    )
    with pytest.raises(AwsError):
        answer(list_recommendations, {}, caller(PAYER, 3))
