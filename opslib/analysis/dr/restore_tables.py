"""The tables of a drill, as files beside its report."""

from __future__ import annotations

import pandas as pd

from opslib.analysis.dr.report import DrReport
from opslib.analysis.dr.tables import posture_tables
from opslib.tables.backups import BackupTables
from opslib.tables.controls import CONTROLS
from opslib.tables.restores import RESTORE_STAGES

__all__ = ["report_tables"]


def report_tables(report: DrReport, backups: BackupTables) -> dict[str, pd.DataFrame]:
    """Return name to table.

    Returns:
        ``checks``: one row a check with verdict, sentence, both sides and seconds; ``controls``:
        columns of `CONTROLS`; ``stages``: of `RESTORE_STAGES`; ``configuration``: of
        `opslib.tables.database_servers.CONFIGURATION`; the rest as
        `opslib.analysis.dr.tables.posture_tables` names them.
    """
    rows = [
        (c.check, c.subject, c.verdict.value, c.sentence, c.expected, c.found, c.seconds)
        for c in report.checks
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
        **posture_tables(report.posture, backups),
    }
