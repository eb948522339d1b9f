from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pandas as pd

from opslib.analysis.cost import analyse_cost, plan_periods, report_tables
from opslib.findings import findings_schema
from opslib.run_folder import RunFolder
from opslib.runner.results import record_results
from tests.analysis.cost.bills import LAST_SETTLED, make_bill, parameters, steady
from tests.analysis.cost.cost_tables import NO_CHANGES, tables_of

PUBLISHED = Path(__file__).parents[1] / "docs" / "findings.schema.json"


def test_the_published_schema_is_the_one_in_use() -> None:
    assert json.loads(PUBLISHED.read_text()) == findings_schema(), "run: make schema"


def test_what_a_run_records_is_valid_and_formulas_are_text(tmp_path: Path) -> None:
    params = parameters()
    new = steady(date(2026, 2, 21), LAST_SETTLED, resource="=HYPERLINK(1)", cost="50")
    bill = make_bill([*steady(date(2025, 11, 21), date(2026, 3, 1)), *new])
    report = analyse_cost(
        params,
        plan_periods(params),
        tables_of(bill),
        NO_CHANGES,
        (),
    )
    record_results(RunFolder(path=tmp_path), report.document(), report_tables(report))
    recorded = json.loads((tmp_path / "findings.json").read_text())
    jsonschema.Draft202012Validator(findings_schema()).validate(recorded)
    assert {finding["kind"] for finding in recorded["findings"]} == {
        "cost.new_resource",
        "cost.unsettled_days",
    }
    assert ",=HYPERLINK" not in (tmp_path / "tables" / "changes.csv").read_text()
    stored = pd.read_parquet(tmp_path / "tables" / "changes.parquet")
    assert stored["ResourceId"].tolist() == ["=HYPERLINK(1)"]
