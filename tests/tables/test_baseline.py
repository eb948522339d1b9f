"""Baselines on disk: with latencies, and from before there were any."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from opslib.errors import ParameterError, TableError
from opslib.tables.baseline import (
    BASELINE_FILE,
    baseline_files,
    load_baseline,
    load_baseline_latencies,
    write_baseline,
)
from tests.analysis.dr.states import state
from tests.analysis.dr.test_transactions import around, ran

STATE = state({"t": {"1": ["1"]}})


def test_latencies_are_kept_beside_the_state(tmp_path: Path) -> None:
    latencies = ran(around(20))
    folder = write_baseline(STATE, tmp_path / "b", latencies)
    found = load_baseline_latencies(folder)
    assert found is not None
    pd.testing.assert_frame_equal(found, latencies)
    assert load_baseline(folder).tables.equals(STATE.tables)
    assert "latencies.parquet" in baseline_files((folder / BASELINE_FILE).read_text())


def test_a_baseline_from_before_has_none_and_still_loads(tmp_path: Path) -> None:
    folder = write_baseline(STATE, tmp_path / "b")
    assert "latencies.parquet" not in json.loads((folder / BASELINE_FILE).read_text())["files"]
    assert load_baseline_latencies(folder) is None
    assert load_baseline(folder).captured_at == STATE.captured_at


def test_latencies_that_were_changed_are_refused(tmp_path: Path) -> None:
    folder = write_baseline(STATE, tmp_path / "b", ran(around(20)))
    ran(around(5)).to_parquet(folder / "latencies.parquet", index=False)
    with pytest.raises(TableError, match="missing or was changed"):
        load_baseline_latencies(folder)


def test_no_baseline_is_named_with_its_command(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="opslib baseline capture"):
        load_baseline_latencies(tmp_path)
