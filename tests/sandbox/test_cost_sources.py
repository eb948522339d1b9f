"""What the export, Cost Explorer and CloudWatch say of one account fits together."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opslib.sandbox.estate import PRODUCTION, STAGING
from opslib.sandbox.export import PREFIX, export_periods, lay_out
from opslib.sandbox.scenario import plan_scenario
from opslib.sandbox.shop import ALB
from tests.sandbox.answers import ask, ask_all, by_dimension

FIRST, END = date(2025, 12, 1), date(2026, 3, 2)
DECIMALS = Decimal("1e-10")
Sums = dict[tuple[date, str], tuple[Decimal, Decimal]]


def by_export(name: str, seed: int) -> Sums:
    """Return billed and effective cost by day and service, as the export's files sum to."""
    files = [
        pq.read_table(BytesIO(content))
        for key, content in lay_out(export_periods(plan_scenario(name, seed).bill), PREFIX)
        if key.endswith(".parquet")
    ]
    sums: dict[tuple[date, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    columns = ("ChargePeriodStart", "ServiceName", "BilledCost", "EffectiveCost")
    for row in pa.concat_tables(files).select(columns).to_pylist():
        day = row["ChargePeriodStart"].date()
        if FIRST <= day < END:
            held = sums[day, row["ServiceName"]]
            held[0] += Decimal(repr(row["BilledCost"])).quantize(DECIMALS)
            held[1] += Decimal(repr(row["EffectiveCost"])).quantize(DECIMALS)
    return {key: (held[0], held[1]) for key, held in sums.items()}


def by_cost_explorer(name: str, seed: int) -> Sums:
    """Return the same as Cost Explorer's groups of service and kind of charge sum to."""
    pages = ask_all(
        "ce",
        "GetCostAndUsage",
        "NextPageToken",
        scenario=name,
        seed=seed,
        TimePeriod={"Start": str(FIRST), "End": str(END)},
        Granularity="DAILY",
        Metrics=["UnblendedCost", "AmortizedCost"],
        GroupBy=by_dimension("SERVICE", "RECORD_TYPE"),
    )
    sums: dict[tuple[date, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for result in (result for page in pages for result in page["ResultsByTime"]):
        day = date.fromisoformat(result["TimePeriod"]["Start"])
        for group in result["Groups"]:
            held = sums[day, group["Keys"][0]]
            for place, metric in enumerate(("UnblendedCost", "AmortizedCost")):
                held[place] += Decimal(group["Metrics"][metric]["Amount"])
    return {key: (held[0], held[1]) for key, held in sums.items()}


@pytest.mark.parametrize(
    ("name", "seed"), [("steady", 1), ("troubled", 0), ("troubled", 2), ("denied", 1)]
)
def test_both_sources_sum_to_the_same_by_day_and_service(name: str, seed: int) -> None:
    export, explorer = by_export(name, seed), by_cost_explorer(name, seed)
    assert set(export) == set(explorer)
    assert len({day for day, _ in export}) == (END - FIRST).days
    apart = {
        key: (told, explorer[key])
        for key, told in export.items()
        if any(abs(a - b) > Decimal("0.00001") for a, b in zip(told, explorer[key], strict=True))
    }
    assert apart == {}


def requests(account: str) -> dict[str, Any]:
    dimensions = [{"Name": "LoadBalancer", "Value": ALB}]
    metric = {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount"}
    stat = {"Metric": {**metric, "Dimensions": dimensions}, "Period": 86_400, "Stat": "Sum"}
    answer = ask(
        "cloudwatch",
        "GetMetricData",
        account=account,
        scenario="troubled",
        StartTime=datetime(2025, 11, 20, tzinfo=UTC),
        EndTime=datetime(2026, 3, 2, tzinfo=UTC),
        ScanBy="TimestampAscending",
        MetricDataQueries=[{"Id": "requests", "MetricStat": stat}],
    )
    told: dict[str, Any] = answer["MetricDataResults"][0]
    return told


def test_requests_are_counted_for_every_day_that_a_report_compares_with() -> None:
    told = requests(PRODUCTION)
    moments = [datetime.fromtimestamp(at, UTC) for at in told["Timestamps"]]
    counted = dict(zip(moments, told["Values"], strict=True))
    assert len(counted) == 102
    weekend = [count for at, count in counted.items() if at.weekday() >= 5]
    weekdays = [count for at, count in counted.items() if at.weekday() < 5]
    assert max(weekend) < min(weekdays)
    assert min(weekend) > 0.7 * max(weekdays)


def test_staging_gets_a_twentieth_of_the_requests() -> None:
    share = sum(requests(STAGING)["Values"]) / sum(requests(PRODUCTION)["Values"])
    assert 0.04 < share < 0.06
