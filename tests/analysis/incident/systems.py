"""Small systems of components whose numbers can be followed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "CALLS",
    "ONSET",
    "REQUESTS",
    "START",
    "calls_of",
    "metrics_of",
    "quiet_period",
    "window_of",
]

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
EVERY = timedelta(minutes=5)
ONSET = START + 2 * EVERY
PAIRS = (("shop", "search"), ("shop", "pay"), ("search", "table"), ("pay", "bank"))
REQUESTS = {"shop": 100.0, "search": 200.0, "pay": 50.0, "table": 400.0, "bank": 50.0}
SECONDS = {"shop": 0.5, "search": 0.1, "pay": 0.2, "table": 0.02, "bank": 0.1}

Series = Mapping[str, npt.ArrayLike]


def calls_of(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(pairs), columns=["Caller", "Callee"])


CALLS = calls_of(*PAIRS)


def metrics_of(
    latency: Series, availability: Series, requests: Series, start: datetime = START
) -> pd.DataFrame:
    parts = (
        ("latency", "Average", latency),
        ("availability", "Average", availability),
        ("requests", "Sum", requests),
    )
    rows = [
        (component, metric, statistic, start + place * EVERY, float(value))
        for metric, statistic, series in parts
        for component, values in series.items()
        for place, value in enumerate(np.asarray(values, dtype=float))
    ]
    return pd.DataFrame(rows, columns=["Component", "Metric", "Statistic", "Timestamp", "Value"])


def quiet_period(intervals: int = 200, seed: int = 1) -> pd.DataFrame:
    """Every latency varies by 2% by itself; one request in 2000 fails; requests vary by 1%."""
    chance = np.random.default_rng(seed)
    requests = {
        name: np.round(usual * chance.normal(1, 0.01, intervals))
        for name, usual in REQUESTS.items()
    }
    latency = {name: usual * chance.normal(1, 0.02, intervals) for name, usual in SECONDS.items()}
    availability = {
        name: 100 - 100 * chance.binomial(asked.astype(int), 0.0005) / asked
        for name, asked in requests.items()
    }
    return metrics_of(latency, availability, requests, START - timedelta(days=7))


def window_of(
    slower: Series | None = None, failing: Series | None = None, requests: Series | None = None
) -> pd.DataFrame:
    """Five intervals at the usual level, plus seconds, minus percent, or with other requests."""
    latency = {name: np.full(5, usual) for name, usual in SECONDS.items()}
    available = {name: np.full(5, 100.0) for name in SECONDS}
    asked = {name: np.full(5, usual) for name, usual in REQUESTS.items()}
    for name, more in (slower or {}).items():
        latency[name] = latency[name] + np.asarray(more, dtype=float)
    for name, less in (failing or {}).items():
        available[name] = available[name] - np.asarray(less, dtype=float)
    for name, counted in (requests or {}).items():
        asked[name] = np.asarray(counted, dtype=float)
    return metrics_of(latency, available, asked)
