"""The tables of a drill, as files beside its report."""

from __future__ import annotations

import pandas as pd

from opslib.analysis.dr.report import DrReport
from opslib.analysis.dr.tables import posture_tables
from opslib.analysis.dr.terraform import terraform_tables
from opslib.analysis.dr.transactions import summarise_latencies
from opslib.tables.controls import CONTROLS
from opslib.tables.recovery import RecoveryTables
from opslib.tables.restores import RESTORE_STAGES

__all__ = ["report_tables"]


def report_tables(report: DrReport, tables: RecoveryTables) -> dict[str, pd.DataFrame]:
    """Return name to table.

    Returns:
        ``checks``: one row a check with verdict, sentence, both sides and seconds; ``controls``:
        columns of `CONTROLS`; ``stages``: of `RESTORE_STAGES`; ``configuration``: of
        `opslib.tables.database_servers.CONFIGURATION`; the rest as
        `opslib.analysis.dr.tables.posture_tables` names them.
    """
    checks = report.checks
    if report.liveness is not None:
        speed = (report.liveness.warm_up, *report.liveness.of_speed)
        checks = (*checks, report.liveness.freshness.checks[1], *speed)
    rows = [
        (c.check, c.subject, c.verdict.value, c.sentence, c.expected, c.found, c.seconds)
        for c in checks
    ]
    of_copies = [
        (c.check, c.subject, c.verdict.value, c.sentence, c.expected, c.found, c.seconds)
        for c in report.copy_checks
    ]
    names = ["check", "subject", "verdict", "sentence", "expected", "found", "seconds"]
    controls, restore = report.drill.controls, report.drill.restore
    return {
        "checks": pd.DataFrame(rows, columns=names),
        "controls": pd.DataFrame(columns=list(CONTROLS.columns)) if controls is None else controls,
        "stages": pd.DataFrame(columns=list(RESTORE_STAGES.columns))
        if restore is None
        else restore.stages,
        "configuration": report.configuration,
        "latencies": _latencies(report),
        "store_checks": pd.DataFrame(of_copies, columns=names),
        "past_runs": tables.past_runs,
        "restore_jobs": tables.restore_jobs,
        **posture_tables(report.posture.backups, tables.backups),
        **terraform_tables(tables.terraform),
    }


def _latencies(report: DrReport) -> pd.DataFrame:
    asked = report.drill.liveness
    if asked is None or asked.ran is None:
        return pd.DataFrame(columns=["Transaction"])
    return summarise_latencies(asked.ran, asked.baseline_latencies)
