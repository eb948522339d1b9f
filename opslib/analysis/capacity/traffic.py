"""What planned traffic needs: units of the resource, and of what serves the same requests.

Method: requests over what a unit carries (`demand`); the interval is the model's. Assumption: the
line goes on beyond what was seen; where it has to, the need is marked as extrapolated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

import pandas as pd

from opslib.analysis.capacity.demand import DemandModel
from opslib.analysis.capacity.demand_sources import SCALED, find_fronts, workload_of
from opslib.analysis.capacity.recorded import Recorded
from opslib.estimate import Estimate
from opslib.findings import Verdict
from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.capacity_plans import TrafficPlan
from opslib.tables.capacity import CapacityService, CapacityTables
from opslib.wording import printable

__all__ = ["TrafficNeed", "interval_words", "plan_traffic"]

WHOLE = {"tasks", "pods", "instances"}
"""Units that there is no half of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficNeed:
    """What a traffic plan needs of one resource.

    Args:
        plan: name of the plan.
        resource, name, service: as in `CAPACITY_RESOURCES`.
        unit: what is needed.
        requests_a_second: that are planned for.
        needed: units; None where the model could not be learned.
        maximum: units that the resource may have now; None where that is not known.
        is_extrapolated: more than was ever seen.
        verdict: pass where the maximum holds the whole interval, fail where it holds none of it.
        why: the figures in words, or what is missing.
    """

    plan: str
    resource: str
    name: str
    service: str
    unit: str
    requests_a_second: float
    needed: Estimate | None
    maximum: float | None
    is_extrapolated: bool
    verdict: Verdict
    why: str


def plan_traffic(
    models: Sequence[DemandModel], tables: CapacityTables, parameters: CapacityParameters
) -> tuple[TrafficNeed, ...]:
    """Return what each traffic plan needs, of its resource first and then of what depends on it.

    Args:
        models: of `learn_demand`.
        tables: what was read, for the maxima.
        parameters: the plans.
    """
    recorded = Recorded(tables)
    return tuple(
        need for plan in parameters.traffic_plan for need in _needs(plan, models, tables, recorded)
    )


def _needs(
    plan: TrafficPlan, models: Sequence[DemandModel], tables: CapacityTables, recorded: Recorded
) -> Iterator[TrafficNeed]:
    rows = tables.resources[tables.resources["Name"] == plan.resource].to_dict("records")
    planned = {str(row["Resource"]) for row in rows}
    demands = {recorded.requests_of(resource) for resource in planned}
    fronts = find_fronts(tables, recorded)
    for row in rows:
        if row["Service"] == CapacityService.LOAD_BALANCER:
            demands.add(fronts.get(workload_of(row), ()))
    served = [
        model for model in models if model.resource in planned or model.demand in demands - {()}
    ]
    served.sort(key=lambda model: model.resource not in planned)
    for model in served:
        yield _need(plan, model, _maximum(model, tables))
    if not served:
        yield _unknown(plan, "no requests of it are recorded" if planned else "it was not read")


def _need(plan: TrafficPlan, model: DemandModel, maximum: float | None) -> TrafficNeed:
    requests = plan.requests_a_second
    needed = _units(model, requests)
    beyond = requests > model.most_seen
    verdict = _judge(needed, maximum)
    return TrafficNeed(
        plan=plan.name,
        resource=model.resource,
        name=model.name,
        service=model.service,
        unit=model.unit,
        requests_a_second=requests,
        needed=needed,
        maximum=maximum,
        is_extrapolated=beyond and needed is not None,
        verdict=verdict,
        why=_words(model, needed, maximum, beyond=beyond),
    )


def _units(model: DemandModel, requests: float) -> Estimate | None:
    if model.per_unit is None:
        return None
    wanted, idle = Decimal(repr(requests)), Decimal(repr(round(model.idle_units, 6)))
    ends = [
        idle + wanted / each
        for each in (model.per_unit.high, model.per_unit.mid, model.per_unit.low)
    ]
    if model.unit in WHOLE:
        ends = [end.to_integral_value(ROUND_CEILING) for end in ends]
    low, middle, high = ends
    return Estimate(low=low, mid=middle, high=high, confidence=model.per_unit.confidence)


def _judge(needed: Estimate | None, maximum: float | None) -> Verdict:
    if needed is None or maximum is None:
        return Verdict.INCONCLUSIVE
    if needed.high <= maximum:
        return Verdict.PASS
    return Verdict.FAIL if needed.low > maximum else Verdict.INCONCLUSIVE


def _words(
    model: DemandModel, needed: Estimate | None, maximum: float | None, *, beyond: bool
) -> str:
    if needed is None:
        return model.why_not
    told = "" if maximum is None else f" of at most {maximum:g}"
    why = f"{interval_words(needed)} {printable(model.unit)}{told}"
    if maximum is None:
        why += "; how many it may have is not known"
    if beyond:
        why += f"; at most {model.most_seen:.4g} requests/s were seen, beyond is extrapolated"
    return why


def interval_words(estimate: Estimate) -> str:
    """Return a figure with its interval, four digits of each."""
    ends = (estimate.low, estimate.mid, estimate.high)
    low, middle, high = (f"{float(f'{end:.4g}'):,.10g}" for end in ends)
    return middle if low == high else f"{middle} ({low} to {high})"


def _maximum(model: DemandModel, tables: CapacityTables) -> float | None:
    """Return how many units a resource may have: its limit, its scaling's maximum, or one."""
    counted = model.target_percent is None
    limits = tables.limits
    named = limits[(limits["Resource"] == model.resource) & (limits["Limit"] == model.unit)]
    if not named.empty:
        return float(named["Value"].iloc[0])
    scaled = tables.targets[tables.targets["Resource"] == model.resource]
    if counted or scaled.empty:
        return None if counted or model.service in SCALED else 1.0
    return float(pd.to_numeric(scaled["Max"]).iloc[0])


def _unknown(plan: TrafficPlan, why: str) -> TrafficNeed:
    return TrafficNeed(
        plan=plan.name,
        resource="",
        name=plan.resource,
        service="",
        unit="",
        requests_a_second=plan.requests_a_second,
        needed=None,
        maximum=None,
        is_extrapolated=False,
        verdict=Verdict.INCONCLUSIVE,
        why=why,
    )
