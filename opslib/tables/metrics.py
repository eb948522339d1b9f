"""Metrics of an incident: which series were asked for, and their values.

Source: Amazon CloudWatch API Reference, GetMetricData.
"""

from __future__ import annotations

from datetime import datetime

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["METRIC_NAMES", "METRIC_SERIES", "METRIC_VALUES"]

METRIC_SERIES = pa.DataFrameSchema(
    {
        "Series": column(str),
        "Component": column(str),
        "Role": column(str),
        "Account": column(str),
        "Region": column(str),
        "Namespace": column(str),
        "Metric": column(str),
        "Dimensions": column(str),
        "Statistic": column(str),
        "Unit": column(str),
        "PeriodSeconds": column(int),
    },
    unique=["Series"],
)
"""One row a series that was asked for, with or without values.

Series is the name that parameters give it. Role is what it tells of its component: latency,
errors, requests, availability, saturation or other. Dimensions is JSON text. Unit is that of the
values: ms, s, percent, count, bytes or ''. PeriodSeconds is what CloudWatch was asked for.
"""

METRIC_VALUES = pa.DataFrameSchema(
    {"Series": column(str), "At": column(datetime), "Value": column(float)},
    unique=["Series", "At"],
)
"""One row a datapoint; At is the beginning of its period. No row: CloudWatch has no datapoint."""

METRIC_NAMES = pa.DataFrameSchema(
    {"Series": column(str), "IsListed": column(bool), "Nearest": column(str)}, unique=["Series"]
)
"""One row a series without a datapoint: whether CloudWatch lists it at all, and else the nearest
names that it does list."""
