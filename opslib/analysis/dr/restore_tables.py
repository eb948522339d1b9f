"""The tables of a drill, as files beside its report."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.report import DrReport
from opslib.analysis.dr.statements import time_checks
from opslib.analysis.dr.tables import posture_tables
from opslib.analysis.dr.terraform import terraform_tables
from opslib.analysis.dr.transactions import summarise_latencies
from opslib.tables.controls import CONTROLS
from opslib.tables.recovery import RecoveryTables
from opslib.tables.restores import RESTORE_STAGES
from opslib.tables.statements import STATEMENTS

__all__ = ["report_tables"]


def report_tables(report: DrReport, tables: RecoveryTables) -> dict[str, pd.DataFrame]:
    """Return name to table.

    Returns:
        ``checks``: one row a check with verdict, sentence, both sides and seconds, null where they
        were not measured or are counted with another check; ``statements``: the SQL that they rest
        on, columns of `STATEMENTS`; ``controls``: columns of `CONTROLS`; ``stages``: of
        `RESTORE_STAGES`; ``configuration``: of
        `opslib.tables.database_servers.CONFIGURATION`; the rest as
        `opslib.analysis.dr.tables.posture_tables` names them.
    """
    checks = report.checks
    if report.liveness is not None:
        speed = (report.liveness.warm_up, *report.liveness.of_speed)
        checks = (*checks, report.liveness.freshness.checks[1], *speed)
    controls, restore = report.drill.controls, report.drill.restore
    statements = report.drill.statements
    return {
        "checks": _checks(time_checks(checks, statements)),
        "statements": pd.DataFrame(columns=list(STATEMENTS.columns))
        if statements is None
        else statements,
        "controls": pd.DataFrame(columns=list(CONTROLS.columns)) if controls is None else controls,
        "stages": pd.DataFrame(columns=list(RESTORE_STAGES.columns))
        if restore is None
        else restore.stages,
        "configuration": report.configuration,
        "latencies": _latencies(report),
        "store_checks": _checks(report.copy_checks),
        "past_runs": tables.past_runs,
        "restore_jobs": tables.restore_jobs,
        **posture_tables(report.posture.backups, tables.backups),
        **terraform_tables(tables.terraform),
    }


def _checks(checks: Sequence[CheckResult]) -> pd.DataFrame:
    rows = [
        (c.check, c.subject, c.verdict.value, c.sentence, c.expected, c.found, c.seconds)
        for c in checks
    ]
    names = ["check", "subject", "verdict", "sentence", "expected", "found", "seconds"]
    return pd.DataFrame(rows, columns=names).astype({"seconds": float})


def _latencies(report: DrReport) -> pd.DataFrame:
    asked = report.drill.liveness
    if asked is None or asked.ran is None:
        return pd.DataFrame(columns=["Transaction"])
    return summarise_latencies(asked.ran, asked.baseline_latencies)
