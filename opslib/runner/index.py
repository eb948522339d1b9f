"""``reports/index.html``: all runs, newest first, each compared with the one before it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Finding, FindingsDocument, Headline, Severity, Verdict
from opslib.runner.comparison import Comparison, compare_runs
from opslib.runner.conclusions import count_by_severity, count_by_verdict
from opslib.runner.history import PastRun, previous_run, read_runs
from opslib.runner.html import Page, environment, render_page
from opslib.runner.page import minutes_text, utc_text
from opslib.wording import count, money

__all__ = ["write_index"]

TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRun:
    """One row of the index, in texts that the template escapes.

    Args:
        run: the run.
        address: relative address of its report, or of its folder where it failed.
        when: start, UTC.
        took: duration.
        as_of: the moment that the report speaks of.
        severities: severity and number of findings, those that there are.
        verdicts: verdict and number of conclusions, those that there are.
        open_verdicts: conclusions that fail or are inconclusive.
        top: the most severe findings.
        gaps: what the run could not see.
        news: what is new, gone or changed since the run before; None without one.
    """

    run: PastRun
    address: str
    when: str
    took: str
    as_of: str = ""
    severities: Sequence[tuple[str, int]] = ()
    verdicts: Sequence[tuple[str, int]] = ()
    open_verdicts: Sequence[Conclusion] = ()
    top: Sequence[Finding] = ()
    gaps: Sequence[Coverage] = ()
    news: Sequence[tuple[str, str]] | None = None


def write_index(reports: Path) -> Path:
    """Write the index anew, in one step; return where it is."""
    with (reports / ".index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        runs = read_runs(reports)
        body = (
            environment()
            .get_template("index.html.j2")
            .render(rows=[_row(run, runs, reports) for run in runs])
        )
        published = sum(1 for run in runs if run.findings is not None)
        failed = len(runs) - published
        line = [count(published, "report"), *([f"{failed} failed"] if failed else [])]
        unfinished = reports / f".index.html.{os.getpid()}"
        unfinished.write_text(render_page(Page(title="Reports", line=line), body=body), "utf-8")
        return unfinished.replace(reports / "index.html")


def _row(run: PastRun, runs: Sequence[PastRun], reports: Path) -> IndexedRun:
    folder = quote(str(run.folder.relative_to(reports)))
    when, took = utc_text(run.manifest.started_at), minutes_text(run.manifest.seconds)
    if run.findings is None:
        return IndexedRun(run=run, address=f"{folder}/", when=when, took=took)
    ranked = sorted(run.findings.findings, key=lambda finding: -finding.severity.rank)
    before = previous_run(runs, run)
    return IndexedRun(
        run=run,
        address=f"{folder}/report.html",
        when=when,
        took=took,
        as_of=utc_text(run.findings.as_of),
        verdicts=[(v.value, n) for v, n in count_by_verdict(run.findings).items() if n],
        severities=[(s.value, n) for s, n in count_by_severity(run.findings).items() if n],
        open_verdicts=[c for c in run.findings.conclusions if c.verdict is not Verdict.PASS],
        top=[finding for finding in ranked if finding.severity is not Severity.INFO][:TOP],
        gaps=gaps(run.findings.coverage),
        news=_news(before.findings, run.findings) if before and before.findings else None,
    )


def _news(before: FindingsDocument, after: FindingsDocument) -> list[tuple[str, str]]:
    """Return what happened and to what; a finding that is gone may only be out of sight."""
    gone = "not seen again" if gaps(after.coverage) else "gone"
    return list(_changes(compare_runs(before, after), gone))


def _changes(comparison: Comparison, gone: str) -> Iterator[tuple[str, str]]:
    for finding in comparison.new:
        yield "new", finding.sentence
    for pair in comparison.changed:
        severity = (
            f" (was {pair.before.severity})" if pair.before.severity != pair.after.severity else ""
        )
        yield "changed", f"{pair.after.sentence}{severity}"
    for finding in comparison.gone:
        yield gone, finding.sentence
    for figure in comparison.headlines:
        yield (
            "other figure",
            f"{figure.after.label}: {_text(figure.before)} → {_text(figure.after)}",
        )


def _text(headline: Headline | None) -> str:
    if headline is None or headline.amount is None:
        return "unknown"
    if len(headline.unit) == 3 and headline.unit.isupper():  # noqa: PLR2004  an ISO 4217 code
        return money(headline.amount, headline.unit)
    return f"{headline.amount.normalize():f} {headline.unit}"
