"""The cost notebook on Athena, against the same notebook on the files that its table is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.planted_cost_truths import parameters_of, run_notebook
from opslib.analysis.cost import CostReport
from opslib.aws.permissions import iam_action
from opslib.findings import Verdict
from opslib.runner.catalog import read_iam_actions
from opslib.sandbox.process import RunningSandbox, running_sandbox

ROOT = Path(__file__).parents[2]
ON_ATHENA = {"engine": "athena", "path": "", "table": "default.focus"}
OF_FILES = {"Files promised", "Versions and copies", "Charges in two files"}
"""Controls that Athena, to which files are no matter, leaves out."""
ONE_QUERY = {"GetTableMetadata": 1, "StartQueryExecution": 1, "GetQueryExecution": 1}
OF_LEAST_SCAN = Decimal(5) * 10 / 10**6
"""USD of 10 MB, the least that Athena charges for: the sandbox's export is smaller."""


@pytest.fixture(scope="module", params=["troubled", "denied", "empty"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    with running_sandbox(scenario=request.param, seed=1) as running:
        yield running


def report_of(folder: Path, patch: pytest.MonkeyPatch, **values: Any) -> CostReport:
    """Run the notebook up to its findings; its ledger is in ``folder``."""
    patch.setenv("OPSLIB_RUN_FOLDER", str(folder))
    patch.setenv("OPSLIB_HEADLESS", "1")
    return run_notebook({**parameters_of("export"), **values})


@pytest.mark.slow
def test_the_report_says_the_same_and_pays_for_one_query(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    asked = report_of(tmp_path / "athena", monkeypatch, **ON_ATHENA)
    files = report_of(tmp_path / "files", monkeypatch)
    assert asked.findings == files.findings
    assert {one.name for one in asked.controls if one not in files.controls} == OF_FILES
    calls = json.loads((tmp_path / "athena" / "ledger.json").read_text())
    athena = {call["operation"]: call for call in calls if call["service"] == "athena"}
    if asked.bill.first_day is None:
        verdicts = {one.verdict for one in asked.conclusions}
        assert set(athena) == {"GetTableMetadata"}
        assert verdicts == {Verdict.INCONCLUSIVE}
        return
    assert asked.conclusions == files.conclusions
    assert {operation: call["count"] for operation, call in athena.items()} == ONE_QUERY
    assert Decimal(athena["StartQueryExecution"]["usd"]) == OF_LEAST_SCAN
    assert [call["count"] for call in calls if call["service"] == "s3"] == [1]
    needed = {iam_action(call["service"], call["operation"]) for call in calls}
    assert needed <= set(read_iam_actions(ROOT / "deploy" / "iam" / "cost_analysis.json"))
