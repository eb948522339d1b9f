from __future__ import annotations

import json
from io import BytesIO

import pyarrow.parquet as pq
import pytest

from opslib.sandbox.damaged_export import DamagedExport, damage_export
from opslib.sandbox.export import PREFIX, export_periods, lay_out
from opslib.sandbox.scenario import DEFAULT_EPOCH, plan_scenario

TODAY = DEFAULT_EPOCH.date()
PERIODS = export_periods(plan_scenario("steady", 1).bill)
WHOLE = {key.removeprefix(PREFIX): content for key, content in lay_out(PERIODS, PREFIX)}


def damaged(name: str, seed: int) -> DamagedExport:
    return {one.name: one for one in damage_export(PERIODS, TODAY, seed)}[name]


def changed(export: DamagedExport) -> dict[str, bytes | None]:
    """Return the files that differ from the whole export's, None where they are gone."""
    files = {key.removeprefix(export.prefix): content for key, content in export.files()}
    data = {key: content for key, content in files.items() if key.endswith(".parquet")}
    whole = {key: content for key, content in WHOLE.items() if key.endswith(".parquet")}
    both = sorted(data.keys() | whole.keys())
    return {key: data.get(key) for key in both if data.get(key) != whole.get(key)}


def promised(export: DamagedExport) -> set[str]:
    return {
        uri.split(export.prefix, 1)[1]
        for key, content in export.files()
        if key.endswith(".json")
        for uri in json.loads(content)["dataFiles"]
    }


def test_the_missing_file_is_promised() -> None:
    export = damaged("missing", 3)
    ((lost, content),) = changed(export).items()
    assert content is None
    assert lost in promised(export)


def test_charges_come_twice_by_each_way() -> None:
    ways = set()
    for seed in range(30):
        export = damaged("duplicated", seed)
        ((again, content),) = changed(export).items()
        assert content is not None
        ways.add((again in promised(export), content in WHOLE.values()))
        assert export.harmless == (content in WHOLE.values())
    assert ways == {(True, True), (False, True), (True, False)}


@pytest.mark.parametrize("seed", range(3))
def test_one_account_is_booked_in_another_currency_from_a_month_on(seed: int) -> None:
    export = damaged("mixed", seed)
    tables = [pq.read_table(BytesIO(content)) for content in changed(export).values() if content]
    booked = {
        (owner, currency)
        for table in tables
        for owner, currency in zip(
            table["SubAccountId"].to_pylist(), table["BillingCurrency"].to_pylist(), strict=True
        )
    }
    others = {owner for owner, currency in booked if currency != "USD"}
    assert len(others) == 1
    assert len({currency for _, currency in booked}) == 2
    starts = {start for table in tables for start in table["BillingPeriodStart"].to_pylist()}
    months = {period.month for period in PERIODS if period.month >= min(starts).date()}
    assert {start.date() for start in starts} == months


def test_the_seed_moves_the_period_among_those_that_are_read() -> None:
    months = {key.split("=")[1][:7] for n in range(30) for key in changed(damaged("missing", n))}
    assert months == {"2025-11", "2025-12", "2026-01", "2026-02"}
    assert {damaged("missing", n).near for n in range(30)} == {True, False}


def test_a_new_account_has_nothing_to_damage() -> None:
    assert damage_export((), TODAY, 1) == ()
