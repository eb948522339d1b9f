"""The export held against Cost Explorer: by day to the cent, and by service where names agree.

Method: the sums of a settled day are compared; where they differ, so are those by kind of charge.
What lies in tax, in credits and refunds, or in fees (support, marketplace, commitments), which
other invoices may carry, is named; so is a difference of amortised cost on a day whose billed
cost ties. The rest is unexplained. Where the payer has private discounts, an export may tell cost
after them: Cost Explorer's net amounts are compared instead if more days tie to them.

Assumption: both tell the same days in UTC, and the payer is asked. Services are compared by their
names without spaces and capitals; what Cost Explorer splits into two names is put together
(`SPLIT_SERVICES`), and what still has no partner is compared as one sum. A service that differs
on a day that ties is one that the two put under different names: it is shown and not judged.
Sources: AWS Cost Management user guide, "Understanding your costs using billing data" and
GetCostAndUsage (API Reference); AWS Data Exports user guide, FOCUS, BilledCost and EffectiveCost.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.daily import sum_by
from opslib.money import EXACT, ZERO, total
from opslib.tables.costs import Bill
from opslib.tables.record_types import charge_category

__all__ = ["CENT", "ServiceTie", "TieOut", "TiedDay", "tie_out"]

CENT = Decimal("0.01")
OWN_PROVIDERS = frozenset({"aws", "amazonwebservices"})
SPLIT_SERVICES = {
    "ec2other": "amazonelasticcomputecloud",
    "amazonelasticcomputecloudcompute": "amazonelasticcomputecloud",
}
"""Cost Explorer's names of parts of a service, to the service's name in an export."""
KINDS = {
    "Usage": "usage",
    "Tax": "tax",
    "Credit": "credits and refunds",
    "Adjustment": "credits and refunds",
    "Purchase": "fees",
}
USAGE = "usage"
AMORTISATION = "amortisation"
OTHER_NAMES = "named differently"

Sums = Mapping[tuple[date, str], Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class TiedDay:
    """One day's sums.

    Args:
        day: the UTC day.
        export: what the export sums to.
        explorer: what Cost Explorer tells.
        named: what kinds of charge the difference lies in, with the export's excess in each.
        unexplained: what is left of the difference.
    """

    day: date
    export: Decimal
    explorer: Decimal
    named: tuple[tuple[str, Decimal], ...] = ()
    unexplained: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        """Return what the export has more than Cost Explorer."""
        return EXACT.subtract(self.export, self.explorer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTie:
    """One service's sums over the days compared; ``service`` is the export's name for it."""

    service: str
    export: Decimal
    explorer: Decimal

    @property
    def difference(self) -> Decimal:
        """Return what the export has more than Cost Explorer."""
        return EXACT.subtract(self.export, self.explorer)


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOut:
    """An export held against Cost Explorer.

    Args:
        column: BilledCost or EffectiveCost.
        net: whether Cost Explorer's amounts after private discounts were compared.
        days: in order.
        services: largest difference first.
    """

    column: str
    net: bool
    days: tuple[TiedDay, ...]
    services: tuple[ServiceTie, ...]

    @property
    def unexplained(self) -> tuple[TiedDay, ...]:
        """Return the days with a difference that nothing explains."""
        return tuple(day for day in self.days if abs(day.unexplained) > CENT)

    @property
    def named(self) -> tuple[TiedDay, ...]:
        """Return the days with a difference that is named."""
        return tuple(day for day in self.days if day.named)


def tie_out(bill: Bill, told: pd.DataFrame, days: Collection[date], column: str) -> TieOut:
    """Hold the days of an export against Cost Explorer.

    Args:
        bill: by the export.
        told: columns of `opslib.tables.bill_controls.TIE_OUT`.
        days: the settled days that both were read of.
        column: BilledCost or EffectiveCost.
    """
    wanted = sorted(days)
    own = _own_services(bill)
    mine = {name: _by_day(own, wanted, name) for name in ("BilledCost", "EffectiveCost")}
    gross, net = [
        _differs(mine[column], _by_day(told, wanted, f"{prefix}{column}")) for prefix in ("", "Net")
    ]
    prefix = "Net" if sum(net) < sum(gross) else ""
    theirs = {name: _by_day(told, wanted, f"{prefix}{name}") for name in mine}
    kinds = _kinds(bill, told, column, f"{prefix}{column}") if own is not bill.accounts else {}
    return TieOut(
        column=column,
        net=bool(prefix),
        days=tuple(
            _tied(
                day,
                {name: (mine[name][place], theirs[name][place]) for name in mine},
                kinds.get(day, {}),
                column,
            )
            for place, day in enumerate(wanted)
        ),
        services=_by_service(own, told, wanted, column, f"{prefix}{column}"),
    )


def _own_services(bill: Bill) -> pd.DataFrame:
    """Return AWS's own charges by service; all, where the bill does not tell the provider."""
    if bill.providers is None:
        return bill.accounts
    providers = bill.providers["ProviderName"]
    return bill.providers[[_plain(name) in OWN_PROVIDERS for name in providers]]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _by_day(costs: pd.DataFrame, days: Sequence[date], column: str) -> list[Decimal]:
    sums = sum_by(costs, ["ChargePeriodStart"], column)
    return [sums.get((day,), ZERO) for day in days]


