"""The DAG in Airflow's own environment: imported, asked what it makes of exit codes, and run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.places import DEPLOY, ROOT, find_tool

AIRFLOW = ROOT / ".venv-airflow" / "bin"
DAG = DEPLOY / "airflow" / "opslib_reports.py"

pytestmark = [pytest.mark.whole, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the variables of an Airflow with a database of its own."""
    find_tool(str(AIRFLOW / "airflow"), "make airflow")
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path_factory.mktemp("home")),
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAG.parent),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
        "OMP_NUM_THREADS": "1",
    }
    run(environ, AIRFLOW / "airflow", "db", "migrate")
    return environ


def run(environ: Mapping[str, str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; the caller looks at what it ended with."""
    return subprocess.run(
        [str(word) for word in words],
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with two notebooks in prod, and a command that ends as FAKE_CODE says."""
    for name in ("cost_analysis", "cost_savings"):
        (tmp_path / "notebooks").mkdir(exist_ok=True)
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()
    for name in (
        "prod/cost_analysis",
        "prod/cost_savings",
        "prod/delivery",
        "sandbox/cost_analysis",
    ):
        file = tmp_path / "parameters" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "parameters" / "empty").mkdir()
    command = tmp_path / "opslib"
    command.write_text(
        "#!/bin/sh\nenv | grep -q AIRFLOW__ && exit 77\n"
        'echo "$2" >> asked\n[ "$2" = cost_savings ] || exit "${FAKE_CODE:-0}"\n'
    )
    command.chmod(0o755)
    return tmp_path


def of_project(airflow: Mapping[str, str], project: Path, **more: str) -> dict[str, str]:
    chosen = {"OPSLIB_PROJECT": str(project), "OPSLIB_COMMAND": str(project / "opslib")}
    return {**airflow, **chosen, **more}


def test_every_parameter_file_of_a_notebook_is_a_task(
    airflow: Mapping[str, str], project: Path
) -> None:
    report = project / "outcomes.json"
    script = Path(__file__).with_name("dag_outcomes.py")
    done = run(of_project(airflow, project), AIRFLOW / "python", script, DAG, report)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert found["errors"] == {}
    assert found["dags"] == {
        "opslib_prod": ["cost_analysis", "cost_savings"],
        "opslib_sandbox": ["cost_analysis"],
    }
    assert found["schedules"] == {"opslib_prod": "30 5 * * 1", "opslib_sandbox": "None"}
    assert found["retries"] == 2
    kinds = {int(code): said.partition(":")[0] for code, said in found["outcomes"].items()}
    never = "AirflowFailException"
    assert kinds == {0: "", 1: never, 2: never, 3: never, 4: "AirflowException", 5: never}
    assert "exit code 1: findings" in found["outcomes"]["1"]
    assert "exit code 5: a conclusion is inconclusive" in found["outcomes"]["5"]


def test_a_run_with_findings_fails_as_that_and_holds_up_no_other(
    airflow: Mapping[str, str], project: Path
) -> None:
    environ = of_project(airflow, project, FAKE_CODE="1")
    done = run(environ, AIRFLOW / "airflow", "dags", "test", "opslib_prod")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "AirflowFailException: exit code 1: findings at or above --fail-on" in said
    asked = (project / "asked").read_text(encoding="utf-8").split()
    assert sorted(asked) == ["cost_analysis", "cost_savings"]


def test_a_report_is_made_by_airflow(airflow: Mapping[str, str], tmp_path: Path) -> None:
    for folder in ("notebooks", "deploy/iam"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "parameters" / "sandbox").mkdir(parents=True)
    shutil.copy(ROOT / "parameters/sandbox/cost_analysis.yaml", tmp_path / "parameters/sandbox")
    command = tmp_path / "opslib"
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from opslib.cli import main; main()" "$@"\n'
    )
    command.chmod(0o755)
    environ = of_project(airflow, tmp_path, PYTHONPATH=str(ROOT))
    done = run(environ, AIRFLOW / "airflow", "dags", "test", "opslib_sandbox")
    assert done.returncode == 0, done.stdout[-5000:]
    (report,) = tmp_path.glob("reports/2*/sandbox/cost_analysis-*/report.html")
    assert str(report.parent) in done.stdout + done.stderr
