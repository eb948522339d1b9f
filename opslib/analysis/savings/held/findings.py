"""Findings about commitments: what is paid for and not used, and what ends soon.

Source: Savings Plans User Guide, "Returning a purchased Savings Plan" (an hourly commitment of at
most 100 USD, within seven days and the calendar month of the purchase, as often as the quota lets)
and "Queuing a Savings Plan purchase"; Amazon EC2 API Reference, CreateReservedInstancesListing
(standard reservations alone can be sold).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from opslib.analysis.savings.findings import severity_of_share
from opslib.analysis.savings.held.commitments import Commitment
from opslib.estimate import Estimate
from opslib.findings import Finding
from opslib.parameters.savings import SavingsParameters
from opslib.tables.resource_names import resource_name
from opslib.wording import count, day, money, percent, printable

__all__ = [
    "COMPUTE",
    "EXPIRING",
    "UNDERUSED",
    "find_expiring",
    "find_underused",
    "is_underused",
    "name_commitment",
]

EXPIRING, UNDERUSED = "savings.expiring_commitment", "savings.underused_commitment"
COMPUTE = "Compute"
EVIDENCE = ("held_commitments", "commitment_totals")


def find_underused(
    commitments: Sequence[Commitment], parameters: SavingsParameters, spend: Decimal
) -> Iterator[Finding]:
    """Yield what is paid for and used less than it should be; money lost, which no change saves.

    Args:
        commitments: all.
        parameters: tell the share that should be used, and the smallest amount worth telling.
        spend: of a month, all in all.
    """
    for one in commitments:
        if is_underused(one, parameters):
            assert one.used_share is not None
            assert one.unused is not None
            lost = money(one.unused, one.currency)
            until = f" until {day(one.end)}" if one.end else ""
            sentence = (
                f"{name_commitment(one)}: {percent(one.used_share)} of it was used; {lost} a month "
                f"buys nothing{until}."
            )
            action = _what_to_do(one, parameters.as_of)
            yield _finding(UNDERUSED, one, sentence, action, one.unused, spend)


def is_underused(one: Commitment, parameters: SavingsParameters) -> bool:
    """Say whether a commitment is known to be used too little, by enough money to tell."""
    if not one.is_active or one.used_share is None or one.unused is None:
        return False
    return one.used_share < parameters.min_utilisation and one.unused >= parameters.min_saving


def find_expiring(
    commitments: Sequence[Commitment], parameters: SavingsParameters, spend: Decimal
) -> Iterator[Finding]:
    """Yield what ends within the days ahead, is not renewed, and whose usage costs more then.

    Args:
        commitments: all.
        parameters: tell how far ahead, and the smallest amount worth telling.
        spend: of a month, all in all.
    """
    for one in commitments:
        if one.end is None or one.is_renewed:
            continue
        if not one.ends_within(parameters.as_of, parameters.expiry_days):
            continue
        if one.lost_with_it is not None and one.lost_with_it < parameters.min_saving:
            continue
        sentence = f"{name_commitment(one)} ends {_when(one.end, parameters.as_of)}: {_then(one)}."
        action = f"Decide before {day(one.end)} what follows it."
        if one.kind == "savings_plan":
            action = f"Decide before {day(one.end)} what follows it; a purchase can be queued."
        yield _finding(EXPIRING, one, sentence, action, one.lost_with_it, spend)


def _then(one: Commitment) -> str:
    if one.lost_with_it is None:
        return "its usage goes back to on demand; what that costs more is not known"
    more = money(one.lost_with_it, one.currency)
    return f"its usage goes back to on demand, which costs {more} a month more"


def _when(end: datetime, as_of: datetime) -> str:
    return f"on {day(end)}, in {count((end - as_of).days, 'day')}"


def name_commitment(one: Commitment) -> str:
    """Return what was bought, its price and whose it is, in words."""
    name = printable(f"{one.what} {resource_name(one.id)}")
    place = ", ".join(printable(part) for part in (one.account, one.region) if part)
    hourly = "" if one.hourly is None else f" of {money(one.hourly, one.currency)} an hour"
    return f"{name}{hourly} ({place})" if place else f"{name}{hourly}"


def _what_to_do(one: Commitment, as_of: datetime) -> str:
    if one.kind == "savings_plan":
        if one.returnable_until is not None and one.returnable_until > as_of:
            return f"Return it before {one.returnable_until:%-d %b %Y %H:%M} UTC."
        other = "no other Savings Plan" if one.service == COMPUTE else "no more of the same"
        return f"It cannot be returned any more: buy {other} until usage fills it."
    if "convertible" in one.what:
        return "Exchange it for what is in use; a convertible reservation cannot be sold."
    if "standard" in one.what:
        return "Modify it to what is in use, or sell it in the Reserved Instance Marketplace."
    return "It can be neither returned nor sold: run what it covers, and reserve no more of it."


def _finding(
    kind: str, one: Commitment, sentence: str, action: str, amount: Decimal | None, spend: Decimal
) -> Finding:
    return Finding(
        kind=kind,
        subject={
            "ResourceId": one.id,
            "SubAccountId": one.account_id,
            "RegionId": one.region,
        },
        severity=severity_of_share(amount or Decimal(0), spend),
        sentence=sentence,
        action=action,
        amount=None if amount is None else Estimate.exact(amount),
        currency="" if amount is None else one.currency,
        evidence=EVIDENCE,
    )
