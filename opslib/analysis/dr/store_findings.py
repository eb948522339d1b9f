"""What failed in restored tables, buckets and folders, put as findings."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.store_copy import AFTER_RESTORE, is_after_restore
from opslib.analysis.dr.table_settings import SETTING_ACTIONS
from opslib.findings import Finding, Severity, Verdict
from opslib.wording import printable

__all__ = ["describe_store_failures"]

DATA_CHECKS = ("content", "restore")
DATA_ACTION = "Find out what the backup lacks, and restore from another recovery point."
OTHER_ACTION = "Find out what changed it, and make it again before this copy is put to use."


def describe_store_failures(store: str, results: Sequence[CheckResult]) -> list[Finding]:
    """Return a finding for every check that failed.

    What a restore does not bring along is of medium severity, under one kind: it is to be set, and
    nothing is lost.

    Args:
        store: table, bucket or folder.
        results: of one or several of them.
    """
    failed = [result for result in results if result.verdict is Verdict.FAIL]
    return [
        _to_set(store, result) if is_after_restore(result) else _lost(store, result)
        for result in failed
    ]


def _lost(store: str, result: CheckResult) -> Finding:
    is_data = result.check in DATA_CHECKS
    check = result.check.replace(": ", "_").replace(" ", "_")
    return Finding(
        kind=f"dr.{store}_{check}",
        subject={store.capitalize(): result.subject},
        severity=Severity.CRITICAL if is_data else Severity.HIGH,
        sentence=printable(result.sentence),
        action=DATA_ACTION if is_data else OTHER_ACTION,
        evidence=("store_checks",),
    )


def _to_set(store: str, result: CheckResult) -> Finding:
    setting = result.check.removeprefix(AFTER_RESTORE)
    return Finding(
        kind="dr.to_set_after_restore",
        subject={store.capitalize(): result.subject, "Setting": setting},
        severity=Severity.MEDIUM,
        sentence=printable(result.sentence),
        action=SETTING_ACTIONS[setting],
        evidence=("store_checks",),
    )
