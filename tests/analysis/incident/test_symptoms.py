from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from opslib.analysis.incident.onset import SymptomState
from opslib.analysis.incident.series import Series
from opslib.analysis.incident.symptoms import ShownMetric, choose_symptom, find_symptoms
from opslib.parameters.incident import IncidentParameters
from opslib.timewindow import TimeWindow
from tests.analysis.incident.events import at

PERIOD = timedelta(minutes=5)
HISTORY_DAYS = 3
WINDOW = TimeWindow(start=at(0), end=at(6 * 60))
ONSET, RECOVERY = at(2 * 60), at(4 * 60)


def metric(name: str, component: str, role: str) -> dict[str, Any]:
    return {"name": name, "component": component, "role": role, "namespace": "x", "metric": name}


METRICS = [
    metric("web errors", "web", "errors"),
    metric("web requests", "web", "requests"),
    metric("db p95", "db", "latency"),
    metric("idle p95", "idle", "latency"),
]
PARAMETERS = IncidentParameters.parse(
    {
        "as_of": at(24 * 60),
        "start": WINDOW.start,
        "end": WINDOW.end,
        "metrics": METRICS,
    }
)


def told(name: str, values: np.ndarray) -> Series:
    start = WINDOW.start - timedelta(days=HISTORY_DAYS)
    index = pd.date_range(start, periods=len(values), freq=PERIOD)
    return Series(name=name, period=PERIOD, points=pd.Series(values, index=index))


def measured(effect: float) -> dict[str, Series]:
    """Return an incident of so much effect: a share of failures, and a slower database."""
    chance = np.random.default_rng(7)
    size = int((timedelta(days=HISTORY_DAYS) + WINDOW.duration) / PERIOD)
    index = pd.date_range(WINDOW.start - timedelta(days=HISTORY_DAYS), periods=size, freq=PERIOD)
    inside = np.array([ONSET <= moment < RECOVERY for moment in index], dtype=float)
    requests = chance.poisson(5000 + 3000 * np.sin(np.arange(size) * 2 * np.pi / 288))
    failed = chance.binomial(requests, 0.002 + 0.05 * effect * inside)
    return {
        "web errors": told("web errors", failed.astype(float)),
        "web requests": told("web requests", requests.astype(float)),
        "db p95": told("db p95", 20 + chance.normal(0, 1, size) + 30 * effect * inside),
        "idle p95": told("idle p95", 20 + chance.normal(0, 1, size)),
    }


def test_errors_are_looked_at_as_a_share_of_requests() -> None:
    shown = find_symptoms(PARAMETERS, measured(1.0), WINDOW)
    assert [one.name for one in shown] == ["web errors of web requests", "db p95", "idle p95"]
    errors = shown[0]
    assert errors.unit == "percent"
    assert errors.symptom.onset is not None
    assert errors.symptom.onset.low <= ONSET <= errors.symptom.onset.high
    assert errors.symptom.recovery is not None
    assert errors.symptom.recovery.low <= RECOVERY <= errors.symptom.recovery.high
    assert shown[2].symptom.state is SymptomState.NONE


def test_what_users_see_is_the_symptom_unless_another_is_named() -> None:
    shown = find_symptoms(PARAMETERS, measured(1.0), WINDOW)
    assert name_of(choose_symptom(shown, "", {"db", "idle"})) == "web errors of web requests"
    assert name_of(choose_symptom(shown, "db p95", {"db"})) == "db p95"


def test_the_symptom_is_one_of_the_services_that_the_file_names() -> None:
    shown = find_symptoms(PARAMETERS, measured(1.0), WINDOW)
    assert name_of(choose_symptom(shown, "", {"db"}, {"db"})) == "db p95"
    assert choose_symptom(shown, "", {"db"}, {"idle"}) is None


def test_a_quiet_day_has_no_symptom() -> None:
    shown = find_symptoms(PARAMETERS, measured(0.0), WINDOW)
    assert choose_symptom(shown, "", {"db"}) is None


def name_of(shown: ShownMetric | None) -> str:
    return shown.name if shown else ""


def rare_failures(seed: int, effect: float) -> dict[str, Series]:
    """Return a service of which single requests fail here and there, and those of an incident."""
    chance = np.random.default_rng(seed)
    size = int((timedelta(days=HISTORY_DAYS) + WINDOW.duration) / PERIOD)
    index = pd.date_range(WINDOW.start - timedelta(days=HISTORY_DAYS), periods=size, freq=PERIOD)
    inside = np.array([ONSET <= moment < RECOVERY for moment in index], dtype=float)
    requests = chance.poisson(90, size)
    failed = chance.binomial(requests, 0.004 + effect * inside).astype(float)
    return {
        "web errors": told("web errors", failed),
        "web requests": told("web requests", requests.astype(float)),
    }


@pytest.mark.parametrize("seed", range(6))
def test_single_failures_are_no_symptom_and_many_are(seed: int) -> None:
    (quiet,) = find_symptoms(PARAMETERS, rare_failures(seed, 0.0), WINDOW)
    assert quiet.symptom.state is SymptomState.NONE
    (failing,) = find_symptoms(PARAMETERS, rare_failures(seed, 0.08), WINDOW)
    assert failing.symptom.onset is not None
    assert failing.symptom.onset.low - PERIOD <= ONSET <= failing.symptom.onset.high + PERIOD
