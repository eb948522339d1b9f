"""Calls between components as traces tell them.

Source: AWS X-Ray API Reference, GetServiceGraph (Edge, EdgeStatistics).
"""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CALL_COUNTS"]

CALL_COUNTS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "At": column(datetime),
        "Seconds": column(float),
        "Caller": column(str),
        "Callee": column(str),
        "CalleeType": column(str),
        "Calls": column(int),
        "Errors": column(int),
        "Throttles": column(int),
        "Faults": column(int),
        "ResponseSeconds": column(float),
    },
    unique=["Account", "Region", "At", "Caller", "Callee"],
)
"""One row a pair of components in ``[At, At + Seconds)``; X-Ray counts the traces it sampled.

Errors are answers of class 4xx, Throttles those among them of 429, Faults answers of class 5xx.
ResponseSeconds is the sum over the calls. CalleeType is X-Ray's, such as ``AWS::ECS::Container`` or
``remote``, '' where it tells none.
"""
