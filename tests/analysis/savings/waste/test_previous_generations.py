"""Instances of a previous generation, and what the type costs that AWS names instead."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.savings.options import Option
from opslib.analysis.savings.recommendation import Reason, Recommendation, Rejection
from opslib.analysis.savings.successors import Successor, make_successors
from opslib.analysis.savings.waste.previous_generations import check_previous_generations
from tests.analysis.savings.estates import DAYS, REGION, Charged, judging_of, thing

OLD: Charged = ("i-1", "BoxUsage:m3.large", "24", "0.133", DAYS)
OWN: Charged = ("i-2", "BoxUsage:m7i.large", "24", "0.09", DAYS)


def said(
    *charged: Charged, listed: str | None = "0.1008", currency: str = "USD", **settings: Any
) -> list[Option]:
    told = {"state": "running", "type": "m3.large", "operation": "RunInstances", **settings}
    price = None if listed is None else Decimal(listed)
    successor = Successor(type="m7i.large", hourly_usd=price)
    judging = judging_of([thing("instance", "i-1", **told)], charged)
    successors = {(REGION, "m3.large", told["operation"]): successor}
    charges = replace(judging.charges, currency=currency)
    return list(
        check_previous_generations(replace(judging, charges=charges, successors=successors))
    )


def saving_of(options: list[Option]) -> Decimal | None:
    (option,) = options
    assert isinstance(option, Recommendation)
    return option.saving


def test_the_own_price_of_the_successor_goes_before_the_list() -> None:
    assert saving_of(said(OLD, OWN)) == Decimal("30.96")  # 720 x (0.133 - 0.09)


def test_the_list_tells_the_price_where_the_account_pays_none() -> None:
    assert saving_of(said(OLD)) == Decimal("23.184")  # 720 x (0.133 - 0.1008)


def test_the_meter_of_any_mixture_is_no_price_of_windows() -> None:
    assert saving_of(said(OLD, OWN, operation="RunInstances:0002")) == Decimal("23.184")


def test_only_the_hours_that_it_runs_are_saved() -> None:
    half: Charged = ("i-1", "BoxUsage:m3.large", "12", "0.133", DAYS)
    assert saving_of(said(half)) == Decimal("11.592")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"listed": None}, Reason.UNKNOWN),
        ({"currency": "EUR"}, Reason.UNKNOWN),
        ({"listed": "0.133"}, Reason.TOO_SMALL),
        ({"listed": "0.2"}, Reason.TOO_SMALL),
    ],
)
def test_without_a_price_or_a_lower_one_it_stays(facts: dict[str, Any], reason: Reason) -> None:
    (option,) = said(OLD, **facts)
    assert isinstance(option, Rejection)
    assert option.reason is reason


@pytest.mark.parametrize(
    "settings", [{"state": "stopped"}, {"lifecycle": "spot"}, {"type": "m6i.large"}]
)
def test_what_is_stopped_spot_or_current_is_no_option(settings: dict[str, str]) -> None:
    assert said(OLD, **settings) == []


def test_successors_are_held_by_region_type_and_operation() -> None:
    rows = [
        (REGION, "m3.large", "RunInstances", "m7i.large", Decimal("0.1")),
        (REGION, "m3.medium", "RunInstances", "m7i.medium", None),
    ]
    names = ["RegionId", "InstanceType", "Operation", "Successor", "HourlyUsd"]
    held = make_successors(pd.DataFrame(rows, columns=names))
    assert held[REGION, "m3.large", "RunInstances"].hourly_usd == Decimal("0.1")
    assert held[REGION, "m3.medium", "RunInstances"].hourly_usd is None
