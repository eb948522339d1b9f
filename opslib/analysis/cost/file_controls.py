"""Whether every file that an export promises is there, and each charge once.

Method: the manifest of a billing period lists its files; a file that is missing, or a version
that nothing calls current, puts every day of its period in doubt, since AWS cuts an export into
files without regard to days. Assumption: the manifest is right (AWS writes it last, and
recommends to read it). Failure mode: without a manifest, a file that never came is not missed.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from opslib.analysis.cost.control import Control, bill_finding
from opslib.analysis.cost.daily import sum_of
from opslib.analysis.cost.periods import Periods
from opslib.findings import Finding, Severity, Verdict
from opslib.tables.bill_controls import FileState
from opslib.wording import count, day, join, money, printable

__all__ = ["control_duplicates", "control_files", "control_versions"]

MOST_NAMED = 3
FILES, VERSIONS, TWICE = "Files promised", "Versions and copies", "Charges in two files"


def control_files(files: pd.DataFrame | None, periods: Periods) -> Control:
    """Say whether the files that the manifests promise are there.

    Args:
        files: columns of `opslib.tables.bill_controls.EXPORT_FILES`; None without files.
        periods: the report's days.
    """
    if files is None:
        return Control(name=FILES, verdict=None, said="the bill is not read from files")
    missing, unread = _of(files, FileState.MISSING), _of(files, FileState.UNREADABLE)
    used = _of(files, FileState.USED)
    if missing.empty and unread.empty:
        listed = used[used["Manifest"] != ""]
        if listed.empty:
            told = f"no manifest beside {count(len(used), 'file')}: what is promised is not known"
            return Control(name=FILES, verdict=None, said=told)
        told = f"all {count(len(listed), 'file')} of {_periods(listed)} are there"
        rest = len(used) - len(listed)
        more = f"; {count(rest, 'file')} of periods without a manifest" if rest else ""
        return Control(name=FILES, verdict=Verdict.PASS, said=told + more)
    said = [
        f"{count(len(missing), 'file')} of {_periods(missing)} missing: {_names(missing)}"
        if len(missing)
        else "",
        f"{count(len(unread), 'manifest')} could not be read: {_names(unread)}"
        if len(unread)
        else "",
    ]
    findings = [
        *([_missing_files(missing)] if len(missing) else []),
        *([_unread(unread)] if len(unread) else []),
    ]
    return Control(
        name=FILES,
        verdict=Verdict.INCONCLUSIVE,
        said="; ".join(part for part in said if part),
        doubtful=_days_of(missing, periods),
        findings=tuple(findings),
    )


def control_versions(files: pd.DataFrame | None, periods: Periods) -> Control:
    """Say whether a period is there in one version, and each file once.

    Args:
        files: columns of `opslib.tables.bill_controls.EXPORT_FILES`; None without files.
        periods: the report's days.
    """
    if files is None:
        return Control(name=VERSIONS, verdict=None, said="the bill is not read from files")
    rivals = _of(files, FileState.RIVAL)
    spare = pd.concat([_of(files, FileState.COPY), _of(files, FileState.LEFT_OVER)])
    older = _of(files, FileState.SUPERSEDED)
    said = [
        f"{count(len(rivals), 'file')} of another version of {_periods(rivals)}, and no manifest "
        f"that tells which one counts: {_names(rivals)}"
        if len(rivals)
        else "",
        f"{count(len(spare), 'file')} left out that would be counted twice: {_names(spare)}"
        if len(spare)
        else "",
        f"{count(len(older), 'file')} of earlier versions left out, as the manifests tell"
        if len(older)
        else "",
    ]
    findings = [
        *([_rival_versions(rivals)] if len(rivals) else []),
        *([_repeated_files(spare)] if len(spare) else []),
    ]
    return Control(
        name=VERSIONS,
        verdict=Verdict.INCONCLUSIVE if len(rivals) else Verdict.PASS,
        said="; ".join(part for part in said if part) or "one version of each period, no copy",
        doubtful=_days_of(rivals, periods),
        findings=tuple(findings),
    )


def control_duplicates(
    duplicates: pd.DataFrame | None, periods: Periods, column: str, currency: str
) -> Control:
    """Say whether two files hold the same charges.

    Args:
        duplicates: columns of `opslib.tables.bill_controls.DUPLICATES`; None if not looked for.
        periods: the report's days.
        column: BilledCost or EffectiveCost.
        currency: of the costs.
    """
    if duplicates is None:
        return Control(name=TWICE, verdict=None, said="not looked for")
    if duplicates.empty:
        return Control(name=TWICE, verdict=Verdict.PASS, said="none found")
    rows, amount = int(duplicates["Rows"].sum()), sum_of(duplicates, column)
    twice = f"{count(rows, 'charge')} ({money(amount, currency)})"
    pair = f"{_name(duplicates['Uri'].iloc[0])} and {_name(duplicates['OtherUri'].iloc[0])}"
    first, last = min(duplicates["FirstDay"]), max(duplicates["LastDay"])
    finding = bill_finding(
        "duplicate_charges",
        Severity.HIGH,
        f"{twice} from {day(first)} to {day(last)} stand in two files, such as {pair}: the bill "
        "counts them twice.",
        "Take out the files that repeat others, or let the export overwrite what it wrote.",
    )
    return Control(
        name=TWICE,
        verdict=Verdict.INCONCLUSIVE,
        said=f"{twice} stand in two files, such as {pair}",
        doubtful=tuple(d for d in periods.days if first <= d <= last),
        findings=(finding,),
    )


def _of(files: pd.DataFrame, state: FileState) -> pd.DataFrame:
    return files[files["State"] == state.value]


def _periods(files: pd.DataFrame) -> str:
    """Return the months that files are of, the first few of them."""
    known = sorted({start for start in files["BillingPeriod"] if isinstance(start, date)})
    if not known:
        return "the export"
    if len(known) > MOST_NAMED:
        return count(len(known), "billing period")
    return join([f"{start:%B %Y}" for start in known])


def _names(files: pd.DataFrame) -> str:
    names = [_name(uri) for uri in files["Uri"]]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return join([*names[:MOST_NAMED], *more])


def _name(uri: str) -> str:
    return printable(uri.rsplit("/", 1)[-1])


def _days_of(files: pd.DataFrame, periods: Periods) -> tuple[date, ...]:
    """Return the days of the periods that files are of; all days, where a path tells none."""
    starts = set(files["BillingPeriod"])
    if any(not isinstance(start, date) for start in starts):
        return periods.days
    return tuple(d for d in periods.days if d.replace(day=1) in starts)


def _missing_files(missing: pd.DataFrame) -> Finding:
    return bill_finding(
        "missing_files",
        Severity.HIGH,
        f"{count(len(missing), 'file')} that the manifest of {_periods(missing)} promises "
        f"{'is' if len(missing) == 1 else 'are'} not there ({_names(missing)}): the bill is too "
        "small by what they hold.",
        "Find out who removed them, let AWS deliver the period again, and run this report again.",
    )


def _unread(unread: pd.DataFrame) -> Finding:
    return bill_finding(
        "unread_manifest",
        Severity.MEDIUM,
        f"What {_periods(unread)} should hold is not known: {_names(unread)} could not be read.",
        "Look at the manifest, and let AWS deliver the period again.",
    )


def _rival_versions(rivals: pd.DataFrame) -> Finding:
    return bill_finding(
        "rival_versions",
        Severity.HIGH,
        f"{_periods(rivals)} is there in more than one version and no manifest tells which one "
        "counts: the newest was taken.",
        "Point path at the folder that holds the manifests too, or keep one version.",
    )


def _repeated_files(spare: pd.DataFrame) -> Finding:
    return bill_finding(
        "repeated_files",
        Severity.LOW,
        f"{count(len(spare), 'file')} ({_names(spare)}) repeat others or stand in no "
        "manifest: left out, or the charges would be counted twice.",
        "Remove them from the export's folder.",
    )
