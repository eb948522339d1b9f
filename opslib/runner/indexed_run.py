"""One run as the index shows it: texts and numbers, which its templates escape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from urllib.parse import quote

from opslib.comparison import Comparison, compare_runs, figure_text
from opslib.coverage import Coverage, distinct_gaps
from opslib.findings import Conclusion, Finding, Severity, Verdict, open_findings
from opslib.parameters.owners import NOBODY
from opslib.runner.conclusions import count_by_severity, count_by_verdict
from opslib.runner.deliveries import RunDelivery, read_deliveries
from opslib.runner.history import PastRun, previous_run
from opslib.runner.page import minutes_text, utc_text
from opslib.runner.since import differing_parameters

__all__ = ["IndexedRun", "describe_run", "owner_of"]

TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRun:
    """One run of the index.

    Args:
        run: the run.
        address: of its report, or of its folder where it failed, relative to all reports.
        when: start, UTC, for people.
        moment: start, ISO 8601.
        took: duration.
        signed: whether its manifest is a link of a signed chain; `opslib verify` holds it to that.
        as_of: the moment that the report speaks of.
        severities: severity and number of findings that count, those that there are.
        verdicts: verdict and number of conclusions, those that there are.
        open_verdicts: conclusions that fail or are inconclusive.
        top: the most severe findings that count.
        suppressed: findings that somebody has suppressed.
        gaps: what the run could not see.
        figure: name, text and move of the first figure of the report; None without any.
        news: what is new, gone or changed since the run before; None without one.
        owners: who answers for a finding of it.
        undelivered: targets that have not got it, or may not have.
    """

    run: PastRun
    address: str
    when: str
    moment: str
    took: str
    signed: bool
    as_of: str = ""
    severities: Sequence[tuple[str, int]] = ()
    verdicts: Sequence[tuple[str, int]] = ()
    open_verdicts: Sequence[Conclusion] = ()
    top: Sequence[Finding] = ()
    suppressed: Sequence[Finding] = ()
    gaps: Sequence[Coverage] = ()
    figure: tuple[str, str, str] | None = None
    news: Comparison | None = None
    owners: Sequence[str] = ()
    undelivered: Sequence[RunDelivery] = ()


def describe_run(run: PastRun, runs: Sequence[PastRun], reports: Path) -> IndexedRun:
    """Return a run as the index shows it.

    Args:
        run: one of ``runs``.
        runs: all of them, newest first.
        reports: the folder of all reports.
    """
    folder = quote(str(run.folder.relative_to(reports)))
    bare = IndexedRun(
        run=run,
        address=f"{folder}/",
        when=utc_text(run.manifest.started_at),
        moment=run.manifest.started_at.astimezone(UTC).isoformat(),
        took=minutes_text(run.manifest.seconds),
        signed=run.manifest.chain is not None and not run.manifest.unsigned,
        undelivered=[each for each in read_deliveries(run.folder) if each.outcome != "sent"],
    )
    if run.findings is None:
        return bare
    counted = open_findings(run.findings.findings)
    ranked = sorted(counted, key=lambda finding: -finding.severity.rank)
    news = _news(run, previous_run(runs, run))
    return replace(
        bare,
        address=f"{folder}/report.html",
        as_of=utc_text(run.findings.as_of),
        verdicts=[(v.value, n) for v, n in count_by_verdict(run.findings).items() if n],
        severities=[(s.value, n) for s, n in count_by_severity(run.findings).items() if n],
        open_verdicts=[c for c in run.findings.conclusions if c.verdict is not Verdict.PASS],
        top=[finding for finding in ranked if finding.severity is not Severity.INFO][:TOP],
        suppressed=[one for one in run.findings.findings if one.suppressed is not None],
        gaps=distinct_gaps(run.findings.coverage),
        figure=_figure(run, news),
        news=news,
        owners=sorted({owner_of(finding) for finding in run.findings.findings}),
    )


def owner_of(finding: Finding) -> str:
    """Return who answers for a finding, in words."""
    return finding.owner or NOBODY


def _news(run: PastRun, before: PastRun | None) -> Comparison | None:
    if before is None or before.findings is None or run.findings is None:
        return None
    asked = differing_parameters(before.manifest.parameters, run.manifest.parameters)
    return compare_runs(before.findings, run.findings, asked=asked)


def _figure(run: PastRun, news: Comparison | None) -> tuple[str, str, str] | None:
    assert run.findings is not None
    if not run.findings.headlines:
        return None
    first = run.findings.headlines[0]
    moved = next((one for one in news.headlines if one.after == first), None) if news else None
    return (first.label, figure_text(first), moved.since if moved else "")
