"""A drill on a database that is restored already: read both sides, injure the copy, and look."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd

from opslib.actions.controls import run_controls
from opslib.analysis.dr.report import RestoredStates
from opslib.analysis.dr.validation import differing_buckets
from opslib.aws.baselines import fetch_baseline
from opslib.aws.clusters import conninfo_of, read_cluster
from opslib.aws.reads import Reads
from opslib.databases.postgres import Database, ReadLimits
from opslib.databases.recorded import record_rows, record_state
from opslib.databases.state import read_state
from opslib.parameters.dr import DrParameters
from opslib.tables.database_state import DatabaseState

__all__ = ["capture_baseline", "drill_existing"]

Opener = Callable[[], Database]


def drill_existing(
    reads: Reads, parameters: DrParameters
) -> tuple[RestoredStates, pd.DataFrame | None]:
    """Read baseline, restored database and source, and make the negative controls.

    Args:
        reads: the run's context; what it recorded is not read again.
        parameters: which clusters, and how to enter them.

    Returns:
        What was read, and columns of `opslib.tables.controls.CONTROLS` (None where they were
        not made).
    """
    source = _opener(reads, parameters, parameters.source_cluster, "source")
    copy = _opener(reads, parameters, parameters.restored_cluster, "restored")
    baseline = record_state(
        reads, "baseline", lambda: fetch_baseline(reads, parameters.account, parameters.baseline)
    )
    if baseline is None:
        return _nothing(), None
    restored = record_state(
        reads, "restored", lambda: _read(copy(), baseline, parameters.rows_limit, restored=True)
    )
    now = record_state(reads, "source", lambda: _read(source(), baseline, 0, restored=False))
    if restored is None:
        return _nothing(), None
    wanted = differing_buckets(baseline, restored)
    states = RestoredStates(
        baseline=baseline,
        restored=restored,
        restored_rows=record_rows(reads, "restored", copy, baseline, wanted),
        now=now,
        now_rows=None if now is None else record_rows(reads, "source", source, baseline, wanted),
    )
    controls = run_controls(reads, "restored", copy, restored) if parameters.controls else None
    return states, controls


def capture_baseline(reads: Reads, parameters: DrParameters, algorithm: str) -> DatabaseState:
    """Read the source as it is now, to hold later restores against.

    Args:
        reads: where calls are counted.
        parameters: which cluster, and how to enter it.
        algorithm: ``record``, or ``text`` where restores may go to another major version.

    Raises:
        ReadError: it cannot be found, entered or read.
    """
    database = _opener(reads, parameters, parameters.source_cluster, "source")()
    return read_state(database, algorithm, rows_limit=parameters.rows_limit)


def _opener(reads: Reads, parameters: DrParameters, cluster: str, label: str) -> Opener:
    """Return how to open a cluster's database: found and unlocked when it is first needed."""
    found = read_cluster(reads, parameters.account, cluster)
    secret = getattr(parameters, f"{label}_secret")
    limits = ReadLimits(
        statement_seconds=parameters.statement_seconds, connections=parameters.connections
    )

    @cache
    def opened() -> Database:
        conninfo = conninfo_of(
            reads, parameters.account, found, secret, parameters.database, reader=label == "source"
        )
        return Database(label=label, conninfo=conninfo, limits=limits)

    return opened


def _read(
    database: Database, baseline: DatabaseState, rows_limit: int, *, restored: bool
) -> DatabaseState:
    return read_state(
        database, baseline.algorithm, baseline.plans, rows_limit=rows_limit, is_restored=restored
    )


def _nothing() -> RestoredStates:
    return RestoredStates(baseline=None, restored=None, restored_rows=None, now=None, now_rows=None)
