"""What AWS itself says of unusual cost, and how commitments are used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["AWS_ANOMALIES", "COMMITMENT_USE"]

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
