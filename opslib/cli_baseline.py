"""``opslib baseline``: keep a database's state, to hold later restores against."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from opslib import cli_output as output
from opslib.actions.drill import capture_baseline
from opslib.aws.reads import Reads
from opslib.cli_run import build_request
from opslib.errors import ParameterError
from opslib.parameters.dr import DrParameters
from opslib.run_folder import RunFolder
from opslib.tables.baseline import write_baseline

__all__ = ["capture"]


def capture(environment: str, folder: Path, algorithm: str, **options: Any) -> Path:
    """Capture the baseline of the source that an environment's parameters name.

    Args:
        environment: name of the folder under parameters/.
        folder: where it is written; must not exist.
        algorithm: of the digests.
        options: overrides and file, as the command line takes them.

    Returns:
        ``folder``.

    Raises:
        ParameterError: the folder exists, or a parameter is wrong; nothing was read then.
        ReadError: the source cannot be found, entered or read; nothing is written then.
    """
    parameters = build_request(DrParameters.notebook, environment, **options).parameters
    assert isinstance(parameters, DrParameters)
    with TemporaryDirectory(prefix=".opslib-baseline-", dir=_parent(folder)) as work:
        reads = Reads(parameters, RunFolder(path=Path(work)))
        output.tell(
            f"reading {parameters.database} of {parameters.source_kind} {parameters.source}"
        )
        state, latencies = capture_baseline(reads, parameters, algorithm)
        written = write_baseline(state, Path(work) / "baseline", latencies)
        written.rename(folder)
    rows = int(state.tables["Rows"].sum())
    exact = "exactly " if state.is_exact else "about "
    output.tell(f"{rows:,} rows of {len(state.tables)} tables, {exact}as of {state.captured_at}")
    if not state.is_exact:
        output.tell("transactions were under way: a restore to this moment may differ by them")
    return folder


def _parent(folder: Path) -> Path:
    if folder.exists():
        raise ParameterError("there is something already", where=str(folder))
    if not folder.absolute().parent.is_dir():
        raise ParameterError("there is no such folder", where=str(folder.absolute().parent))
    return folder.absolute().parent
