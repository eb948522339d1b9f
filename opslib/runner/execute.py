"""A notebook run by papermill, without papermill's silent successes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opslib import errors
from opslib.errors import NotebookRunError, OpsError
from opslib.redaction import redact_text
from opslib.runner.kernel import kill_kernel

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

__all__ = ["Execution", "TimeLimits", "execute_notebook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """How long things may take.

    Args:
        cell_seconds: any one cell.
        run_seconds: the whole notebook.
    """

    cell_seconds: int = 900
    run_seconds: int = 3600


@dataclass(slots=True, kw_only=True)
class Execution:
    """One run of a notebook, filled in as it goes; after a failure it holds what there is.

    Args:
        kernel: a running kernel.
        limits: how long it may take.
        on_cell: called with the index of each cell that begins.
        notebook: the notebook with its outputs so far; None before the first cell.
        cell: index of the cell that runs or ran last.
    """

    kernel: AsyncKernelManager
    limits: TimeLimits
    on_cell: Callable[[int], None]
    notebook: Any = None
    cell: int | None = None
    timed_out: bool = field(default=False, init=False)

    def begin_cell(self, cell: Any, cell_index: int) -> None:
        """Note that a cell begins."""
        del cell
        self.cell = cell_index
        self.on_cell(cell_index)

    def stop(self) -> None:
        """End the run because its time is up."""
        self.timed_out = True
        kill_kernel(self.kernel)


def execute_notebook(file: Path, parameters: Mapping[str, Any], execution: Execution) -> None:
    """Run a notebook to its end; ``execution.notebook`` then holds it with its outputs.

    Args:
        file: the notebook.
        parameters: plain values (no dates, no decimals), of names that the notebook takes.
        execution: where it runs, and what is filled in.

    Raises:
        OpsError: the error that a cell raised, of its own class.
        NotebookRunError: any other failure, a time limit, or a cell that did not run.
    """
    watchdog = threading.Timer(execution.limits.run_seconds, execution.stop)
    watchdog.daemon = True
    watchdog.start()
    try:
        _run_papermill(file, parameters, execution)
    finally:
        watchdog.cancel()
        _forget_paths(execution.notebook, file)
    _check_every_cell_ran(execution.notebook, file)


def _run_papermill(file: Path, parameters: Mapping[str, Any], execution: Execution) -> None:
    import papermill  # noqa: PLC0415  0.5 s, while the kernel starts
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415
    from papermill.clientwrap import PapermillNotebookClient  # noqa: PLC0415
    from papermill.engines import NBClientEngine, papermill_engines  # noqa: PLC0415

    class OurKernelEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
        """Runs cells in a kernel that is already there."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_: Any) -> None:
            del kernel_name
            execution.notebook = nb_man.nb
            PapermillNotebookClient(
                nb_man,
                km=execution.kernel,
                timeout=execution.limits.cell_seconds,
                shutdown_kernel="immediate",
                on_cell_execute=execution.begin_cell,
            ).execute(cleanup_kc=True)

    papermill_engines.register("opslib", OurKernelEngine)
    try:
        papermill.execute_notebook(
            _brace_safe(file),
            None,
            parameters=dict(parameters),
            engine_name="opslib",
            kernel_name="python3",
            progress_bar=False,
        )
    except papermill.PapermillExecutionError as error:
        raise _as_ops_error(error.ename, error.evalue, file, error.cell_index) from None
    except CellTimeoutError:
        raise NotebookRunError(
            f"a cell ran longer than {execution.limits.cell_seconds} s",
            where=f"{file.name} cell {execution.cell}",
            remedy="Ask for less, or raise --cell-timeout.",
        ) from None
    except (DeadKernelError, RuntimeError) as error:
        raise _as_kernel_loss(execution, file, error) from None


def _brace_safe(file: Path) -> str:
    """Return a path that papermill's str.format turns back into the path."""
    return str(file).replace("{", "{{").replace("}", "}}")


def _as_ops_error(ename: str, evalue: str, file: Path, cell: int) -> OpsError:
    """Return the error of a cell as one of ours: the class that it was, if it was one of ours."""
    message = redact_text(evalue.strip())
    kind = getattr(errors, ename, None) if ename in errors.__all__ else None
    if kind is not None and issubclass(kind, OpsError):
        return kind(message)  # type: ignore[no-any-return]
    first_line = message.partition("\n")[0]
    return NotebookRunError(
        f"{ename}: {first_line}" if first_line else ename, where=f"{file.name} cell {cell}"
    )


def _as_kernel_loss(execution: Execution, file: Path, error: Exception) -> NotebookRunError:
    where = f"{file.name} cell {execution.cell}"
    if execution.timed_out:
        return NotebookRunError(
            f"the run took longer than {execution.limits.run_seconds} s",
            where=where,
            remedy="Ask for less, or raise --timeout.",
        )
    return NotebookRunError(
        f"the kernel died ({error})", where=where, remedy="Look for a lack of memory."
    )


def _forget_paths(notebook: Any, file: Path) -> None:
    """Take this machine's paths out of the notebook's metadata."""
    if notebook is not None:
        notebook.metadata.papermill["input_path"] = f"notebooks/{file.name}"
        notebook.metadata.papermill["output_path"] = "report.ipynb"


def _check_every_cell_ran(notebook: Any, file: Path) -> None:
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip() and not cell.execution_count:
            raise NotebookRunError(
                "a cell did not run, though none failed",
                where=f"{file.name} cell {index}",
                remedy="A cell before it probably calls sys.exit().",
            )
