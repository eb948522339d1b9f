"""How an offer would have fared: its best level, and whether that holds out of sample.

The level recommended is the one that would have cost least over the whole window. To see whether
such a choice holds, one is made on the older half of the window and tried on the newer half, where
it was not chosen. Assumption: the next months are used as the past ones were; how much is lost if
they are used less is told beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from opslib.analysis.savings.commitments.cells import MONTH_HOURS, Cells
from opslib.analysis.savings.commitments.offers import Offer
from opslib.analysis.savings.commitments.regret import RegretCurve, make_curve
from opslib.analysis.savings.commitments.usage import Floats

__all__ = ["Backtest", "try_offer"]

SMALLEST = Decimal("0.000001")
DAY_HOURS, YEAR_HOURS = 24, 8760


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backtest:
    """One offer over the past hours. Amounts are a month of 30 days, levels an hour.

    Args:
        offer: what would be bought.
        curve: what every level would have cost over the whole window.
        level: the best, in whole steps of the offer.
        eligible: on-demand cost of what it applies to.
        saving: of ``level``, over the whole window.
        low, high: the least and the most that ``level`` saved in a month of the window.
        older_level: the best of the older half.
        newer_saving: what ``older_level`` saves in the newer half.
        fallen_saving: of ``level`` if all usage falls by the parameter; negative is a loss.
        utilisation: share of ``level`` that would have been used.
        discount: what the offer takes off the on-demand cost of all that it applies to, as a share.
        used_hours: share of the hours with any use.
        first_used: hour of the first use, from the beginning of the window.
    """

    offer: Offer
    curve: RegretCurve
    level: Decimal
    eligible: Decimal
    saving: Decimal
    low: Decimal
    high: Decimal
    older_level: Decimal
    newer_saving: Decimal
    fallen_saving: Decimal
    utilisation: float
    discount: float
    used_hours: float
    first_used: int

    @property
    def units(self) -> int:
        """Return how many units of a reservation the level is."""
        return int((self.level / self.offer.step).to_integral_value())

    @property
    def upfront(self) -> Decimal:
        """Return what is paid when it is bought."""
        hours = self.offer.years * YEAR_HOURS
        return (self.level * hours * self.offer.upfront).quantize(SMALLEST)

    @property
    def break_even_months(self) -> float:
        """Return the months after which less was paid than on demand; 0 where nothing is upfront.

        What is paid upfront, over what a month costs less than on demand without counting it.
        """
        paid_upfront = self.level * MONTH_HOURS * self.offer.upfront
        monthly = self.saving + paid_upfront
        return float(self.upfront / monthly) if monthly > 0 else float("inf")


def try_offer(offer: Offer, cells: Cells, fall: float) -> Backtest | None:
    """Return how an offer would have fared; None where it makes no usage cheaper.

    Args:
        offer: what would be bought.
        cells: usage by hour.
        fall: share by which usage may fall.
    """
    usage = offer.usage(cells)
    if not len(usage.cell):
        return None
    curve = make_curve(usage)
    step = float(offer.step)
    level = offer.step * curve.best_steps(step)
    hourly = usage.savings(float(level))
    months = _months(hourly)
    half = usage.hours // DAY_HOURS // 2 * DAY_HOURS
    older_level = offer.step * make_curve(usage.between(0, half)).best_steps(step)
    newer = usage.between(half, usage.hours).savings(float(older_level))
    used = usage.full > 0
    return Backtest(
        offer=offer,
        curve=curve,
        level=level,
        eligible=_monthly(usage.on_demand, usage.hours),
        saving=_monthly(float(hourly.sum()), usage.hours),
        low=min(months),
        high=max(months),
        older_level=older_level,
        newer_saving=_monthly(float(newer.sum()), len(newer)),
        fallen_saving=_monthly(-curve.with_use(1 - fall, float(level)), usage.hours),
        utilisation=usage.utilisation(float(level)),
        discount=1 - float(usage.plan.sum()) / usage.on_demand,
        used_hours=float(used.mean()),
        first_used=int(np.argmax(used)),
    )


def _months(hourly: Floats) -> list[Decimal]:
    """Return what each whole month saved, counted back from the end; the window if it is less."""
    months = len(hourly) // MONTH_HOURS
    parts = np.split(hourly[len(hourly) - months * MONTH_HOURS :], months) if months else [hourly]
    return [_monthly(float(part.sum()), len(part)) for part in parts]


def _monthly(amount: float, hours: int) -> Decimal:
    return Decimal(repr(float(amount * MONTH_HOURS / hours))).quantize(SMALLEST)
