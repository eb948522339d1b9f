"""How long an incident's metrics take to be read, and where the time goes.

    python -m benchmarks.metrics_read [--days 7] [--rounds 3]

Reads the metrics of `parameters/sandbox/incident_timeline.yaml` at one minute from the embedded
account, as a report does (asked for, checked, stored, read again), and for comparison sends the
same requests with boto3 alone, which makes a list of each answer's datapoints and no more. The
sandbox makes a metric when it is first asked for: a round before the first is not counted.

Prints the datapoints, seconds of wall and of this process's own processor (medians), and the
largest resident memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import yaml

from opslib.aws.incident_metrics import read_incident_metrics
from opslib.aws.metric_periods import MetricSpan, choose_span
from opslib.aws.metric_queries import batches_of, results_of
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.parameters.incident import IncidentParameters
from opslib.run_folder import RunFolder
from opslib.sandbox.process import running_sandbox
from opslib.timewindow import TimeWindow

PARAMETERS = Path(__file__).parents[1] / "parameters" / "sandbox" / "incident_timeline.yaml"
WINDOW = TimeWindow(
    start=datetime(2026, 3, 1, 8, tzinfo=UTC), end=datetime(2026, 3, 1, 22, tzinfo=UTC)
)


def read_all(parameters: IncidentParameters, days: float) -> int:
    """Read as a report does; return the number of datapoints."""
    with tempfile.TemporaryDirectory(prefix="opslib-metrics-") as folder:
        reads = Reads(parameters, RunFolder(path=Path(folder)))
        read = read_incident_metrics(reads, parameters.metrics, WINDOW, baseline_days=days)
        return len(read.datapoints)


def by_boto3(parameters: IncidentParameters, span: MetricSpan) -> int:
    """Send the same requests and count the datapoints of the answers."""
    with tempfile.TemporaryDirectory(prefix="opslib-metrics-") as folder:
        reads = Reads(parameters, RunFolder(path=Path(folder)))
        place = Place(reads, parameters.accounts[0], parameters.accounts[0].regions[0])
        return sum(
            len(part.numbers)
            for batch in batches_of(parameters.metrics, span)
            for part in results_of(place, batch, span)
        )


def measure(side: Callable[[], int], rounds: int) -> tuple[int, float, float]:
    """Return the datapoints, and the median seconds of wall and processor."""
    walls, processors = [], []
    for _ in range(rounds):
        wall, processor = time.perf_counter(), time.process_time()
        datapoints = side()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return datapoints, statistics.median(walls), statistics.median(processors)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=float, default=7.0, help="of history before the window")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with running_sandbox(scenario="troubled", seed=1) as sandbox:
        os.environ.update(sandbox.environ)
        parameters = IncidentParameters.parse(yaml.safe_load(PARAMETERS.read_text("utf-8")))
        span = choose_span(WINDOW, options.days, parameters.as_of)
        if span is None:
            raise SystemExit("nothing of the window is kept")
        print(f"{len(parameters.metrics)} metrics every {span.period_seconds} seconds")
        print(f"{'side':<16}{'datapoints':>12}{'seconds':>9}{'processor':>11}")
        read_all(parameters, options.days)
        for name, side in (
            ("opslib", lambda: read_all(parameters, options.days)),
            ("requests alone", lambda: by_boto3(parameters, span)),
        ):
            datapoints, wall, processor = measure(side, options.rounds)
            print(f"{name:<16}{datapoints:>12,}{wall:>9.2f}{processor:>11.2f}")
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"largest resident memory {mib:.0f} MiB")


if __name__ == "__main__":
    main()
