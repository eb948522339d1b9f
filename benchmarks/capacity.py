"""What a capacity report costs by the number of series: time, memory, and how both grow.

    python -m benchmarks.capacity [--series 10,100,1000] [--days 455]

Each series is read at five minutes for 63 days and hourly before, from a CloudWatch that answers
from memory in a process of its own, resampled to daily peaks, forecast, and ranked by the days
left; the week ahead is forecast by the hour. Each size runs in a process of its own, so that its
memory is its own. Prints seconds of each step, those of the stand-in's answers alone, datapoints,
requests beside the fewest that are possible, dollars, the largest resident memory, and how time
and memory grew against the number of series. The last table is what a slider waits for.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.analysis.capacity.walls.constraints import bind
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.limit_forecasts import forecast_limits
from opslib.analysis.capacity.walls.week_ahead import forecast_weeks
from opslib.analysis.capacity.walls.what_if import WhatIf, move_walls
from opslib.aws.capacity.measures import Measures, MetricQuery
from opslib.aws.capacity.rows import Resource, resource_row, resources_frame
from opslib.aws.capacity.usage import read_usage
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.parameters.capacity import CapacityParameters
from opslib.run_folder import RunFolder
from opslib.tables.capacity import (
    INSTANCE_TYPES,
    QUOTAS,
    RESOURCE_COSTS,
    SCALING_TARGETS,
    UNIT_PRICES,
    CapacityService,
    CapacityTables,
    ChangeKind,
)
from opslib.tables.timeline import EVENTS

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
REGION = "us-east-1"
SLIDERS = 200
GROUPS_OF_SLIDERS = 5


def main() -> None:
    """Measure each size in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--series", default="10,100,1000", help="sizes, with commas")
    parser.add_argument("--days", type=int, default=455, help="of history")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.days)))
        return
    told = [_in_process(int(size), options.days) for size in options.series.split(",")]
    names = list(told[0])
    for name in names:
        print(f"{name:<26}" + "".join(f"{one[name]:>14,.6g}" for one in told))
    first, last = told[0], told[-1]
    if last["series"] > first["series"]:
        print(f"a series, {first['series']} to {last['series']}: ", end="")
        for name in ("all seconds", "MiB beyond start"):
            ratio = (last[name] / last["series"]) / (first[name] / first["series"])
            print(f"{name} {ratio:.2f} times", end="; ")
        print()


def _in_process(size: int, days: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.capacity", "--one", str(size)]
    done = subprocess.run(
        [*command, "--days", str(days)], capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def measure(size: int, days: int) -> dict[str, float]:
    """Return what one size costs."""
    parameters = CapacityParameters.parse({"as_of": AS_OF, "history_days": days})
    started = _mib()
    seconds: dict[str, float] = {}
    with _stand_in(), tempfile.TemporaryDirectory(prefix="opslib-capacity-") as folder:
        reads = Reads(parameters, RunFolder(path=Path(folder)))
        place = Place(reads, None, REGION)
        measures, resources = _estate(place, size)
        asked = list(measures.series.values())
        usage = _timed(seconds, "read", lambda: read_usage(asked, [place], days).histories)
        tables = _tables(measures, resources, usage)
        limits = _timed(seconds, "peaks and days left", lambda: forecast_limits(tables, parameters))
        pairs = [(one, usage[one.series]) for one in limits]
        _timed(seconds, "week ahead", lambda: list(forecast_weeks(pairs, parameters)))
        _timed(seconds, "rank", lambda: bind(limits))
        (row,) = [one for one in reads.ledger.as_rows() if one["operation"] == "GetMetricData"]
    points = sum(
        len(one.values) for h in usage.values() for one in (h.fine, h.coarse) if one is not None
    )
    return {
        "series": size,
        "datapoints": points,
        "requests": row["count"],
        "fewest requests": _fewest(size, days),
        "USD": float(row["usd"]),
        **{f"{name}, s": one for name, one in seconds.items()},
        "all seconds": sum(seconds.values()),
        "MiB at most": _mib(),
        "MiB beyond start": _mib() - started,
        "a slider, ms": _slider(limits) * 1000,
    }


def _fewest(size: int, days: int) -> int:
    """Return the requests that whole metrics want at the least, 100,800 datapoints a page."""
    most, fine_days = 100_800, 63
    fine = most // (fine_days * 288)
    coarse = most // max(1, (days - fine_days) * 24)
    return -(-size // fine) + (-(-size // min(500, coarse)) if days > fine_days else 0)


def _slider(limits: tuple[LimitForecast, ...]) -> float:
    """Return the median seconds that the walls of at most 200 limits take to be moved."""
    some = limits[:SLIDERS]
    times = []
    for growth in range(GROUPS_OF_SLIDERS):
        begun = time.perf_counter()
        move_walls(some, WhatIf(growth_percent_a_month=growth + 1.0))
        times.append(time.perf_counter() - begun)
    return sorted(times)[len(times) // 2]


def _estate(place: Place, size: int) -> tuple[Measures, pd.DataFrame]:
    rows = [
        resource_row(place, CapacityService.ECS, f"service-{n}", f"arn:{n}", settings={})
        for n in range(size)
    ]
    measures = Measures()
    for row in rows:
        one = Resource.of_row(row)
        query = MetricQuery(
            namespace="AWS/ECS",
            metric="CPUUtilization",
            dimensions={"ServiceName": one.name},
            statistic="Average",
        )
        series = measures.usage(one, "CPU", "percent", query)
        measures.limit(one, "CPU", 100.0, "percent", ChangeKind.SCALING_SETTING, "made up", series)
    return measures, resources_frame([pd.DataFrame(rows)])


def _tables(measures: Measures, resources: pd.DataFrame, usage: Any) -> CapacityTables:
    def empty(schema: Any) -> pd.DataFrame:
        return pd.DataFrame(columns=list(schema.columns))

    return CapacityTables(
        resources=resources,
        limits=measures.limits_frame(),
        series=measures.series_frame(),
        targets=empty(SCALING_TARGETS),
        quotas=empty(QUOTAS),
        types=empty(INSTANCE_TYPES),
        costs=empty(RESOURCE_COSTS),
        prices=empty(UNIT_PRICES),
        currency="",
        activities=empty(EVENTS),
        usage=usage,
    )


@contextmanager
def _stand_in() -> Iterator[None]:
    """Start the CloudWatch that answers from memory, and let boto3 reach it."""
    command = [sys.executable, "-m", "benchmarks.metrics_stand_in"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        os.environ |= {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
        }
        try:
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _timed(seconds: dict[str, float], name: str, step: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    made = step()
    seconds[name] = time.perf_counter() - begun
    return made


def _mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
