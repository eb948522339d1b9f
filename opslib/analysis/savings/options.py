"""From a resource and its lines of the bill to a recommendation, or to why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from opslib.analysis.savings.charges import Charges, Line
from opslib.analysis.savings.estate import Estate, Thing
from opslib.analysis.savings.recommendation import (
    Basis,
    LineSaving,
    Reason,
    Recommendation,
    Rejection,
)
from opslib.money import EXACT, ZERO
from opslib.parameters.savings import SavingsParameters
from opslib.wording import count

__all__ = ["Effect", "Judging", "Option", "recommend", "reject_young", "save_all", "save_share"]

Option = Recommendation | Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What every check looks at.

    Args:
        estate: resources and their use.
        charges: what they cost.
        parameters: the notebook's.
    """

    estate: Estate
    charges: Charges
    parameters: SavingsParameters

    @property
    def as_of(self) -> datetime:
        """Return the moment that the report speaks of."""
        return self.parameters.as_of


def reject_young(kind: str, thing: Thing, judging: Judging) -> Rejection | None:
    """Return why a resource is not judged by its use: younger than the days of metrics.

    One whose age AWS does not tell is judged by the first day that its use or cost is known for.
    """
    age = thing.age(judging.as_of) or _charged_for(thing, judging)
    days = judging.parameters.use_days
    if age is not None and age >= timedelta(days=days):
        return None
    if age is None:
        sentence = "nothing tells since when it exists"
        return Rejection(kind=kind, thing=thing, reason=Reason.UNKNOWN, sentence=sentence)
    sentence = f"it is {count(age.days, 'day')} old, younger than {days} days"
    return Rejection(kind=kind, thing=thing, reason=Reason.TOO_YOUNG, sentence=sentence)


def _charged_for(thing: Thing, judging: Judging) -> timedelta | None:
    """Return for how long a resource has been charged at the least."""
    lines = judging.charges.of(thing)
    if not lines:
        return None
    first = min(line.first for line in lines)
    if first == judging.charges.days[0]:
        return timedelta(days=judging.parameters.use_days)
    return timedelta(days=(judging.as_of.date() - first).days)


def save_all(line: Line) -> Decimal:
    """Return the whole cost of a line."""
    return line.cost


def save_share(share: Decimal) -> Callable[[Line], Decimal]:
    """Return what takes a share, from 0 to 1, of a line's cost."""
    return lambda line: EXACT.multiply(line.cost, share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a recommendation does to the bill.

    Args:
        meters: parts of the usage types that it acts on; none for every line of the resource.
        saved: what is saved of a line.
        size: usage type without region to units a month, from which its cost is estimated at the
            account's own prices where the bill does not tell resources; empty where the size is
            not known.
    """

    meters: tuple[str, ...] = ()
    saved: Callable[[Line], Decimal] = save_all
    size: Mapping[str, Decimal] = field(default_factory=dict)


def recommend(
    kind: str, thing: Thing, judging: Judging, effect: Effect, *, sentence: str, action: str
) -> Option:
    """Return a recommendation with the resource's own cost, or why its cost is not known.

    Args:
        kind: of the recommendation.
        thing: the resource.
        judging: what is known.
        effect: on the bill.
        sentence: why.
        action: what to do.
    """
    lines = judging.charges.of(thing, *effect.meters)
    basis = Basis.BILL
    if not lines and effect.size and not judging.charges.knows_resources:
        lines, basis = _estimated(thing, judging.charges, effect.size), Basis.ESTIMATE
    lines = tuple(line for line in lines if line.cost > 0)
    if not lines:
        why = "no line of the bill names it" if judging.charges.knows_resources else (
            "the bill does not tell costs by resource, and the account pays no price of its kind"
        )  # fmt: skip
        return Rejection(kind=kind, thing=thing, reason=Reason.UNKNOWN, sentence=why)
    return Recommendation(
        kind=kind,
        thing=thing,
        lines=tuple(
            LineSaving(
                resource=line.resource,
                meter=line.meter,
                account=line.account,
                cost=line.cost,
                saving=effect.saved(line),
            )
            for line in lines
        ),
        basis=basis,
        sentence=sentence,
        action=action,
    )


def _estimated(thing: Thing, charges: Charges, size: Mapping[str, Decimal]) -> tuple[Line, ...]:
    """Return lines as the resource's size would make them; none where a price is not known."""
    lines = []
    for meter, quantity in size.items():
        price = charges.price(meter, thing.region)
        if price is None or not charges.days:
            return ()
        lines.append(
            Line(
                resource=thing.id,
                meter=meter,
                unit="",
                account=thing.account_id,
                cost=EXACT.multiply(max(quantity, ZERO), price),
                quantity=quantity,
                first=charges.days[0],
                last=charges.days[-1],
            )
        )
    return tuple(lines)
