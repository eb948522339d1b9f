"""From a resource and its lines of the bill to a recommendation, or to why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from opslib.analysis.savings.successors import Successor
from opslib.money import EXACT, ZERO, cut
from opslib.parameters.savings import SavingsParameters
from opslib.wording import count

__all__ = [
    "Effect",
    "Judging",
    "Option",
    "recommend",
    "recommend_parts",
    "reject_dear",
    "reject_young",
    "save_all",
    "save_share",
]

Option = Recommendation | Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What every check looks at.

    Args:
        estate: resources and their use.
        charges: what they cost.
        parameters: the notebook's.
        successors: region, instance type and operation to what AWS names instead.
    """

    estate: Estate
    charges: Charges
    parameters: SavingsParameters
    successors: Mapping[tuple[str, str, str], Successor] = field(default_factory=dict)

    @property
    def as_of(self) -> datetime:
        """Return the moment that the report speaks of."""
        return self.parameters.as_of


def reject_young(kind: str, thing: Thing, judging: Judging, *meters: str) -> Rejection | None:
    """Return why a resource is not judged by its use: younger than the days of metrics.

    One whose age AWS does not tell is judged by the first day that it is charged, of the parts of
    usage types ``meters`` alone where any are named.
    """
    told = thing.age(judging.as_of)
    age = _charged_for(thing, judging, meters) if told is None else told
    days = judging.parameters.use_days
    if age is not None and age >= timedelta(days=days):
        return None
    if age is None:
        sentence = "nothing tells since when it exists"
        return Rejection(kind=kind, thing=thing, reason=Reason.UNKNOWN, sentence=sentence)
    sentence = f"it is {count(age.days, 'day')} old, younger than {days} days"
    return Rejection(kind=kind, thing=thing, reason=Reason.TOO_YOUNG, sentence=sentence)


def reject_dear(option: Option, sentence: str) -> Option:
    """Return an option as rejected where it saves nothing: what would follow costs no less."""
    if not isinstance(option, Recommendation) or option.saving > 0:
        return option
    return Rejection(
        kind=option.kind,
        thing=option.thing,
        reason=Reason.TOO_SMALL,
        sentence=sentence,
        saving=option.saving,
    )


def _charged_for(thing: Thing, judging: Judging, meters: tuple[str, ...]) -> timedelta | None:
    """Return for how long a resource has been charged, at the least.

    None where it was charged on the first day of the bill that was read and that is too late to
    tell whether it is young.
    """
    lines = judging.charges.of(thing, *meters)
    if not lines:
        return None
    first = min(line.first for line in lines)
    age = timedelta(days=(judging.as_of.date() - first).days)
    is_cut_off = first == judging.charges.days[0]
    is_young = age < timedelta(days=judging.parameters.use_days)
    return None if is_cut_off and is_young else age


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
        service: ServiceName of those prices, where two services call their meters alike.
    """

    meters: tuple[str, ...] = ()
    saved: Callable[[Line], Decimal] = save_all
    size: Mapping[str, Decimal] = field(default_factory=dict)
    service: str = ""


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
    parts = [(thing, effect)]
    return recommend_parts(kind, thing, judging, parts, sentence=sentence, action=action)


def recommend_parts(
    kind: str,
    thing: Thing,
    judging: Judging,
    parts: Iterable[tuple[Thing, Effect]],
    *,
    sentence: str,
    action: str,
) -> Option:
    """Return a recommendation on the lines of several resources, or why none of them is known.

    Args:
        kind: of the recommendation.
        thing: what it is about.
        judging: what is known.
        parts: the resources that go with it, and the effect on each.
        sentence: why.
        action: what to do.
    """
    asked = tuple(parts)
    found = [
        (line, effect, basis)
        for part, effect in asked
        for line, basis in _lines(part, effect, judging.charges)
    ]
    if not found:
        why = _why_unknown(judging.charges, [effect for _, effect in asked])
        return Rejection(kind=kind, thing=thing, reason=Reason.UNKNOWN, sentence=why)
    estimated = any(basis is Basis.ESTIMATE for _, _, basis in found)
    return Recommendation(
        kind=kind,
        thing=thing,
        lines=tuple(_saving(line, effect) for line, effect, _ in found),
        basis=Basis.ESTIMATE if estimated else Basis.BILL,
        sentence=sentence,
        action=action,
    )


def _why_unknown(charges: Charges, effects: Iterable[Effect]) -> str:
    if charges.knows_resources:
        return "no line of the bill names it"
    if any(effect.size for effect in effects):
        why = "the account pays no price of its kind"
    else:
        why = "its size does not tell them"
    return f"the bill does not tell costs by resource, and {why}"


def _saving(line: Line, effect: Effect) -> LineSaving:
    return LineSaving(
        resource=line.resource,
        meter=line.meter,
        account=line.account,
        cost=cut(line.cost),
        saving=cut(effect.saved(line)),
    )


def _lines(thing: Thing, effect: Effect, charges: Charges) -> Iterator[tuple[Line, Basis]]:
    """Yield what a resource is charged, by the bill or by its size."""
    lines, basis = charges.of(thing, *effect.meters), Basis.BILL
    if not lines and effect.size and not charges.knows_resources:
        lines, basis = _estimated(thing, charges, effect), Basis.ESTIMATE
    yield from ((line, basis) for line in lines if line.cost > 0)


def _estimated(thing: Thing, charges: Charges, effect: Effect) -> tuple[Line, ...]:
    """Return lines as the resource's size would make them; none where a price is not known."""
    lines = []
    for meter, quantity in effect.size.items():
        price = charges.price(meter, thing.region, effect.service)
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
