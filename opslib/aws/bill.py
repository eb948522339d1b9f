"""The bill, from whichever source the parameters name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from opslib.aws.bill_athena import read_athena_bill
from opslib.aws.bill_export import read_export_bill
from opslib.aws.cost_explorer import read_cost_explorer_bill
from opslib.tables.costs import Bill

if TYPE_CHECKING:
    from opslib.aws.reads import Reads
    from opslib.parameters.cost import CostParameters

__all__ = ["read_bill"]


def read_bill(reads: Reads, parameters: CostParameters, days: tuple[date, ...]) -> Bill:
    """Read the bill of ``days``.

    The first account of the parameters is asked: a payer's bill holds its linked accounts.

    Args:
        reads: the run's context.
        parameters: the source, its path, tags and currency.
        days: consecutive UTC days.
    """
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
        return read_export_bill(
            reads,
            account,
            parameters.path,
            days,
            parameters.engine,
            tag_keys=parameters.tag_keys,
            currency=parameters.currency,
        )
    column = parameters.cost_basis.column
    return read_cost_explorer_bill(reads, account, days, parameters.tag_keys, column)
