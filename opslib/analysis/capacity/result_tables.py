"""Scaling, demand, sizes, lost zones, quotas and alerts as tables for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

import pandas as pd

from opslib.analysis.capacity.alerts.history import AlertHistory
from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.demand.traffic import TrafficNeed
from opslib.analysis.capacity.headroom.recovery_region import RecoveryQuota
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.scaling.proposals import ScalingProposal
from opslib.analysis.capacity.sizes.rightsizing import Rightsizing
from opslib.estimate import Estimate

__all__ = ["check_tables", "scaling_tables"]

SCALING = [
    "Resource",
    "Name",
    "Dimension",
    "Unit",
    "Min",
    "Max",
    "TargetPercent",
    "UnderMinutesAWeek",
    "UnitHoursAMonth",
    "CostAMonth",
    "Currency",
    "IsInForce",
    "IsProposed",
    "WhyNot",
]


def scaling_tables(
    demand: Iterable[DemandModel],
    needs: Iterable[TrafficNeed],
    proposals: Iterable[ScalingProposal],
) -> Mapping[str, pd.DataFrame]:
    """Return what units carry, what traffic plans need, and every setting that was replayed."""
    rows = [row for proposal in proposals for row in _settings(proposal)]
    return {
        "demand": _frame(DemandModel, demand),
        "traffic": _frame(TrafficNeed, needs),
        "scaling": pd.DataFrame(rows, columns=SCALING),
    }


def _settings(proposal: ScalingProposal) -> Iterator[tuple[Any, ...]]:
    excuses = {one.setting: one.why for one in proposal.excuses}
    proposed = proposal.proposed.setting if proposal.proposed else None
    for result in proposal.results:
        setting = result.setting
        yield (
            proposal.resource,
            proposal.name,
            proposal.dimension,
            proposal.unit,
            setting.minimum,
            setting.maximum,
            setting.target_percent,
            result.under_minutes_a_week,
            result.unit_hours_a_month,
            None if result.cost_a_month is None else float(result.cost_a_month),
            proposal.currency,
            setting == proposal.in_force,
            setting == proposed,
            excuses.get(setting, ""),
        )


def check_tables(
    sizes: Iterable[Rightsizing],
    losses: Iterable[ZoneLoss],
    quotas: Iterable[RecoveryQuota],
    alerts: Iterable[AlertHistory],
) -> Mapping[str, pd.DataFrame]:
    """Return the tables that the findings of the checks name as their evidence.

    One row each, in the order given; columns are the fields of its class, CamelCase, what has
    several parts as JSON text.
    """
    return {
        "sizes": _frame(Rightsizing, sizes),
        "zone_losses": _frame(ZoneLoss, losses),
        "recovery_quotas": _frame(RecoveryQuota, quotas),
        "alerts": _frame(AlertHistory, alerts),
    }


def _frame(kind: type[Any], rows: Iterable[Any]) -> pd.DataFrame:
    names = [field.name for field in fields(kind)]
    columns = ["".join(part.capitalize() for part in name.split("_")) for name in names]
    cells = [[_cell(getattr(row, name)) for name in names] for row in rows]
    return pd.DataFrame(cells, columns=columns)


def _cell(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Estimate):
        return json.dumps([str(value.low), str(value.mid), str(value.high), value.confidence])
    return json.dumps(value) if isinstance(value, tuple) else value
