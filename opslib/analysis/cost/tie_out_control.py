"""What holding the export against Cost Explorer came to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from opslib.analysis.cost.control import Control, bill_finding
from opslib.analysis.cost.tie_out import CENT, TiedDay, TieOut, tie_out
from opslib.findings import Severity, Verdict
from opslib.money import total
from opslib.parameters.cost import CostParameters
from opslib.tables.bill_controls import BillControls
from opslib.tables.costs import Bill
from opslib.wording import count, days, join, money, printable, signed_money

__all__ = ["control_tie_out", "hold_against_explorer"]

NAME = "Sums of Cost Explorer"
MOST_NAMED = 3


def hold_against_explorer(
    bill: Bill, controls: BillControls, missing: Collection[date], column: str
) -> TieOut | None:
    """Return the export held against Cost Explorer; None where it was not asked or is silent.

    Args:
        bill: by an export.
        controls: ``tie_out`` and ``tied_days``.
        missing: days that the bill lacks: known already, and not compared.
        column: BilledCost or EffectiveCost.
    """
    if controls.tie_out is None:
        return None
    asked = [day for day in controls.tied_days if day not in missing]
    known = [day for day in asked if bill.first_day and day >= bill.first_day]
    return tie_out(bill, controls.tie_out, known, column) if known else None


def control_tie_out(
    tied: TieOut | None,
    bill: Bill,
    controls: BillControls,
    parameters: CostParameters,
    doubted: Collection[date],
) -> Control:
    """Say whether the export ties to Cost Explorer, and what a difference lies in.

    Args:
        tied: from `hold_against_explorer`.
        bill: the bill.
        controls: ``tied_days``: whether Cost Explorer was asked.
        parameters: ``tie_out`` and where the export is.
        doubted: days that another control doubts: a difference on these has its cause there.
    """
    if tied is None:
        return _not_held(bill, controls, parameters)
    wrong = tied.unexplained
    basis = ", after private discounts" if tied.net else ""
    span = days([day.day for day in tied.days])
    if not wrong:
        named = tied.named
        parts = f"; {_named_parts(named, bill.currency)}" if named else ""
        said = f"{count(len(tied.days), 'day')} ({span}) tie to the cent{basis}{parts}"
        return Control(name=NAME, verdict=Verdict.PASS, said=said)
    amount = total(day.unexplained for day in wrong)
    where = _services(tied, bill.currency)
    doubtful = tuple(day.day for day in wrong)
    more = "less" if amount < 0 else "more"
    said = (
        f"{money(abs(amount), bill.currency)} {more} than Cost Explorer on "
        f"{count(len(wrong), 'day')} ({days(doubtful)}), unexplained"
    )
    return Control(
        name=NAME,
        verdict=Verdict.INCONCLUSIVE,
        said=said,
        doubtful=doubtful,
        findings=(
            bill_finding(
                "untied_days",
                Severity.MEDIUM if set(doubtful) <= set(doubted) else Severity.HIGH,
                f"The export holds {said}{where}.",
                "Look for files that are missing or counted twice, and compare the days' services "
                "in Cost Explorer.",
            ),
        ),
    )


def _not_held(bill: Bill, controls: BillControls, parameters: CostParameters) -> Control:
    if controls.tied_days:
        return Control(
            name=NAME, verdict=Verdict.INCONCLUSIVE, said="Cost Explorer did not answer", told=True
        )
    reasons = (
        (bill.source != "export", "the bill is Cost Explorer's own"),
        (not parameters.tie_out, "switched off by tie_out: false"),
        (parameters.is_local, "not asked for a bill on this machine"),
        (len(bill.billing_accounts) > 1, "the bill is of several payers"),
    )
    said = next((reason for holds, reason in reasons if holds), "no settled day to compare")
    return Control(name=NAME, verdict=None, said=said)


def _named_parts(named: Sequence[TiedDay], currency: str) -> str:
    sums: dict[str, Decimal] = {}
    for day in named:
        for kind, amount in day.named:
            sums[kind] = sums.get(kind, Decimal(0)) + amount
    parts = [f"{signed_money(amount, currency)} of {kind}" for kind, amount in sorted(sums.items())]
    return f"the export differs on {count(len(named), 'day')} by {join(parts)}"


def _services(tied: TieOut, currency: str) -> str:
    found = [tie for tie in tied.services if abs(tie.difference) > CENT][:MOST_NAMED]
    parts = [f"{printable(tie.service)} {signed_money(tie.difference, currency)}" for tie in found]
    return f", most of it in {join(parts)}" if parts else ""
