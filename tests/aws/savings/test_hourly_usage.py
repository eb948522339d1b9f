"""Usage by the hour from exports on this machine: what counts, what lacks, what it costs to buy."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.savings.hourly_usage import read_backtest_tables
from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError
from opslib.parameters.savings import SavingsParameters
from opslib.tables.savings_hours import BILLIONTH, BacktestTables
from tests.aws.fakes import refusal
from tests.aws.model_clients import ModelConnection, model_reads
from tests.tables.exports import FOCUS_ROW, write_csv

EC2 = "Amazon Elastic Compute Cloud"
END = datetime(2026, 2, 27, tzinfo=UTC)
DAYS = 30


def row(hour: int, meter: str = "BoxUsage:m6i.large", **facts: Any) -> dict[str, str]:
    """Return a charge of an hour of the window."""
    start = END - timedelta(days=DAYS) + timedelta(hours=hour)
    told = {
        "BillingPeriodStart": f"{start:%Y-%m}-01T00:00:00Z",
        "ChargePeriodStart": f"{start:%Y-%m-%dT%H}:00:00Z",
        "ChargePeriodEnd": f"{start + timedelta(hours=1):%Y-%m-%dT%H}:00:00Z",
        "ServiceName": EC2,
        "RegionId": "us-east-1",
        "SkuMeter": meter,
        "BilledCost": "2",
        "EffectiveCost": "2",
        "x_Operation": "RunInstances",
    }
    return FOCUS_ROW | told | {name: str(value) for name, value in facts.items()}


def other(hour: int) -> dict[str, str]:
    return row(hour, "NatGateway-Hours", ServiceName="Amazon Virtual Private Cloud")


def parameters(path: Path, **values: Any) -> SavingsParameters:
    told = {
        "as_of": "2026-03-02T06:00:00Z",
        "hourly_path": str(path),
        "commitment_days": DAYS,
        **values,
    }
    return SavingsParameters.parse(told)


def rate(plan: str, meter: str, price: str, **facts: Any) -> dict[str, Any]:
    offering = {"planType": plan, "durationSeconds": 31_536_000, "paymentOption": "No Upfront"}
    named = {"region": "us-east-1", "instanceFamily": "m6i"}
    return {
        "savingsPlanOffering": offering | facts,
        "usageType": meter,
        "operation": "RunInstances",
        "rate": price,
        "properties": [{"name": name, "value": value} for name, value in named.items()],
    }


def read(
    tmp_path: Path, rows: list[dict[str, str]], answers: dict[str, Any], **values: Any
) -> tuple[BacktestTables, dict[str, Any], ModelConnection]:
    folder = tmp_path / "export"
    folder.mkdir()
    write_csv(folder / "hours.csv", rows)
    reads, asked = model_reads(tmp_path / "run", answers)
    tables = read_backtest_tables(reads, parameters(folder, **values))
    return tables, {line.table: line for line in reads.coverage}, asked


def plans(*pages: Any) -> dict[str, Any]:
    return {"savingsplans": {"DescribeSavingsPlansOfferingRates": list(pages)}}


def every_hour() -> list[dict[str, str]]:
    return [other(hour) for hour in range(DAYS * 24)]


def test_nothing_is_read_where_no_export_is_named(tmp_path: Path) -> None:
    reads, asked = model_reads(tmp_path, {})
    tables = read_backtest_tables(reads, SavingsParameters.parse({"as_of": "2026-03-02T06:00:00Z"}))
    assert tables.first is None
    assert (reads.coverage, asked.asked) == ((), [])


def test_hours_are_told_by_meter_and_whether_they_are_covered(tmp_path: Path) -> None:
    rows = [
        *every_hour(),
        row(0, PricingQuantity=2, EffectiveCost="0.2", BilledCost="0.2"),
        row(0, PricingQuantity=3, EffectiveCost="0.3", BilledCost="0.3", ResourceId="i-2"),
        row(0, PricingQuantity=1, EffectiveCost="0.07", BilledCost=0),
        row(1, "SpotUsage:m6i.large"),
        row(1, PricingQuantity=1, EffectiveCost=0, BilledCost=0),
        row(1, ServiceName="Amazon EMR"),
    ]
    tables, coverage, _ = read(tmp_path, rows, plans({"searchResults": []}))
    usage = tables.usage.sort_values("IsCovered")
    assert list(usage["Quantity"]) == [5 * BILLIONTH, BILLIONTH]
    assert list(usage["Cost"]) == [BILLIONTH // 2, 70_000_000]
    assert list(usage["IsCovered"]) == [False, True]
    assert set(usage["Operation"]) == {"RunInstances"}
    assert set(usage["Hour"]) == {pd.Timestamp(END - timedelta(days=DAYS))}
    assert coverage["hours of the bill"].status is CoverageStatus.COMPLETE
    assert tables.currency == "USD"


def test_an_hour_without_any_charge_is_named(tmp_path: Path) -> None:
    rows = [one for number, one in enumerate(every_hour()) if number not in {5, 6}]
    tables, coverage, _ = read(tmp_path, rows, {})
    line = coverage["hours of the bill"]
    assert (line.status, line.detail) == (
        CoverageStatus.PARTIAL,
        "2 hours of 720 without any charge",
    )
    assert len(tables.hours) == DAYS * 24 - 2


def test_a_promised_file_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    for month in ("2026-01", "2026-02"):
        data = folder / "data" / f"BILLING_PERIOD={month}"
        listed = folder / "metadata" / f"BILLING_PERIOD={month}"
        data.mkdir(parents=True)
        listed.mkdir(parents=True)
        files = [f"s3://b/{data.relative_to(tmp_path)}/{name}.csv" for name in ("1", "2")]
        (listed / "acme-Manifest.json").write_text(json.dumps({"dataFiles": files}))
        write_csv(data / "1.csv", [other(0) if month == "2026-01" else other(29 * 24)])
    write_csv(folder / "data" / "BILLING_PERIOD=2026-01" / "2.csv", [row(1)])
    reads, _ = model_reads(tmp_path / "run", plans({"searchResults": []}))
    tables = read_backtest_tables(reads, parameters(folder))
    assert [uri.rsplit("/", 2)[1:] for uri in tables.missing] == [
        ["BILLING_PERIOD=2026-02", "2.csv"]
    ]
    detail = {line.table: line.detail for line in reads.coverage}["hours of the bill"]
    assert "1 promised file missing" in detail


def test_two_currencies_need_one_to_be_chosen(tmp_path: Path) -> None:
    rows = [row(0), row(1, BillingCurrency="EUR")]
    with pytest.raises(ParameterError, match="mixes EUR, USD"):
        read(tmp_path, rows, {})


def test_rates_of_all_pages_for_the_terms_that_are_asked(tmp_path: Path) -> None:
    meter = "BoxUsage:m6i.large"
    first = {"searchResults": [rate("Compute", meter, "0.07")], "nextToken": "more"}
    second = {
        "searchResults": [
            rate("EC2Instance", meter, "0.06"),
            rate("Compute", meter, "0.05", durationSeconds=94_608_000),
        ]
    }
    tables, _, asked = read(tmp_path, [row(0)], plans(first, second), payment="no_upfront")
    told = list(tables.rates[["Plan", "Scope", "Years", "Rate"]].itertuples(index=False, name=None))
    assert told == [
        ("compute-savings-plan", "", 1, Decimal("0.07")),
        ("ec2-instance-savings-plan", "m6i us-east-1", 1, Decimal("0.06")),
    ]
    assert asked.asked[0][1]["usageTypes"] == [meter]
    assert asked.asked[1][1]["nextToken"] == "more"


def test_rates_that_are_refused_leave_a_gap(tmp_path: Path) -> None:
    refused = refusal("AccessDeniedException", "DescribeSavingsPlansOfferingRates")
    tables, coverage, _ = read(tmp_path, [row(0)], plans(refused))
    assert tables.rates.empty
    assert coverage["savings plan rates"].status is CoverageStatus.DENIED


def database(rate: float, product: str, **facts: Any) -> dict[str, Any]:
    told = {
        "DBInstanceClass": "db.r6g.8xlarge",
        "Duration": 31_536_000,
        "FixedPrice": 876.0,
        "UsagePrice": 0.0,
        "OfferingType": "Partial Upfront",
        "MultiAZ": False,
        "ProductDescription": product,
        "RecurringCharges": [{"RecurringChargeAmount": rate, "RecurringChargeFrequency": "Hourly"}],
    }
    return told | facts


def used_database() -> dict[str, str]:
    return row(0, "InstanceUsage:db.r6g.8xl", ServiceName="Amazon Relational Database Service")


def test_a_reservation_costs_what_is_upfront_spread_over_its_hours(tmp_path: Path) -> None:
    offers = [database(0.3, "postgresql"), database(0.5, "postgresql", MultiAZ=True)]
    answers = {
        "rds": {"DescribeReservedDBInstancesOfferings": {"ReservedDBInstancesOfferings": offers}}
    }
    tables, _, asked = read(tmp_path, [used_database()], answers, payment="partial_upfront")
    (told,) = tables.rates.to_dict("records")
    assert (told["Plan"], told["Scope"]) == ("reserved-db-instance", "db.r6g.8xlarge us-east-1")
    assert (told["Rate"], told["Upfront"]) == (Decimal("0.4"), Decimal("0.25"))
    assert asked.asked[0][1] == {"DBInstanceClass": "db.r6g.8xlarge"}


def test_engines_of_several_prices_have_no_rate(tmp_path: Path) -> None:
    offers = [database(0.3, "postgresql"), database(0.5, "oracle-se2(li)")]
    answers = {
        "rds": {"DescribeReservedDBInstancesOfferings": {"ReservedDBInstancesOfferings": offers}}
    }
    tables, _, _ = read(tmp_path, [used_database()], answers, payment="partial_upfront")
    assert tables.rates.empty
