"""The bill, from whichever source the parameters name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.bill_athena import read_athena_bill
from opslib.aws.bill_export import read_export
from opslib.aws.cost_explorer import read_cost_explorer_bill
from opslib.aws.cost_tie_out import read_tie_out
from opslib.tables.bill_controls import CURRENCIES, BillControls
from opslib.tables.costs import Bill

if TYPE_CHECKING:
    from opslib.aws.reads import Reads
    from opslib.parameters.cost import CostParameters

__all__ = ["read_controlled_bill"]


def read_controlled_bill(
    reads: Reads, parameters: CostParameters, days: tuple[date, ...]
) -> tuple[Bill, BillControls]:
    """Read the bill of ``days`` and what it is controlled by.

    The first account of the parameters is asked: a payer's bill holds its linked accounts.

    Args:
        reads: the run's context.
        parameters: the source, its path, tags and currency.
        days: consecutive UTC days.
    """
    bill, controls = _read(reads, parameters, days)
    tie_out, tied = read_tie_out(reads, parameters, bill)
    return bill, replace(controls, tie_out=tie_out, tied_days=tied)


def _read(
    reads: Reads, parameters: CostParameters, days: tuple[date, ...]
) -> tuple[Bill, BillControls]:
    account = parameters.accounts[0] if parameters.accounts else None
    if parameters.source == "export" and parameters.engine == "athena":
        return read_athena_bill(
            reads,
            account,
            parameters.table,
            days,
            workgroup=parameters.workgroup,
            tag_keys=parameters.tag_keys,
            currency=parameters.currency,
        )
    if parameters.source == "export":
        return read_export(
            reads,
            account,
            parameters.path,
            days,
            parameters.engine,
            tag_keys=parameters.tag_keys,
            currency=parameters.currency,
        )
    column = parameters.cost_basis.column
    bill = read_cost_explorer_bill(reads, account, days, parameters.tag_keys, column)
    return bill, BillControls(
        files=None,
        duplicates=None,
        currencies=pd.DataFrame(columns=list(CURRENCIES.columns)),
        tie_out=None,
    )
