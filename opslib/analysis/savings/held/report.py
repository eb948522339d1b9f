"""What the report says of commitments that are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.savings.held.advice import Advice, list_advice
from opslib.analysis.savings.held.commitments import Commitment, list_commitments
from opslib.analysis.savings.held.findings import (
    EXPIRING,
    UNDERUSED,
    find_expiring,
    find_underused,
)
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Finding, Headline, Verdict
from opslib.money import total
from opslib.parameters.savings import SavingsParameters
from opslib.tables.held_commitments import HELD_TABLES, TOTALS_TABLE, HeldTables
from opslib.wording import count, join, money

__all__ = ["HeldReport", "analyse_held"]

QUESTION = "Is what is committed used, and does it last?"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReport:
    """Commitments that are held, and what AWS advises.

    Args:
        commitments: by end; used ones that nobody lists last.
        covered: columns of `opslib.tables.held_commitments.COVERED_SPEND`.
        advice: AWS's, the largest saving first.
        findings: what is not used, and what ends soon.
        conclusion: the answer.
        headlines: figures of the first screen.
    """

    commitments: tuple[Commitment, ...]
    covered: pd.DataFrame
    advice: tuple[Advice, ...]
    findings: tuple[Finding, ...]
    conclusion: Conclusion
    headlines: tuple[Headline, ...]


def analyse_held(
    parameters: SavingsParameters,
    tables: HeldTables,
    spend: Decimal,
    coverage: Sequence[Coverage],
) -> HeldReport:
    """Judge the commitments that are held.

    Args:
        parameters: the notebook's.
        tables: what was read of commitments.
        spend: of a month, all in all, in the currency of the bill.
        coverage: of all reads.
    """
    commitments = list_commitments(tables, parameters.days)
    findings = (
        *find_underused(commitments, parameters, spend),
        *find_expiring(commitments, parameters, spend),
    )
    missing = _missing(commitments, coverage)
    return HeldReport(
        commitments=commitments,
        covered=tables.covered,
        advice=list_advice(tables.advice),
        findings=findings,
        conclusion=_conclude(commitments, findings, missing, parameters.expiry_days),
        headlines=_headlines(commitments, missing),
    )


def _missing(commitments: Sequence[Commitment], coverage: Sequence[Coverage]) -> tuple[str, ...]:
    """Return what is not known of commitments; everything, where nothing was asked."""
    tables = {*HELD_TABLES, TOTALS_TABLE}
    unread = sorted(tables - {line.table for line in coverage})
    lines = [f"{line.named}: {line.status.words}" for line in gaps(coverage, *tables)]
    unknown = sum(one.is_unknown for one in commitments)
    unlisted = sum(not one.is_listed for one in commitments)
    return (
        *(f"{table}: not asked" for table in unread),
        *dict.fromkeys(lines),
        *([f"use of {count(unknown, 'commitment')} is not told"] if unknown else []),
        *([f"end of {count(unlisted, 'commitment')} is not told"] if unlisted else []),
    )


def _conclude(
    commitments: Sequence[Commitment],
    findings: Sequence[Finding],
    missing: tuple[str, ...],
    days: int,
) -> Conclusion:
    if findings:
        said = join([part for part in (_unused(findings), _ending(findings, days)) if part])
        return Conclusion(
            question=QUESTION, verdict=Verdict.FAIL, sentence=f"No: {said}.", because=missing
        )
    if missing:
        return Conclusion(
            question=QUESTION,
            verdict=Verdict.INCONCLUSIVE,
            sentence="It cannot be told of all.",
            because=missing,
        )
    active = sum(one.is_active for one in commitments)
    said = f"Yes, of {count(active, 'commitment')}." if active else "Nothing is committed."
    return Conclusion(question=QUESTION, verdict=Verdict.PASS, sentence=said)


def _unused(findings: Sequence[Finding]) -> str:
    found = [one for one in findings if one.kind == UNDERUSED]
    if not found:
        return ""
    lost = total(one.amount.mid for one in found if one.amount)
    said = f"{money(lost, found[0].currency)} a month of {count(len(found), 'commitment')}"
    return f"{said} buys nothing"


def _ending(findings: Sequence[Finding], days: int) -> str:
    found = [one for one in findings if one.kind == EXPIRING]
    if not found:
        return ""
    verb = "ends" if len(found) == 1 else "end"
    return f"{count(len(found), 'commitment')} {verb} within {count(days, 'day')}"


def _headlines(commitments: Sequence[Commitment], missing: tuple[str, ...]) -> tuple[Headline, ...]:
    """Return what is committed and buys nothing; not known, where anything of it is missing."""
    active = [one for one in commitments if one.is_active]
    currencies = {one.currency for one in active} or {"USD"}
    known = not missing and len(currencies) == 1
    return (
        Headline(
            name="monthly_unused_commitment",
            label="Committed and not used, a month",
            amount=total(one.unused for one in active) if known else None,
            unit=min(currencies),
        ),
    )
