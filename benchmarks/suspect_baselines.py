"""Two simple ways to rank components, to compare with: largest robust z, and a walk by anomaly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from opslib.analysis.incident.component_series import component_series
from opslib.analysis.incident.component_suspects import Symptom

__all__ = ["BaselineRanking", "largest_z", "walk_by_anomaly"]

ANOMALOUS = 3.0
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRanking:
    """Components in order, and whether the baseline would name the first."""

    components: tuple[str, ...]
    named: bool


def largest_z(
    metrics: pd.DataFrame, normal: pd.DataFrame, calls: pd.DataFrame, symptom: Symptom
) -> BaselineRanking:
    """Rank by the robust z of the symptom's metric, wherever in the system; name from 3 on."""
    del calls
    sigmas = _sigmas(metrics, normal, symptom)
    order = sorted(sigmas, key=lambda name: (-sigmas[name], name))
    return BaselineRanking(components=tuple(order), named=sigmas[order[0]] >= ANOMALOUS)


def walk_by_anomaly(
    metrics: pd.DataFrame, normal: pd.DataFrame, calls: pd.DataFrame, symptom: Symptom
) -> BaselineRanking:
    """Walk from the symptom to the most anomalous callee while there is one; rank by the way back.

    Components off the way follow by robust z. Names the last one if the symptom is anomalous.
    """
    sigmas = _sigmas(metrics, normal, symptom)
    callees = calls.groupby("Caller", observed=True)["Callee"].agg(list).to_dict()
    way = [symptom.component]
    while True:
        further = [
            name
            for name in callees.get(way[-1], [])
            if sigmas.get(name, 0.0) >= ANOMALOUS and name not in way
        ]
        if not further:
            break
        way.append(max(further, key=lambda name: (sigmas[name], name)))
    rest = sorted(set(sigmas) - set(way), key=lambda name: (-sigmas[name], name))
    return BaselineRanking(
        components=(*reversed(way), *rest),
        named=sigmas.get(symptom.component, 0.0) >= ANOMALOUS,
    )


def _sigmas(metrics: pd.DataFrame, normal: pd.DataFrame, symptom: Symptom) -> dict[str, float]:
    """Return by component how far the largest value since onset is from the usual."""
    names = sorted({*metrics["Component"].unique(), *normal["Component"].unique()})
    window, usual = component_series(metrics, names), component_series(normal, names)
    since = window.starts >= (symptom.onset.timestamp() if symptom.onset else 0)
    now, then = window.cost[symptom.metric][since], usual.cost[symptom.metric]
    sigmas = {}
    for place, name in enumerate(names):
        seen, known = now[:, place], then[:, place]
        seen, known = seen[~np.isnan(seen)], known[~np.isnan(known)]
        if not len(seen) or not len(known):
            sigmas[name] = 0.0
            continue
        middle = float(np.median(known))
        spread = MAD_TO_SIGMA * float(np.median(np.abs(known - middle)))
        spread = spread or float(np.std(known)) or 1e-3
        sigmas[name] = (float(seen.max()) - middle) / spread
    return sigmas
