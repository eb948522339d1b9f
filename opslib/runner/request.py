"""What a run is asked for, and what it ends in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from opslib.errors import OpsError
from opslib.findings import FindingsDocument, Severity
from opslib.parameters.base import NotebookParameters
from opslib.runner.catalog import Notebook
from opslib.runner.execute import TimeLimits
from opslib.runner.manifest import Manifest
from opslib.runner.plotly_script import Assets
from opslib.runner.project import Project
from opslib.runner.seal import Sealing, unsealed
from opslib.runner.teardown import Teardown

__all__ = ["FinishedRun", "Progress", "RunRequest"]

Progress = Callable[[int, int, str], None]
"""Called with the number of the code cell that begins, how many there are, and its label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What to run and how.

    Args:
        project: where notebooks and reports are.
        notebook: which one.
        parameters: validated.
        started: the moment of the run, aware UTC; the caller's clock.
        aws: AWS variables that replace all ambient ones; None leaves the ambient ones.
        evidence: folder of recorded reads to start from; None to read all anew.
        replay: read nothing but ``evidence``.
        assets: where plotly.js goes.
        limits: how long it may take.
        fail_on: severity from which findings give exit code 1.
        strict: failed conclusions give exit code 1, inconclusive ones 5.
        run_id: what everything that the run makes in AWS bears.
        teardown: deletes it afterwards; None where the run makes nothing.
        sealing: gives what an environment signs its runs with.
        identity: account and ARN that AWS knows the caller by, or the ``problem``.
    """

    project: Project
    notebook: Notebook
    parameters: NotebookParameters
    started: datetime
    aws: Mapping[str, str] | None = None
    evidence: Path | None = None
    replay: bool = False
    assets: Assets = Assets.INLINE
    limits: TimeLimits = field(default_factory=TimeLimits)
    fail_on: Severity | None = None
    strict: bool = False
    run_id: str = ""
    teardown: Teardown | None = None
    sealing: Sealing = unsealed
    identity: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A published report.

    Args:
        folder: where it is.
        manifest: its ``run.json``.
        findings: its ``findings.json``.
        fault: why it could not be signed, or its chain not be given its new head.
        undelivered: who has not got it, and why, a line each.
    """

    folder: Path
    manifest: Manifest
    findings: FindingsDocument
    fault: OpsError | None = None
    undelivered: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """Return what ``opslib run`` ends with: what should be signed and is not, fails."""
        return self.fault.exit_code if self.fault else self.manifest.exit_code or 0
