"""How often what is paid for was used, a day: sums of CloudWatch metrics.

Source: Amazon CloudWatch User Guide, Metrics retention: hourly sums are kept 455 days, more than a
report reads, and finer datapoints are summed to them. Elastic Load Balancing User Guides,
CloudWatch metrics: a load balancer reports only while requests flow through it, so an hour without
a datapoint may be one without a request; how many hours of a day have one is kept beside the count.

What cannot be known: requests through a load balancer that has been deleted since, since AWS lists
those that there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.capacity.load import balancer_dimension
from opslib.aws.capacity.measures import MetricQuery
from opslib.aws.metric_names import note_missing
from opslib.aws.metric_periods import HistorySpan
from opslib.aws.metric_queries import batches_of, points_frame, refusals_of, results_of
from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import Coverage, CoverageStatus
from opslib.tables.unit_counts import HOURLY_COUNTS, UNIT_COUNTS, counts_of
from opslib.timewindow import ONE_DAY, midnight
from opslib.wording import count, printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account
    from opslib.parameters.cost import CostParameters
    from opslib.parameters.unit_cost import UnitCost

__all__ = ["read_unit_counts"]

MOST_THREADS = 4
HOUR = 3600
BALANCERS = {
    "AWS/ApplicationELB": "application",
    "AWS/NetworkELB": "network",
    "AWS/GatewayELB": "gateway",
}
"""Namespace of a metric to the type of load balancer that reports it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one place tells of a unit: hourly sums, and the metrics that were asked for."""

    place: Place
    hours: pd.DataFrame
    metrics: tuple[MetricQuery, ...]
    is_answered: bool


def read_unit_counts(
    reads: Reads, parameters: CostParameters, days: Sequence[date]
) -> pd.DataFrame:
    """Read how many of each unit of the parameters there were, a day.

    Args:
        reads: the run's context; coverage calls the reads of a unit by `counts_of` its name.
        parameters: whose units are read, in their accounts and regions.
        days: consecutive UTC days.

    Returns:
        Columns of `UNIT_COUNTS`; no row of a day without any datapoint.
    """
    span = HistorySpan(
        start=midnight(days[0]), end=midnight(days[-1]) + ONE_DAY, period_seconds=HOUR
    )
    frames = [_read_unit(reads, unit, span) for unit in parameters.units]
    return join_parts(frames, UNIT_COUNTS)


def _read_unit(reads: Reads, unit: UnitCost, span: HistorySpan) -> pd.DataFrame:
    places = _places_of(reads, unit)
    with ThreadPoolExecutor(max_workers=min(MOST_THREADS, len(places))) as pool:
        parts = list(pool.map(lambda place: _read_place(place, unit, span), places))
    hours = join_parts([part.hours for part in parts], HOURLY_COUNTS)
    if hours.empty:
        _note_silence(reads, unit, parts)
    return _by_day(unit, hours)


def _places_of(reads: Reads, unit: UnitCost) -> list[Place]:
    parameters = reads.parameters
    accounts: list[Account | None] = [one for one in parameters.accounts if unit.is_in(one)]
    return [
        Place(reads, account, region)
        for account in accounts or [None]
        for region in _regions_of(unit, account.regions if account else (), parameters.region)
    ]


def _regions_of(unit: UnitCost, listed: tuple[str, ...], default: str) -> tuple[str, ...]:
    return (unit.region,) if unit.region else listed or (default,)


def _read_place(place: Place, unit: UnitCost, span: HistorySpan) -> _Part:
    request = ReadRequest(
        table=counts_of(unit.name),
        asked=f"{unit.namespace} {unit.metric}, {span.start:%Y-%m-%d} to {span.end:%Y-%m-%d}",
        schema=HOURLY_COUNTS,
        account=place.label,
        region=place.region,
        arguments={"unit": unit.model_dump(mode="json"), "start": span.start, "end": span.end},
    )
    fetched = place.reads.read(request, lambda: _fetch(place, unit, span))
    asked = fetched.notes.get("dimensions", [])
    return _Part(
        place=place,
        hours=fetched.frame,
        metrics=tuple(_query(unit, dimensions) for dimensions in asked),
        is_answered=fetched.status in {CoverageStatus.COMPLETE, CoverageStatus.PARTIAL},
    )


def _fetch(place: Place, unit: UnitCost, span: HistorySpan) -> Fetched:
    dimensions = _dimensions_of(place, unit)
    metrics = [_query(unit, one) for one in dimensions]
    parts = [part for batch in batches_of(metrics, span) for part in results_of(place, batch, span)]
    refused = refusals_of(parts)
    detail = "; ".join(f"{printable(name)}: {why}" for name, why in sorted(refused.items()))
    points = points_frame(parts)
    inside = points[(points["At"] >= span.start) & (points["At"] < span.end)]
    hours = inside.groupby("At")["Value"].sum()
    return Fetched(
        frame=pd.DataFrame({"Hour": hours.index, "Count": hours.to_numpy(float)}),
        status=CoverageStatus.PARTIAL if detail else CoverageStatus.COMPLETE,
        detail=detail,
        notes={"dimensions": dimensions},
    )


def _dimensions_of(place: Place, unit: UnitCost) -> list[dict[str, str]]:
    """Return the dimensions of each metric that a place has of a unit."""
    kind = BALANCERS.get(unit.namespace)
    if unit.dimensions or kind is None:
        return [dict(unit.dimensions)]
    listed = place.items("elbv2", "DescribeLoadBalancers", "LoadBalancers")
    arns = sorted(one["LoadBalancerArn"] for one in listed if one["Type"] == kind)
    return [{"LoadBalancer": balancer_dimension(arn)} for arn in arns]


def _query(unit: UnitCost, dimensions: dict[str, str]) -> MetricQuery:
    return MetricQuery(
        namespace=unit.namespace, metric=unit.metric, dimensions=dimensions, statistic="Sum"
    )


def _note_silence(reads: Reads, unit: UnitCost, parts: Iterable[_Part]) -> None:
    """Note that nothing was counted anywhere; nothing where there is no load balancer at all."""
    for part in parts:
        if not part.is_answered or not part.metrics:
            continue
        if unit.dimensions or unit.namespace not in BALANCERS:
            note_missing(part.place, counts_of(unit.name), part.metrics)
            continue
        found = count(len(part.metrics), "load balancer")
        reads.note(
            Coverage(
                table=counts_of(unit.name),
                account=part.place.label,
                region=part.place.region,
                asked=f"{unit.namespace} {unit.metric}",
                status=CoverageStatus.EMPTY,
                detail=f"not a single datapoint of {found}",
            )
        )


def _by_day(unit: UnitCost, hours: pd.DataFrame) -> pd.DataFrame:
    """Return the sum of each day, and how many of its hours any place told of."""
    summed = hours.groupby("Hour", as_index=False)["Count"].sum()
    summed["Day"] = [moment.astimezone(UTC).date() for moment in summed["Hour"]]
    daily = summed.groupby("Day", as_index=False).agg(
        Count=("Count", "sum"), HoursSeen=("Hour", "nunique")
    )
    daily["HoursSeen"] = daily["HoursSeen"].astype(float)
    counts: pd.DataFrame = daily.assign(Unit=unit.name)[list(UNIT_COUNTS.columns)]
    return counts
