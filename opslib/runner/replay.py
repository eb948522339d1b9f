"""A run made again from its own evidence: does it still say the same?"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace

from opslib.errors import ParameterError
from opslib.run_folder import PAST_RUNS
from opslib.runner.differences import Difference, compare_folders
from opslib.runner.history import PastRun
from opslib.runner.manifest import changed_files
from opslib.runner.publish import working_folder
from opslib.runner.request import Progress, RunRequest
from opslib.runner.run import amend_report, execute_into
from opslib.runner.teardown import recorded_teardown

__all__ = ["Replay", "replay_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How a run made again compares with the recorded one.

    Args:
        changed_files: files of the run that are not what its manifest says.
        differences: of findings, tables, exports and what cells show.
    """

    changed_files: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """Say whether nothing was changed and everything is the same."""
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
            notebook = execute_into(folder, again, progress)
            if (run.folder / PAST_RUNS).exists():
                shutil.copy(run.folder / PAST_RUNS, folder)
            amend_report(folder, notebook, again.parameters, recorded_teardown(run.folder))
            differences = tuple(compare_folders(run.folder, folder))
        finally:
            shutil.rmtree(folder)
    return Replay(
        changed_files=tuple(changed_files(run.folder, run.manifest)), differences=differences
    )
