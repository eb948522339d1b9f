"""An export on disk, damaged: the report says so and concludes nothing from it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from opslib.analysis.cost import CostReport
from opslib.findings import Verdict
from tests.aws.test_bill_export import report_on
from tests.tables.exports import focus_row, write_csv

FEBRUARY = "cost/data/BILLING_PERIOD=2026-02"


def rows(day_of_first: int = 1, days: int = 28, **facts: str) -> list[dict[str, str]]:
    """Return a charge of two resources a day in February."""
    return [
        focus_row(
            **{
                "ChargePeriodStart": f"2026-02-{day:02}T00:00:00Z",
                "ChargePeriodEnd": f"2026-02-{day:02}T01:00:00Z",
                "BillingPeriodStart": "2026-02-01T00:00:00Z",
                "ResourceId": f"i-{number}",
                **facts,
            }
        )
        for day in range(day_of_first, day_of_first + days)
        for number in range(2)
    ]


def write_export(
    folder: Path, files: dict[str, Sequence[dict[str, str]]], promised: Sequence[str] | None = None
) -> Path:
    for name, lines in files.items():
        place = folder / FEBRUARY / name
        place.parent.mkdir(parents=True, exist_ok=True)
        write_csv(place, lines)
    if promised is not None:
        manifest = folder / "cost/metadata/BILLING_PERIOD=2026-02/cost-Manifest.json"
        manifest.parent.mkdir(parents=True)
        uris = [f"s3://bills/{FEBRUARY}/{name}" for name in promised]
        manifest.write_text(json.dumps({"dataFiles": uris}))
    return folder


def report(tmp_path: Path, folder: Path, **values: Any) -> CostReport:
    return report_on(tmp_path / "run", path=str(folder), history_days=14, **values)


def verdict_of(told: CostReport, name: str) -> Verdict | None:
    return {control.name: control.verdict for control in told.controls}[name]


def kinds(told: CostReport) -> set[str]:
    return {finding.kind for finding in told.findings}


def test_an_export_that_keeps_its_promises_passes(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "e", {"a.csv": rows()}, ["a.csv"])
    told = report(tmp_path, folder)
    assert told.conclusions[0].verdict is Verdict.PASS
    assert verdict_of(told, "Files promised") is Verdict.PASS
    assert verdict_of(told, "Sums of Cost Explorer") is None
    assert told.totals.amount == 14


def test_a_missing_file_leaves_nothing_to_compare(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "e", {"a.csv": rows()}, ["a.csv", "b.csv"])
    told = report(tmp_path, folder)
    assert "cost.missing_files" in kinds(told)
    assert all(c.verdict is Verdict.INCONCLUSIVE for c in told.conclusions)
    assert told.changes is None
    assert "b.csv" in told.conclusions[0].because[0]
    assert not [kind for kind in kinds(told) if "untagged" in kind]


def test_no_manifest_is_said_and_not_held_against_the_bill(tmp_path: Path) -> None:
    told = report(tmp_path, write_export(tmp_path / "e", {"a.csv": rows()}))
    assert told.conclusions[0].verdict is Verdict.PASS
    control = next(c for c in told.controls if c.name == "Files promised")
    assert (control.verdict, "no manifest" in control.said) == (None, True)


def test_an_unreadable_manifest_is_no_promise(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "e", {"a.csv": rows()}, ["a.csv"])
    next(folder.rglob("*-Manifest.json")).write_text("{")
    told = report(tmp_path, folder)
    assert "cost.unread_manifest" in kinds(told)
    assert told.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert told.totals.amount == 14


def test_two_versions_are_not_added_up(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "e", {"aaa/c.csv": rows(), "bbb/c.csv": rows(BilledCost="3")})
    told = report(tmp_path, folder)
    assert told.totals.amount == 14
    assert "cost.rival_versions" in kinds(told)
    assert told.conclusions[0].verdict is Verdict.INCONCLUSIVE
    assert told.changes is None


@pytest.mark.parametrize("again", ["b.csv", "a.csv.gz"])
def test_a_file_that_is_there_twice_counts_once(tmp_path: Path, again: str) -> None:
    folder = write_export(tmp_path / "e", {"a.csv": rows()})
    content = (folder / FEBRUARY / "a.csv").read_bytes()
    packed = gzip.compress(content) if again.endswith(".gz") else content
    (folder / FEBRUARY / again).write_bytes(packed)
    told = report(tmp_path, folder)
    assert told.totals.amount == 14
    assert "cost.repeated_files" in kinds(told)
    assert told.conclusions[0].verdict is Verdict.PASS


def test_a_file_packed_with_another_content_is_a_rival(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "e", {"a.csv": rows()})
    other = write_csv(tmp_path / "other.csv", rows(EffectiveCost="9")).read_bytes()
    (folder / FEBRUARY / "a.csv.gz").write_bytes(gzip.compress(other))
    told = report(tmp_path, folder)
    assert told.totals.amount == 14
    assert "cost.rival_versions" in kinds(told)
    assert told.conclusions[0].verdict is Verdict.INCONCLUSIVE


def test_charges_that_stand_in_two_files_put_their_days_in_doubt(tmp_path: Path) -> None:
    again = [*rows(20, 3)[::-1], *rows(25, 1, ResourceId="i-9")]
    folder = write_export(tmp_path / "e", {"a.csv": rows(), "b.csv": again}, ["a.csv", "b.csv"])
    told = report(tmp_path, folder)
    (finding,) = [f for f in told.findings if f.kind == "cost.duplicate_charges"]
    assert "6 charges ($6.00)" in finding.sentence
    assert told.conclusions[0].verdict is Verdict.INCONCLUSIVE
    (control,) = [c for c in told.controls if c.name == "Charges in two files"]
    assert [day.day for day in control.doubtful] == [20, 21, 22]
    assert told.changes is None


def test_another_currency_is_left_out_and_told(tmp_path: Path) -> None:
    euros = rows(18, 4, BillingCurrency="EUR", SubAccountId="999999999999", EffectiveCost="0.5")
    folder = write_export(tmp_path / "e", {"a.csv": [*rows(), *euros]}, ["a.csv"])
    told = report(tmp_path, folder)
    assert told.currency == "USD"
    assert told.totals.amount == 14
    (finding,) = [f for f in told.findings if f.kind == "cost.mixed_currencies"]
    assert "€4.00 in 8 charges of AWS 999999999999" in finding.sentence
    assert told.conclusions[0].verdict is Verdict.INCONCLUSIVE
    asked = report(tmp_path / "asked", folder, currency="USD")
    assert asked.conclusions[0].verdict is Verdict.PASS
    assert "€4.00" in next(c.said for c in asked.controls if c.name == "Currency")
