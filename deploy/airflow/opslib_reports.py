"""Reports of opslib by Airflow: a DAG an environment, a task a parameter file of it.

Every ``parameters/<environment>/<notebook>.yaml`` of the project becomes a task that runs
``opslib run <notebook> -e <environment>``. Only AWS access (exit code 4) is tried again: findings
and inconclusive answers say the same a second time, and bad parameters too.

Two variables of the workers' environment say where things are:

- ``OPSLIB_PROJECT``: the folder with ``notebooks/`` and ``parameters/``; /opt/opslib without it;
- ``OPSLIB_COMMAND``: the program; ``.venv/bin/opslib`` of the project without it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import DAG, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

PROJECT = Path(os.environ.get("OPSLIB_PROJECT", "/opt/opslib"))
COMMAND = os.environ.get("OPSLIB_COMMAND", str(PROJECT / ".venv" / "bin" / "opslib"))
SCHEDULE = "30 5 * * 1"  # Mondays, 05:30 UTC
UNSCHEDULED = {"sandbox"}

AWS_ACCESS = 4
MEANINGS = {
    1: "findings at or above --fail-on, or a conclusion failed: read the report",
    2: "bad parameters: correct the file",
    3: "the notebook failed: the failed run is kept under reports/.failed",
    AWS_ACCESS: "AWS access: opslib doctor says what is missing",
    5: "a conclusion is inconclusive: read what the report could not see",
}


class OpslibReport(BaseOperator):
    """Run one notebook in one environment; the folder of its report is the task's result.

    Args:
        notebook: its name.
        environment: the folder under ``parameters/``.
    """

    ui_color = "#e8f0fe"

    def __init__(self, *, notebook: str, environment: str, **options: Any) -> None:
        super().__init__(task_id=notebook, **options)
        self.notebook = notebook
        self.environment = environment
        self.hook = SubprocessHook()

    def execute(self, context: Any) -> str:
        """Run it, and say what its exit code means.

        Raises:
            AirflowException: AWS access; Airflow tries again.
            AirflowFailException: everything else that is not 0; Airflow does not.
        """
        del context
        done = self.hook.run_command(
            [COMMAND, "run", self.notebook, "-e", self.environment],
            env=environment_of_run(),
            cwd=str(PROJECT),
        )
        if done.exit_code == 0:
            return str(done.output)
        meaning = MEANINGS.get(done.exit_code, "the program did not end by itself")
        failure = AirflowException if done.exit_code == AWS_ACCESS else AirflowFailException
        raise failure(f"exit code {done.exit_code}: {meaning}")

    def on_kill(self) -> None:
        """End the run as Ctrl-C would: it keeps what there is, and a drill tears down."""
        with suppress(ProcessLookupError):  # it has ended already
            self.hook.send_sigterm()


def environment_of_run() -> dict[str, str]:
    """Return the variables of a run: the worker's, without Airflow's own settings and secrets."""
    others = {name: value for name, value in os.environ.items() if "AIRFLOW_" not in name}
    return {**others, "OPSLIB_PROJECT": str(PROJECT)}


def notebooks_of(environment: Path) -> list[str]:
    """Return the notebooks that an environment has parameters for; other files are no tasks."""
    named = sorted(path.stem for path in environment.glob("*.yaml"))
    return [name for name in named if (PROJECT / "notebooks" / f"{name}.ipynb").exists()]


def reports_of(environment: Path) -> DAG:
    """Return the DAG of an environment."""
    with DAG(
        dag_id=f"opslib_{environment.name}",
        description=f"Reports of {environment.name}",
        schedule=None if environment.name in UNSCHEDULED else SCHEDULE,
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=2,
        default_args={
            "retries": 2,
            "retry_delay": timedelta(minutes=10),
            "execution_timeout": timedelta(hours=4),
        },
        tags=["opslib"],
    ) as dag:
        for notebook in notebooks_of(environment):
            OpslibReport(notebook=notebook, environment=environment.name)
    return dag


for folder in sorted((PROJECT / "parameters").glob("*/")):
    if notebooks_of(folder):
        globals()[f"opslib_{folder.name}"] = reports_of(folder)
