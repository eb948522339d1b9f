"""The tables of a drill: every check, every injury, every resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.controls import tell_skipped
from opslib.analysis.dr.report import DrReport
from opslib.analysis.dr.statements import time_checks
from opslib.findings import Verdict
from opslib.present.dr.statements import duration, fold_session, fold_statements
from opslib.present.html import Column, Html, stacked, table
from opslib.wording import count, printable

__all__ = ["tabulate_checks", "tabulate_controls", "tabulate_posture"]

LONGEST = 160
COLUMNS = ("Check", "Verdict", "Found", "Expected", "Restored")
NOTE = (
    "Duration is that of the check's statements, added up over connections; one that checks share "
    "is counted at the first of them. Every statement, whole, is in tables/statements.csv."
)
Line = tuple[tuple[str, str, str, str, str], Verdict, tuple[CheckResult, ...]]
ORDER = {Verdict.FAIL: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 2}


def tabulate_checks(report: DrReport) -> Html:
    """Return one row a kind of check, and one for each that is no pass, each with its SQL."""
    checks = time_checks(report.checks, report.drill.statements)
    lines = sorted(_lines(checks), key=lambda line: (ORDER[line[1]], line[0][0], line[0][2]))
    rows = [(*row, duration(of)) for row, _, of in lines]
    statements = report.drill.statements
    shown = table(
        [*(Column(name) for name in COLUMNS), Column("Duration", align="figure")],
        rows,
        caption="Checks of the restored database",
        note=NOTE if rows else "Nothing could be compared.",
        folds=fold_statements([of for _, _, of in lines], statements),
    )
    return stacked(shown, fold_session(statements))


def _lines(checks: Sequence[CheckResult]) -> Iterator[Line]:
    """Yield a line for each check that is no pass, and one for all of a kind that are."""
    groups: dict[str, list[CheckResult]] = defaultdict(list)
    for check in checks:
        groups[check.check].append(check)
    for name, of_kind in groups.items():
        for check in of_kind:
            if check.verdict is not Verdict.PASS:
                yield _check_row(check), check.verdict, (check,)
        passed = tuple(check for check in of_kind if check.verdict is Verdict.PASS)
        if passed:
            sentence = passed[0].sentence if len(passed) == 1 else f"{len(passed)} as expected."
            row = (name, Verdict.PASS.value, _short(sentence), "", "")
            yield row, Verdict.PASS, passed


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
