from __future__ import annotations

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.money import total
from opslib.tables.aggregation import (
    account_names,
    charges_of,
    counted_charges,
    daily_costs,
)
from opslib.tables.costs import Breakdown, check_costs
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from tests.tables.exports import focus_row, write_csv

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
Row = tuple[Any, ...]


def costs(
    engine: Engine,
    folder: Path,
    rows: list[dict[str, str]],
    breakdown: Breakdown,
    tag_key: str = "Project",
    days: tuple[date, date] = MARCH,
) -> list[Row]:
    bill = open_bill(engine, [write_csv(folder / "a.csv", rows)])
    kept = charges_of(bill, days=days, tag_keys=(tag_key,))
    charges = counted_charges(kept, days=days, currency="USD")
    frame = check_costs(engine.run(daily_costs(charges, breakdown, tag_key)), breakdown)
    return [tuple(row) for row in frame.itertuples(index=False)]


DAY = date(2026, 3, 2)


def test_meters_add_up_within_a_day_and_unit(engine: Engine, tmp_path: Path) -> None:
    rows = [
        focus_row(PricingQuantity="2", BilledCost="0.1", EffectiveCost="0.01"),
        focus_row(PricingQuantity="3", BilledCost="0.2", EffectiveCost="0.02"),
        focus_row(PricingUnit="Seconds", PricingQuantity="7"),
    ]
    hours, seconds = costs(engine, tmp_path, rows, Breakdown.METER)
    meter = ("Amazon EC2", "EU-BoxUsage:m5.large")
    assert hours == (DAY, *meter, "Hrs", Decimal(5), Decimal("0.3"), Decimal("0.03"))
    assert seconds == (DAY, *meter, "Seconds", Decimal(7), Decimal(2), Decimal(1))


def test_a_meter_without_a_name_takes_sku_then_description(engine: Engine, tmp_path: Path) -> None:
    rows = [
        focus_row(SkuMeter="m", SkuId="s", ChargeDescription="d"),
        focus_row(SkuMeter="", SkuId="s", ChargeDescription="d"),
        focus_row(SkuMeter="", SkuId="", ChargeDescription="d"),
        focus_row(SkuMeter="", SkuId="", ChargeDescription=""),
    ]
    found = costs(engine, tmp_path, rows, Breakdown.METER)
    assert [row[2] for row in found] == ["", "d", "m", "s"]


def test_a_group_without_any_quantity_has_none(engine: Engine, tmp_path: Path) -> None:
    rows = [focus_row(PricingQuantity="", PricingUnit="", ChargeCategory="Tax")]
    ((*_, unit, quantity, _, _),) = costs(engine, tmp_path, rows, Breakdown.METER)
    assert (unit, quantity) == ("", None)


@pytest.mark.parametrize("breakdown", [Breakdown.ACCOUNT, Breakdown.REGION, Breakdown.TAG])
def test_quantities_of_several_units_are_not_added(
    engine: Engine, tmp_path: Path, breakdown: Breakdown
) -> None:
    rows = [focus_row(), focus_row(PricingUnit="GB")]
    ((*_, quantity, billed, _),) = costs(engine, tmp_path, rows, breakdown)
    assert (quantity, billed) == (None, Decimal(4))


def test_regions_are_told_apart_by_category_and_unknown_ones_have_no_name(
    engine: Engine, tmp_path: Path
) -> None:
    rows = [
        focus_row(),
        focus_row(ChargeCategory="Credit", BilledCost="-1"),
        focus_row(RegionId=""),
        focus_row(RegionId="global"),
    ]
    found = costs(engine, tmp_path, rows, Breakdown.REGION)
    assert [row[1:3] for row in found] == [
        ("", "Usage"),
        ("eu-west-1", "Credit"),
        ("eu-west-1", "Usage"),
    ]


@pytest.mark.parametrize(
    ("tags", "value"),
    [
        ('{"Project": "web"}', "web"),
        ('{"user:Project": "web"}', "web"),
        ('{"user_project": "web"}', "web"),
        ('{"user_project": "api", "Project": "web"}', "web"),
        ('{"user_project": "api", "user:Project": "web"}', "web"),
        ('{"Project": ""}', ""),
        ('{"Project": null}', ""),
        ('{"project": "web"}', ""),
        ('{"aws:Project": "web"}', ""),
        ("{}", ""),
        ("", ""),
    ],
)
def test_a_tag_is_found_in_the_spellings_of_exports_and_no_other(
    engine: Engine, tmp_path: Path, tags: str, value: str
) -> None:
    ((_, found, *_),) = costs(engine, tmp_path, [focus_row(Tags=tags)], Breakdown.TAG)
    assert found == value


@pytest.mark.parametrize("written", ["aws:createdBy", "aws_created_by"])
def test_a_tag_that_aws_sets_is_asked_for_with_its_prefix(
    engine: Engine, tmp_path: Path, written: str
) -> None:
    rows = [focus_row(Tags=f'{{"{written}": "Root"}}')]
    ((_, found, *_),) = costs(engine, tmp_path, rows, Breakdown.TAG, "aws:createdBy")
    assert found == "Root"


