from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.cost_explorer import read_cost_explorer_bill
from opslib.coverage import CoverageStatus
from opslib.errors import CredentialsError, TableError
from tests.aws.fakes import reads_with, refusal

DAYS = (date(2026, 2, 25), date(2026, 2, 26))
Answer = Callable[[dict[str, Any]], dict[str, Any]]


class FakeCostExplorer:
    def __init__(self, answer: Answer) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer

    def get_cost_and_usage(self, **asked: Any) -> dict[str, Any]:
        self.asked.append({**asked})
        return self._answer(asked)


def group(keys: list[str], cost: str, quantity: str = "0", unit: str = "N/A") -> dict[str, Any]:
    amount = {"Amount": cost, "Unit": "USD"}
    usage = {"Amount": quantity, "Unit": unit}
    return {
        "Keys": keys,
        "Metrics": {"UnblendedCost": amount, "AmortizedCost": amount, "UsageQuantity": usage},
    }


def page(day: date, groups: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    period = {"Start": str(day), "End": str(day)}
    return {"ResultsByTime": [{"TimePeriod": period, "Groups": groups}], **more}


def answer_all(asked: dict[str, Any]) -> dict[str, Any]:
    keys = [key["Key"] for key in asked["GroupBy"]]
    if keys == ["SERVICE", "USAGE_TYPE"]:
        if "NextPageToken" not in asked:
            first = group(["Amazon EC2", "BoxUsage"], "0.1", "24", "Hrs")
            return page(DAYS[0], [first], NextPageToken="2")
        return page(DAYS[1], [group(["Tax", "Tax"], "0.2")])
    if keys == ["LINKED_ACCOUNT", "SERVICE"]:
        names = [{"Value": "111111111111", "Attributes": {"description": "payer"}}]
        rows = [group(["111111111111", "Amazon EC2"], "0.3")]
        return page(DAYS[0], rows, DimensionValueAttributes=names)
    if keys == ["REGION", "RECORD_TYPE"]:
        rows = [
            group(["us-east-1", "Usage"], "0.1"),
            group(["us-east-1", "SavingsPlanCoveredUsage"], "0.1"),
            group(["NoRegion", "Tax"], "0.1"),
        ]
        return page(DAYS[0], rows)
    return page(DAYS[0], [group(["Project$", "Amazon EC2"], "0.1")])


def test_the_bill_is_read_page_by_page_and_exactly(tmp_path: Path) -> None:
    client = FakeCostExplorer(answer_all)
    reads = reads_with(tmp_path, {"ce": client})
    bill = read_cost_explorer_bill(reads, None, DAYS, ("Project",), "EffectiveCost")
    assert bill.currency == "USD"
    assert sum(bill.meters["BilledCost"]) == Decimal("0.3")
    assert bill.meters["PricingQuantity"].tolist() == [Decimal(24), None]
    assert bill.account_names == {"111111111111": "payer"}
    assert bill.tags["Project"]["TagValue"].tolist() == [""]
    assert len(client.asked) == 5
    assert client.asked[0]["TimePeriod"] == {"Start": "2026-02-25", "End": "2026-02-27"}


def test_record_types_of_one_charge_category_are_added_up(tmp_path: Path) -> None:
    reads = reads_with(tmp_path, {"ce": FakeCostExplorer(answer_all)})
    regions = read_cost_explorer_bill(reads, None, DAYS, (), "EffectiveCost").regions
    rows = {
        (row["RegionId"], row["ChargeCategory"]): row["BilledCost"]
        for row in regions.to_dict("records")
    }
    assert rows == {("us-east-1", "Usage"): Decimal("0.2"), ("", "Tax"): Decimal("0.1")}


def test_only_usage_is_asked_for_by_tag(tmp_path: Path) -> None:
    client = FakeCostExplorer(answer_all)
    read_cost_explorer_bill(
        reads_with(tmp_path, {"ce": client}), None, DAYS, ("Project",), "EffectiveCost"
    )
    assert "Tax" not in client.asked[-1]["Filter"]["Dimensions"]["Values"]
    assert all("Filter" not in asked for asked in client.asked[:-1])


def test_a_denied_tag_is_a_gap_and_the_rest_goes_on(tmp_path: Path) -> None:
    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["GroupBy"][0]["Type"] == "TAG":
            raise refusal("AccessDeniedException")
        return answer_all(asked)

    reads = reads_with(tmp_path, {"ce": FakeCostExplorer(answer)})
    bill = read_cost_explorer_bill(reads, None, DAYS, ("Project",), "EffectiveCost")
    assert "Project" not in bill.tags
    assert not bill.meters.empty
    (line,) = [line for line in reads.coverage if line.status.is_gap]
    assert (line.table, line.status) == ("costs by Project", CoverageStatus.DENIED)


def test_expired_credentials_end_the_run(tmp_path: Path) -> None:
    def answer(_: dict[str, Any]) -> dict[str, Any]:
        raise refusal("ExpiredTokenException")

    reads = reads_with(tmp_path, {"ce": FakeCostExplorer(answer)})
    with pytest.raises(CredentialsError, match="Log in again"):
        read_cost_explorer_bill(reads, None, DAYS, (), "EffectiveCost")


def test_two_currencies_are_refused(tmp_path: Path) -> None:
    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        answered = answer_all(asked)
        if asked["GroupBy"][0]["Key"] == "REGION":
            for row in answered["ResultsByTime"][0]["Groups"]:
                row["Metrics"]["UnblendedCost"] = {"Amount": "1", "Unit": "CNY"}
        return answered

    reads = reads_with(tmp_path, {"ce": FakeCostExplorer(answer)})
    with pytest.raises(TableError, match="CNY, USD"):
        read_cost_explorer_bill(reads, None, DAYS, (), "EffectiveCost")


def test_an_account_without_charges_gives_an_empty_bill(tmp_path: Path) -> None:
    reads = reads_with(tmp_path, {"ce": FakeCostExplorer(lambda _: page(DAYS[0], []))})
    bill = read_cost_explorer_bill(reads, None, DAYS, ("Project",), "EffectiveCost")
    assert bill.first_day is None
    assert bill.meters.empty
    assert bill.currency == ""


@pytest.mark.parametrize(("column", "covered"), [("BilledCost", False), ("EffectiveCost", True)])
def test_what_a_savings_plan_covers_has_no_billed_cost_of_its_own(
    tmp_path: Path,
    column: str,
    covered: bool,
) -> None:
    client = FakeCostExplorer(answer_all)
    reads = reads_with(tmp_path, {"ce": client})
    read_cost_explorer_bill(reads, None, DAYS, ("Project",), column)
    (records,) = [
        asked["Filter"]["Dimensions"]["Values"] for asked in client.asked if "Filter" in asked
    ]
    assert ("SavingsPlanCoveredUsage" in records) == covered
    assert "SavingsPlanNegation" not in records
