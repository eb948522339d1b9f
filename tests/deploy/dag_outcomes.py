"""What Airflow makes of the DAG file: run by Airflow's Python, with the project in OPSLIB_PROJECT.

Prints one JSON object: the errors of the import, the tasks of each DAG, and what a task raises for
each exit code of a program that ends with the code that FAKE_CODE says.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag


def outcome(task: Any, code: int) -> str:
    """Return the class of what a task raises, and its words; '' if it succeeds."""
    os.environ["FAKE_CODE"] = str(code)
    try:
        task.execute({})
    except Exception as error:  # noqa: BLE001  its class is what is asked for
        return f"{type(error).__name__}: {error}"
    return ""


def main(file: Path, report: Path) -> None:
    """Write what was found to ``report``; Airflow writes its own words to stdout."""
    bag = DagBag(dag_folder=str(file))
    dags = {name: sorted(dag.task_dict) for name, dag in bag.dags.items()}
    first = bag.dags["opslib_prod"].task_dict["cost_analysis"]
    found = {
        "errors": {str(name): str(error) for name, error in bag.import_errors.items()},
        "dags": dags,
        "schedules": {name: str(dag.schedule) for name, dag in bag.dags.items()},
        "retries": first.retries,
        "outcomes": {code: outcome(first, code) for code in range(6)},
    }
    report.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