def _differs(mine: Sequence[Decimal], theirs: Sequence[Decimal]) -> list[bool]:
    return [abs(EXACT.subtract(a, b)) > CENT for a, b in zip(mine, theirs, strict=True)]


def _kinds(
    bill: Bill, told: pd.DataFrame, column: str, told_column: str
) -> dict[date, dict[str, Decimal]]:
    """Return what the export has more of each kind of charge, by day.

    Empty where other providers' charges are among them, since kinds are not told by provider.
    """
    assert bill.providers is not None
    if any(_plain(name) not in OWN_PROVIDERS for name in bill.providers["ProviderName"]):
        return {}
    excess: dict[date, dict[str, Decimal]] = {}
    mine = sum_by(bill.regions, ["ChargePeriodStart", "ChargeCategory"], column)
    theirs = sum_by(told, ["ChargePeriodStart", "RecordType"], told_column)
    signed = [
        *((day, category, amount) for (day, category), amount in mine.items()),
        *((day, charge_category(kind), -amount) for (day, kind), amount in theirs.items()),
    ]
    for day, category, amount in signed:
        kind = KINDS.get(category, USAGE)
        held = excess.setdefault(day, {})
        held[kind] = EXACT.add(held.get(kind, ZERO), amount)
    return excess


def _tied(
    day: date,
    sums: Mapping[str, tuple[Decimal, Decimal]],
    kinds: Mapping[str, Decimal],
    column: str,
) -> TiedDay:
    export, explorer = sums[column]
    difference = EXACT.subtract(export, explorer)
    if abs(difference) <= CENT:
        return TiedDay(day=day, export=export, explorer=explorer)
    if abs(EXACT.subtract(*sums["BilledCost"])) <= CENT:
        named = [(AMORTISATION, difference)]
    else:
        named = [
            (kind, amount)
            for kind, amount in sorted(kinds.items())
            if kind != USAGE and abs(amount) > CENT
        ]
    rest = EXACT.subtract(difference, total(amount for _, amount in named))
    return TiedDay(day=day, export=export, explorer=explorer, named=tuple(named), unexplained=rest)


def _by_service(
    own: pd.DataFrame, told: pd.DataFrame, days: Sequence[date], column: str, told_column: str
) -> tuple[ServiceTie, ...]:
    wanted = set(days)
    names: dict[str, str] = {}
    mine, theirs = (
        _service_sums(frame[frame["ChargePeriodStart"].isin(wanted)], amounts, names)
        for frame, amounts in ((own, column), (told, told_column))
    )
    both = mine.keys() & theirs.keys()
    ties = [ServiceTie(service=names[key], export=mine[key], explorer=theirs[key]) for key in both]
    alone = [total(sums[key] for key in sums.keys() - both) for sums in (mine, theirs)]
    if any(alone):
        ties.append(ServiceTie(service=OTHER_NAMES, export=alone[0], explorer=alone[1]))
    return tuple(sorted(ties, key=lambda tie: (-abs(tie.difference), tie.service)))


def _service_sums(costs: pd.DataFrame, column: str, names: dict[str, str]) -> dict[str, Decimal]:
    """Return sums by a service's plain name, and note the first name that it had."""
    sums: dict[str, Decimal] = {}
    for (name,), amount in sum_by(costs, ["ServiceName"], column).items():
        plain = _plain(name)
        key = SPLIT_SERVICES.get(plain, plain)
        names.setdefault(key, name)
        sums[key] = EXACT.add(sums.get(key, ZERO), amount)
    return sums
