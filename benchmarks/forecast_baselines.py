"""statsforecast's AutoETS, AutoTheta and MSTL, asked by files in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile

from benchmarks.forecast_methods import Answer, by_seasonal_naive
from benchmarks.forecast_scores import LEVELS
from benchmarks.forecast_tasks import Task
from opslib.errors import OpsError

__all__ = ["MODELS", "ask_statsforecast"]

MODELS = ("AutoETS", "AutoTheta", "MSTL")
WORKER = Path(__file__).with_name("forecast_statsforecast.py")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


def ask_statsforecast(python: Path, tasks: Sequence[Task]) -> dict[str, list[Answer]]:
    """Return the answers of each model to all tasks, in their order.

    Where a model fails, the answer is seasonal naive's and says so.

    Args:
        python: of the environment that holds statsforecast.
        tasks: their gaps are filled before.

    Raises:
        OpsError: the process failed as a whole.
    """
    with tempfile.TemporaryDirectory(prefix="opslib-forecast-") as folder:
        asked, answered = Path(folder, "asked.npz"), Path(folder, "answered.npz")
        _write(asked, tasks)
        command = [str(python), "-P", str(WORKER), str(asked), str(answered)]
        environ = {**os.environ, **ONE_THREAD}
        done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise OpsError(
                f"statsforecast ended with exit code {done.returncode}",
                where=str(python),
                remedy="See what it printed above, or leave it out with --no-baselines.",
            )
        failures = json.loads(done.stdout)
        with np.load(answered) as held:
            return {
                model: [
                    _answer(held, model, number, task, failures[model].get(str(number)))
                    for number, task in enumerate(tasks)
                ]
                for model in MODELS
            }


def _write(file: Path, tasks: Sequence[Task]) -> None:
    histories: dict[str, Any] = {
        f"history{number}": task.filled for number, task in enumerate(tasks)
    }
    wanted = [{"horizon": task.horizon, "seasons": task.seasons} for task in tasks]
    np.savez(file, wanted=json.dumps(wanted), levels=100 * np.array(LEVELS), **histories)


def _answer(held: NpzFile, model: str, number: int, task: Task, failure: str | None) -> Answer:
    if failure is not None:
        naive = by_seasonal_naive(task)
        return Answer(
            mid=naive.mid, intervals=naive.intervals, seconds=naive.seconds, refusal=failure
        )
    rows = held[f"{model} {number}"]
    bounds = {level: (rows[1 + 2 * at], rows[2 + 2 * at]) for at, level in enumerate(LEVELS)}
    return Answer(mid=rows[0], intervals=bounds, seconds=float(held[f"{model} seconds"][number]))
