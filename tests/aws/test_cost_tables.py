"""What a full cost report asks of Cost Explorer: each request costs 0.01 USD, and none is spare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from opslib.analysis.cost.periods import plan_periods
from opslib.aws.cost_tables import read_cost_tables
from opslib.parameters import CostParameters
from tests.aws.fakes import reads_with, refusal

CHARGE = {
    "ProviderName": "AWS",
    "BillingAccountId": "1" * 12,
    "SubAccountId": "1" * 12,
    "ServiceName": "Amazon EC2",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-02-01T00:00:00Z",
    "ChargePeriodStart": "2026-02-20T00:00:00Z",
    "ChargePeriodEnd": "2026-02-21T00:00:00Z",
    "ChargeCategory": "Usage",
    "BilledCost": "1",
    "EffectiveCost": "1",
}


class FakeCe:
    """Answers with a page that holds next to nothing, and notes what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def call(**asked: Any) -> dict[str, Any]:
            groups = " and ".join(group["Key"] for group in asked.get("GroupBy", []))
            self.asked.append(f"{operation} by {groups}" if groups else operation)
            return self._answer(operation)

        return call

    def _answer(self, operation: str) -> dict[str, Any]:
        if operation.endswith("utilization"):
            raise refusal("DataUnavailableException", operation)
        if operation == "get_cost_forecast":
            raise refusal("AccessDeniedException", operation)
        anomaly = {"AnomalyId": "a", "AnomalyStartDate": "2026-02-20", "Impact": {"MaxImpact": 1.0}}
        return {"ResultsByTime": [], "Anomalies": [anomaly]}


class NoPages:
    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return []


class Caller:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "1" * 12}


def asked_by(folder: Path, **values: Any) -> list[str]:
    ce = FakeCe()
    clients = {"ce": ce, "budgets": NoPages(), "elbv2": NoPages(), "sts": Caller()}
    reads = reads_with(folder / "run", clients, **values)
    parameters = CostParameters.parse(reads.parameters.model_dump())
    periods = plan_periods(parameters)
    read_cost_tables(reads, parameters, periods.days, periods.month_end)
    return sorted(ce.asked)


BESIDE_THE_BILL = [
    "get_anomalies",
    "get_cost_forecast",
    "get_reservation_utilization",
    "get_savings_plans_utilization",
]


def test_a_report_by_cost_explorer_asks_each_question_once(tmp_path: Path) -> None:
    assert asked_by(tmp_path) == sorted(
        [
            "get_cost_and_usage by SERVICE and USAGE_TYPE",
            "get_cost_and_usage by LINKED_ACCOUNT and SERVICE",
            "get_cost_and_usage by REGION and RECORD_TYPE",
            "get_cost_and_usage by Environment and SERVICE",
            "get_cost_and_usage by Project and SERVICE",
            *BESIDE_THE_BILL,
        ]
    )


def test_a_report_by_an_export_asks_what_the_export_cannot_tell(tmp_path: Path) -> None:
    rows = [",".join(CHARGE), ",".join(CHARGE.values())]
    (tmp_path / "bill.csv").write_text("\n".join(rows), encoding="utf-8")
    values = {"source": "export", "path": str(tmp_path / "bill.csv"), "tie_out": False}
    assert asked_by(tmp_path, **values) == BESIDE_THE_BILL
