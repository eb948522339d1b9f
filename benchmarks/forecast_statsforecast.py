"""Answer tasks by statsforecast: run by `forecast_baselines` in an environment of its own.

    python forecast_statsforecast.py ASKED.npz ANSWERED.npz

ASKED holds `history0`, `history1`, ... , `levels` in per cent and `wanted`, a JSON list of
`{horizon, seasons}`. ANSWERED gets, a model and task, the rows mid, low and high of each level,
and the seconds of processor time that each model took for each task: a first forecast of each
model, which compiles it, is not counted. Prints JSON: model to task number to why it failed.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsforecast.models import MSTL, AutoETS, AutoTheta

Rows = NDArray[np.float64]
MAKERS = {
    "AutoETS": lambda seasons: AutoETS(season_length=seasons[0]),
    "AutoTheta": lambda seasons: AutoTheta(season_length=seasons[0]),
    "MSTL": lambda seasons: MSTL(season_length=seasons),
}


def forecast(name: str, history: Rows, wanted: dict[str, Any], levels: list[int]) -> Rows:
    """Return mid, then low and high of each level.

    Raises:
        ValueError: an answer that is not all numbers.
    """
    told = MAKERS[name](wanted["seasons"]).forecast(y=history, h=wanted["horizon"], level=levels)
    bounds = [told[f"{side}-{level}"] for level in levels for side in ("lo", "hi")]
    rows = np.vstack([told["mean"], *bounds]).astype(np.float64)
    if not np.isfinite(rows).all():
        raise ValueError("the forecast is not a number")
    return rows


def answer(name: str, asked: Any) -> tuple[dict[str, Rows], dict[str, str]]:
    """Return one model's answers by key, and why it failed by task number."""
    wanted, levels = json.loads(str(asked["wanted"])), [int(level) for level in asked["levels"]]
    answers: dict[str, Rows] = {}
    failures: dict[str, str] = {}
    seconds = np.zeros(len(wanted))
    for number, task in enumerate(wanted):
        history = asked[f"history{number}"]
        try:
            if number == 0:
                forecast(name, history, task, levels)
            begun = time.process_time()
            answers[f"{name} {number}"] = forecast(name, history, task, levels)
            seconds[number] = time.process_time() - begun
        except Exception as reason:  # noqa: BLE001
            failures[str(number)] = f"{type(reason).__name__}: {reason}"
    return {**answers, f"{name} seconds": seconds}, failures


def main() -> None:
    """Answer all tasks by all models."""
    warnings.simplefilter("ignore")
    answers: dict[str, Any] = {}
    failures: dict[str, dict[str, str]] = {}
    with np.load(sys.argv[1]) as asked:
        for name in MAKERS:
            print(f"{name}: {len(json.loads(str(asked['wanted'])))} forecasts", file=sys.stderr)
            found, failures[name] = answer(name, asked)
            answers |= found
    np.savez(sys.argv[2], **answers)
    print(json.dumps(failures))


if __name__ == "__main__":
    main()
