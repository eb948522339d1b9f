"""Whether every account is in the bill, to the last day.

Method: an account that was charged on each of the last settled days and then on none is taken for
one whose charges did not come. Failure mode: an account that was closed looks the same until its
last day lies before the periods compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from opslib.analysis.cost.control import Control
from opslib.analysis.cost.daily import within
from opslib.analysis.cost.periods import Periods
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Finding, Severity, Verdict
from opslib.parameters.cost import CostParameters
from opslib.tables.costs import Bill
from opslib.wording import count, day, days, join, printable

__all__ = ["account_gaps", "control_accounts"]

NAME = "Accounts"
MOST_NAMED = 3
USUAL_DAYS = 28


def control_accounts(bill: Bill, periods: Periods, parameters: CostParameters) -> Control:
    """Say which accounts have no charge, stopped, or are not in the parameters.

    Args:
        bill: the bill.
        periods: the report's days.
        parameters: the accounts asked for.
    """
    if bill.accounts.empty:
        return Control(name=NAME, verdict=None, said="the bill does not tell accounts")
    charged = set(within(bill.accounts, periods.current)["SubAccountId"])
    silent = [account.label for account in parameters.accounts if account.id not in charged]
    stopped = _stopped(bill, periods)
    listed = {account.id for account in parameters.accounts}
    unlisted = sorted(charged - listed - {""}) if listed else []
    said = [
        f"no charge of {join(silent)} in the period" if silent else "",
        f"none since {join([_since(bill, *one) for one in stopped.items()])}" if stopped else "",
        f"{count(len(unlisted), 'account')} that the parameters do not list ({_few(unlisted)}): "
        "their budgets are not read"
        if unlisted
        else "",
    ]
    known = f"charges of {count(len(charged), 'account')}"
    return Control(
        name=NAME,
        verdict=Verdict.INCONCLUSIVE if silent or stopped else Verdict.PASS,
        said="; ".join([known, *(part for part in said if part)]),
        findings=tuple(_stopped_account(bill, *one) for one in stopped.items()),
        told=True,
    )


def account_gaps(bill: Bill, periods: Periods, parameters: CostParameters) -> list[Coverage]:
    """Return the accounts that are silent in the period, or stopped in or just before it."""
    if bill.accounts.empty:
        return []
    charged = set(within(bill.accounts, periods.current)["SubAccountId"])
    silent = [
        _gap(account.label, periods, "the bill has no charge of this account in the period")
        for account in parameters.accounts
        if account.id not in charged
    ]
    stopped = [
        _gap(account, periods, f"charged every day until {day(last)}, and not since")
        for account, last in _stopped(bill, periods).items()
    ]
    return [*silent, *stopped]


def _gap(account: str, periods: Periods, detail: str) -> Coverage:
    return Coverage(
        table="costs by account",
        account=account,
        asked=days(periods.current.days),
        status=CoverageStatus.EMPTY,
        detail=detail,
    )


def _stopped(bill: Bill, periods: Periods) -> Mapping[str, date]:
    """Return each account that was charged daily until a day of the periods compared, and it."""
    settled = periods.settled_days
    if not settled:
        return {}
    charges: dict[str, set[date]] = {}
    for charged, account in zip(
        bill.accounts["ChargePeriodStart"], bill.accounts["SubAccountId"], strict=True
    ):
        charges.setdefault(account, set()).add(charged)
    latest = max(max(charged) for charged in charges.values())
    first = periods.before.start.date()
    found = {}
    for account, charged in sorted(charges.items()):
        last = max(charged)
        before = [one for one in settled if one <= last][-USUAL_DAYS:]
        daily = len(before) == USUAL_DAYS and charged.issuperset(before)
        if account and daily and first <= last < min(settled[-1], latest):
            found[account] = last
    return found


def _since(bill: Bill, account: str, last: date) -> str:
    return f"{day(last)} of {_named(bill, account)}"


def _named(bill: Bill, account: str) -> str:
    name = bill.account_names.get(account, "")
    return f"{printable(name)} ({account})" if name else printable(account)


def _few(accounts: list[str]) -> str:
    more = [f"{len(accounts) - MOST_NAMED} more"] if len(accounts) > MOST_NAMED else []
    return join([*(printable(one) for one in accounts[:MOST_NAMED]), *more])


def _stopped_account(bill: Bill, account: str, last: date) -> Finding:
    return Finding(
        kind="cost.stopped_account",
        subject={"SubAccountId": account},
        severity=Severity.MEDIUM,
        sentence=(
            f"{_named(bill, account)} was charged every day until {day(last)}, and not at all "
            "since."
        ),
        action="If the account was not closed, find out why its charges do not come.",
        evidence=("costs_by_account",),
        first_day=last.isoformat(),
    )
