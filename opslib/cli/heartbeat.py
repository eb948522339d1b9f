"""``opslib heartbeat``: have the source write down the time, so that a copy tells its own age."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from opslib.actions.heartbeat import open_source, write_beat
from opslib.aws.reads import Reads
from opslib.cli import output
from opslib.cli.intervals import DAY, parse_interval
from opslib.cli.runs import build_request
from opslib.databases.heartbeat_schema import KEEP_DAYS
from opslib.databases.postgres import Database
from opslib.errors import ReadError
from opslib.parameters.dr import DrParameters
from opslib.run_folder import RunFolder

__all__ = ["beat"]


def beat(environment: str, every: str | None, keep_days: int = KEEP_DAYS, **options: Any) -> int:
    """Write a beat to the source that an environment's parameters name, or one every so often.

    The first beat must succeed. After that a failed one is told and the next one tried, since a
    writer has to outlive a failover; the secret is then looked up anew.

    Args:
        environment: name of the folder under parameters/.
        every: interval, to go on until SIGTERM or Ctrl-C; None for a single beat.
        keep_days: how long beats are kept.
        options: overrides and file, as the command line takes them.

    Returns:
        The number of beats written.

    Raises:
        ParameterError: a parameter is wrong, or the role is not the heartbeat's.
        ReadError: the first beat failed.
    """
    seconds = parse_interval(every, option="--every", units="smh", longest=DAY) if every else None
    parameters = build_request(DrParameters.notebook, environment, **options).parameters
    assert isinstance(parameters, DrParameters)
    with TemporaryDirectory(prefix="opslib-heartbeat-") as work:
        reads = Reads(parameters, RunFolder(path=Path(work)))
        source = open_source(reads, parameters)
        _write(source, keep_days)
        if seconds is None:
            return 1
        with _stop_signal() as stop:
            return 1 + _go_on(reads, parameters, source, seconds, keep_days, stop)


def _go_on(
    reads: Reads,
    parameters: DrParameters,
    source: Database | None,
    seconds: int,
    keep_days: int,
    stop: threading.Event,
) -> int:
    """Beat at whole multiples of the interval, so that the time of a beat adds up to no drift."""
    began, number, written = time.monotonic(), 1, 0
    while not stop.wait(max(0.0, began + number * seconds - time.monotonic())):
        number = max(number, int((time.monotonic() - began) // seconds)) + 1
        try:
            source = source or open_source(reads, parameters)
            _write(source, keep_days)
            written += 1
        except ReadError as error:
            output.tell(f"a beat failed: {error}")
            source = None
    return written


def _write(source: Database, keep_days: int) -> None:
    done = write_beat(source, keep_days)
    said = "another writer was faster" if done is None else f"beat {done.number} at {done.at}"
    output.tell(f"{source.place}: {said}")


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
