"""Sizes, lost zones, quotas of the recovery region and alerts as tables for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

import pandas as pd

from opslib.analysis.capacity.alert_history import AlertHistory
from opslib.analysis.capacity.recovery_region import RecoveryQuota
from opslib.analysis.capacity.rightsizing import Rightsizing
from opslib.analysis.capacity.zone_loss import ZoneLoss

__all__ = ["check_tables"]


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
    return json.dumps(value) if isinstance(value, tuple) else value
