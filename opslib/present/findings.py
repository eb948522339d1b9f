"""Findings, conclusions and coverage, as the top of every report shows them."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.coverage import Coverage, CoverageStatus, gaps, merge_spans
from opslib.findings import Conclusion, Finding, open_findings
from opslib.present.html import Html, text
from opslib.wording import count, stake

__all__ = ["show_conclusions", "show_coverage", "show_findings", "show_verdicts"]

LISTED = 12
ALL = '<a href="findings.json">findings.json</a>'
SAVINGS = "savings."
"""What the kinds of findings on savings begin with."""


def show_findings(findings: Sequence[Finding], most: int | None = None) -> Html:
    """Return the findings, most urgent first, with their money and the next action.

    Those that somebody has suppressed stand below, with the reason.

    Args:
        findings: in their order.
        most: how many are shown that count; how many more there are is said. All where None.
    """
    counted = open_findings(findings)
    suppressed = [finding for finding in findings if finding.suppressed is not None]
    shown = counted[:most]
    rest = len(counted) - len(shown)
    lines = [_plain_finding(finding) for finding in (*shown, *suppressed)]
    note = f'<p class="ops-note">{count(rest, "more finding")} in {ALL}.</p>' if rest else ""
    if rest:
        lines.append(f"{count(rest, 'more finding')} in findings.json.")
    listed = _list(shown) if shown else "<p>Nothing found.</p>"
    return Html(
        f'<div class="ops-findings">{listed}{note}{_suppressed(suppressed)}</div>',
        "\n".join(lines) or "Nothing found.",
    )


def _suppressed(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    told = count(len(findings), "suppressed finding")
    return f"<p><strong>{told}</strong>, counted for nothing for now.</p>{_list(findings)}"


def _list(findings: Sequence[Finding]) -> str:
    return f"<ol>{''.join(map(_finding, findings))}</ol>"


def _finding(finding: Finding) -> str:
    severity = finding.severity.value
    mark = severity if finding.suppressed is None else "suppressed"
    by = f"<p>{text(finding.suppressed.sentence)}</p>" if finding.suppressed else ""
    owner = f"<p>Owner: {text(finding.owner)}</p>" if finding.owner else ""
    return (
        f'<li id="finding-{finding.id}"><span><span class="ops-badge {mark}">{severity}</span>'
        f'</span><div class="ops-text"><p>{text(finding.sentence)}</p>'
        f"<p>{text(finding.action)}</p>{by}{owner}{_evidence(finding)}</div>"
        f'<span class="ops-amount">{text(_amount(finding))}</span></li>'
    )


def _evidence(finding: Finding) -> str:
    """Return links to the tables that the figures of a finding can be traced to."""
    links = [f'<a href="tables/{text(name)}.csv">{text(name)}</a>' for name in finding.evidence]
    return f'<p class="ops-note">From {", ".join(links)}</p>' if links else ""


def _amount(finding: Finding) -> str:
    """Return the money of a finding; what can be saved is no increase, and has no sign."""
    if finding.amount is None:
        return ""
    told = stake(finding.amount, finding.currency)
    return told.removeprefix("+") if finding.kind.startswith(SAVINGS) else told


def _plain_finding(finding: Finding) -> str:
    by = f" {finding.suppressed.sentence}" if finding.suppressed else ""
    return f"{finding.severity.value}: {finding.sentence} {finding.action}{by}"


def show_conclusions(conclusions: Sequence[Conclusion]) -> Html:
    """Return each question with its verdict, its answer and what kept it from one."""
    items = "".join(
        _conclusion(number, conclusion) for number, conclusion in enumerate(conclusions, start=1)
    )
    plain = "\n".join(f"{c.question} {c.verdict.value}: {c.sentence}" for c in conclusions)
    title = "What was asked, and the answers"
    return Html(f'<section class="ops-answers"><h3>{title}</h3><ul>{items}</ul></section>', plain)


def show_verdicts(conclusions: Sequence[Conclusion]) -> Html:
    """Return each question with its verdict in a few lines; each leads to its answer."""
    items = "".join(
        f'<li><a href="#answer-{number}">{_verdict(asked)} {text(asked.question)}</a></li>'
        for number, asked in enumerate(conclusions, start=1)
    )
    plain = "\n".join(f"{c.verdict.value}: {c.question}" for c in conclusions)
    return Html(f'<ul class="ops-verdicts">{items}</ul>', plain)


def _conclusion(number: int, conclusion: Conclusion) -> str:
    because = "".join(f"<small>{text(reason)}</small>" for reason in conclusion.because)
    return (
        f'<li id="answer-{number}"><span>{_verdict(conclusion)}</span>'
        f"<div><strong>{text(conclusion.question)}</strong> {text(conclusion.sentence)}{because}"
        "</div></li>"
    )


def _verdict(conclusion: Conclusion) -> str:
    verdict = conclusion.verdict.value
    return f'<span class="ops-badge {verdict}">{verdict}</span>'


def show_coverage(coverage: Sequence[Coverage]) -> Html:
    """Return what could not be seen, impossible to miss; one line when all was seen.

    What one read left open in several spans of time is one line; the text form has each.
    """
    missing = gaps(coverage)
    unsettled = [line for line in coverage if line.status is CoverageStatus.UNSETTLED]
    complete = len(coverage) - len(missing) - len(unsettled)
    seen = f"{count(complete, 'read')} complete"
    lines = [*missing, *unsettled]
    grouped = merge_spans(missing)
    of_reads = f" in {count(len(missing), 'read')}" if len(grouped) < len(missing) else ""
    headline = (
        f"{count(len(grouped), 'gap')}{of_reads}, {seen}"
        if missing
        else f"Everything asked for was seen: {seen}"
    )
    shown = [*grouped, *unsettled]
    items = "".join(_coverage_line(line) for line in shown[:LISTED])
    rest = f"<li>and {len(shown) - LISTED} more</li>" if len(shown) > LISTED else ""
    markup = (
        f'<div class="ops-coverage{" has-gaps" if missing else ""}">'
        f"<p><strong>What we could not see.</strong> {text(headline)}.</p>"
        f"{f'<ul>{items}{rest}</ul>' if lines else ''}</div>"
    )
    return Html(markup, "\n".join([headline, *(_plain(line) for line in lines)]))


def _place(line: Coverage) -> str:
    return ", ".join(part for part in (line.account, line.region) if part)


def _coverage_line(line: Coverage) -> str:
    kind = "gap" if line.status.is_gap else "unsettled"
    place = f" ({text(_place(line))})" if _place(line) else ""
    parts = [text(line.asked)]
    parts += [text(part) for part in (line.detail, line.remedy) if part]
    return (
        f'<li><span class="ops-badge {kind}">{line.status.words}</span> '
        f"<strong>{text(line.table)}</strong>{place}: {'; '.join(parts)}</li>"
    )


def _plain(line: Coverage) -> str:
    return f"{line.status.value}: {line.table} {_place(line)} {line.asked} {line.detail}"
