"""Memory of instances as CloudWatch's agent reports it.

Its dimensions are as the agent's configuration has them, so they are listed and not guessed.
Source: Amazon CloudWatch User Guide, "Metrics collected by the CloudWatch agent" (mem_used_percent
on Linux and macOS); Amazon CloudWatch API Reference, ListMetrics: what had a datapoint in the last
two weeks.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from opslib.aws.capacity.rows import records
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Reads
from opslib.aws.savings.daily_use import Measure
from opslib.tables.savings_sizes import MEMORY_METRICS

__all__ = ["TABLE", "read_memory_measures"]

TABLE = "memory metrics"
AGENT, METRIC, INSTANCE = "CWAgent", "mem_used_percent", "InstanceId"
STATISTICS = (("memory_peak", "Maximum"), ("memory_mean", "Average"))


def read_memory_measures(
    reads: Reads, resources: pd.DataFrame
) -> Mapping[tuple[str, str], Sequence[Measure]]:
    """Read which instances report memory; return what to ask of it by account label and region.

    Args:
        reads: the context of the run.
        resources: columns of `SAVINGS_RESOURCES`; of others nothing is asked.
    """
    asked = "instances whose agent reports memory"
    found = read_places(reads, TABLE, asked, MEMORY_METRICS, _list)
    known = set(resources["ResourceId"])
    measures: dict[tuple[str, str], list[Measure]] = defaultdict(list)
    for row in records(found):
        if row["ResourceId"] in known:
            measures[row["Account"], row["RegionId"]] += _measures(row)
    return measures


def _list(place: Place) -> list[dict[str, Any]]:
    """Return rows of `MEMORY_METRICS`: of several metrics of an instance the plainest."""
    listed = place.items("cloudwatch", "ListMetrics", "Metrics", Namespace=AGENT, MetricName=METRIC)
    told = [{one["Name"]: one["Value"] for one in metric["Dimensions"]} for metric in listed]
    plainest = {
        dimensions[INSTANCE]: dimensions
        for dimensions in sorted(told, key=lambda one: (-len(one), sorted(one.items())))
        if INSTANCE in dimensions
    }
    return [
        {
            "ResourceId": instance,
            "Account": place.label,
            "RegionId": place.region,
            "Dimensions": json.dumps(dimensions, sort_keys=True),
        }
        for instance, dimensions in sorted(plainest.items())
    ]


def _measures(row: Mapping[str, Any]) -> list[Measure]:
    return [
        Measure(
            resource=row["ResourceId"],
            measure=measure,
            namespace=AGENT,
            metric=METRIC,
            statistic=statistic,
            dimensions=json.loads(row["Dimensions"]),
        )
        for measure, statistic in STATISTICS
    ]
