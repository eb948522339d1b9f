"""The plan of a drill, how long each stage of the restore took, and what was restored."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.dr.drill import DrillPlan
from opslib.analysis.dr.points import moment
from opslib.analysis.dr.recovery_time import list_stages, minutes
from opslib.analysis.dr.report import DrReport
from opslib.analysis.dr.restore_order import list_steps
from opslib.analysis.dr.store_copy import is_after_restore
from opslib.findings import Verdict
from opslib.present.html import Column, Html, stacked, table
from opslib.wording import count, money, printable, visible

__all__ = ["tabulate_copy", "tabulate_restore", "tabulate_stages"]

MOST_PASSED_OVER = 5


def tabulate_restore(report: DrReport) -> Html:
    """Return what was chosen to restore from and to hold it against, and the changing calls."""
    parts = [_tabulate_points(report), _tabulate_plan(report)]
    baselines = _tabulate_baselines(report)
    return stacked(*parts, baselines) if baselines else stacked(*parts)


def _tabulate_baselines(report: DrReport) -> Html | None:
    """Return what was taken out of series of baselines; None where none was named."""
    drill = report.drill
    chosen = [("database", drill.baseline)]
    chosen += [
        (f"{read.copy.kind.value} {read.copy.source}", read.baseline) for read in drill.copies
    ]
    rows = [
        (printable(subject), visible(choice.path) or "none", visible(choice.because))
        for subject, choice in chosen
        if choice is not None
    ]
    columns = [Column("Of"), Column("Baseline"), Column("Why")]
    return table(columns, rows, caption="What copies were held against") if rows else None


def _tabulate_plan(report: DrReport) -> Html:
    plan = report.drill.plan
    if plan.order is None:
        note = printable(plan.blocked) or "Nothing is to be restored."
        return table([Column("Call")], [], caption="What a drill would do", note=note)
    rows = [(step.operation, step.target, step.purpose) for step in list_steps(plan.order)]
    return table(
        [Column("Call"), Column("On"), Column("Purpose")],
        rows,
        caption="What the drill did" if report.drill.restore else "What a drill would do",
        note=f"{_place(plan)} {_price(plan.usd_per_hour)} {report.expected.sentence}",
    )


def _place(plan: DrillPlan) -> str:
    assert plan.order is not None
    order = plan.order
    groups = ", ".join(order.security_groups) or "AWS's default"
    where = f"subnet group {order.subnet_group or 'default'}, security groups {groups}"
    return f"Restored into {printable(where)}, on one {order.instance_class}."


def _price(usd_per_hour: Decimal | None) -> str:
    if usd_per_hour is None:
        return "Its price is not known."
    return f"It costs {money(usd_per_hour, 'USD')} an hour, ten minutes at the least."


def _tabulate_points(report: DrReport) -> Html:
    choice = report.drill.plan.choice
    columns = [Column("Recovery point"), Column("Of"), Column("Chosen"), Column("Why")]
    if choice is None:
        note = printable(report.drill.plan.blocked)
        return table(columns, [], caption="What to restore from", note=note)
    rows = list(_points(report))
    rest = len(choice.passed_over) - MOST_PASSED_OVER
    note = f"{count(rest, 'more point')} passed over." if rest > 0 else ""
    return table(columns, rows, caption=f"What to restore from: {choice.rule}", note=note)


def _points(report: DrReport) -> Iterator[tuple[str, str, str, str]]:
    choice = report.drill.plan.choice
    assert choice is not None
    if choice.restore_to is not None:
        yield "point in time", moment(choice.restore_to), "yes", choice.because
    elif choice.point is not None:
        yield printable(choice.point.arn), moment(choice.point.created), "yes", choice.because
    for passed in choice.passed_over[:MOST_PASSED_OVER]:
        point = passed.point
        yield printable(point.arn), moment(point.created), "no", printable(passed.because)


def tabulate_stages(report: DrReport) -> Html:
    """Return when each stage of the recovery was reached."""
    restore = report.drill.restore
    stages = () if restore is None else list_stages(restore.stages)
    rows = [(s.name, minutes(s.earliest_seconds), minutes(s.latest_seconds)) for s in stages]
    note = "Nothing was restored by this run." if restore is None else printable(restore.message)
    return table(
        [
            Column("Stage"),
            Column("Not before", align="figure"),
            Column("At the latest", align="figure"),
        ],
        rows,
        caption="Time since the restore was asked for",
        note=note,
    )


def tabulate_copy(report: DrReport) -> Html:
    """Return how fresh and how fast the copy is, and how it is configured beside its source."""
    parts = [_tabulate_liveness(report), _tabulate_configuration(report)]
    if report.drill.copies:
        parts.append(_tabulate_stores(report))
    return stacked(*parts)


def _tabulate_stores(report: DrReport) -> Html:
    rows = [
        (check.check, printable(check.subject), check.verdict.value, visible(check.sentence))
        for check in report.copy_checks
        if check.verdict is not Verdict.PASS or not is_after_restore(check)
    ]
    return table(
        [Column("Check"), Column("Of"), Column("Verdict"), Column("Found")],
        rows,
        caption="Tables, buckets and folders beside their copies",
        note="What is named 'after restore' no restore brings along: it is to be set by hand.",
    )


def _tabulate_liveness(report: DrReport) -> Html:
    columns = [Column("Check"), Column("Of"), Column("Verdict"), Column("Found")]
    liveness = report.liveness
    if liveness is None:
        return table(columns, [], caption="How it serves", note="It was not asked.")
    checks = (*liveness.freshness.checks, liveness.warm_up, *liveness.of_speed)
    rows = [
        (check.check, printable(check.subject), check.verdict.value, printable(check.sentence))
        for check in checks
    ]
    shown = rows[: report.parameters.top]
    rest = len(rows) - len(shown)
    note = f"{count(rest, 'more check')} in tables/checks.csv." if rest > 0 else ""
    return table(columns, shown, caption="How fresh and how fast it is", note=note)


def _tabulate_configuration(report: DrReport) -> Html:
    rows = [
        (setting, printable(source), printable(restored), judgement)
        for setting, source, restored, judgement in report.configuration.itertuples(index=False)
    ]
    return table(
        [Column("Setting"), Column("Source"), Column("Restored"), Column("Judgement")],
        rows,
        caption="The restored server beside its source",
        note="" if rows else "One of the two is not known.",
    )
