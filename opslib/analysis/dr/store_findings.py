"""What failed in restored tables, buckets and folders, put as findings."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.store_copy import AFTER_RESTORE, is_after_restore
from opslib.analysis.dr.table_settings import SETTING_ACTIONS
from opslib.findings import Finding, Severity, Verdict
from opslib.wording import join, printable

__all__ = ["describe_store_failures"]

DATA_CHECKS = ("content", "restore")
DATA_ACTION = "Find out what the backup lacks, and restore from another recovery point."
OTHER_ACTION = "Find out what changed it, and make it again before this copy is put to use."


def describe_store_failures(store: str, results: Sequence[CheckResult]) -> list[Finding]:
    """Return a finding for every check that failed.

    What a restore does not bring along is one finding of medium severity a store: it is to be
    set, and nothing is lost.

    Args:
        store: table, bucket or folder.
        results: of one or several of them.
    """
    failed = [result for result in results if result.verdict is Verdict.FAIL]
    lost = [_lost(store, result) for result in failed if not is_after_restore(result)]
    to_set = [result for result in failed if is_after_restore(result)]
    subjects = list(dict.fromkeys(result.subject for result in to_set))
    return lost + [
        _to_set(store, subject, [result for result in to_set if result.subject == subject])
        for subject in subjects
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


def _to_set(store: str, subject: str, results: Sequence[CheckResult]) -> Finding:
    settings = list(dict.fromkeys(result.check.removeprefix(AFTER_RESTORE) for result in results))
    return Finding(
        kind="dr.to_set_after_restore",
        subject={store.capitalize(): subject},
        severity=Severity.MEDIUM,
        sentence=f"A restore of {store} {printable(subject)} leaves to be set: {join(settings)}.",
        action=" ".join(SETTING_ACTIONS[setting] for setting in settings),
        evidence=("store_checks",),
    )