def test_what_cannot_be_tagged_is_not_untagged(engine: Engine, tmp_path: Path) -> None:
    rows = [
        focus_row(Tags="", BilledCost="1", ResourceId=""),
        focus_row(Tags="", BilledCost="2"),
        focus_row(Tags="", BilledCost="4", ChargeCategory="Tax"),
        focus_row(BilledCost="8"),
    ]
    tagged = costs(engine, tmp_path, rows, Breakdown.TAG)
    assert [(row[1], row[-2]) for row in tagged] == [("", Decimal(3)), ("web", Decimal(8))]
    untagged = costs(engine, tmp_path, rows, Breakdown.UNTAGGED)
    assert [(row[3], row[-2]) for row in untagged] == [("", Decimal(1)), ("i-1", Decimal(2))]


def test_resources_leave_out_what_names_none(engine: Engine, tmp_path: Path) -> None:
    rows = [focus_row(), focus_row(ResourceId="")]
    ((*names, quantity, billed, _),) = costs(engine, tmp_path, rows, Breakdown.RESOURCE)
    assert names[-1] == "i-1"
    assert (quantity, billed) == (Decimal(2), Decimal(2))


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2026-02-28T23:59:59Z", None),
        ("2026-03-01T00:00:00Z", date(2026, 3, 1)),
        ("2026-02-28T19:00:00-05:00", date(2026, 3, 1)),
        ("2026-03-29T01:30:00+01:00", date(2026, 3, 29)),
        ("2026-03-31T23:59:59.999Z", date(2026, 3, 31)),
        ("2026-04-01T00:00:00Z", None),
    ],
)
def test_a_charge_counts_on_the_utc_day_that_it_begins(
    engine: Engine, tmp_path: Path, start: str, day: date | None
) -> None:
    found = costs(engine, tmp_path, [focus_row(ChargePeriodStart=start)], Breakdown.ACCOUNT)
    assert [row[0] for row in found] == ([] if day is None else [day])


def test_charges_in_another_currency_are_left_out(engine: Engine, tmp_path: Path) -> None:
    rows = [focus_row(), focus_row(BillingCurrency="EUR")]
    ((*_, billed, _),) = costs(engine, tmp_path, rows, Breakdown.ACCOUNT)
    assert billed == Decimal(2)


def test_an_account_has_its_latest_name(engine: Engine, tmp_path: Path) -> None:
    rows = [
        focus_row(SubAccountName="new", ChargePeriodStart="2026-03-03T00:00:00Z"),
        focus_row(SubAccountName="old"),
        focus_row(SubAccountId="333333333333", SubAccountName=""),
    ]
    bill = open_bill(engine, [write_csv(tmp_path / "a.csv", rows)])
    names = engine.run(account_names(charges_of(bill, days=MARCH, tag_keys=())))
    assert dict(names.itertuples(index=False)) == {"222222222222": "new"}


few = st.sampled_from
charge = st.builds(
    focus_row,
    ProviderName=few(["AWS", "Microsoft"]),
    ServiceName=few(["Amazon EC2", "Amazon S3", ""]),
    SkuMeter=few(["BoxUsage", "boxusage", ""]),
    PricingUnit=few(["Hrs", "GB", ""]),
    SubAccountId=few(["222222222222", "333333333333", ""]),
    RegionId=few(["eu-west-1", "us-east-1", "global", ""]),
    ResourceId=few(["i-1", "i-2", ""]),
    ChargeCategory=few(["Usage", "Purchase", "Tax", "Credit", "Adjustment"]),
    Tags=few(['{"Project": "web"}', '{"Project": ""}', '{"user:Project": "api"}', ""]),
    ChargePeriodStart=st.integers(0, 40).map(
        lambda days: f"{date(2026, 2, 25) + timedelta(days=days)}T07:00:00Z"
    ),
    BilledCost=st.decimals(-(10**6), 10**6, places=18).map(str),
    EffectiveCost=st.decimals(-(10**6), 10**6, places=12).map(str),
)


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(charge, min_size=1, max_size=30))
def test_every_breakdown_sums_exactly_to_the_charges_it_is_about(
    rows: list[dict[str, str]],
) -> None:
    inside = [row for row in rows if "2026-03-01" <= row["ChargePeriodStart"][:10] <= "2026-03-31"]
    usage = [row for row in inside if row["ChargeCategory"] == "Usage"]
    about = {
        Breakdown.METER: inside,
        Breakdown.ACCOUNT: inside,
        Breakdown.REGION: inside,
        Breakdown.PLACE: inside,
        Breakdown.PROVIDER: inside,
        Breakdown.TAG: usage,
        Breakdown.RESOURCE: [row for row in inside if row["ResourceId"]],
        Breakdown.UNTAGGED: [row for row in usage if row["Tags"] in {"", '{"Project": ""}'}],
    }
    with tempfile.TemporaryDirectory() as folder, Engine(threads=1) as engine:
        bill = open_bill(engine, [write_csv(Path(folder) / "a.csv", rows)])
        charges = engine.keep(charges_of(bill, days=MARCH, tag_keys=("Project",)))
        kept = counted_charges(charges, days=MARCH, currency="USD")
        for breakdown, counted in about.items():
            found = check_costs(engine.run(daily_costs(kept, breakdown, "Project")), breakdown)
            for column in ("BilledCost", "EffectiveCost"):
                assert total(found[column]) == sum(Decimal(row[column]) for row in counted)
