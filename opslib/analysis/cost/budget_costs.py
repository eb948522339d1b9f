"""The part of the bill that a budget counts, or why it cannot be told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from opslib.tables.costs import TAG_VALUE, Bill

__all__ = ["counted_costs"]

CATEGORY_OF_KIND = {"Tax": "Tax", "Credit": "Credit"}
"""Kinds of charge that a budget may leave out and the bill can tell apart."""


def counted_costs(budget: Mapping[Any, Any], bill: Bill) -> pd.DataFrame | str:
    """Return the costs that a budget counts, or why they cannot be told.

    A payer's budget counts the whole bill, a linked account's only its own charges.

    Args:
        budget: a row of `opslib.tables.budgets.BUDGETS`.
        bill: the bill.
    """
    unlike = _unlike_the_bill(budget, bill)
    if unlike:
        return unlike
    excluded = [kind for kind in str(budget["Excluded"]).split(",") if kind]
    filters: dict[str, list[str]] = json.loads(budget["Filters"])
    account = str(budget["AccountId"])
    if bill.billing_accounts and bill.billing_accounts != (account,):
        return _of_one_account(bill, account, filters, excluded)
    if not filters:
        return _without_kinds(bill.regions, excluded) if excluded else bill.charges
    if len(filters) > 1:
        return f"it combines filters ({', '.join(sorted(filters))})"
    name, values = next(iter(filters.items()))
    return _filtered(bill, name, values, excluded)


def _unlike_the_bill(budget: Mapping[Any, Any], bill: Bill) -> str:
    """Return why no part of the bill can be what the budget counts; empty where one can."""
    if budget["BudgetType"] != "COST":
        return f"a {budget['BudgetType']} budget is not about cost"
    if budget["TimeUnit"] != "MONTHLY":
        return f"a {str(budget['TimeUnit']).lower()} budget reaches beyond the month"
    if budget["Currency"] != bill.currency:
        return f"the budget is in {budget['Currency']}, the bill in {bill.currency or 'nothing'}"
    return str(budget["Unread"])


def _of_one_account(
    bill: Bill, account: str, filters: dict[str, list[str]], excluded: list[str]
) -> pd.DataFrame | str:
    """Return what a budget of ``account`` counts in a bill of another payer, or of several."""
    if account in bill.billing_accounts:
        return "the bill is of several payers"
    if excluded:
        return f"it leaves out {', '.join(excluded)}, which the bill does not tell by account"
    kept = {**filters}
    own = kept.pop("LinkedAccount", [account])
    services = kept.pop("Service", None)
    if kept:
        return f"it filters by {', '.join(sorted(kept))} within one account"
    rows = bill.accounts[bill.accounts["SubAccountId"].isin({account} & set(own))]
    if services is not None:
        rows = rows[rows["ServiceName"].isin(services)]
    return f"the bill has no such charge of account {account}" if rows.empty else rows


def _without_kinds(regions: pd.DataFrame, excluded: list[str]) -> pd.DataFrame | str:
    unknown = [kind for kind in excluded if kind not in CATEGORY_OF_KIND]
    if unknown:
        return f"it leaves out {', '.join(unknown)}, which the bill cannot tell apart"
    left_out = {CATEGORY_OF_KIND[kind] for kind in excluded}
    return regions[~regions["ChargeCategory"].isin(left_out)]


def _filtered(bill: Bill, name: str, values: list[str], excluded: list[str]) -> pd.DataFrame | str:
    if excluded and name != "TagKeyValue":
        return f"it filters by {name} and leaves out {', '.join(excluded)}"
    frames = {
        "LinkedAccount": (bill.accounts, "SubAccountId"),
        "Service": (bill.accounts, "ServiceName"),
        "Region": (bill.regions, "RegionId"),
    }
    if name in frames:
        frame, column = frames[name]
        unknown = sorted(set(values) - set(frame[column]))
        if unknown:
            return f"the bill has no {name} {', '.join(unknown)}"
        return frame[frame[column].isin(values)]
    if name == "TagKeyValue":
        return _filtered_by_tag(bill, values)
    return f"it filters by {name}, which this report does not read"


def _filtered_by_tag(bill: Bill, values: list[str]) -> pd.DataFrame | str:
    """Return the costs of tag values written as AWS does: ``user:Key$value``."""
    keys = {value.partition("$")[0].removeprefix("user:") for value in values}
    if len(keys) > 1:
        return f"it combines tags ({', '.join(sorted(keys))})"
    key = keys.pop()
    if key not in bill.tags:
        return f"it filters by tag {key}, which this report did not read"
    wanted = {value.partition("$")[2] for value in values}
    frame = bill.tags[key]
    return frame[frame[TAG_VALUE].isin(wanted)]
