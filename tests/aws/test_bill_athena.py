"""The bill by an Athena table, against the same bill by its files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.bill_athena import read_athena_bill
from opslib.aws.bill_export import read_export_bill
from opslib.aws.reads import Reads
from opslib.errors import ParameterError
from opslib.run_folder import RunFolder
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.tables.costs import Bill
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with

LAST = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = TimeWindow(start=LAST - timedelta(days=30), end=LAST + timedelta(days=1)).days
OPTIONS: dict[str, Any] = {"tag_keys": ("Environment", "Project"), "currency": ""}
TABLE, EXPORT = "default.focus", "s3://acme-billing-export/focus"
FRAMES = ("meters", "accounts", "regions", "places", "providers", "resources")


@pytest.fixture(scope="module", params=["steady", "troubled", "denied", "empty"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    with running_sandbox(scenario=request.param, seed=1) as running:
        yield running


@pytest.fixture
def reads(sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reads:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    return reads_with(tmp_path / "run")


def tables_of(bill: Bill) -> dict[str, pd.DataFrame]:
    named = {name: getattr(bill, name) for name in FRAMES}
    tags = {f"tag {key}": frame for key, frame in bill.tags.items()}
    return named | tags | {f"untagged {key}": frame for key, frame in bill.untagged.items()}


@pytest.mark.slow
def test_athena_gives_the_tables_of_the_files(reads: Reads) -> None:
    asked, controls = read_athena_bill(reads, None, TABLE, DAYS, **OPTIONS)
    if reads.coverage[0].status.is_gap:
        assert asked.meters.empty
        assert all("Entity Not Found" in line.detail for line in reads.coverage)
        return
    files = read_export_bill(reads, None, EXPORT, DAYS, **OPTIONS)
    ours, theirs = tables_of(asked), tables_of(files)
    assert ours.keys() == theirs.keys()
    assert len(asked.meters) > 500
    assert controls.files is None
    assert controls.currencies.empty
    for name, frame in ours.items():
        pd.testing.assert_frame_equal(frame, theirs[name])
    for name in ("currency", "account_names", "billing_accounts", "first_day", "last_day"):
        assert getattr(asked, name) == getattr(files, name)


@pytest.mark.slow
def test_one_query_is_paid_by_the_bytes_that_it_scans(reads: Reads) -> None:
    bill, _ = read_athena_bill(reads, None, TABLE, DAYS, **OPTIONS)
    calls = {line.operation: line for line in reads.ledger.records if line.service == "athena"}
    if bill.meters.empty:
        assert set(calls) == {"GetTableMetadata"}
        return
    assert calls["StartQueryExecution"].count == 1
    assert calls["StartQueryExecution"].usd == Decimal(10 * 10**6) * 5 / 10**12
    replayed = reads_with(reads.run.path)
    replayed.run = RunFolder(path=reads.run.path, replay=True)
    again, _ = read_athena_bill(replayed, None, TABLE, DAYS, **OPTIONS)
    assert replayed.ledger.records == ()
    pd.testing.assert_frame_equal(again.meters, bill.meters)


def test_a_name_of_no_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="is no table of Athena"):
        read_athena_bill(reads_with(tmp_path), None, "focus", DAYS, **OPTIONS)
