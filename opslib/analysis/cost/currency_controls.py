"""What the bill holds in other currencies than the reported one."""

from __future__ import annotations

import pandas as pd

from opslib.analysis.cost.control import Control, bill_finding
from opslib.analysis.cost.daily import sum_by
from opslib.analysis.cost.periods import Periods
from opslib.findings import Severity, Verdict
from opslib.parameters.cost import CostParameters
from opslib.tables.costs import Bill
from opslib.wording import count, join, money, printable

__all__ = ["control_currencies"]

NAME = "Currency"
MOST_NAMED = 3


def control_currencies(
    others: pd.DataFrame, bill: Bill, periods: Periods, parameters: CostParameters, column: str
) -> Control:
    """Say what is left out of the report because it is in another currency.

    Nothing is converted. With ``currency`` set this is what was asked for; without it the
    currency of most charges is reported, and the days with others are in doubt.

    Args:
        others: columns of `opslib.tables.bill_controls.CURRENCIES`.
        bill: the bill in one currency.
        periods: the report's days.
        parameters: ``currency``.
        column: BilledCost or EffectiveCost.
    """
    if others.empty:
        said = f"all in {bill.currency}" if bill.currency else "no charge"
        return Control(name=NAME, verdict=Verdict.PASS, said=said)
    sums = sum_by(others, ["BillingCurrency"], column)
    amounts = join([money(amount, currency) for (currency,), amount in sorted(sums.items())])
    accounts = sorted({_owner(*row) for row in _owners(others)})
    named = join([*accounts[:MOST_NAMED], *_more(len(accounts) - MOST_NAMED)])
    charges = count(int(others["Rows"].sum()), "charge")
    left_out = f"{amounts} in {charges} of {named} left out, since the report is in {bill.currency}"
    if parameters.currency:
        return Control(name=NAME, verdict=Verdict.PASS, said=f"{left_out}, as asked")
    first, last = min(others["FirstDay"]), max(others["LastDay"])
    finding = bill_finding(
        "mixed_currencies",
        Severity.HIGH,
        f"The bill mixes currencies: {left_out}.",
        f"Set currency: {bill.currency} if that is meant, and report the others apart.",
    )
    return Control(
        name=NAME,
        verdict=Verdict.INCONCLUSIVE,
        said=left_out,
        doubtful=tuple(day for day in periods.days if first <= day <= last),
        findings=(finding,),
    )


def _owners(others: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(others["ProviderName"], others["SubAccountId"], strict=True))


def _owner(provider: str, account: str) -> str:
    return printable(" ".join(part for part in (provider, account) if part) or "no account")


def _more(number: int) -> list[str]:
    return [f"{number} more"] if number > 0 else []
