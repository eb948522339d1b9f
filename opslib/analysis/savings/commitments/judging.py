"""From a backtest to a recommendation, or to why an offer is rejected."""

from __future__ import annotations

from decimal import Decimal

from opslib.analysis.savings.commitments.backtest import Backtest
from opslib.analysis.savings.commitments.cells import Meter
from opslib.analysis.savings.commitments.offers import Offer
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.recommendation import (
    Basis,
    LineSaving,
    Reason,
    Recommendation,
    Rejection,
)
from opslib.wording import count, money, percent, printable

__all__ = [
    "KIND",
    "PLAN_NAMES",
    "advise",
    "describe_level",
    "is_sound",
    "name_offer",
    "reject_alternative",
    "reject_covered",
    "reject_level",
    "reject_unfilled",
    "reject_unpriced",
]

KIND = "commitment"
DAY_HOURS = 24
DOUBT = "; whether the Savings Plans that are held are filled is not known"
FIRST = "See first whether the Savings Plans that are held are filled."
PLAN_NAMES = {
    "compute-savings-plan": "Compute Savings Plan",
    "ec2-instance-savings-plan": "EC2 Instance Savings Plan",
    "reserved-db-instance": "reserved DB instances",
    "reserved-cache-node": "reserved cache nodes",
    "reserved-redshift-node": "reserved Redshift nodes",
    "reserved-search-instance": "reserved search instances",
}


def is_sound(tried: Backtest) -> bool:
    """Say whether an offer is worth a commitment: it saves, in every month and out of sample."""
    return tried.level > 0 and min(tried.saving, tried.low, tried.newer_saving) > 0


def advise(
    tried: Backtest, payer: tuple[str, str], fall: float, currency: str, *, is_filled: bool
) -> Recommendation:
    """Return the recommendation of a sound offer.

    Args:
        tried: how it would have fared.
        payer: account id and label of who buys.
        fall: share by which usage may fall.
        currency: of every amount.
        is_filled: False where it is not known whether the Savings Plans that are held are filled.
    """
    offer = tried.offer
    line = LineSaving(
        resource="",
        meter=offer.id,
        account=payer[0],
        cost=tried.eligible,
        saving=min(tried.saving, tried.eligible),
    )
    sentence = (
        f"{describe_level(offer, tried.level, currency)} would have saved "
        f"{_interval(tried, currency)} a month, {percent(tried.utilisation)} used; with "
        f"{percent(fall)} less usage {_fallen(tried, currency)}{'' if is_filled else DOUBT}"
    )
    action = f"Buy {_purchase(tried, currency)}, unless its usage is about to change."
    return Recommendation(
        kind=KIND,
        thing=_thing(offer, payer),
        lines=(line,),
        basis=Basis.ESTIMATE,
        sentence=sentence,
        action=action if is_filled else f"{FIRST} {action}",
        evidence=("recommendations", "tried_commitments", "regret_curves"),
    )


def _interval(tried: Backtest, currency: str) -> str:
    low, high = money(tried.low, currency), money(tried.high, currency)
    return low if low == high else f"{low} to {high}"


def _fallen(tried: Backtest, currency: str) -> str:
    amount = money(abs(tried.fallen_saving), currency)
    return f"still {amount}" if tried.fallen_saving >= 0 else f"it would lose {amount}"


def name_offer(offer: Offer) -> str:
    """Return what people call an offer."""
    return f"{PLAN_NAMES[offer.plan]} {offer.scope}".strip()


def describe_level(offer: Offer, level: Decimal, currency: str) -> str:
    """Return a level in words: units of a reservation, money an hour of a Savings Plan."""
    if offer.is_reservation:
        return count(int((level / offer.step).to_integral_value()), "unit")
    return f"{level:.3f} {currency} an hour"


