"""What planned traffic needs: units of the resource, and of what serves the same requests.

Method: requests over what a unit carries (`demand`); the interval is the model's. Assumption: the
line goes on beyond what was seen; where it has to, the need is marked as extrapolated. What stands
behind several services is told as if all of them grew along with the one that is planned for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

import numpy as np
import pandas as pd

from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.demand.remedies import Shortfall, find_remedy
from opslib.analysis.capacity.demand.sources import SCALED, find_fronts, workload_of
from opslib.analysis.capacity.recorded import Recorded, align_groups
from opslib.estimate import Estimate
from opslib.findings import Verdict
from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.capacity_plans import TrafficPlan
from opslib.tables.capacity import CapacityService, CapacityTables
from opslib.wording import printable

__all__ = ["TrafficNeed", "figure_words", "interval_words", "plan_traffic"]

WHOLE = {"tasks", "pods", "instances"}
"""Units that there is no half of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficNeed:
    """What a traffic plan needs of one resource.

    Args:
        plan: name of the plan.
        resource, name, service: as in `CAPACITY_RESOURCES`.
        unit: what is needed.
        requests_a_second: that are planned for, or come to this resource when they do.
        needed: units; None where the model could not be learned.
        maximum: units that the resource may have now; None where that is not known.
        is_extrapolated: more than was ever seen.
        verdict: pass where the maximum holds the whole interval, fail where it holds none of it.
        reservations: what the figures rest on, or what is missing.
        remedy: the setting to change and its number, '' where the maximum surely is enough or the
            need is not known.
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
    reservations: tuple[str, ...]
    remedy: str = ""

    @property
    def why(self) -> str:
        """Return the figures in words, with what they rest on; or what is missing."""
        if self.needed is None:
            return "; ".join(self.reservations)
        told = "" if self.maximum is None else f" of at most {figure_words(self.maximum)}"
        need = f"{interval_words(self.needed)} {printable(self.unit)}{told}"
        return "; ".join((need, *self.reservations))


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
    """Yield what is needed of the resource, and of what serves the same workload behind it."""
    fronts = find_fronts(tables, recorded)
    rows = {str(row["Resource"]): row for row in tables.resources.to_dict("records")}
    planned = [row for row in rows.values() if row["Name"] == plan.resource]
    told: set[tuple[str, str]] = set()
    for row in planned:
        front = fronts.get(workload_of(row), ())
        own = recorded.requests_of(str(row["Resource"])) or front
        is_front = row["Service"] == CapacityService.LOAD_BALANCER
        beside = [
            model
            for model in models
            if workload_of(rows[model.resource]) == workload_of(row)
            and model.demand
            and (is_front or model.demand == front)
        ]
        mine = [model for model in models if model.resource == row["Resource"]]
        for model in (*mine, *beside):
            if (model.resource, model.unit) not in told:
                told.add((model.resource, model.unit))
                is_same = model.demand in {own, ()}
                share = 1.0 if is_same else _share(tables, model.demand, own)
                need = _need(plan, model, _maximum(model, tables), share)
                yield replace(need, remedy=_remedy(need, tables))
    if not told:
        yield _unknown(plan, "no requests of it are recorded" if planned else "it was not read")


def _share(tables: CapacityTables, requests: Sequence[str], planned: Sequence[str]) -> float:
    """Return requests over those that are planned for, in the history; 0 where none tells."""
    for part in ("fine", "coarse"):
        groups = [
            [getattr(tables.usage[name], part) for name in group] for group in (requests, planned)
        ]
        together = align_groups(groups)
        if together is not None:
            served, own = together.columns
            known = np.isfinite(served) & np.isfinite(own)
            total = float(own[known].sum())
            return float(served[known].sum()) / total if total > 0 else 0.0
    return 0.0


def _need(
    plan: TrafficPlan, model: DemandModel, maximum: float | None, share: float
) -> TrafficNeed:
    if not share:
        model = replace(model, per_unit=None, why_not="how its requests grow along is not known")
    requests = plan.requests_a_second * (share or 1.0)
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
        reservations=tuple(_reserve(model, maximum, share, beyond=beyond)),
    )


def _units(model: DemandModel, requests: float) -> Estimate | None:
    if model.per_unit is None:
        return None
    wanted, idle = Decimal(repr(requests)), Decimal(repr(round(model.idle_units, 6)))
    ends = [
        max(idle + wanted / each, Decimal(0))
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


def _reserve(
    model: DemandModel, maximum: float | None, share: float, *, beyond: bool
) -> Iterator[str]:
    """Yield what a need rests on beside the model."""
    if model.per_unit is None:
        yield model.why_not
        return
    if maximum is None:
        yield "how many it may have is not known"
    if share != 1:
        yield "as if its whole workload grew along"
    if beyond:
        seen = figure_words(model.most_seen)
        yield f"at most {seen} requests/s were seen, beyond is extrapolated"


def figure_words(figure: float) -> str:
    """Return a figure by its first four digits."""
    return f"{float(f'{figure:.4g}'):,.10g}"


def interval_words(estimate: Estimate) -> str:
    """Return a figure with its interval, four digits of each."""
    ends = (estimate.low, estimate.mid, estimate.high)
    low, middle, high = (figure_words(float(end)) for end in ends)
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


def _remedy(need: TrafficNeed, tables: CapacityTables) -> str:
    if need.needed is None or need.verdict is Verdict.PASS:
        return ""
    short = Shortfall(
        resource=need.resource,
        service=need.service,
        unit=need.unit,
        needed=need.needed,
        maximum=need.maximum,
    )
    return find_remedy(short, tables)


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
        reservations=(why,),
    )
