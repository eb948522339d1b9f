"""Whether the quotas of the recovery region hold the estate.

Method: for each quota whose use AWS measures in a home region, the highest use on record, of all
home regions of the account together, plus the highest use of the recovery region itself, against
what is applied there under the same code.

Failure mode: quotas that AWS measures no use of are not judged, and a quota is not capacity: that
the region has machines to give on the day is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from opslib.findings import Verdict
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import CapacityTables
from opslib.wording import join

__all__ = ["RecoveryQuota", "check_recovery"]

ORDER = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryQuota:
    """A quota of the recovery region, and what it would have to hold.

    Args:
        account: whose quota.
        code, service, name: as AWS calls it.
        unit: of the figures; empty for a number.
        homes: regions whose use it would have to hold.
        region: the recovery region.
        peak: highest use on record in the home regions together; None where not measured.
        used_there: highest use in the recovery region; None where not measured.
        quota: what is applied there; None where not read.
        is_adjustable: whether AWS raises it on request.
        verdict: whether it holds.
        why: with figures, or what is missing.
    """

    account: str
    code: str
    service: str
    name: str
    unit: str
    homes: tuple[str, ...]
    region: str
    peak: float | None
    used_there: float | None
    quota: float | None
    is_adjustable: bool
    verdict: Verdict
    why: str


def check_recovery(
    tables: CapacityTables, parameters: CapacityParameters
) -> tuple[RecoveryQuota, ...]:
    """Return each quota that the recovery region has to hold, the worst first.

    Nothing where no recovery region is named.

    Args:
        tables: what was read.
        parameters: ``recovery_region`` is where the estate is to go.
    """
    region = parameters.recovery_region
    if not region:
        return ()
    quotas: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in tables.quotas.to_dict("records"):
        named = {str(name): value for name, value in row.items()}
        key = (row["Account"], row["ServiceCode"], row["QuotaCode"])
        quotas.setdefault(key, []).append(named)
    found = [_check(tables, region, rows) for rows in quotas.values() if _is_used(rows, region)]
    return tuple(sorted(found, key=_rank))


def _is_used(rows: Iterable[Mapping[str, Any]], region: str) -> bool:
    return any(row["Region"] != region and row["Series"] for row in rows)


def _check(tables: CapacityTables, region: str, rows: list[Mapping[str, Any]]) -> RecoveryQuota:
    homes = [row for row in rows if row["Region"] != region and row["Series"]]
    there = next((row for row in rows if row["Region"] == region), None)
    peaks = [_highest(tables, row["Series"]) for row in homes]
    known = [peak for peak in peaks if peak is not None]
    peak = sum(known) if known and len(known) == len(peaks) else None
    used = _highest(tables, there["Series"]) if there else None
    quota = float(there["Value"]) if there else None
    first = homes[0]
    verdict, why = _judge(peak, used, quota, region)
    return RecoveryQuota(
        account=first["Account"],
        code=first["QuotaCode"],
        service=first["ServiceCode"],
        name=first["Name"],
        unit=first["Unit"],
        homes=tuple(sorted(row["Region"] for row in homes)),
        region=region,
        peak=peak,
        used_there=used,
        quota=quota,
        is_adjustable=first["IsAdjustable"],
        verdict=verdict,
        why=why,
    )


def _judge(
    peak: float | None, used: float | None, quota: float | None, region: str
) -> tuple[Verdict, str]:
    lacking = [
        what
        for what, value in (
            ("its use at home was not measured", peak),
            (f"the quota of {region} was not read", quota),
            (f"what is used in {region} already was not measured", used),
        )
        if value is None
    ]
    if peak is not None and quota is not None:
        needed = peak + (used or 0.0)
        already = f", {_figure(used)} of it there already" if used else ""
        told = f"{_figure(needed)} needed{already}, {_figure(quota)} applied"
        if needed > quota:
            return Verdict.FAIL, "; ".join([told, *lacking])
        if not lacking:
            return Verdict.PASS, told
        return Verdict.INCONCLUSIVE, "; ".join([told, *lacking])
    return Verdict.INCONCLUSIVE, join(lacking)


def _figure(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _highest(tables: CapacityTables, series: str) -> float | None:
    usage = tables.usage.get(series)
    histories = [usage.fine, usage.coarse] if usage else []
    kept = [history.values for history in histories if history is not None]
    values = np.concatenate(kept) if kept else np.array([])
    return None if np.isnan(values).all() else float(np.nanmax(values))


def _rank(quota: RecoveryQuota) -> tuple[int, float, str]:
    share = (quota.peak or 0.0) / quota.quota if quota.quota else float("inf")
    return ORDER.index(quota.verdict), -share, quota.name
