"""The whole savings report: one call from tables to findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.savings.advice import Advice, settle_advice
from opslib.analysis.savings.advice_findings import conclude_advice, headline_advice
from opslib.analysis.savings.charges import MONTH_DAYS, Charges, make_charges
from opslib.analysis.savings.commitments.conclusion import (
    conclude_commitments,
    except_backtest,
)
from opslib.analysis.savings.commitments.report import BacktestReport, backtest_commitments
from opslib.analysis.savings.conclusions import conclude_sizes, conclude_waste
from opslib.analysis.savings.counting import Counted, count_once
from opslib.analysis.savings.declines import make_declines, part_declined
from opslib.analysis.savings.estate import Estate, make_estate
from opslib.analysis.savings.findings import describe_recommendation
from opslib.analysis.savings.held import HeldReport, analyse_held, judge_filling
from opslib.analysis.savings.options import Judging, Option
from opslib.analysis.savings.recommendation import Reason, Recommendation, Rejection
from opslib.analysis.savings.sizes import SIZE_KINDS, Comparison, compare_sizes, judge_sizes
from opslib.analysis.savings.successors import make_successors
from opslib.analysis.savings.waste import find_waste
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, FindingsDocument, Headline
from opslib.money import EXACT, divide, total
from opslib.parameters.decisions import decide_findings
from opslib.parameters.savings import SavingsParameters
from opslib.tables.held_commitments import COMMITMENT_READS
from opslib.tables.past_advice import ADVICE_TABLES
from opslib.tables.savings import SavingsTables
from opslib.tables.savings_sizes import ADVISERS
from opslib.wording import money

__all__ = ["SavingsReport", "analyse_savings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsReport:
    """Everything that the savings report shows.

    Args:
        parameters: what it is about.
        tables: everything that was read.
        estate: resources and their use.
        charges: what they cost.
        spend: of a month, all in all.
        advice: what is recommended and what is not, and what became of earlier advice.
        held: commitments that are held already, and what AWS advises.
        backtest: commitments tried on past hours.
        findings: most urgent first.
        conclusions: the answers.
        headlines: figures of the first screen.
        coverage: what was and was not seen.
        comparisons: sizes that we or AWS itself would change.
    """

    parameters: SavingsParameters
    tables: SavingsTables
    estate: Estate
    charges: Charges
    spend: Decimal
    advice: Advice
    held: HeldReport
    backtest: BacktestReport
    findings: tuple[Finding, ...]
    conclusions: tuple[Conclusion, ...]
    headlines: tuple[Headline, ...]
    coverage: tuple[Coverage, ...]
    comparisons: tuple[Comparison, ...] = ()

    @property
    def currency(self) -> str:
        """Return the currency of every amount."""
        return self.charges.currency

    @property
    def counted(self) -> tuple[Counted, ...]:
        """Return what is recommended, the largest saving first."""
        return self.advice.counted

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """Return what was looked at and is not recommended."""
        return self.advice.rejections

    @property
    def saving(self) -> Decimal:
        """Return what all recommendations save together, a month."""
        return total(one.saving for one in self.counted)

    def document(self) -> FindingsDocument:
        """Return what machines read of it."""
        return FindingsDocument(
            notebook=self.parameters.notebook,
            environment=self.parameters.environment,
            as_of=self.parameters.as_of,
            window_start=None,
            window_end=None,
            headlines=self.headlines,
            conclusions=self.conclusions,
            findings=self.findings,
            coverage=self.coverage,
        )


def analyse_savings(
    parameters: SavingsParameters, tables: SavingsTables, coverage: Sequence[Coverage]
) -> SavingsReport:
    """Answer what to stop paying for.

    Args:
        parameters: the notebook's.
        tables: from `opslib.aws.savings.read.read_savings_tables`.
        coverage: of all reads.
    """
    estate = make_estate(tables.resources, tables.use)
    charges = make_charges(tables.spend, estate.things)
    judging = Judging(
        estate=estate,
        charges=charges,
        parameters=parameters,
        successors=make_successors(tables.successors),
    )
    spend = _monthly_spend(tables, charges)
    sized = judge_sizes(judging, tables.sizes.types)
    found = (*find_waste(judging), *(one.option for one in sized))
    wanted, rejected = _worthwhile(found, parameters.min_saving, charges.currency)
    declines = make_declines(tables.past.declined)
    standing, _ = part_declined(wanted, declines, parameters.as_of.date())
    held = analyse_held(parameters, tables.held, spend, coverage)
    filling = judge_filling(held.commitments, parameters, coverage)
    backtest = backtest_commitments(
        tables.backtest, count_once(standing), parameters, charges.currency, filling
    )
    committed, others = _worthwhile(backtest.options, parameters.min_saving, charges.currency)
    options = ((*wanted, *committed), (*rejected, *others))
    advice = settle_advice(options, parameters, tables, estate, coverage)
    counted, currency = advice.counted, charges.currency
    backtest = backtest.keep({one.recommendation.thing.id for one in counted})
    looked_at = {one.id for one in wanted} | {one.id for one in rejected}
    wasted = [one for one in counted if one.recommendation.id in looked_at]
    unchosen = [one for one in advice.rejections if one.id in looked_at]
    described = [describe_recommendation(one, spend, currency, advice.owners) for one in counted]
    return SavingsReport(
        parameters=parameters,
        tables=tables,
        estate=estate,
        charges=charges,
        spend=spend,
        advice=advice,
        held=held,
        backtest=backtest,
        findings=decide_findings(
            _ranked((*described, *held.findings, *advice.findings)), parameters
        ),
        conclusions=(
            *_conclude(wasted, unchosen, currency, _of_resources(coverage)),
            held.conclusion,
            conclude_commitments(backtest, currency, coverage),
            conclude_advice(advice.followed, parameters.as_of, currency, coverage),
        ),
        headlines=(
            Headline(
                name="monthly_saving",
                label="Saving a month, counted once",
                amount=total(one.saving for one in counted),
                unit=currency,
            ),
            *held.headlines,
            *headline_advice(advice.followed, currency),
        ),
        coverage=tuple(coverage),
        comparisons=compare_sizes(sized, tables.sizes, judging, coverage),
    )


def _conclude(
    counted: Sequence[Counted],
    rejected: Sequence[Rejection],
    currency: str,
    coverage: Sequence[Coverage],
) -> tuple[Conclusion, ...]:
    kinds = set(SIZE_KINDS.values())
    sizes = [one for one in counted if one.recommendation.kind in kinds]
    waste = [one for one in counted if one.recommendation.kind not in kinds]
    unknown = [one.kind in kinds for one in rejected if one.reason is Reason.UNKNOWN]
    return (
        conclude_waste(waste, unknown.count(False), currency, coverage),
        conclude_sizes(sizes, unknown.count(True), currency, coverage),
    )


def _of_resources(coverage: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """Return the coverage without that of commitments and advice, which tell nothing of use."""
    others = {*COMMITMENT_READS, *ADVICE_TABLES, *ADVISERS}
    return tuple(line for line in except_backtest(coverage) if line.table not in others)


def _monthly_spend(tables: SavingsTables, charges: Charges) -> Decimal:
    whole = total(tables.spend.meters["EffectiveCost"])
    days = len(charges.days)
    return divide(EXACT.multiply(whole, Decimal(MONTH_DAYS)), Decimal(days)) if days else Decimal(0)


def _worthwhile(
    options: Iterable[Option], least: Decimal, currency: str
) -> tuple[tuple[Recommendation, ...], tuple[Rejection, ...]]:
    """Return what saves enough, and everything else with its reason."""
    wanted: list[Recommendation] = []
    rejected: list[Rejection] = []
    for option in options:
        if isinstance(option, Rejection):
            rejected.append(option)
        elif option.saving < least:
            rejected.append(_too_small(option, least, currency))
        else:
            wanted.append(option)
    return tuple(wanted), tuple(rejected)


def _too_small(option: Recommendation, least: Decimal, currency: str) -> Rejection:
    return Rejection(
        kind=option.kind,
        thing=option.thing,
        reason=Reason.TOO_SMALL,
        sentence=f"{option.sentence}, but it would save less than {money(least, currency)} a month",
        saving=option.saving,
    )


def _ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    def urgency(finding: Finding) -> tuple[int, Decimal, str]:
        saved = finding.amount.mid if finding.amount else Decimal(0)
        return (-finding.severity.rank, -saved, finding.id)

    return tuple(sorted(findings, key=urgency))
