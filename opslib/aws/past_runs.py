"""Earlier runs of the notebook, as the runner left them in the run's folder.

Not of AWS; it is read like what is, so that a run keeps it as evidence and a replay says the same.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.errors import ReadError
from opslib.run_folder import PAST_RUNS as FILE
from opslib.tables.drills import PAST_RUNS

__all__ = ["read_past_runs"]


def read_past_runs(reads: Reads) -> pd.DataFrame:
    """Read the published runs of the same notebook and environment; columns of `PAST_RUNS`.

    Without the runner (JupyterLab, plain papermill) nobody lists them, and coverage says so.
    """
    request = ReadRequest(
        table="past runs",
        asked="published runs of this notebook in this environment",
        schema=PAST_RUNS,
    )
    return reads.read(request, lambda: _fetch(reads)).frame


def _fetch(reads: Reads) -> Fetched:
    try:
        text = (reads.run.path / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Fetched(
            frame=pd.DataFrame(columns=list(PAST_RUNS.columns)),
            status=CoverageStatus.NOT_ASKED,
            detail="only a run by opslib run is told of earlier ones",
        )
    try:
        rows = [_row(told) for told in json.loads(text)]
    except (ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{FILE} cannot be read: {error!r}", where=FILE) from None
    return Fetched(frame=pd.DataFrame(rows, columns=list(PAST_RUNS.columns)))


def _row(told: dict[str, Any]) -> tuple[Any, ...]:
    verdicts = {one["question"]: one["verdict"] for one in told["conclusions"]}
    return (
        told["run"],
        _moment(told["started"]),
        _moment(told["as_of"] or told["started"]),
        told["mode"],
        told["status"],
        None if told["exit_code"] is None else float(told["exit_code"]),
        told["problem"],
        json.dumps(told["parameters"], sort_keys=True),
        json.dumps(verdicts, sort_keys=True),
        json.dumps(told["headlines"], sort_keys=True),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
