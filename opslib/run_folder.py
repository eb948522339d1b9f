"""The folder that a run writes into, as the notebook's kernel sees it.

The runner names it by environment variables, since a kernel is another process:

- ``OPSLIB_RUN_FOLDER``: where ``evidence/``, ``tables/`` and ``findings.json`` go;
- ``OPSLIB_HEADLESS``: set when nobody is there to move a widget;
- ``OPSLIB_REPLAY``: set when everything must come from ``evidence/``;
- ``OPSLIB_RUN_ID``: set when the runner will tear down what the run makes in AWS.

It leaves `PAST_RUNS` there too: what earlier runs concluded; and, for a notebook that goes on with
them, tables of their reports in the folder `PAST_TABLES`.

Without them (Run All in JupyterLab, plain papermill) a temporary folder serves, the same one for
as long as the kernel lives: a cell that is run again asks AWS nothing that it has asked before.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["LEDGER", "PAST_RUNS", "PAST_TABLES", "RunFolder"]

PAST_RUNS = "past_runs.json"
PAST_TABLES = "past_tables"
LEDGER = "ledger.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """Where a run writes, and how it runs."""

    path: Path
    headless: bool = False
    replay: bool = False
    run_id: str = ""

    @classmethod
    def current(cls) -> RunFolder:
        """Return the folder that the runner chose, or a temporary one."""
        chosen = os.environ.get("OPSLIB_RUN_FOLDER")
        return cls(
            path=Path(chosen) if chosen else _folder_of_kernel(),
            headless=bool(os.environ.get("OPSLIB_HEADLESS")),
            replay=bool(os.environ.get("OPSLIB_REPLAY")),
            run_id=os.environ.get("OPSLIB_RUN_ID", ""),
        )

    @property
    def evidence(self) -> Path:
        """Return the folder of what was read."""
        return self.path / "evidence"

    @property
    def exports(self) -> Path:
        """Return the folder of files for other tools and for people to go on with."""
        return self.path / "exports"

    @property
    def ledger(self) -> Path:
        """Return the file of the calls that were made to AWS."""
        return self.path / LEDGER

    @property
    def tables(self) -> Path:
        """Return the folder of the tables that the report shows."""
        return self.path / "tables"


@cache
def _folder_of_kernel() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="opslib-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
