"""Every amount of a finding stands in the tables that it names, as they are saved with the run."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.cost import CostReport, report_tables
from opslib.findings import Finding
from opslib.run_folder import RunFolder
from opslib.runner.results import record_results
from opslib.sandbox.process import running_sandbox
from opslib.wording import about, money
from tests.cost_runs import run_cost

pytestmark = pytest.mark.slow

SEED = 1
SOURCES: dict[str, dict[str, Any]] = {
    "export": {},
    "cost_explorer": {"source": "cost_explorer", "path": ""},
    "mixed": {"path": "s3://acme-billing-export/focus-mixed/"},
}
FEWEST = {"export": 12, "cost_explorer": 12, "mixed": 3}
"""Amounts that the findings of each tell at least: of a bill in doubt, little is claimed."""
AMOUNT = re.compile(r"-?\$[\d,]+(?:\.\d+)?(?:e-\d+)?")
COLUMNS = {
    "Account": "account",
    "BudgetName": "budget",
    "TagKey": "tag_key",
    "Unit": "unit",
}
"""What a subject calls a column that a table of the report calls otherwise."""


@dataclass(frozen=True)
class Run:
    report: CostReport
    tables: dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Return a report by each source; what does not depend on the source is asked once."""
    folder = tmp_path_factory.mktemp("runs")
    told: dict[str, Run] = {}
    with (
        running_sandbox(scenario="troubled", seed=SEED) as up,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {**up.environ, "OPSLIB_CACHE": str(folder / "cache")}.items():
            patch.setenv(name, value)
        for source, values in SOURCES.items():
            saved = RunFolder(path=folder / source)
            if told:
                shutil.copytree(folder / "export" / "evidence", saved.evidence)
            report = run_cost(saved.path, **values).report
            record_results(saved, report.document(), report_tables(report))
            tables = {file.stem: pd.read_parquet(file) for file in saved.tables.glob("*.parquet")}
            told[source] = Run(report=report, tables=tables)
    return told


def rows_about(finding: Finding, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that a finding's subject names."""
    kept = table
    for name, value in finding.subject.items():
        column = COLUMNS.get(name, name)
        if column in kept and kept[column].astype(str).eq(value).any():
            kept = kept[kept[column].astype(str) == value]
    return kept


def amounts_in(table: pd.DataFrame) -> set[Decimal]:
    """Return each amount of a table, the sums of its columns, and those by a flag of its rows."""
    found: set[Decimal] = set()
    parts = [table]
    for name in table:
        if pd.api.types.is_bool_dtype(table[name]):
            parts += [table[table[name]], table[~table[name]]]
    for part in parts:
        for name in part:
            known = [value for value in part[name] if isinstance(value, Decimal)]
            found |= set(known) | ({sum(known, Decimal(0))} if known else set())
    return found


def written(amounts: set[Decimal]) -> set[str]:
    return {
        write(signed, "USD")
        for amount in amounts
        for signed in (amount, -amount)
        for write in (money, about)
    }


@pytest.mark.parametrize("source", SOURCES)
def test_every_amount_of_a_sentence_is_in_the_tables_that_it_names(
    source: str, runs: dict[str, Run]
) -> None:
    run, told = runs[source], 0
    for finding in run.report.findings:
        amounts = AMOUNT.findall(finding.sentence)
        told += len(amounts)
        assert finding.evidence or not amounts
        known = {
            text
            for name in finding.evidence
            for text in written(amounts_in(rows_about(finding, run.tables[name])))
        }
        assert [amount for amount in amounts if amount not in known] == [], finding.sentence
    assert told >= FEWEST[source]


@pytest.mark.parametrize("source", SOURCES)
def test_the_money_of_a_finding_is_in_the_tables_that_it_names(
    source: str, runs: dict[str, Run]
) -> None:
    run, told = runs[source], 0
    for finding in run.report.findings:
        if finding.amount is None:
            continue
        told += 1
        known = set().union(
            *(amounts_in(rows_about(finding, run.tables[name])) for name in finding.evidence)
        )
        differences = {one - other for one, other in combinations(known, 2)}
        differences |= {-one for one in differences}
        assert finding.amount.mid in known | differences, finding
    assert told >= FEWEST[source] / 3
