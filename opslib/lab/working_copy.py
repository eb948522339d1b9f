"""Working copies: notebooks that people open, with their parameters already in place.

::

    work/<environment>/<notebook>-<as of>/<notebook>.ipynb     what is opened and edited
    work/<environment>/<notebook>-<as of>/working_copy.json    what it is a copy of
    work/<environment>/<notebook>-<as of>/evidence/            what was read, or what a run had read

The folder is the run folder of the copy's kernel, so that tables and exports lie beside the
notebook, and a kernel that starts again goes on from what was read. It appears in one step, and
nothing in it is ever overwritten: who asks for the same again gets the copy that is there, who asks
for anything else gets one of its own, with a number.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import Any

from opslib.errors import OpsError, ParameterError
from opslib.run_folder import LEDGER
from opslib.runner.history import PastRun
from opslib.runner.manifest import changed_files
from opslib.runner.past_runs import write_past_runs
from opslib.runner.past_tables import write_past_tables
from opslib.runner.project import Project
from opslib.runner.publish import TAKEN
from opslib.runner.request import RunRequest
from opslib.runner.source import values_to_pass

__all__ = ["WorkingCopy", "copy_notebook", "copy_run", "list_copies", "read_copy"]

WORK = "work"
FACTS = "working_copy.json"
NEW = ".new-"
ENTRY = """\
# A working copy of notebooks/{notebook}.ipynb: this cell says where it reads from and writes to.
from opslib.lab.entry import enter
enter({place!r})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCopy:
    """What a working copy is a copy of.

    Args:
        notebook: its name in the catalog.
        environment: whose parameters it has.
        parameters: all that the notebook takes, as plain values.
        source_sha256: of the notebook that it was made of.
        run: folder of the recorded run that it reads, from the project's root; '' for none.
        run_id: what everything that the run made in AWS bore.
        changed: files of that run that are not what its manifest says.
    """

    notebook: str
    environment: str
    parameters: dict[str, Any]
    source_sha256: str
    run: str = ""
    run_id: str = ""
    changed: tuple[str, ...] = ()


def copy_notebook(request: RunRequest) -> Path:
    """Return a working copy with the parameters of a request; it reads anew.

    Raises:
        ParameterError: the notebook does not take a parameter that was chosen.
        OpsError: the copy cannot be written; there is none then.
    """
    copy = _copy_of(request)

    def fill(folder: Path) -> None:
        reports = request.project.reports
        write_past_runs(folder, reports, request.notebook.name, copy.environment)
        write_past_tables(folder, reports, request.notebook, request.parameters)

    as_of = request.parameters.as_of.astimezone(UTC)
    name = f"{request.notebook.name}-{as_of:%Y-%m-%d-%H%M%S}Z"
    return _find_or_make(request.project, copy, name, fill)


def copy_run(run: PastRun, request: RunRequest) -> Path:
    """Return a working copy that reads what a run recorded, and asks AWS nothing.

    Args:
        run: a published run.
        request: its notebook with its parameters.

    Raises:
        ParameterError: the run failed, or recorded no evidence.
        OpsError: the copy cannot be written; there is none then.
    """
    evidence = run.folder / "evidence"
    if run.findings is None or not evidence.is_dir():
        raise ParameterError(
            "the run failed, or recorded no evidence",
            where=str(run.folder),
            remedy="Open a published report; a failed run goes on with: opslib run ... --resume",
        )
    copy = _copy_of(
        request,
        run=request.project.relative(run.folder),
        run_id=run.manifest.run_id,
        changed=tuple(changed_files(run.folder, run.manifest)),
    )

    def fill(folder: Path) -> None:
        shutil.copytree(evidence, folder / "evidence")
        if (run.folder / LEDGER).exists():
            shutil.copy(run.folder / LEDGER, folder)

    name = f"{copy.notebook}-run-{run.manifest.started_at.astimezone(UTC):%Y-%m-%d-%H%M%S}Z"
    return _find_or_make(request.project, copy, name, fill)


