"""From what the command line was given to a run; the one place that asks what time it is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from opslib.cli import output
from opslib.cli.sealing import sealing_of
from opslib.errors import ParameterError
from opslib.findings import Severity
from opslib.parameters.load import load_parameters
from opslib.runner.catalog import find_notebook
from opslib.runner.execute import TimeLimits
from opslib.runner.failure import sweep_abandoned
from opslib.runner.history import PastRun, find_run, usual_seconds
from opslib.runner.plotly_script import Assets
from opslib.runner.project import Project, find_project
from opslib.runner.replay import Replay, replay_run
from opslib.runner.request import FinishedRun, Progress, RunRequest
from opslib.runner.run import run_notebook
from opslib.runner.seal import Sealing

if TYPE_CHECKING:
    from opslib.cli.delivery import Delivery

__all__ = ["begin_now", "build_request", "replay_folder", "request_again", "run_request"]


def build_request(  # noqa: PLR0913  the options of the command line, by name
    notebook: str,
    environment: str,
    *,
    overrides: tuple[str, ...] = (),
    file: Path | None = None,
    resume: Path | None = None,
    fail_on: str | None = None,
    strict: bool | None = None,
    assets: str = "inline",
    cell_timeout: int = 900,
    timeout: int = 3600,
) -> RunRequest:
    """Return the validated request of a run.

    A resumed run speaks of the same moment as the failed one, or none of its reads would fit.

    Raises:
        ParameterError: anything in it is unknown, of a wrong type or impossible.
    """
    project, found = find_project(Path.cwd()), find_notebook(notebook)
    now = datetime.now(UTC).replace(microsecond=0)
    failed = find_run(_kept(resume.resolve(), project)) if resume else None
    parameters = load_parameters(
        found.parameters,
        file=file or project.parameters_file(environment, found.name),
        folder=project.parameters_file(environment, found.name).parent,
        overrides=overrides,
        environment=environment,
        as_of=failed.manifest.parameters["as_of"] if failed else now,
    )
    parameters.check_as_of(now)
    if resume and parameters.changes_aws:
        raise ParameterError(
            "what a drill had restored is deleted when it fails, so it cannot go on",
            where=f"--resume {resume}",
            remedy="Start it anew, without --resume.",
        )
    waits = int(parameters.wait_seconds)
    return RunRequest(
        project=project,
        notebook=found,
        parameters=parameters,
        started=now,
        evidence=_evidence(failed) if failed else None,
        assets=Assets(assets),
        limits=TimeLimits(cell_seconds=cell_timeout + waits, run_seconds=timeout + waits),
        fail_on=Severity(fail_on) if fail_on else None,
        strict=found.strict if strict is None else strict,
        run_id=f"{now:%Y%m%dt%H%M%Sz}-{token_hex(3)}" if parameters.changes_aws else "",
    )


def _kept(folder: Path, project: Project) -> Path:
    """Return where a run that was killed is kept: it may still lie where it ran."""
    return sweep_abandoned(project.reports, sealing_of(project)).get(folder, folder)


def _evidence(failed: PastRun) -> Path:
    folder = failed.folder / "evidence"
    if not folder.is_dir():
        raise ParameterError(
            "the run had read nothing yet",
            where=f"--resume {failed.folder}",
            remedy="Leave --resume out.",
        )
    return folder


def begin_now(request: RunRequest) -> RunRequest:
    """Return a request that has waited for its turn, with the moment at which it begins."""
    return replace(request, started=datetime.now(UTC).replace(microsecond=0))


def run_request(
    request: RunRequest,
    aws: Mapping[str, str] | None,
    progress: Progress | None = None,
    *,
    deliver: bool = False,
) -> FinishedRun:
    """Say what a run will cost, run it, say what it found, and send it where it is to go.

    Args:
        request: what to run.
        aws: AWS variables that replace the ambient ones; None for the ambient ones.
        progress: told of each cell; None to write a line for each.
        deliver: send the report, or that the run failed, to the targets of its environment.

    Raises:
        ParameterError: the environment's delivery.yaml says what cannot be.
        OpsError: the notebook failed; notes on it tell who could not be told.
    """
    name, environment = request.notebook.name, request.parameters.environment
    delivery = _delivery(request, aws) if deliver else None
    usual = usual_seconds(request.project.reports, name, environment)
    output.announce_run(request.notebook, request.parameters, usual)
    sealing = sealing_of(request.project, aws)
    chosen = replace(request, aws=aws, sealing=sealing, identity=_identity(request, sealing, aws))
    if request.parameters.changes_aws:
        from opslib.cli.drill import teardown_of  # noqa: PLC0415  boto3, for drills only

        chosen = replace(chosen, teardown=teardown_of(chosen))
    with _failure_told(request, delivery):
        finished = run_notebook(chosen, progress or output.progress_printer(time.monotonic))
    output.print_finished(finished, request.project.reports / "index.html")
    if finished.fault is not None:
        output.show_error(finished.fault)
    if delivery is None:
        return finished
    undelivered = delivery.deliver_after(finished.folder)
    for line in undelivered:
        output.tell(f"  {line}")
    return replace(finished, undelivered=undelivered)


def _delivery(request: RunRequest, aws: Mapping[str, str] | None) -> Delivery | None:
    """Return how the run's environment delivers; None where it does not."""
    environment = request.parameters.environment
    if not request.project.parameters_file(environment, "delivery").exists():
        return None
    from opslib.cli.delivery import open_delivery  # noqa: PLC0415  boto3, for deliveries only

    return open_delivery(request.project, environment, aws)


@contextmanager
def _failure_told(request: RunRequest, delivery: Delivery | None) -> Iterator[None]:
    """Announce a run that fails; who interrupts one knows that it has no report."""
    try:
        yield
    except Exception as error:
        if delivery is not None:
            for line in delivery.announce_failed(request.notebook.name, request.started):
                error.add_note(line)
        raise


def _identity(
    request: RunRequest, sealing: Sealing, aws: Mapping[str, str] | None
) -> Mapping[str, str]:
    """Return who AWS takes the caller for; of unsigned runs nobody asks."""
    if sealing(request.parameters.environment) is None:
        return {}
    from opslib.aws.identity import read_identity  # noqa: PLC0415  boto3, for signed runs only
    from opslib.runner.kernel import using_aws  # noqa: PLC0415

    with using_aws(aws):
        return read_identity(request.parameters)


def replay_folder(folder: Path) -> Replay:
    """Run the notebook of a report again from its evidence, and compare what it says."""
    past = find_run(folder.resolve())
    return replay_run(past, request_again(past), output.progress_printer(time.monotonic))


def request_again(past: PastRun) -> RunRequest:
    """Return the request of a run that is made, or opened, again."""
    notebook = find_notebook(past.manifest.notebook)
    return RunRequest(
        project=find_project(Path.cwd()),
        notebook=notebook,
        parameters=notebook.parameters.parse(past.manifest.parameters),
        started=past.manifest.started_at,
    )
