from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from opslib.aws.cost_tie_out import days_to_tie, read_tie_out
from opslib.coverage import CoverageStatus
from opslib.parameters import CostParameters
from opslib.tables.bill_controls import TIE_OUT
from opslib.tables.schema import check_table
from tests.analysis.cost.bills import make_bill, parameters, steady
from tests.aws.fakes import reads_with, refusal

DAYS = tuple(date(2025, 12, 1) + timedelta(days=n) for n in range(91))
BILL = make_bill(steady(DAYS[0], DAYS[-1]), days=DAYS)
EXPORT: dict[str, Any] = {"source": "export", "path": "s3://bills/cost"}


class Explorer:
    """Answers in two pages, one day and service each."""

    def __init__(self, unit: str = "USD", error: ClientError | None = None) -> None:
        self.asked: list[dict[str, Any]] = []
        self._unit, self._error = unit, error

    def get_cost_and_usage(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self._error:
            raise self._error
        second = "NextPageToken" in asked
        amounts = zip(asked["Metrics"], ("4", "3", "2", "1"), strict=True)
        metrics = {name: {"Amount": amount, "Unit": self._unit} for name, amount in amounts}
        day = {"Start": "2026-02-03", "End": "2026-02-04"}
        keys = ["Amazon EC2", "Tax" if second else "Usage"]
        page = {
            "ResultsByTime": [{"TimePeriod": day, "Groups": [{"Keys": keys, "Metrics": metrics}]}]
        }
        return page if second else {**page, "NextPageToken": "more"}


def read(folder: Path, explorer: Explorer, **values: Any) -> tuple[Any, tuple[date, ...], Any]:
    reads = reads_with(folder, {"ce": explorer}, **(EXPORT | values))
    told, days = read_tie_out(reads, reads.parameters, BILL)  # type: ignore[arg-type]
    return told, days, reads


def test_one_question_asks_for_all_four_amounts_of_every_service_and_kind(tmp_path: Path) -> None:
    explorer = Explorer()
    told, days, reads = read(tmp_path, explorer)
    first, second = explorer.asked
    assert second == {**first, "NextPageToken": "more"}
    assert first["TimePeriod"] == {"Start": "2026-01-23", "End": "2026-02-27"}
    assert [group["Key"] for group in first["GroupBy"]] == ["SERVICE", "RECORD_TYPE"]
    assert (first["Granularity"], "Filter" in first) == ("DAILY", False)
    assert (len(days), days[-1]) == (35, date(2026, 2, 26))
    assert len(check_table(told, TIE_OUT, "tie-out")) == 2
    row = told.set_index("RecordType").loc["Tax"]
    assert row[["BilledCost", "EffectiveCost", "NetBilledCost", "NetEffectiveCost"]].tolist() == [
        Decimal(4 - n) for n in range(4)
    ]
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


@pytest.mark.parametrize(
    "values",
    [{"tie_out": False}, {"path": "/bills/cost"}, {"source": "cost_explorer", "path": ""}],
)
def test_nobody_is_asked_without_need(tmp_path: Path, values: dict[str, Any]) -> None:
    explorer = Explorer()
    told, days, _ = read(tmp_path, explorer, **values)
    assert (told, days, explorer.asked) == (None, (), [])


def test_a_refusal_is_coverage(tmp_path: Path) -> None:
    told, days, reads = read(tmp_path, Explorer(error=refusal("AccessDeniedException")))
    assert (told, len(days)) == (None, 35)
    assert [(c.table, c.status) for c in reads.coverage] == [("tie-out", CoverageStatus.DENIED)]


def test_another_currency_is_not_compared(tmp_path: Path) -> None:
    told, _, reads = read(tmp_path, Explorer(unit="EUR"))
    assert told is None
    assert "it tells EUR, the bill is in USD" in reads.coverage[0].detail


@pytest.mark.parametrize(
    ("period", "length", "last"),
    [
        ("week", 35, date(2026, 2, 26)),
        ("3d", 35, date(2026, 2, 26)),
        ("30d", 60, date(2026, 2, 26)),
        ("month", 88, date(2026, 2, 26)),
    ],
)
def test_two_periods_of_settled_days_are_held(period: str, length: int, last: date) -> None:
    asked: CostParameters = parameters(period=period)
    days = days_to_tie(asked, DAYS)
    assert (len(days), days[-1]) == (length, last)
