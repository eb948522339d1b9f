"""What AWS itself says of unusual cost, how commitments are used, and where causes are sought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandera.pandas as pa

from opslib.tables.schema import column
from opslib.timewindow import TimeWindow

__all__ = ["AWS_ANOMALIES", "COMMITMENT_USE", "NONE_OWNED", "NOT_SET_UP", "CauseWindow"]

AWS_ANOMALIES = pa.DataFrameSchema(
    {
        "AnomalyId": column(str),
        "FirstDay": column(date),
        "LastDay": column(date, nullable=True),
        "ServiceName": column(str),
        "SubAccountId": column(str),
        "RegionId": column(str),
        "SkuMeter": column(str),
        "Impact": column(Decimal),
        "Expected": column(Decimal, nullable=True),
        "Currency": column(str),
    }
)
"""One row a root cause of an anomaly of AWS Cost Anomaly Detection ('' where AWS names none).

LastDay is null of one that goes on. Impact is actual minus expected spend of the whole anomaly.
"""

COMMITMENT_USE = pa.DataFrameSchema(
    {
        "ChargePeriodStart": column(date),
        "Commitment": pa.Column(checks=pa.Check.isin(["savings_plans", "reservations"])),
        "UsedShare": column(float),
        "Unused": column(Decimal),
        "Currency": column(str),
    },
    unique=["ChargePeriodStart", "Commitment"],
)
"""One row a day and kind of commitment: share used, 0 to 1, and the money that bought nothing."""

NOT_SET_UP = "no monitor is set up: Cost Anomaly Detection watches nothing"
"""What coverage says of the anomalies of an account that has none watched."""
NONE_OWNED = "none is owned"
"""What coverage says of the use of commitments that nobody bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseWindow:
    """Hours of an account and region in which a cause may lie.

    Args:
        account: id; '' where the bill does not tell it.
        region: '' for global services and where the bill does not tell it.
        window: no other of the same account and region overlaps it.
    """

    account: str
    region: str
    window: TimeWindow
