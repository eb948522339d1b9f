"""All models that are tried on a seasonal series.

Each profile (`profiles`) stands as it is and with each of its corrections (`corrections`); where
all values are positive, the same once more on logarithms, where a season is a percentage and
growth compounds.
"""

from __future__ import annotations

import numpy as np

from opslib.analysis.forecast.corrections import corrected, own_errors
from opslib.analysis.forecast.profiles import Origins, profiles_of
from opslib.analysis.forecast.results import Floats

__all__ = ["candidate_forecasts"]

FURTHEST = 1.0
"""How far past the history a logarithm may be forecast."""


def candidate_forecasts(
    cycles: Floats, origins: Origins, ahead: int, long: int | None, *, positive: bool
) -> dict[str, Floats]:
    """Return by model (origins, ahead, blocks) what follows each origin.

    Args:
        cycles: (cycles, blocks a cycle), without gaps.
        origins: how many cycles are known, each at least one (at least ``long``, if given).
        ahead: how many cycles to forecast.
        long: cycles of the long season, none if there is no such season.
        positive: whether ratios mean anything.
    """
    forecasts = _forecasts(cycles, origins, ahead, long)
    if positive:
        logs = np.log(cycles)
        low, high = logs.min() - FURTHEST, logs.max() + FURTHEST
        for name, forecast in _forecasts(logs, origins, ahead, long).items():
            if "naive" not in name:
                forecasts[f"{name}, of logarithms"] = np.exp(np.clip(forecast, low, high))
    return forecasts


def _forecasts(cycles: Floats, origins: Origins, ahead: int, long: int | None) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for name, profile in profiles_of(cycles, long).items():
        found[name] = profile(origins, ahead)
        if not name.startswith(("median", "long seasonal")):
            errors = own_errors(cycles, profile, long or 1)
            for kind, forecast in corrected(found[name], errors, origins).items():
                found[f"{name}, {kind}"] = forecast
    return found