def _purchase(tried: Backtest, currency: str) -> str:
    offer = tried.offer
    level = describe_level(offer, tried.level, currency)
    of_what = f" ({printable(offer.scope)})" if offer.scope else ""
    payment = offer.payment.replace("_", " ")
    return (
        f"{level} of {PLAN_NAMES[offer.plan]}{of_what} for {count(offer.years, 'year')}, {payment}"
    )


def reject_level(tried: Backtest, payer: tuple[str, str], currency: str) -> Rejection:
    """Return why an offer that is not sound is rejected."""
    break_even = 1 - tried.discount
    since = tried.used_hours * tried.curve.hours / (tried.curve.hours - tried.first_used)
    if tried.level == 0 and tried.first_used > DAY_HOURS and since > break_even:
        days = (tried.curve.hours - tried.first_used) // DAY_HOURS
        reason, why = Reason.TOO_YOUNG, f"it has been used for {count(days, 'day')} only"
    elif tried.level == 0:
        reason = Reason.VOLATILE
        why = (
            f"no level would have paid: a unit must be used in {percent(break_even)} of the hours, "
            f"and there was any use in {percent(tried.used_hours)} of them"
        )
    else:
        reason = Reason.VOLATILE
        why = (
            f"{describe_level(tried.offer, tried.level, currency)} would have saved "
            f"{money(tried.low, currency)} in its worst month, and the level chosen on the older "
            f"half {money(tried.newer_saving, currency)} a month in the newer half"
        )
    return Rejection(
        kind=KIND,
        thing=_thing(tried.offer, payer),
        reason=reason,
        sentence=why,
        saving=max(tried.saving, Decimal(0)),
    )


def reject_alternative(tried: Backtest, payer: tuple[str, str], currency: str) -> Rejection:
    """Return that an offer for usage which another one covers is rejected."""
    offer = tried.offer
    sentence = (
        f"{describe_level(offer, tried.level, currency)} for {count(offer.years, 'year')} would "
        "cover the same usage as what is recommended"
    )
    return Rejection(
        kind=KIND,
        thing=_thing(offer, payer),
        reason=Reason.COUNTED,
        sentence=sentence,
        saving=max(tried.saving, Decimal(0)),
    )


def reject_unfilled(
    tried: Backtest, payer: tuple[str, str], unfilled: str, currency: str
) -> Rejection:
    """Return that a Savings Plan is rejected while one that is held is not filled."""
    level = describe_level(tried.offer, tried.level, currency)
    return Rejection(
        kind=KIND,
        thing=_thing(tried.offer, payer),
        reason=Reason.COVERED,
        sentence=f"{level} would have cost least, but what is held is not filled: {unfilled}",
        saving=max(tried.saving, Decimal(0)),
    )


def reject_unpriced(meter: Meter, payer: tuple[str, str]) -> Rejection:
    """Return that AWS tells no rate, or several, for what is used."""
    why = "AWS tells no rate for it, or several that the bill does not tell apart"
    return _of_meter(meter, payer, Reason.UNKNOWN, why)


def reject_covered(meter: Meter, payer: tuple[str, str]) -> Rejection:
    """Return that nothing of a meter is left on demand."""
    why = "commitments that are held pay for all of it"
    return _of_meter(meter, payer, Reason.COVERED, why)


def _of_meter(meter: Meter, payer: tuple[str, str], reason: Reason, why: str) -> Rejection:
    name = f"{meter.name} {meter.operation}".strip()
    thing = Thing(
        kind=KIND,
        id=f"{name} {meter.account}",
        name=name,
        account_id=meter.account,
        account=payer[1] if meter.account == payer[0] else meter.account,
        region=meter.region,
    )
    return Rejection(kind=KIND, thing=thing, reason=reason, sentence=why)


def _thing(offer: Offer, payer: tuple[str, str]) -> Thing:
    return Thing(
        kind=KIND,
        id=offer.id,
        name=name_offer(offer),
        account_id=payer[0],
        account=payer[1],
        region="",
    )
