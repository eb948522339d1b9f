"""``past_runs.json``: what earlier runs of a notebook concluded, for the run that begins.

It lies in the run's folder before the first cell, so that a notebook can say how often its
question has been answered without knowing where reports are kept.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from opslib.redaction import redact_values
from opslib.run_folder import PAST_RUNS
from opslib.runner.history import PastRun, read_published

__all__ = ["write_past_runs"]


def write_past_runs(folder: Path, reports: Path, notebook: str, environment: str) -> None:
    """Write what the published runs of one notebook in one environment concluded.

    Of the last one everything is told, so that what is new, gone or changed can be said.

    Args:
        folder: of the run that begins.
        reports: where reports are published.
        notebook: its name.
        environment: whose runs.
    """
    runs = read_published(reports, notebook, environment)
    told = [_tell(run, reports) for run in runs]
    last = next((place for place, run in enumerate(runs) if run.findings is not None), None)
    if last is not None:
        written = (runs[last].folder / "findings.json").read_text(encoding="utf-8")
        told[last]["findings"] = json.loads(written)
    text = json.dumps(redact_values(told), indent=1, default=str, ensure_ascii=False)
    (folder / PAST_RUNS).write_text(text, encoding="utf-8")


def _tell(run: PastRun, reports: Path) -> dict[str, Any]:
    findings, manifest = run.findings, run.manifest
    return {
        "run": str(run.folder.relative_to(reports)),
        "started": manifest.started,
        "as_of": manifest.parameters.get("as_of", ""),
        "mode": manifest.parameters.get("mode", ""),
        "parameters": manifest.parameters,
        "status": manifest.status.value,
        "exit_code": manifest.exit_code,
        "problem": run.error,
        "conclusions": []
        if findings is None
        else [{"question": c.question, "verdict": c.verdict.value} for c in findings.conclusions],
        "headlines": [] if findings is None else [asdict(h) for h in findings.headlines],
    }
