"""One run: a notebook's way from validated parameters to a published report."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from opslib.errors import NotebookRunError
from opslib.evidence.chain import Sealer, check_head
from opslib.evidence.head import Chain
from opslib.findings import FindingsDocument
from opslib.parameters.base import NotebookParameters
from opslib.redaction import redact_values
from opslib.run_folder import LEDGER
from opslib.runner.conclusions import exit_code_of, read_findings
from opslib.runner.execute import Execution, execute_notebook
from opslib.runner.failure import disk_faults, keep_failed, sweep_abandoned
from opslib.runner.html import load_exporter, render_report
from opslib.runner.index import write_index
from opslib.runner.kernel import import_client, kernel_environ, running_kernel
from opslib.runner.manifest import (
    Manifest,
    RunStatus,
    finish_time,
    hash_lock,
    package_versions,
    read_commit,
    write_manifest,
)
from opslib.runner.page import report_page
from opslib.runner.past_runs import write_past_runs
from opslib.runner.past_tables import write_past_tables
from opslib.runner.plotly_script import hash_scripts
from opslib.runner.publish import published_place, working_folder
from opslib.runner.request import FinishedRun, Progress, RunRequest
from opslib.runner.seal import publish_run
from opslib.runner.since import amend_with_changes
from opslib.runner.source import cell_label, values_to_pass
from opslib.runner.teardown import (
    TornDown,
    amend_findings,
    amend_notebook,
    recorded_teardown,
    torn_down,
)

__all__ = ["amend_report", "execute_into", "run_notebook"]


def run_notebook(request: RunRequest, progress: Progress) -> FinishedRun:
    """Run a notebook and publish its report, or keep what there is as a failed run.

    Raises:
        OpsError: the notebook failed; a note on the error says where the failed run is.
    """
    reports = request.project.reports
    sealer = _sealer(request)
    sweep_abandoned(reports, request.sealing)
    import_client()
    exporter = threading.Thread(target=load_exporter, daemon=True)
    exporter.start()  # nbconvert is imported while the kernel works
    begun = time.monotonic()
    with disk_faults(reports), working_folder(reports, _name(request)) as folder:
        manifest = _begin(request, sealer)
        write_manifest(folder, manifest)
        try:
            write_past_runs(folder, reports, request.notebook.name, manifest.environment)
            write_past_tables(folder, reports, request.notebook, request.parameters)
            with torn_down(request.teardown, folder):
                notebook = execute_into(folder, request, progress)
            findings = amend_report(folder, notebook, request.parameters, recorded_teardown(folder))
            manifest = _finish(request, manifest, folder, findings, time.monotonic() - begun)
            exporter.join()
            _write_report(folder, request, manifest, notebook)
            place = published_place(reports, **_identity(request))
            published = publish_run(folder, reports, place, manifest, sealer)
        except BaseException as error:
            if folder.exists():  # else it was published before it was interrupted
                keep_failed(folder, reports, manifest, error, time.monotonic() - begun, sealer)
            write_index(reports)
            raise
    write_index(reports)
    return FinishedRun(
        folder=published.folder,
        manifest=published.manifest,
        findings=findings,
        fault=published.fault,
    )


def _sealer(request: RunRequest) -> Sealer | None:
    """Return what the run is to be signed with, and look that it can be appended to its chain."""
    environment = request.parameters.environment
    sealer = request.sealing(environment)
    if sealer is not None:
        chain = Chain(environment=environment, notebook=request.notebook.name)
        with sealer.heads.locked(chain):
            check_head(sealer, chain)
    return sealer


def execute_into(folder: Path, request: RunRequest, progress: Progress) -> Any:
    """Run the notebook with ``folder`` as its run folder; return it with its outputs.

    What there is of the executed notebook is written to ``report.ipynb`` even if it fails.
    """
    file = request.project.notebook_file(request.notebook.name)
    values = values_to_pass(request.parameters, file)
    if request.evidence is not None:
        shutil.copytree(request.evidence, folder / "evidence")
        ledger = request.evidence.with_name(LEDGER)
        if request.replay and ledger.exists():
            shutil.copy(ledger, folder)
    environ = kernel_environ(
        os.environ,
        run_folder=folder,
        run_id=request.run_id,
        replay=request.replay,
        aws=request.aws,
    )
    with running_kernel(environ, request.project.root) as kernel:
        execution = Execution(
            kernel=kernel,
            limits=request.limits,
            on_cell=lambda index: _report_cell(execution, index, progress),
        )
        try:
            execute_notebook(file, values, execution)
        finally:
            _write_notebook(folder, execution.notebook)
    return execution.notebook


def amend_report(
    folder: Path, notebook: Any, parameters: NotebookParameters, done: TornDown | None
) -> FindingsDocument:
    """Add what became of what the run had made, and what changed since the last run."""
    findings = amend_findings(folder, read_findings(folder), done)
    amend_with_changes(folder, notebook, findings, parameters.model_dump(mode="json"))
    amend_notebook(notebook, findings, done)
    _write_notebook(folder, notebook)
    return findings


def _report_cell(execution: Execution, index: int, progress: Progress) -> None:
    cells = execution.notebook.cells
    code = [place for place, cell in enumerate(cells) if cell.cell_type == "code"]
    progress(code.index(index) + 1, len(code), cell_label(cells, index))


def _write_notebook(folder: Path, notebook: Any) -> None:
    """Write the notebook; what looks like a secret is redacted in it first, for all who go on."""
    if notebook is None:
        return
    from nbformat.notebooknode import from_dict  # noqa: PLC0415
    from nbformat.v4 import writes  # noqa: PLC0415  without nbformat's slow validation

    notebook.update(from_dict(redact_values(notebook)))
    text: str = writes(notebook) + "\n"
    (folder / "report.ipynb").write_text(text, encoding="utf-8")


def _write_report(folder: Path, request: RunRequest, manifest: Manifest, notebook: Any) -> None:
    html = render_report(
        notebook,
        report_page(manifest),
        assets=request.assets,
        reports=request.project.reports,
        tables=sorted(file.stem for file in (folder / "tables").glob("*.csv")),
    )
    (folder / "report.html").write_text(html, encoding="utf-8")


def _name(request: RunRequest) -> str:
    return f"{request.notebook.name}-{request.started:%Y%m%dT%H%M%SZ}"


def _identity(request: RunRequest) -> dict[str, Any]:
    return {
        "notebook": request.notebook.name,
        "environment": request.parameters.environment,
        "started": request.started,
    }


def _begin(request: RunRequest, sealer: Sealer | None) -> Manifest:
    return Manifest(
        notebook=request.notebook.name,
        question=request.notebook.question,
        environment=request.parameters.environment,
        parameters=request.parameters.model_dump(mode="json"),
        started=request.started.astimezone(UTC).isoformat(timespec="seconds"),
        commit=read_commit(request.project.root),
        lock_sha256=hash_lock(request.project.root),
        packages=package_versions(),
        assets=hash_scripts(request.assets),
        identity=dict(request.identity),
        endpoints=_endpoints(os.environ if request.aws is None else request.aws),
        keyid=sealer.keyid if sealer else "",
        run_id=request.run_id,
    )


def _endpoints(environ: Mapping[str, str]) -> list[str]:
    """Return the hosts that variables name in AWS's place, without what else their URLs hold."""
    urls = {value for name, value in environ.items() if name.startswith("AWS_ENDPOINT_URL")}
    hosts = {urlsplit(url).hostname or "unknown" for url in urls if url}
    return sorted(hosts)


def _finish(
    request: RunRequest,
    manifest: Manifest,
    folder: Path,
    findings: FindingsDocument,
    seconds: float,
) -> Manifest:
    start, end = findings.window_start, findings.window_end
    return replace(
        manifest,
        status=RunStatus.PUBLISHED,
        finished=finish_time(request.started, seconds),
        seconds=round(seconds, 2),
        exit_code=exit_code_of(findings, fail_on=request.fail_on, strict=request.strict),
        window={
            "start": start.isoformat() if start else None,
            "end": end.isoformat() if end else None,
        },
        coverage=[asdict(line) for line in findings.coverage],
        ledger=_read_ledger(folder),
    )


def _read_ledger(folder: Path) -> list[dict[str, Any]]:
    file = folder / LEDGER
    if not file.exists():
        return []
    try:
        ledger: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise NotebookRunError("the ledger of calls is no JSON", where=file.name) from None
    return ledger
