"""The answer to what should be committed to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opslib.analysis.savings.commitments.report import BacktestReport
from opslib.analysis.savings.conclusions import shorten_reasons
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Verdict
from opslib.money import total
from opslib.wording import count, money

__all__ = ["BACKTEST_READS", "conclude_commitments", "except_backtest"]

QUESTION = "What should we commit to?"
BACKTEST_READS = (
    "usage by hour",
    "hours of the bill",
    "savings plan rates",
    "reservation rates",
)
"""The reads that this answer alone rests on."""
NO_EXPORT = "no hourly export is named, and Cost Explorer keeps hours for 14 days only"


def except_backtest(coverage: Iterable[Coverage]) -> list[Coverage]:
    """Return the coverage that other answers rest on."""
    return [line for line in coverage if line.table not in BACKTEST_READS]


def conclude_commitments(
    report: BacktestReport, currency: str, coverage: Sequence[Coverage]
) -> Conclusion:
    """Return what should be committed to.

    What is found fails whatever else could not be seen: money is paid that need not be. But where
    it is not known whether the Savings Plans that are held are filled, another one may be too much,
    and that is inconclusive. Nothing found passes only where all hours and all rates were told.

    Args:
        report: what was tried.
        currency: of the amounts.
        coverage: of all reads.
    """
    because = shorten_reasons((*report.untold, *_missing(report, coverage)))
    bought = report.tried[: report.bought]
    if bought:
        saving = total(one.saving for one in bought)
        said = (
            f"{count(len(bought), 'commitment')} would have saved {money(saving, currency)} a month"
            f" over the past {count(_days(report), 'day')}"
        )
        verdict = Verdict.FAIL
        if report.untold:
            said, verdict = f"{said}, if what is held is filled", Verdict.INCONCLUSIVE
        return Conclusion(question=QUESTION, verdict=verdict, sentence=f"{said}.", because=because)
    if because:
        said = "No commitment was found in what could be seen."
        return Conclusion(
            question=QUESTION, verdict=Verdict.INCONCLUSIVE, sentence=said, because=because
        )
    said = f"Nothing is to be bought, by the past {count(_days(report), 'day')}."
    return Conclusion(question=QUESTION, verdict=Verdict.PASS, sentence=said)


def _days(report: BacktestReport) -> int:
    return report.span.hours // 24 if report.span else 0


def _missing(report: BacktestReport, coverage: Sequence[Coverage]) -> Iterable[str]:
    if not report.asked:
        yield NO_EXPORT
        return
    for line in gaps(coverage, *BACKTEST_READS):
        yield f"{line.named}: {line.detail or line.status.words}"
    if report.span is None:
        yield "not even the last month is told whole"
    elif not report.span.whole:
        yield f"tried on the last {count(_days(report), 'day')} alone, which have no gap"
    unpriced = [
        one for one in report.options if isinstance(one, Rejection) and one.reason is Reason.UNKNOWN
    ]
    if unpriced:
        yield f"{count(len(unpriced), 'usage type')} without a rate"
