"""What to commit to: all offers tried, the best set of them, and the answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from opslib.analysis.savings.commitments.backtest import Backtest, try_offer
from opslib.analysis.savings.commitments.cells import Cells, Span, make_cells, told_span
from opslib.analysis.savings.commitments.judging import (
    advise,
    is_sound,
    reject_alternative,
    reject_covered,
    reject_level,
    reject_unfilled,
    reject_unpriced,
)
from opslib.analysis.savings.commitments.offers import (
    COMPUTE,
    EC2_INSTANCE,
    Offer,
    covered_meters,
    list_offers,
    unpriced_meters,
)
from opslib.analysis.savings.counting import Counted
from opslib.analysis.savings.held import ALL_FILLED, Filling
from opslib.analysis.savings.options import Option
from opslib.parameters.savings import SavingsParameters
from opslib.tables.savings_hours import BacktestTables

__all__ = ["BacktestReport", "backtest_commitments"]

HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """What was tried and what follows.

    Args:
        asked: whether an hourly export was named.
        span: the hours tried; None where they cannot be told.
        missing: files that the export promises and that are not there.
        lacking: hours of the window without any charge; 0 where nothing was asked.
        tried: every offer that makes some usage cheaper, those to buy first, by saving.
        bought: how many of ``tried`` are to buy.
        options: recommendations and rejections.
        untold: why it is not known whether the Savings Plans that are held are filled; empty where
            it is, or where no other is to buy.
    """

    asked: bool = False
    span: Span | None = None
    missing: tuple[str, ...] = ()
    lacking: int = 0
    tried: tuple[Backtest, ...] = ()
    bought: int = 0
    options: tuple[Option, ...] = ()
    untold: tuple[str, ...] = ()

    def keep(self, offers: Collection[str]) -> BacktestReport:
        """Return the same with nothing to buy but ``offers``, by their ids.

        What somebody declined, or another owner would buy, was tried and is not to buy here.
        """
        bought = self.tried[: self.bought]
        kept = [one for one in bought if one.offer.id in offers]
        left = [one for one in bought if one.offer.id not in offers]
        tried = (*kept, *left, *self.tried[self.bought :])
        untold = self.untold if _plans(kept) else ()
        return replace(self, tried=tried, bought=len(kept), untold=untold)


def backtest_commitments(
    tables: BacktestTables,
    counted: Sequence[Counted],
    parameters: SavingsParameters,
    currency: str,
    filling: Filling = ALL_FILLED,
) -> BacktestReport:
    """Return what to commit to of the usage that ``counted`` leaves.

    EC2 Instance Savings Plans are used before Compute Savings Plans (AWS Savings Plans user guide):
    the latter is tried on what the former leave. Whether they are worth it is decided by money: the
    Compute plan alone is tried too, and the set that saves more is recommended. The first of the
    terms is recommended; the others are told as alternatives.

    Args:
        tables: hours and rates.
        counted: what else is recommended.
        parameters: the notebook's.
        currency: of the bill.
        filling: of the Savings Plans that are held: while one is used too little, no other is
            recommended; while that is not known, the recommendation says so.
    """
    if tables.first is None or tables.end is None:
        return BacktestReport()
    span = told_span(tables)
    due = int((tables.end - tables.first).total_seconds() // HOUR_SECONDS)
    told = BacktestReport(
        asked=True, span=span, missing=tables.missing, lacking=due - len(tables.hours)
    )
    if span is None or tables.usage.empty:
        return told
    cells = make_cells(tables, span, counted)
    offers = list_offers(cells.meters, tables.rates)
    fall, years = parameters.usage_fall, parameters.terms[0]
    first = [one for one in offers if one.years == years]
    bought, others = _choose(cells, first, fall, parameters.min_saving)
    others += _try(cells, [one for one in offers if one.years != years], fall)
    held_back = _plans(bought) if filling.unfilled else []
    bought = [one for one in bought if one not in held_back]
    untold = filling.untold if _plans(bought) else ()
    payer = _payer(parameters)
    options = (
        *(reject_unfilled(one, payer, filling.unfilled[0], currency) for one in held_back),
        *(_advised(one, parameters, currency, is_filled=not untold) for one in bought),
        *_judged(others, parameters, currency),
        *_unjudged(cells, offers, payer),
    )
    tried = (*bought, *held_back, *others)
    return replace(told, tried=tried, bought=len(bought), options=options, untold=untold)


def _plans(tried: Sequence[Backtest]) -> list[Backtest]:
    return [one for one in tried if not one.offer.is_reservation]


def _advised(
    one: Backtest, parameters: SavingsParameters, currency: str, *, is_filled: bool = True
) -> Option:
    known = is_filled or one.offer.is_reservation
    return advise(one, _payer(parameters), parameters.usage_fall, currency, is_filled=known)


def _judged(
    others: Sequence[Backtest], parameters: SavingsParameters, currency: str
) -> Iterator[Option]:
    payer = _payer(parameters)
    for one in others:
        if not is_sound(one):
            yield reject_level(one, payer, currency)
        elif one.saving < parameters.min_saving:
            yield _advised(one, parameters, currency)
        else:
            yield reject_alternative(one, payer, currency)


def _unjudged(cells: Cells, offers: Sequence[Offer], payer: tuple[str, str]) -> Iterator[Option]:
    for meter in unpriced_meters(cells, offers):
        yield reject_unpriced(meter, payer)
    for meter in covered_meters(cells):
        yield reject_covered(meter, payer)


def _choose(
    cells: Cells, offers: Sequence[Offer], fall: float, least: Decimal
) -> tuple[list[Backtest], list[Backtest]]:
    """Return what to buy, the largest saving first, and what else was tried."""
    alone = _try(cells, [one for one in offers if one.plan == COMPUTE], fall)
    narrow = _try(cells, [one for one in offers if one.plan == EC2_INSTANCE], fall)
    reserved = _try(cells, [one for one in offers if one.is_reservation], fall)
    first = _wanted(narrow, least)
    wide = _try(_left(cells, first), [one.offer for one in alone], fall) if first else alone
    both, flexible = [*first, *_wanted(wide, least)], _wanted(alone, least)
    chosen, lost = (both, wide) if _sum(both) >= _sum(flexible) else (flexible, [])
    bought = [*chosen, *_wanted(reserved, least)]
    held = {one.offer.id for one in bought}
    others = [one for one in (*narrow, *lost, *reserved) if one.offer.id not in held]
    told = {one.offer.id for one in others} | held
    others += [one for one in flexible if one.offer.id not in told]
    return sorted(bought, key=lambda one: (-one.saving, one.offer.id)), others


def _wanted(tried: Sequence[Backtest], least: Decimal) -> list[Backtest]:
    return [one for one in tried if is_sound(one) and one.saving >= least]


def _left(cells: Cells, bought: Sequence[Backtest]) -> Cells:
    """Return what EC2 Instance Savings Plans leave; each is of a family and region of its own."""
    for one in bought:
        cells = one.offer.left(cells, float(one.level))
    return cells


def _try(cells: Cells, offers: Sequence[Offer], fall: float) -> list[Backtest]:
    return [tried for one in offers if (tried := try_offer(one, cells, fall))]


def _sum(tried: Sequence[Backtest]) -> Decimal:
    return sum((one.saving for one in tried), Decimal(0))


def _payer(parameters: SavingsParameters) -> tuple[str, str]:
    account = parameters.accounts[0] if parameters.accounts else None
    return (account.id, account.label) if account else ("", "")
