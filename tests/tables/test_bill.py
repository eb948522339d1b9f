from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

from opslib.errors import TableError
from opslib.tables.aggregation import charges_of, daily_costs
from opslib.tables.bill import BillExtent, aggregate_bill, describe_bill
from opslib.tables.costs import Bill, Breakdown
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from tests.tables.exports import cur_row, focus_row, write_csv

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def bill_of(engine: Engine, folder: Path, rows: list[dict[str, str]], **options: Any) -> Bill:
    relation = open_bill(engine, [write_csv(folder / "a.csv", rows)])
    asked: dict[str, Any] = {"days": MARCH, "tag_keys": ("Project",), **options}
    return aggregate_bill(engine, relation, **asked)


def test_an_extent_counts_what_the_export_holds(engine: Engine, tmp_path: Path) -> None:
    rows = [
        focus_row(),
        focus_row(BillingCurrency="EUR", ChargePeriodStart="2026-01-31T23:00:00Z", Tags="{}"),
        focus_row(BillingAccountId="9", ProviderName="Oracle", ResourceId="", EffectiveCost=""),
    ]
    relation = open_bill(engine, [write_csv(tmp_path / "a.csv", rows)])
    assert describe_bill(engine, charges_of(relation, days=MARCH, tag_keys=())) == BillExtent(
        rows=3,
        first_day=date(2026, 1, 31),
        last_day=date(2026, 3, 2),
        currencies={"USD": 2, "EUR": 1},
        billing_accounts={"111111111111": 2, "9": 1},
        providers={"AWS": 2, "Oracle": 1},
        nulls={"EffectiveCost": 1},
        with_resource=2,
        with_tags=2,
    )


def test_a_bill_holds_every_breakdown(engine: Engine, tmp_path: Path) -> None:
    rows = [focus_row(), focus_row(ResourceId="i-2", Tags="")]
    bill = bill_of(engine, tmp_path, rows, tag_keys=("Project", "Project", "Environment"))
    assert (bill.source, bill.currency) == ("export", "USD")
    assert bill.meters["BilledCost"].tolist() == [Decimal(4)]
    assert bill.accounts["EffectiveCost"].tolist() == [Decimal(2)]
    assert bill.regions["RegionId"].tolist() == ["eu-west-1"]
    assert bill.tags["Project"]["TagValue"].tolist() == ["", "web"]
    assert bill.tags["Environment"]["TagValue"].tolist() == [""]
    assert bill.untagged["Project"]["ResourceId"].tolist() == ["i-2"]
    assert bill.resources is not None
    assert bill.resources["ResourceId"].tolist() == ["i-1", "i-2"]
    assert bill.account_names == {"222222222222": "production"}
    assert (len(bill.days), bill.first_day, bill.last_day) == (
        31,
        date(2026, 3, 2),
        date(2026, 3, 2),
    )


def test_days_without_charges_give_empty_tables_but_tell_where_charges_are(
    engine: Engine, tmp_path: Path
) -> None:
    day = date(2026, 5, 1)
    bill = bill_of(engine, tmp_path, [focus_row()], days=(day, day))
    assert bill.meters.empty
    assert bill.tags["Project"].empty
    assert bill.first_day == date(2026, 3, 2)


def test_an_export_without_charges_is_an_empty_bill(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(",".join(focus_row()) + "\n", encoding="utf-8")
    bill = aggregate_bill(engine, open_bill(engine, [file]), days=MARCH, tag_keys=("Project",))
    assert (bill.currency, bill.first_day, bill.resources) == ("", None, None)
    assert bill.meters.empty


def test_an_export_that_knows_no_tag_and_no_resource_claims_nothing_untagged(
    engine: Engine, tmp_path: Path
) -> None:
    bill = bill_of(engine, tmp_path, [cur_row({"lineItem/ResourceId": ""})])
    assert (bill.tags, bill.untagged, bill.resources) == ({}, {}, None)


def test_of_mixed_currencies_that_of_most_charges_is_reported_unless_one_is_chosen(
    engine: Engine, tmp_path: Path
) -> None:
    rows = [focus_row(), focus_row(), focus_row(BillingCurrency="EUR", BilledCost="9")]
    main = bill_of(engine, tmp_path, rows)
    assert (main.currency, main.meters["BilledCost"].tolist()) == ("USD", [Decimal(4)])
    chosen = bill_of(engine, tmp_path, rows, currency="EUR")
    assert chosen.currency == "EUR"
    assert chosen.meters["BilledCost"].tolist() == [Decimal(9)]


def test_a_currency_that_no_charge_has_is_an_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no charge is in EUR; the bill has USD \(1 rows\)"):
        bill_of(engine, tmp_path, [focus_row()], currency="EUR")


@pytest.mark.parametrize(
    "column",
    ["BillingCurrency", "ChargePeriodStart", "ChargeCategory", "BilledCost", "EffectiveCost"],
)
def test_a_charge_that_cannot_be_counted_is_an_error(
    engine: Engine, tmp_path: Path, column: str
) -> None:
    with pytest.raises(TableError, match=rf"missing: {column} in 1 of 2 rows"):
        bill_of(engine, tmp_path, [focus_row(), focus_row(**{column: ""})])


def test_a_saving_that_the_report_does_not_tell_is_an_error_and_not_free(
    engine: Engine, tmp_path: Path
) -> None:
    with pytest.raises(TableError, match=r"EffectiveCost in 1 of 1 rows"):
        bill_of(engine, tmp_path, [cur_row({"lineItem/LineItemType": "DiscountedUsage"})])


def test_breakdowns_that_disagree_are_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(charges: ir.Table, breakdown: Breakdown, tag_key: str = "") -> ir.Table:
        costs = daily_costs(charges, breakdown, tag_key)
        return costs.limit(1) if breakdown is Breakdown.REGION else costs

    monkeypatch.setattr("opslib.tables.bill.daily_costs", forgetful)
    rows = [focus_row(), focus_row(RegionId="us-east-1")]
    with pytest.raises(TableError, match=r"BilledCost does not sum to one total: meters 4.*ons 2"):
        bill_of(engine, tmp_path, rows)
