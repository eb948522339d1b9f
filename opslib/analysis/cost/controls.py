"""Everything that the bill is controlled by, before anything is concluded from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from opslib.analysis.cost.account_controls import control_accounts
from opslib.analysis.cost.control import Control, doubtful_days
from opslib.analysis.cost.currency_controls import control_currencies
from opslib.analysis.cost.file_controls import control_duplicates, control_files, control_versions
from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.tie_out import TieOut
from opslib.analysis.cost.tie_out_control import control_tie_out
from opslib.findings import Verdict
from opslib.parameters.cost import CostParameters
from opslib.tables.cost_tables import CostTables
from opslib.wording import count, days

__all__ = ["control_bill"]


def control_bill(
    tables: CostTables,
    periods: Periods,
    missing: Sequence[date],
    tied: TieOut | None,
    parameters: CostParameters,
) -> tuple[Control, ...]:
    """Return each control of the bill, in the order in which they are shown.

    Args:
        tables: the bill, and what it is controlled by.
        periods: the report's days.
        missing: the settled days that the bill lacks.
        tied: the export held against Cost Explorer, where it was.
        parameters: the notebook's.
    """
    bill, controls = tables.bill, tables.controls
    column = parameters.cost_basis.column
    of_files = (
        _control_days(periods, missing),
        control_files(controls.files, periods),
        control_versions(controls.files, periods),
        control_duplicates(controls.duplicates, periods, column, bill.currency),
        control_currencies(controls.currencies, bill, periods, parameters, column),
        control_accounts(bill, periods, parameters),
    )
    doubted = doubtful_days(of_files)
    return (*of_files, control_tie_out(tied, bill, controls, parameters, doubted))


def _control_days(periods: Periods, missing: Sequence[date]) -> Control:
    unsettled = periods.unsettled
    tail = f"; {days(unsettled)} not settled" if unsettled else ""
    settled = len(periods.settled_days)
    lacking = f"{count(len(missing), 'day')} of {settled} settled ones missing"
    return Control(
        name="Days",
        verdict=Verdict.INCONCLUSIVE if missing else Verdict.PASS,
        said=(lacking if missing else f"all {settled} settled days") + tail,
        told=True,
    )
