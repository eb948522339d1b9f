"""What load a scaled resource carried, in units of capacity that it would fill.

Method: utilisation x units for what is utilised by per cent; the use itself for ACUs and capacity
units. Where a unit was full (or requests were throttled), use does not tell what was wanted: the
demand model fills it in from the requests, and where there is none the load is a lower bound, which
is counted and told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.demand.sources import FULL_PERCENT, LEAST_UNITS
from opslib.analysis.capacity.recorded import Aligned, Recorded, align, summed
from opslib.tables.capacity import CapacityService, CapacityTables
from opslib.wording import printable

__all__ = ["SUPPOSED", "UnitLoad", "find_load", "suppose_deployments", "tracked"]

WEEK_SECONDS = 7 * 86_400
HALF = 0.5
MOST_OUTSIDE = 0.25
"""Of a week's periods with more or fewer units than the bounds allow."""
SUPPOSED = "CPU, supposed"
"""Metric of what AWS does not tell the scaling of."""
AT_MAXIMUM = 0.995
"""Share of its maximum from which a database counts as held back by it."""
JUST_MORE = 1.001
"""What was wanted, as a share of all there was, where nothing tells how much more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitLoad:
    """A recorded load.

    Args:
        step_seconds: length of a period.
        load: units that it would fill, one a period; NaN where it is not known.
        units: units that ran; None where that is not recorded.
        unknown_minutes: in which more was wanted than the load tells.
        filled_minutes: in which the requests told what was wanted.
        why_not: why there is no load; '' where there is.
    """

    step_seconds: int
    load: NDArray[np.float64]
    units: NDArray[np.float64] | None = None
    unknown_minutes: float = 0.0
    filled_minutes: float = 0.0
    why_not: str = ""

    def contradicts(self, minimum: float, maximum: float) -> bool:
        """Say whether bounds do not fit what ran in the last week; deployments run more, a while.

        Args:
            minimum: of the units.
            maximum: of the units.
        """
        if self.units is None:
            return False
        units = self.units[-WEEK_SECONDS // self.step_seconds :]
        units = units[np.isfinite(units)]
        outside = (units < minimum - HALF) | (units > maximum + HALF)
        return bool(len(units)) and float(outside.mean()) > MOST_OUTSIDE


def find_load(
    tables: CapacityTables,
    recorded: Recorded,
    target: Mapping[str, Any],
    model: DemandModel | None,
) -> UnitLoad:
    """Return the load of a row of `SCALING_TARGETS`.

    Args:
        tables: what was read.
        recorded: its series.
        target: the row.
        model: what requests cost the resource, where that was learned.
    """
    dimension, resource = str(target["Dimension"]), str(target["Resource"])
    if dimension.startswith("dynamodb:"):
        word = "write" if "Write" in dimension else "read"
        use = _limited(tables, resource, f"{word} capacity")
        throttles = recorded.throttles_of(resource, word)
        return _throttled(tables, use, throttles, recorded.units_of(resource, word))
    if dimension == "rds:cluster:acu":
        return _bounded(tables, _limited(tables, resource, "acu"), float(target["Max"]))
    word = tracked(str(target["Metric"]))
    if not word:
        metric = printable(str(target["Metric"]))
        return _nothing(f"it tracks {metric}, which is no utilisation that is replayed")
    return _utilised(tables, recorded, resource, word, model)


def suppose_deployments(
    tables: CapacityTables, recorded: Recorded, target: float
) -> Iterator[dict[str, Any]]:
    """Yield a row of `SCALING_TARGETS` for each deployment on EKS that has none.

    Kubernetes holds a HorizontalPodAutoscaler, AWS does not tell it: the bounds are the fewest and
    the most pods that were recorded, Metric is `SUPPOSED`.
    """
    told = set(tables.targets["Resource"])
    eks = tables.resources["Service"] == CapacityService.EKS
    for resource in sorted(set(tables.resources.loc[eks, "Resource"]) - told):
        pods = recorded.units_of(resource, "pods")
        fine = tables.usage[pods].fine if pods else None
        ran = fine.values[fine.values >= LEAST_UNITS] if fine is not None else np.empty(0)
        if recorded.percent_of(resource) and len(ran):
            yield {
                "Resource": resource,
                "Dimension": "eks:hpa",
                "Min": float(np.floor(ran.min())),
                "Max": float(np.ceil(ran.max())),
                "Metric": SUPPOSED,
                "Target": target,
                "ScaleOutCooldownSeconds": None,
                "ScaleInCooldownSeconds": None,
            }


def tracked(metric: str) -> str:
    """Return the utilisation that a policy tracks; CPU where there is none, '' where another."""
    told = metric.lower()
    return "cpu" if not told or "cpu" in told else "memory" if "memory" in told else ""


def _limited(tables: CapacityTables, resource: str, word: str) -> str:
    """Return the series that is held against a resource's limit of a name; '' where none is."""
    limits = tables.limits[tables.limits["Resource"] == resource]
    for row in limits.to_dict("records"):
        if str(row["Limit"]).lower() == word and row["Series"] in tables.usage:
            return str(row["Series"])
    return ""


