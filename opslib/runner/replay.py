"""A run made again from its own evidence: does it still say the same?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from opslib.errors import ParameterError
from opslib.runner.conclusions import read_findings
from opslib.runner.history import PastRun
from opslib.runner.manifest import changed_files
from opslib.runner.publish import working_folder
from opslib.runner.run import Progress, RunRequest, execute_into
from opslib.runner.teardown import amend_findings, recorded_teardown

__all__ = ["Replay", "replay_run"]

ABSENT = "(absent)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How a run made again compares with the recorded one.

    Args:
        changed_files: files of the run that are not what its manifest says.
        differences: place in findings.json, recorded value, value now.
    """

    changed_files: tuple[str, ...]
    differences: tuple[tuple[str, str, str], ...]

    @property
    def is_equal(self) -> bool:
        """Say whether nothing was changed and the findings are the same."""
        return not self.changed_files and not self.differences


def replay_run(run: PastRun, request: RunRequest, progress: Progress) -> Replay:
    """Run the notebook again from the evidence of ``run``, without credentials.

    Args:
        run: a published run.
        request: the same notebook with the same parameters.
        progress: called as cells begin.

    Raises:
        ParameterError: the run has no findings or no evidence.
        OpsError: the notebook fails.
    """
    evidence = run.folder / "evidence"
    if run.findings is None or not evidence.is_dir():
        raise ParameterError(
            "the run failed, or recorded no evidence",
            where=str(run.folder),
            remedy="Replay a published report; a failed run goes on with: opslib run ... --resume",
        )
    again = replace(request, evidence=evidence, replay=True, run_id=run.manifest.run_id)
    name = f"replay-{run.folder.name}"
    with working_folder(request.project.reports, name) as folder:
        try:
            execute_into(folder, again, progress)
            amend_findings(folder, read_findings(folder), recorded_teardown(run.folder))
            now = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
        finally:
            shutil.rmtree(folder)
    recorded = json.loads((run.folder / "findings.json").read_text(encoding="utf-8"))
    return Replay(
        changed_files=tuple(changed_files(run.folder, run.manifest)),
        differences=tuple(_differences(recorded, now, "")),
    )


def _differences(recorded: Any, now: Any, place: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in sorted(recorded.keys() | now.keys()):
            inner = f"{place}.{key}" if place else key
            yield from _differences(recorded.get(key, ABSENT), now.get(key, ABSENT), inner)
    elif isinstance(recorded, list) and isinstance(now, list):
        for index in range(max(len(recorded), len(now))):
            one = recorded[index] if index < len(recorded) else ABSENT
            other = now[index] if index < len(now) else ABSENT
            yield from _differences(one, other, f"{place}[{index}]")
    elif recorded != now:
        yield place, str(recorded), str(now)
