"""``past_tables/``: tables of earlier reports of a notebook, for the run that begins.

They lie in the run's folder before the first cell: ``runs.json`` names the reports, and each table
is one Parquet file with the rows of all of them, and their columns Run and AsOf; there is none
where no report has a row. A report whose tables are not what its manifest says is left out, and
``runs.json`` says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opslib.parameters.base import NotebookParameters
from opslib.redaction import redact_frame, redact_values
from opslib.run_folder import PAST_TABLES
from opslib.runner.catalog import Notebook
from opslib.runner.history import PastRun, read_published

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_past_tables"]

KEPT_DAYS = 400
"""A year, and what a monthly run may be late."""


def write_past_tables(
    folder: Path, reports: Path, notebook: Notebook, parameters: NotebookParameters
) -> None:
    """Write the tables that a notebook remembers, of its reports of earlier moments.

    Args:
        folder: of the run that begins.
        reports: where reports are published.
        notebook: which one; nothing is written for one that remembers no table.
        parameters: of the run: reports of its own ``as_of`` or later are none of its past.
    """
    if not notebook.remembers:
        return
    import pandas as pd  # noqa: PLC0415  0.5 s that other notebooks' runs do not need

    (folder / PAST_TABLES).mkdir()
    runs = list(_earlier(reports, notebook.name, parameters))
    told = [_tell(run, moment, reports, notebook.remembers) for run, moment in runs]
    text = json.dumps(redact_values(told), indent=1, ensure_ascii=False)
    (folder / PAST_TABLES / "runs.json").write_text(text, encoding="utf-8")
    whole = [pair for pair, one in zip(runs, told, strict=True) if not one["problem"]]
    for name in notebook.remembers:
        parts = [_table(run, moment, name, reports) for run, moment in whole]
        filled = [part for part in parts if len(part)]
        if filled:
            joined = redact_frame(pd.concat(filled, ignore_index=True))
            joined.to_parquet(folder / PAST_TABLES / f"{name}.parquet", index=False)


def _earlier(
    reports: Path, notebook: str, parameters: NotebookParameters
) -> Iterator[tuple[PastRun, datetime]]:
    """Yield the reports of earlier moments and what they speak of, newest run first."""
    for run in read_published(reports, notebook, parameters.environment):
        told = str(run.manifest.parameters.get("as_of", "")) or run.manifest.started
        moment = datetime.fromisoformat(told).astimezone(UTC)
        if timedelta(0) < parameters.as_of - moment <= timedelta(days=KEPT_DAYS):
            yield run, moment


def _tell(run: PastRun, moment: datetime, reports: Path, names: Sequence[str]) -> dict[str, Any]:
    problems = [problem for name in names if (problem := _problem(run, name))]
    return {
        "run": str(run.folder.relative_to(reports)),
        "as_of": moment.isoformat(),
        "problem": "; ".join(problems),
    }


def _problem(run: PastRun, name: str) -> str:
    """Return why a table cannot be gone on with; empty where it can."""
    place = f"tables/{name}.parquet"
    recorded = run.manifest.files.get(place, {}).get("sha256")
    try:
        found = hashlib.sha256((run.folder / place).read_bytes()).hexdigest()
    except OSError:
        return f"{place} is not there"
    return "" if found == recorded else f"{place} is not what run.json says"


def _table(run: PastRun, moment: datetime, name: str, reports: Path) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415

    frame = pd.read_parquet(run.folder / "tables" / f"{name}.parquet")
    return frame.assign(Run=str(run.folder.relative_to(reports)), AsOf=moment)