def _throttled(
    tables: CapacityTables, use: str, throttles: str | None, provisioned: str | None
) -> UnitLoad:
    """Return capacity units consumed; while requests are throttled, more than are provisioned."""
    optional = [throttles, provisioned]
    together = _fine(tables, [one for one in (use, *optional) if one]) if use else None
    if together is None:
        return _nothing("what it consumes by five minutes is not recorded")
    load, *rest = together.columns
    refused = rest.pop(0) > 0 if throttles else np.zeros(len(load), dtype=bool)
    units = rest[0] if rest else None
    if units is not None:
        load = np.where(refused, np.fmax(load, units * JUST_MORE), load)
    return UnitLoad(
        step_seconds=together.step_seconds,
        load=load,
        units=units,
        unknown_minutes=float(refused.sum()) * together.step_seconds / 60,
    )


def _bounded(tables: CapacityTables, use: str, maximum: float) -> UnitLoad:
    """Return ACUs in use; at the maximum, more than it."""
    together = _fine(tables, [use]) if use else None
    if together is None:
        return _nothing("its ACUs by five minutes are not recorded")
    (units,) = together.columns
    is_held = units >= AT_MAXIMUM * maximum
    return UnitLoad(
        step_seconds=together.step_seconds,
        load=np.where(is_held, np.fmax(units, maximum * JUST_MORE), units),
        units=units,
        unknown_minutes=float(is_held.sum()) * together.step_seconds / 60,
    )


def _utilised(
    tables: CapacityTables,
    recorded: Recorded,
    resource: str,
    word: str,
    model: DemandModel | None,
) -> UnitLoad:
    percent = recorded.percent_of(resource, word)
    names = ("tasks", "pods", "instances")
    limited = (_limited(tables, resource, name) for name in names)
    units = recorded.units_of(resource) or next(filter(None, limited), "")
    if percent is None or not units:
        missing = "how many units ran" if percent else f"its {word}"
        return _nothing(f"{missing} is not recorded")
    requests = model.demand if model and model.per_unit and word == "cpu" else ()
    together = _fine(tables, [percent, units, *requests])
    if together is None:
        return _nothing("it has no history of five minutes")
    return _filled(together, model)


def _filled(together: Aligned, model: DemandModel | None) -> UnitLoad:
    percent, units, *requests = together.columns
    units = np.where(units >= LEAST_UNITS, units, np.nan)
    load = percent / 100 * units
    is_full = percent >= FULL_PERCENT
    is_told = np.zeros_like(is_full)
    if requests and model and model.per_unit and model.target_percent:
        (total,) = summed(requests, [len(requests)])
        idle = model.idle_percent or 0.0
        slope = (model.target_percent - idle) / float(model.per_unit.mid)
        wanted = (idle * units + slope * total) / 100
        is_told = is_full & np.isfinite(wanted)
        load = np.where(is_told, np.fmax(load, wanted), load)
    minutes = together.step_seconds / 60
    return UnitLoad(
        step_seconds=together.step_seconds,
        load=load,
        units=units,
        unknown_minutes=float((is_full & ~is_told).sum()) * minutes,
        filled_minutes=float(is_told.sum()) * minutes,
    )


def _fine(tables: CapacityTables, names: list[str]) -> Aligned | None:
    series = [tables.usage[name].fine for name in names]
    known = [one for one in series if one is not None]
    return align(known) if len(known) == len(names) else None


def _nothing(why_not: str) -> UnitLoad:
    return UnitLoad(step_seconds=300, load=np.empty(0), why_not=why_not)
