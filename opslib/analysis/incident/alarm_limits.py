"""Which alarms watch the metrics of an incident, and where their limits lie.

Method: an alarm watches a metric where namespace, name, dimensions and statistic are the same, in
the same account and region. Alarms on an expression or on a band of anomaly detection have no limit
in the unit of one metric, and are left out.
Assumption: limits are those of the moment of reading; CloudWatch's history tells that an alarm was
altered since, as a change.
Source: Amazon CloudWatch API Reference, DescribeAlarms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from opslib.tables.alarms import ALARMS
from opslib.tables.metrics import METRIC_SERIES
from opslib.tables.schema import check_table

__all__ = ["AlarmLimit", "limits_by_series"]

WATCHED = ["Account", "Region", "Namespace", "Metric", "Dimensions", "Statistic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimit:
    """The limit of an alarm on one metric.

    Args:
        alarm: its name.
        limit: in the metric's own unit.
    """

    alarm: str
    limit: float


def limits_by_series(
    alarms: pd.DataFrame, series: pd.DataFrame
) -> Mapping[str, tuple[AlarmLimit, ...]]:
    """Return the limits on every metric that an alarm watches, the lowest first.

    Args:
        alarms: columns of `ALARMS`.
        series: columns of `METRIC_SERIES`.
    """
    told = check_table(alarms, ALARMS, "alarms").dropna(subset=["Threshold"])
    simple = told[(told["Metric"] != "") & (told["Queries"] == "")]
    asked = check_table(series, METRIC_SERIES, "metrics")
    matched = asked.merge(simple, how="inner", on=WATCHED).sort_values(["Threshold", "AlarmName"])
    return {
        str(name): tuple(
            AlarmLimit(alarm=row["AlarmName"], limit=row["Threshold"])
            for row in group.to_dict("records")
        )
        for name, group in matched.groupby("Series", sort=True)
    }
