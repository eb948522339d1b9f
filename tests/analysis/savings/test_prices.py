"""What an account pays for a unit of each meter."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from opslib.analysis.savings.prices import make_prices

NAMES = ["ServiceName", "SkuMeter", "PricingUnit", "PricingQuantity", "EffectiveCost"]


def paid(*rows: tuple[str, str, str, int | None, int]) -> pd.DataFrame:
    told = [
        (*row[:3], None if row[3] is None else Decimal(row[3]), Decimal(row[4])) for row in rows
    ]
    return pd.DataFrame(told, columns=NAMES, dtype=object)


def test_a_price_is_cost_over_quantity_of_all_days_in_its_region() -> None:
    prices = make_prices(
        paid(
            ("EC2", "EUW1-BoxUsage:a", "Hrs", 24, 12),
            ("EC2", "EUW1-BoxUsage:a", "Hrs", 24, 24),
            ("EC2", "BoxUsage:a", "Hrs", 4, 1),
        )
    )
    assert prices["eu-west-1", "BoxUsage:a"][0].amount == Decimal("0.75")
    assert prices["us-east-1", "BoxUsage:a"][0].amount == Decimal("0.25")


def test_the_unit_that_most_is_paid_in_is_the_price_of_a_meter() -> None:
    prices = make_prices(paid(("EC2", "m", "Hrs", 1, 2), ("EC2", "m", "Requests", 100, 1)))
    (price,) = prices["us-east-1", "m"]
    assert (price.amount, price.unit) == (Decimal(2), "Hrs")


def test_services_that_call_their_meters_alike_keep_theirs_the_lowest_first() -> None:
    prices = make_prices(paid(("S3", "m", "GB", 10, 2), ("Logs", "m", "GB", 10, 1)))
    assert [price.service for price in prices["us-east-1", "m"]] == ["Logs", "S3"]


def test_what_has_no_quantity_or_costs_nothing_has_no_price() -> None:
    assert make_prices(paid(("EC2", "m", "Hrs", None, 2), ("EC2", "n", "Hrs", 5, 0))) == {}
