"""The tables of a drill: every check, every injury, every resource."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.controls import tell_skipped
from opslib.analysis.dr.report import DrReport
from opslib.findings import Verdict
from opslib.present.html import Column, Html, table
from opslib.wording import count, printable

__all__ = ["tabulate_checks", "tabulate_controls", "tabulate_posture"]

LONGEST = 160
ORDER = {Verdict.FAIL: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 2}


def tabulate_checks(report: DrReport) -> Html:
    """Return one row a kind of check, and one for each that is no pass."""
    groups: dict[str, list[CheckResult]] = defaultdict(list)
    for check in report.checks:
        groups[check.check].append(check)
    rows = []
    for name, checks in groups.items():
        bad = [check for check in checks if check.verdict is not Verdict.PASS]
        rows += [_check_row(check) for check in bad]
        passed = [check for check in checks if check.verdict is Verdict.PASS]
        if passed:
            sentence = passed[0].sentence if len(passed) == 1 else f"{len(passed)} as expected."
            rows.append((name, worst_verdict(passed).value, _short(sentence), "", ""))
    ranks = {verdict.value: rank for verdict, rank in ORDER.items()}
    rows.sort(key=lambda row: (ranks[row[1]], row[0], row[2]))
    columns = ("Check", "Verdict", "Found", "Expected", "Restored")
    return table(
        [Column(name) for name in columns],
        rows,
        caption="Checks of the restored database",
        note="" if rows else "Nothing could be compared.",
    )


def _check_row(check: CheckResult) -> tuple[str, str, str, str, str]:
    sentence = _short(check.sentence)
    return check.check, check.verdict.value, sentence, _short(check.expected), _short(check.found)


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} ..."


def tabulate_controls(report: DrReport) -> Html:
    """Return every class of injury: where it was made, and which checks caught it."""
    controls = report.drill.controls
    if controls is None:
        skipped, rows = "", []
    else:
        reasons = tell_skipped(controls)
        told = [f"{', '.join(names)} ({_short(reason)})" for reason, names in reasons.items()]
        skipped = f"Not made: {'; '.join(told)}." if told else ""
        made = controls[controls["Outcome"] != "not applicable"]
        rows = [
            (injury, outcome, place, checks or reason)
            for injury, outcome, place, checks, reason in made.itertuples(index=False, name=None)
        ]
    return table(
        [Column("Injury"), Column("Outcome"), Column("Made at"), Column("Failed checks, or why")],
        [tuple(_short(cell) for cell in row) for row in rows],
        caption="Injuries made on purpose, each rolled back",
        note="No negative control was made." if controls is None else skipped,
    )


def tabulate_posture(report: DrReport) -> Html:
    """Return every resource that holds data and how it is backed up, the worst first."""
    ranked = sorted(
        report.posture.backups.rows, key=lambda row: (ORDER[row.verdict], row.type, row.name)
    )
    shown = ranked[: report.parameters.top]
    rows = [
        (
            row.type,
            printable(row.name),
            printable(row.account),
            row.verdict.value,
            _moment(row.backed_up_at),
            _short("; ".join(row.reasons)),
        )
        for row in shown
    ]
    rest = len(ranked) - len(shown)
    columns = ("Kind", "Resource", "Account", "Verdict", "Last backup", "Why")
    return table(
        [Column(name) for name in columns],
        rows,
        caption="What holds data, and its backups",
        note=f"{count(rest, 'more resource')} in tables/posture.csv." if rest > 0 else "",
    )


def _moment(when: datetime | None) -> str:
    return f"{when:%d %b %Y, %H:%M} UTC" if when else "—"
