"""CloudWatch alarms: what each watches, and where its limit lies.

Source: Amazon CloudWatch API Reference, DescribeAlarms.
"""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["ALARMS"]

ALARMS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "AlarmName": column(str),
        "AlarmArn": column(str),
        "Type": column(str),
        "Namespace": column(str),
        "Metric": column(str),
        "Dimensions": column(str),
        "Statistic": column(str),
        "Queries": column(str),
        "Rule": column(str),
        "Comparison": column(str),
        "Threshold": column(float, nullable=True),
        "PeriodSeconds": column(float, nullable=True),
        "EvaluationPeriods": column(float, nullable=True),
        "DatapointsToAlarm": column(float, nullable=True),
        "MissingData": column(str),
        "State": column(str),
        "HasActions": column(bool),
    },
    unique=["Account", "Region", "AlarmName"],
)
"""One row an alarm. Type is ``metric`` or ``composite``. Metric, Dimensions (JSON text) and
Statistic are empty where the alarm watches an expression; Queries then holds it as JSON text. Rule
is a composite alarm's. Threshold is null where a band of anomaly detection stands for it.
DatapointsToAlarm is EvaluationPeriods where AWS names none. HasActions: it tells somebody."""
