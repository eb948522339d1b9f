"""What AWS advises to commit to, with the months after which it has paid off.

AWS tells the months for reservations. For a Savings Plan they follow from what AWS estimates: the
whole term is paid in any case, so the plan has cost no more than on demand once its usage has gone
on for the term times the cost of the plan over the on-demand cost of the usage under it.

Source: AWS Billing and Cost Management API Reference, SavingsPlansPurchaseRecommendationDetail and
ReservationPurchaseRecommendationDetail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

__all__ = ["Advice", "list_advice"]

YEAR_MONTHS = 12
ANY_COMPUTE = "any compute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A purchase that AWS recommends.

    Args:
        plan: what is bought, such as ``compute-savings-plan``.
        what: instance family or type; ``any compute`` for any.
        region: where it counts; empty for everywhere.
        years: term.
        payment: ``no_upfront``, ``partial_upfront`` or ``all_upfront``.
        hourly: commitment of a Savings Plan; None of a reservation.
        units: number of reservations; None of a Savings Plan.
        upfront: paid at once.
        saving: a month, as AWS estimates it.
        used_share: of the commitment that AWS expects to be used; None where it tells none.
        break_even_months: months of usage after which it has cost no more than on demand; None
            where that is not known.
        currency: of every amount.
    """

    plan: str
    what: str
    region: str
    years: int
    payment: str
    hourly: Decimal | None
    units: Decimal | None
    upfront: Decimal
    saving: Decimal
    used_share: float | None
    break_even_months: float | None
    currency: str

    @property
    def offer(self) -> str:
        """Return the identity of the same purchase in our own backtest."""
        scope = [] if self.what == ANY_COMPUTE else [self.what, self.region]
        return " ".join([self.plan, *scope, f"{self.years}y"])


def list_advice(advice: pd.DataFrame) -> tuple[Advice, ...]:
    """Return what AWS advises, the largest saving first.

    Args:
        advice: columns of `opslib.tables.held_commitments.COMMITMENT_ADVICE`.
    """
    told = [_advice(row) for row in advice.to_dict("records")]
    return tuple(sorted(told, key=lambda one: (-one.saving, one.plan, one.what, one.region)))


def _advice(row: Mapping[Any, Any]) -> Advice:
    return Advice(
        plan=row["Plan"],
        what=row["What"],
        region=row["RegionId"],
        years=row["TermYears"],
        payment=row["Payment"],
        hourly=_told(row["HourlyCommitment"]),
        units=_told(row["Units"]),
        upfront=row["Upfront"],
        saving=row["MonthlySaving"],
        used_share=_told(row["UsedShare"]),
        break_even_months=_break_even(row),
        currency=row["Currency"],
    )


def _break_even(row: Mapping[Any, Any]) -> float | None:
    months, share = _told(row["BreakEvenMonths"]), _told(row["CostShare"])
    if months is None and share is not None:
        months = YEAR_MONTHS * row["TermYears"] * share
    return None if months is None else float(months)


def _told(value: Any) -> Any:
    return None if pd.isna(value) else value
