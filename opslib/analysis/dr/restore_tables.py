"""The tables of a drill, as files beside its report."""

from __future__ import annotations

import pandas as pd

from opslib.analysis.dr.report import DrReport
from opslib.analysis.dr.tables import posture_tables
from opslib.tables.backups import BackupTables
from opslib.tables.controls import CONTROLS

__all__ = ["report_tables"]


def report_tables(report: DrReport, backups: BackupTables) -> dict[str, pd.DataFrame]:
    """Return name to table.

    Returns:
        ``checks``: one row a check with verdict, sentence, both sides and seconds; ``controls``:
        columns of `CONTROLS`; the rest as `opslib.analysis.dr.tables.posture_tables` names them.
    """
    rows = [
        (c.check, c.subject, c.verdict.value, c.sentence, c.expected, c.found, c.seconds)
        for c in report.checks
    ]
    names = ["check", "subject", "verdict", "sentence", "expected", "found", "seconds"]
    controls = report.controls
    return {
        "checks": pd.DataFrame(rows, columns=names),
        "controls": pd.DataFrame(columns=list(CONTROLS.columns)) if controls is None else controls,
        **posture_tables(report.posture, backups),
    }
