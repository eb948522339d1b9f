"""The window of an incident beside quiet windows of the same shape."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from opslib.analysis.incident.call_shares import CallShares, call_shares
from opslib.analysis.incident.component_series import (
    ComponentSeries,
    FloatArray,
    component_series,
    interval_seconds,
)
from opslib.analysis.incident.component_suspects import Symptom
from opslib.analysis.incident.excess import (
    Excess,
    WindowShape,
    excess_in_windows,
    least_noise,
    noise,
    own_excess,
    usual_cost,
)
from opslib.errors import ParameterError
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["ComparedExcess", "ComparedWindows", "compared_windows"]

SAME_INTERVAL = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedExcess:
    """Excess by one metric.

    Args:
        window: of the incident: one window.
        quiet: of the quiet windows.
        own: excess of each component in the incident's window, of shape (1, components).
        quiet_own: the same in the quiet windows.
        usual: cost of one request in the normal period; NaN where unknown.
        own_noise: standard deviation of the own excess when all is quiet.
        gross_noise: the same of the gross excess.
    """

    window: Excess
    quiet: Excess
    own: FloatArray
    quiet_own: FloatArray
    usual: FloatArray
    own_noise: FloatArray
    gross_noise: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedWindows:
    """What one incident is judged by.

    Args:
        components: names; all arrays follow their order.
        window: what was measured in the incident's window.
        normal: what was measured when all was well.
        usual_requests: requests in an interval, of the normal period, else of the window.
        quiet_rows: rows of ``normal`` of each quiet window, of shape (windows, intervals).
        shape: what all these windows have in common.
        calls: who calls whom.
    """

    components: tuple[str, ...]
    window: ComponentSeries
    normal: ComponentSeries
    usual_requests: FloatArray
    quiet_rows: npt.NDArray[np.int64]
    shape: WindowShape
    calls: CallShares

    def compared(
        self, metric: ComponentMetric, weighed_as: ComparedExcess | None = None
    ) -> ComparedExcess:
        """Return the excess in the window and in the quiet ones, and the noise that these tell."""
        usual = usual_cost(self.normal.cost[metric], self.normal.requests, metric)

        def excess(series: ComponentSeries, rows: npt.NDArray[np.int64], like: str) -> Excess:
            return excess_in_windows(
                series.cost[metric][rows],
                series.requests[rows],
                usual=usual,
                shape=self.shape,
                weights=None if weighed_as is None else getattr(weighed_as, like).weights,
            )

        quiet = excess(self.normal, self.quiet_rows, "quiet")
        after = len(self.window.starts) - self.shape.before
        least = least_noise(metric, usual, self.shape, after)
        gross_noise = np.maximum(noise(quiet.gross), least)
        window = excess(self.window, np.arange(len(self.window.starts))[None], "window")
        quiet_own = own_excess(quiet, gross_noise, self.calls)
        return ComparedExcess(
            window=window,
            quiet=quiet,
            own=own_excess(window, gross_noise, self.calls),
            quiet_own=quiet_own,
            usual=usual,
            own_noise=np.maximum(noise(quiet_own), least * self.calls.reach),
            gross_noise=gross_noise,
        )


def compared_windows(
    metrics: pd.DataFrame, normal: pd.DataFrame, calls: pd.DataFrame, symptom: Symptom
) -> ComparedWindows:
    """Lay out what is needed to judge an incident.

    Args:
        metrics: of the incident's window, `opslib.tables.component_metrics.COMPONENT_METRICS`.
        normal: the same of a period when all was well.
        calls: `opslib.tables.component_metrics.CALLS`.
        symptom: what suffers.

    Raises:
        ParameterError: no such component, or intervals of different lengths.
        TableError: two values for the same component, metric and interval.
    """
    components = _components(metrics, normal, calls)
    at = _place(components, symptom.component)
    window, usual = component_series(metrics, components), component_series(normal, components)
    seconds = interval_seconds(window.starts) or interval_seconds(usual.starts) or 0.0
    requests = _usual_requests(usual, window)
    shape = WindowShape(
        before=_intervals_before(window, symptom, seconds),
        at=at,
        visits=requests / requests[at] if requests[at] > 0 else np.zeros(len(components)),
        usual_requests=float(requests[at]),
    )
    return ComparedWindows(
        components=components,
        window=window,
        normal=usual,
        usual_requests=requests,
        quiet_rows=_quiet_rows(usual, len(window.starts), seconds),
        shape=shape,
        calls=call_shares(calls, components, requests, at),
    )


def _components(*tables: pd.DataFrame) -> tuple[str, ...]:
    names = {
        str(name)
        for table in tables
        for column in ("Component", "Caller", "Callee")
        if column in table.columns
        for name in table[column].unique()
    }
    return tuple(sorted(names))


def _place(components: tuple[str, ...], name: str) -> int:
    if name in components:
        return components.index(name)
    near = difflib.get_close_matches(name, components, n=3, cutoff=0.4)
    raise ParameterError(
        f"no component is called {name!r}",
        where="symptom component",
        remedy=f"Nearest: {', '.join(near)}." if near else "",
    )


def _intervals_before(series: ComponentSeries, symptom: Symptom, seconds: float) -> int:
    if symptom.onset is None:
        return 0
    return int((series.starts + seconds <= symptom.onset.timestamp() + 1).sum())


def _quiet_rows(normal: ComponentSeries, length: int, seconds: float) -> npt.NDArray[np.int64]:
    """Return every unbroken run of intervals as long as the window."""
    usual = interval_seconds(normal.starts)
    if usual is not None and abs(usual - seconds) > SAME_INTERVAL * seconds:
        raise ParameterError(
            f"the normal period has intervals of {usual:g} s, the window of {seconds:g} s",
            where="component metrics",
            remedy="Read both with the same period.",
        )
    first = np.arange(max(len(normal.starts) - length + 1, 0)) if length else np.arange(0)
    rows = first[:, None] + np.arange(length)
    if not len(rows):
        return rows
    spans = normal.starts[rows[:, -1]] - normal.starts[rows[:, 0]]
    unbroken: npt.NDArray[np.int64] = rows[spans <= (length - 1 + SAME_INTERVAL) * seconds]
    return unbroken


def _usual_requests(normal: ComponentSeries, window: ComponentSeries) -> FloatArray:
    usual = _mean_of_known(normal.requests)
    return np.where(usual > 0, usual, _mean_of_known(window.requests))


def _mean_of_known(values: FloatArray) -> FloatArray:
    known = (~np.isnan(values)).sum(axis=0)
    mean: FloatArray = np.nansum(values, axis=0) / np.maximum(known, 1)
    return mean