def list_copies(project: Project) -> list[tuple[Path, WorkingCopy]]:
    """Return every working copy: its notebook and what it is, the last one written to first."""
    found = [
        (path.parent / f"{copy.notebook}.ipynb", copy)
        for path in (project.root / WORK).glob(f"*/*/{FACTS}")
        if (copy := _read(path.parent)) is not None
    ]
    present = [(file, copy) for file, copy in found if file.exists()]
    return sorted(present, key=lambda pair: pair[0].stat().st_mtime, reverse=True)


def read_copy(folder: Path) -> WorkingCopy:
    """Return what the working copy in ``folder`` is a copy of.

    Raises:
        ParameterError: there is none.
    """
    copy = _read(folder)
    if copy is None:
        raise ParameterError(
            f"no working copy there: its {FACTS} is absent or cannot be read",
            where=str(folder),
            remedy="Make one: opslib open NOTEBOOK -e ENVIRONMENT, or opslib open RUN.",
        )
    return copy


def _read(folder: Path) -> WorkingCopy | None:
    with suppress(OSError, ValueError, TypeError):
        written = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        return WorkingCopy(**{**written, "changed": tuple(written["changed"])})
    return None


def _copy_of(request: RunRequest, **recorded: Any) -> WorkingCopy:
    file = request.project.notebook_file(request.notebook.name)
    return WorkingCopy(
        notebook=request.notebook.name,
        environment=request.parameters.environment,
        parameters=values_to_pass(request.parameters, file),
        source_sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        **recorded,
    )


def _find_or_make(
    project: Project, copy: WorkingCopy, name: str, fill: Callable[[Path], None]
) -> Path:
    """Return the notebook of a copy that is the same already, or of a new one."""
    for folder in _places(project.root / WORK / copy.environment / name):
        file = folder / f"{copy.notebook}.ipynb"
        if folder.exists():
            if _read(folder) == copy and file.exists():
                return file
            continue
        if _make(project, copy, folder, fill):
            return file
    raise AssertionError("the numbers never end")


def _places(first: Path) -> Iterator[Path]:
    yield first
    yield from (first.with_name(f"{first.name}-{number}") for number in count(2))


def _make(project: Project, copy: WorkingCopy, folder: Path, fill: Callable[[Path], None]) -> bool:
    """Make a copy beside its place and put it there in one step; False where one came before."""
    new = folder.with_name(f"{NEW}{secrets.token_hex(8)}")
    new.mkdir(parents=True)
    try:
        _write_notebook(project, copy, new, project.relative(folder))
        facts = json.dumps(asdict(copy), indent=1, ensure_ascii=False)
        (new / FACTS).write_text(facts, encoding="utf-8")
        fill(new)
        new.rename(folder)
    except OSError as error:
        if error.errno in TAKEN and folder.exists():
            return False
        raise OpsError(
            f"the working copy cannot be made: {error.strerror or error}",
            where=str(error.filename or folder),
            remedy="Look at the space left and at permissions; nothing was left behind.",
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return True


def _write_notebook(project: Project, copy: WorkingCopy, folder: Path, place: str) -> None:
    """Write the notebook with its parameters injected as papermill does, and the cell of entry."""
    import nbformat  # noqa: PLC0415  slow to import
    from papermill.iorw import load_notebook_node  # noqa: PLC0415
    from papermill.parameterize import parameterize_notebook  # noqa: PLC0415

    source = project.notebook_file(copy.notebook)
    node = load_notebook_node(str(source).replace("{", "{{").replace("}", "}}"))
    node = parameterize_notebook(node, copy.parameters, comment="Parameters of this working copy")
    del node.metadata["papermill"]
    tags = [cell.metadata.get("tags", []) for cell in node.cells]
    after = next(at for at, tag in enumerate(tags) if "injected-parameters" in tag) + 1
    entry = nbformat.v4.new_code_cell(
        ENTRY.format(notebook=copy.notebook, place=place), metadata={"tags": ["working-copy"]}
    )
    node.cells.insert(after, entry)
    nbformat.write(node, folder / f"{copy.notebook}.ipynb")
