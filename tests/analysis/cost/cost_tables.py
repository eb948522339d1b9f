"""Tables of a cost report, as tests make them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from opslib.tables.bill_controls import CURRENCIES, BillControls
from opslib.tables.budgets import BUDGETS, FORECAST, NOTIFICATIONS
from opslib.tables.cost_anomalies import AWS_ANOMALIES, COMMITMENT_USE
from opslib.tables.cost_tables import CostTables
from opslib.tables.costs import Bill
from opslib.tables.timeline import EVENTS
from opslib.tables.unit_counts import UNIT_COUNTS


def empty(schema: Any) -> pd.DataFrame:
    return pd.DataFrame(columns=list(schema.columns))


NO_CHANGES = empty(EVENTS)


def tables_of(bill: Bill, **tables: Any) -> CostTables:
    """Return the tables of a report on ``bill``; all others empty but those given."""
    nothing: dict[str, Any] = {
        "controls": BillControls(
            files=None,
            duplicates=None,
            currencies=empty(CURRENCIES),
            tie_out=None,
        ),
        "budgets": empty(BUDGETS),
        "notifications": empty(NOTIFICATIONS),
        "forecast": empty(FORECAST),
        "aws_anomalies": empty(AWS_ANOMALIES),
        "commitments": empty(COMMITMENT_USE),
        "units": empty(UNIT_COUNTS),
    }
    return CostTables(bill=bill, **(nothing | tables))
