"""CloudWatch's metrics: GetMetricData with percentiles, pages and simple metric math; ListMetrics.

Source: Amazon CloudWatch API Reference, GetMetricData and ListMetrics.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from opslib.sandbox.capacity_metrics import (
    capacity_metrics,
    find_capacity_metric,
    read_capacity_series,
)
from opslib.sandbox.estate import LAB
from opslib.sandbox.handlers.metric_math import evaluate
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.metric_store import Series, read_series
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.savings.metrics import find_lab_metric, lab_metrics, read_lab_series
from opslib.sandbox.shop import REGION, SHOP_ACCOUNTS
from opslib.sandbox.shop_metrics import find_metric, list_metrics

__all__ = ["get_metric_data", "list_metrics_of"]

MOST_QUERIES, MOST_DATAPOINTS, MOST_METRICS = 500, 100_800, 500
MINUTE = 60
STATISTIC = re.compile(r"Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,10})?|p100")


@op("cloudwatch", "GetMetricData")
def get_metric_data(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer cloudwatch:GetMetricData in pages of at most 100,800 datapoints."""
    queries = asked["MetricDataQueries"]
    _check(queries, asked)
    series = _read(queries, asked, caller)
    shown = [query for query in queries if query.get("ReturnData", True)]
    most = min(asked.get("MaxDatapoints") or MOST_DATAPOINTS, MOST_DATAPOINTS)
    first, offset = _parse_token(asked.get("NextToken"))
    newest_first = asked.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results: list[dict[str, Any]] = []
    for place, query in enumerate(shown[first:], start=first):
        held = series[query["Id"]]
        start = offset if place == first else 0
        if most <= 0 and len(held.starts):
            return _answer(results, f"{place}:0")
        results.append(_result(query, held, slice(start, start + most), newest_first=newest_first))
        if len(held.starts) > start + most:
            results[-1]["StatusCode"] = "PartialData"
            return _answer(results, f"{place}:{start + most}")
        most -= len(held.starts) - start
    return _answer(results, "")


