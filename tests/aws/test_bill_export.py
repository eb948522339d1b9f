from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opslib.analysis.cost import CostReport, analyse_cost, plan_periods
from opslib.aws.bill import read_controlled_bill
from opslib.aws.export_files import list_export_files
from opslib.errors import ParameterError
from tests.analysis.cost.cost_tables import NO_CHANGES, tables_of
from tests.aws.fakes import reads_with


def report_on(folder: Path, **values: Any) -> CostReport:
    reads = reads_with(folder, source="export", **values)
    parameters = reads.parameters
    periods = plan_periods(parameters)  # type: ignore[arg-type]
    bill, controls = read_controlled_bill(reads, parameters, periods.days)  # type: ignore[arg-type]
    return analyse_cost(
        parameters,  # type: ignore[arg-type]
        periods,
        tables_of(bill, controls=controls),
        NO_CHANGES,
        reads.coverage,
    )


def test_a_real_cur_ties_out_and_is_too_short_to_compare(shared_data: Path, tmp_path: Path) -> None:
    report = report_on(
        tmp_path,
        path=str(shared_data / "billing" / "aws-cur-v1-anonymised.csv"),
        as_of="2023-11-15T00:00:00Z",
        settle_hours=0,
        period="14d",
        cost_basis="billed",
    )
    assert report.totals.amount == Decimal("1.6823086974")
    assert report.changes is None
    assert all(comparison.change is None for comparison in report.totals.comparisons)
    assert report.bill.resources is None
    assert report.bill.tags == {}


def test_a_real_focus_bill_ties_out_by_day(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "billing" / "focus-1.0-sample.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    september = sum(
        Decimal(row["BilledCost"]) for row in rows if row["ChargePeriodStart"] < "2024-10-01"
    )
    report = report_on(
        tmp_path,
        path=str(path),
        as_of="2024-10-01T00:00:00Z",
        settle_hours=0,
        period="30d",
        cost_basis="billed",
        tag_keys=["environment"],
    )
    assert report.totals.amount == september
    by_value = report.tags[0].by_value
    assert sum(by_value.values()) == report.tags[0].taggable
    assert {"dev", "prod"} & set(by_value)


def test_only_files_of_the_periods_asked_for_are_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    class FakeS3:
        def get_paginator(self, _: str) -> FakeS3:
            return self

        def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
            for month in ("2025-01", "2026-02", "2026-03"):
                key = f"focus/BILLING_PERIOD={month}/part.csv"
                yield {"Contents": [{"Key": key, "Size": 1, "ETag": '"e"'}]}
            yield {"Contents": [{"Key": "focus/manifest.json", "Size": 1, "ETag": '"e"'}]}

        def download_file(self, _: str, key: str, target: str) -> None:
            fetched.append(key)
            usage = "EC2" if "2026-02" in key else "Amazon S3"
            Path(target).write_text(
                "ProviderName,BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart,"
                "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,BilledCost,"
                "EffectiveCost\nAWS,1,1,USD,2026-02-01,2026-02-25,2026-02-26,Usage,"
                f"{usage},2,2\n"
            )

    facts: dict[str, Any] = {"history_days": 7, "tie_out": False}
    reads = reads_with(
        tmp_path, {"s3": FakeS3()}, source="export", path="s3://bills/focus/", **facts
    )
    days = tuple(date(2026, 2, 20) + timedelta(days=n) for n in range(10))
    bill, _ = read_controlled_bill(reads, reads.parameters, days)  # type: ignore[arg-type]
    assert fetched == [
        "focus/BILLING_PERIOD=2026-02/part.csv",
        "focus/BILLING_PERIOD=2026-03/part.csv",
    ]
    assert sum(bill.meters["BilledCost"]) == 4
    again = reads_with(tmp_path, {}, source="export", path="s3://bills/focus/", **facts)
    replayed, _ = read_controlled_bill(again, again.parameters, days)  # type: ignore[arg-type]
    assert replayed.meters.equals(bill.meters) or sum(replayed.meters["BilledCost"]) == 4


def test_several_exports_are_not_added_up(tmp_path: Path) -> None:
    for place in ("one/data/BILLING_PERIOD=2026-02", "two/data/BILLING_PERIOD=2026-02"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "cost-00001.csv").write_text("x\n1\n")
    with pytest.raises(ParameterError, match="several exports"):
        list_export_files(reads_with(tmp_path / "run"), None, str(tmp_path))


def test_a_version_for_each_period_is_one_export(tmp_path: Path) -> None:
    for place in ("data/BILLING_PERIOD=2026-01/run-1", "data/BILLING_PERIOD=2026-02/run-2"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "cost-00001.csv").write_text("x\n1\n")
    listing = list_export_files(reads_with(tmp_path / "run"), None, str(tmp_path))
    assert len(listing.files) == 2


def test_a_prefix_does_not_take_in_its_neighbours(tmp_path: Path) -> None:
    class Listing:
        def get_paginator(self, _: str) -> Listing:
            return self

        def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
            keys = ["exports/cost/data/a.parquet", "exports/cost-old/data/a.parquet"]
            found = [key for key in keys if key.startswith(Prefix)]
            assert Bucket == "bills"
            return [{"Contents": [{"Key": k, "Size": 1, "ETag": '"e"'} for k in found]}]

    reads = reads_with(tmp_path, {"s3": Listing()})
    files = list_export_files(reads, None, "s3://bills/exports/cost")
    assert [file.uri for file in files.files] == ["s3://bills/exports/cost/data/a.parquet"]
