"""A regression of each block on blocks a step, a cycle and a long season before it.

Method: ridge regression on a few lags, shrunk towards the mean of the seasonal lags, which is the
seasonal naive; forecasts are fed back as values. Cross products are summed by cycle, so that the
fits of all origins cost one pass over the history.

Assumption: the same linear dependence holds over the history.
Failure mode: after a level shift it reverts to the old mean.
Source: Box, Jenkins and Reinsel, Time Series Analysis, chapter 9 (seasonal models); Hoerl and
Kennard, "Ridge regression", Technometrics 12 (1970).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.forecast.profiles import Origins
from opslib.analysis.forecast.results import Floats

__all__ = ["autoregressive_forecast"]

RIDGE = 0.003


def autoregressive_forecast(
    cycles: Floats, origins: Origins, ahead: int, long: int | None
) -> Floats:
    """Return (origins, ahead, blocks) what follows each origin.

    Args:
        cycles: (cycles, blocks a cycle), without gaps.
        origins: how many cycles are known, each at least three (``long`` and three, if given).
        ahead: how many cycles to forecast.
        long: cycles of the long season, none if there is no such season.
    """
    blocks = cycles.shape[1]
    seasonal = [blocks, *([blocks * long] if long else [])]
    near = [1, 2, 3, blocks + 1, 2 * blocks, *([blocks * long + 1] if long else [])]
    lags = np.array(sorted({*seasonal, *near}))
    slopes = _fitted(cycles, origins, lags, np.isin(lags, seasonal))
    return _fed_back(cycles, origins, ahead, lags, slopes)


def _fitted(
    cycles: Floats, origins: Origins, lags: NDArray[np.int64], seasonal: NDArray[np.bool_]
) -> Floats:
    """Return (origins, lags + 1) coefficients, the constant last."""
    blocks = cycles.shape[1]
    first = -(-int(lags.max()) // blocks)
    values = cycles.ravel()
    at = np.arange(first * blocks, len(values))
    inputs = np.column_stack([values[at[:, None] - lags], np.ones(len(at))])
    inputs = inputs.reshape(-1, blocks, len(lags) + 1)
    outputs = values[at].reshape(-1, blocks, 1)
    known = origins - first - 1
    squares = np.cumsum(inputs.swapaxes(1, 2) @ inputs, axis=0)[known]
    products = np.cumsum(inputs.swapaxes(1, 2) @ outputs, axis=0)[known]
    naive = np.append(seasonal / seasonal.sum(), 0.0)
    ridge = RIDGE * np.diagonal(squares, axis1=1, axis2=2) + np.finfo(float).tiny
    index = np.arange(len(naive))
    squares[:, index, index] += ridge
    return np.linalg.solve(squares, products + (ridge * naive)[:, :, None])[:, :, 0]


def _fed_back(
    cycles: Floats, origins: Origins, ahead: int, lags: NDArray[np.int64], slopes: Floats
) -> Floats:
    blocks = cycles.shape[1]
    furthest, steps = int(lags.max()), ahead * blocks
    line = np.empty((furthest + steps, len(origins)))
    line[:furthest] = cycles.ravel()[(origins * blocks) + np.arange(-furthest, 0)[:, None]]
    lowest, highest, span = cycles.min(), cycles.max(), np.ptp(cycles)
    weights, constant = slopes[:, :-1].T, slopes[:, -1]
    for step in range(furthest, furthest + steps):
        value = (line[step - lags] * weights).sum(axis=0) + constant
        line[step] = np.clip(value, lowest - span, highest + span)
    return line[furthest:].T.reshape(len(origins), ahead, blocks)
