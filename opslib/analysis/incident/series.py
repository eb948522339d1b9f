"""One metric over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from opslib.tables.metrics import METRIC_SERIES, METRIC_VALUES
from opslib.tables.schema import check_table

__all__ = ["Series", "series_by_name", "share_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric's values.

    Args:
        name: what reports call it.
        component: what it is about.
        role: what it tells of it, a `opslib.parameters.incident_metrics.MetricRole`.
        unit: of the values.
        period: between two values.
        points: by the beginning (UTC) of each period that has a datapoint, in order.
    """

    name: str
    component: str = ""
    role: str = ""
    unit: str = ""
    period: timedelta
    points: pd.Series


def series_by_name(series: pd.DataFrame, values: pd.DataFrame) -> Mapping[str, Series]:
    """Return every series that was asked for, with the points that it has.

    Args:
        series: columns of `METRIC_SERIES`.
        values: columns of `METRIC_VALUES`.
    """
    asked = check_table(series, METRIC_SERIES, "metrics")
    told = check_table(values, METRIC_VALUES, "datapoints").sort_values("At")
    points = {name: group.set_index("At")["Value"] for name, group in told.groupby("Series")}
    none = pd.Series(dtype=float, index=pd.DatetimeIndex([], tz="UTC"))
    return {
        row["Series"]: Series(
            name=row["Series"],
            component=row["Component"],
            role=row["Role"],
            unit=row["Unit"],
            period=timedelta(seconds=row["PeriodSeconds"]),
            points=points.get(row["Series"], none),
        )
        for row in asked.to_dict("records")
    }


def share_of(part: Series, whole: Series) -> pd.Series:
    """Return ``part`` as a share of ``whole``, 0 to 1, by period, where there is any of the whole.

    A period of ``whole`` in which ``part`` has no datapoint has none of it: CloudWatch reports no
    count where nothing was counted.

    Args:
        part: counts, such as failed requests.
        whole: counts of what it is a part of.
    """
    counted = part.points.reindex(whole.points.index).fillna(0.0)
    share: pd.Series = (counted / whole.points.where(whole.points > 0)).dropna()
    return share
