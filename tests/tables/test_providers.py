from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from opslib.tables.bill import aggregate_bill
from opslib.tables.costs import Bill
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from tests.tables.exports import focus_row, write_csv

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def bill_of(engine: Engine, folder: Path, *rows: dict[str, str]) -> Bill:
    relation = open_bill(engine, [write_csv(folder / "a.csv", rows)])
    return aggregate_bill(engine, relation, days=MARCH, tag_keys=("Project",))


def test_services_of_one_name_stay_apart_by_provider(engine: Engine, tmp_path: Path) -> None:
    bill = bill_of(
        engine,
        tmp_path,
        focus_row(ServiceName="Storage", ProviderName="Microsoft", BilledCost="2"),
        focus_row(ServiceName="Storage", ProviderName="Oracle", BilledCost="3"),
        focus_row(ServiceName="Storage", ProviderName="Oracle", BilledCost="4"),
        focus_row(ServiceName="COMPUTE", ProviderName="Oracle", BilledCost="5"),
    )
    expected = {"COMPUTE": 5, "Storage (Microsoft)": 2, "Storage (Oracle)": 7}
    for frame in (bill.meters, bill.accounts, bill.places, bill.providers, bill.resources):
        assert frame is not None
        found = zip(frame["ServiceName"], frame["BilledCost"], strict=True)
        assert dict(found) == {name: Decimal(cost) for name, cost in expected.items()}


@pytest.mark.parametrize("providers", [("AWS", "AWS"), ("AWS", "")])
def test_a_name_of_one_provider_stays_as_it_is(
    engine: Engine, tmp_path: Path, providers: tuple[str, str]
) -> None:
    rows = [focus_row(ProviderName=name) for name in providers]
    bill = bill_of(engine, tmp_path, *rows)
    assert bill.accounts["ServiceName"].tolist() == ["Amazon EC2"]


def test_each_provider_names_its_accounts_and_regions(engine: Engine, tmp_path: Path) -> None:
    oracle = focus_row(
        ProviderName="Oracle",
        SubAccountId="ocid1.tenancy..x",
        SubAccountName="cloudnative",
        RegionId="",
        RegionName="us-sanjose-1",
    )
    bill = bill_of(engine, tmp_path, focus_row(RegionName="EU (Ireland)"), oracle)
    assert bill.account_names == {
        "222222222222": "production",
        "ocid1.tenancy..x": "cloudnative",
    }
    assert sorted(set(bill.regions["RegionId"])) == ["eu-west-1", "us-sanjose-1"]