def _answer(results: list[dict[str, Any]], token: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    return answer | ({"NextToken": token} if token else {})


def _parse_token(token: str | None) -> tuple[int, int]:
    if not token:
        return 0, 0
    place, _, offset = token.partition(":")
    if not (place.isdecimal() and offset.isdecimal()):
        raise AwsError("InvalidNextToken", "The next token specified is invalid.")
    return int(place), int(offset)


def _check(queries: Sequence[dict[str, Any]], asked: dict[str, Any]) -> None:
    """Refuse what CloudWatch refuses."""
    identities = [query["Id"] for query in queries]
    if len(queries) > MOST_QUERIES:
        raise _invalid(f"The collection MetricDataQueries must not have more than {MOST_QUERIES}.")
    if len(set(identities)) < len(identities):
        raise _invalid("The values for parameter Id in MetricDataQueries are not unique.")
    if asked["StartTime"] >= asked["EndTime"]:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    for stat in (query["MetricStat"] for query in queries if "MetricStat" in query):
        if stat["Period"] < MINUTE or stat["Period"] % MINUTE:
            raise _invalid("Period must be a multiple of 60 here: no metric is of high resolution.")
        if not STATISTIC.fullmatch(stat["Stat"]):
            raise _invalid(f"The value {stat['Stat']} for parameter Stat is not supported.")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def _read(
    queries: Sequence[dict[str, Any]], asked: dict[str, Any], caller: Caller
) -> dict[str, Series]:
    """Return the series of every query, by id; expressions after what they are made of."""
    series = {
        query["Id"]: _series(query["MetricStat"], asked, caller)
        for query in queries
        if "MetricStat" in query
    }
    pending = [query for query in queries if "MetricStat" not in query]
    while pending:
        ready = [query for query in pending if evaluate(query["Expression"], series) is not None]
        if not ready:
            raise _invalid(f"Error in expression '{pending[0]['Id']}': unknown id or function")
        for query in ready:
            made = evaluate(query["Expression"], series)
            assert made is not None
            series[query["Id"]] = made
        pending = [query for query in pending if query not in ready]
    return series


def _series(stat: dict[str, Any], asked: dict[str, Any], caller: Caller) -> Series:
    named = stat["Metric"]
    dimensions = frozenset((one["Name"], one["Value"]) for one in named.get("Dimensions", []))
    metric = find_metric(named["Namespace"], named["MetricName"], dimensions)
    if metric is None:
        return _capacity_series(stat, dimensions, asked, caller)
    plan = caller.scenario.incident
    span = (_aware(asked["StartTime"]), _aware(asked["EndTime"]))
    is_elsewhere = plan.is_empty or caller.region != REGION or caller.account not in SHOP_ACCOUNTS
    if is_elsewhere or stat.get("Unit", metric.unit) != metric.unit:
        return Series.nothing()
    return read_series(plan, caller.account, metric, stat["Stat"], stat["Period"], span)


def _capacity_series(
    stat: dict[str, Any],
    dimensions: frozenset[tuple[str, str]],
    asked: dict[str, Any],
    caller: Caller,
) -> Series:
    """Return the series of a metric that the shop does not have."""
    named, plan = stat["Metric"], caller.scenario.capacity
    place = (caller.account, caller.region)
    metric = find_capacity_metric(plan, place, named["Namespace"], named["MetricName"], dimensions)
    if metric is None:
        return _lab_series(stat, dimensions, asked, caller)
    if stat.get("Unit", metric.unit) != metric.unit:
        return Series.nothing()
    span = (_aware(asked["StartTime"]), _aware(asked["EndTime"]))
    return read_capacity_series(plan, metric, stat["Stat"], stat["Period"], span)


def _lab_series(
    stat: dict[str, Any],
    dimensions: frozenset[tuple[str, str]],
    asked: dict[str, Any],
    caller: Caller,
) -> Series:
    """Return the series of a metric of the account for trials."""
    if caller.account != LAB:
        return Series.nothing()
    named, scenario = stat["Metric"], caller.scenario
    found = find_lab_metric(
        scenario.lab, caller.region, named["Namespace"], named["MetricName"], dimensions
    )
    if found is None or stat.get("Unit", found[0].unit) != found[0].unit:
        return Series.nothing()
    span = (_aware(asked["StartTime"]), _aware(asked["EndTime"]))
    return read_lab_series(*found, scenario.epoch, stat["Stat"], stat["Period"], span)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _result(
    query: dict[str, Any], held: Series, part: slice, *, newest_first: bool
) -> dict[str, Any]:
    order = slice(None, None, -1 if newest_first else 1)
    # Of whole minutes, so of whole seconds: a datetime of each would take longer than all the rest.
    starts = held.starts[order][part].astype(np.int64).tolist()
    stat = query.get("MetricStat", {})
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or stat.get("Metric", {}).get("MetricName") or query["Id"],
        "Timestamps": starts,
        "Values": held.values[order][part].tolist(),
        "StatusCode": "Complete",
    }


@op("cloudwatch", "ListMetrics")
def list_metrics_of(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer cloudwatch:ListMetrics by namespace, name and dimensions."""
    is_elsewhere = caller.region != REGION or caller.account not in SHOP_ACCOUNTS
    shop = () if caller.scenario.incident.is_empty or is_elsewhere else list_metrics()
    others = capacity_metrics(caller.scenario.capacity, caller.account, caller.region)
    named = [(one.namespace, one.name, one.dimensions) for one in shop]
    named += [(one.namespace, one.name, one.dimensions) for one in others]
    if caller.account == LAB:
        trials = lab_metrics(caller.scenario.lab, caller.region)
        named += [(one.namespace, one.name, one.dimensions) for one in trials]
    metrics = [
        {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
        }
        for namespace, name, dimensions in named
        if asked.get("Namespace", namespace) == namespace
        and asked.get("MetricName", name) == name
        and _matches(dict(dimensions), asked.get("Dimensions", []))
    ]
    page, token = take_page(metrics, asked.get("NextToken"), MOST_METRICS)
    return {"Metrics": page} | ({"NextToken": token} if token else {})


def _matches(dimensions: dict[str, str], wanted: Sequence[dict[str, str]]) -> bool:
    return all(
        one["Name"] in dimensions and one.get("Value") in {None, dimensions[one["Name"]]}
        for one in wanted
    )
