"""The charges of some days."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from opslib.tables.focus import FocusType
from opslib.timewindow import TimeWindow

__all__ = ["in_days"]


def in_days(bill: ir.Table, days: tuple[date, date]) -> ir.Table:
    """Return the charges that begin between a first and a last UTC day.

    Args:
        bill: all rows, in the columns of FOCUS.
        days: first and last day.
    """
    window = TimeWindow.of_days(*days)
    start, end = (ibis.literal(at, type=FocusType.TIME) for at in (window.start, window.end))
    return bill.filter(bill.ChargePeriodStart >= start, bill.ChargePeriodStart < end)
