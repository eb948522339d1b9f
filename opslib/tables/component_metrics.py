"""What components of a system measured of themselves, and which calls which."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["CALLS", "COMPONENT_METRICS", "ComponentMetric", "MetricStatistic"]


class ComponentMetric(StrEnum):
    """What is measured of a component."""

    LATENCY = "latency"
    REQUESTS = "requests"
    AVAILABILITY = "availability"


class MetricStatistic(StrEnum):
    """How an interval's values were brought together, as CloudWatch names it."""

    AVERAGE = "Average"
    SUM = "Sum"


COMPONENT_METRICS = pa.DataFrameSchema(
    {
        "Component": column(str),
        "Metric": column(str),
        "Statistic": column(str),
        "Timestamp": column(datetime),
        "Value": column(float, nullable=True),
    },
    unique=["Component", "Metric", "Statistic", "Timestamp"],
)
"""One row a component, metric, statistic and interval.

Timestamp is the aware UTC start of the interval. Latency is in seconds, requests a count (Sum),
availability the percentage of requests that did not fail (Average). Statistic may be any that
CloudWatch knows, p99 among them. Value is null, or its row absent, where nothing was measured.
"""

CALLS = pa.DataFrameSchema(
    {"Caller": column(str), "Callee": column(str)},
    unique=["Caller", "Callee"],
)
"""One row a pair of components of which the first calls the second, whatever the way."""
