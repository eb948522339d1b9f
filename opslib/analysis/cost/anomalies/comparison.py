"""Our anomalies beside those of AWS Cost Anomaly Detection, and what each missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.services import same_service
from opslib.coverage import Coverage, gaps
from opslib.money import total
from opslib.tables.cost_anomalies import NOT_SET_UP
from opslib.timewindow import TimeWindow

__all__ = ["AwsAnomaly", "AwsComparison", "compare_with_aws"]

TABLE = "AWS anomalies"
NEAR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAnomaly:
    """An anomaly of AWS's.

    Args:
        anomaly_id: AWS's.
        first_day, last_day: of it; the last is None of one that goes on.
        services, accounts, regions: of its root causes; empty where AWS names none.
        impact: what AWS thinks was spent beyond the expected, in ``currency``.
    """

    anomaly_id: str
    first_day: date
    last_day: date | None
    services: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    impact: Decimal
    currency: str

    def is_of(self, anomaly: CostAnomaly) -> bool:
        """Say whether it is ours: its service, an account and region of it, and common days."""
        last = self.last_day or anomaly.last_day
        if self.first_day > anomaly.last_day + NEAR or last < anomaly.first_day - NEAR:
            return False
        return (
            (
                not self.services
                or any(same_service(s, anomaly.place.service) for s in self.services)
            )
            and _meet(self.accounts, (part.account for part in anomaly.parts))
            and _meet(self.regions, (part.region for part in anomaly.parts))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsComparison:
    """What ours and AWS's detection found.

    Args:
        both: each of ours that AWS has too, with AWS's.
        only_ours: of the period; AWS finds rises, and tells them a day late.
        only_aws: AWS's that began in the period and that ours has not.
        because: why AWS's could not be seen; empty where it could.
        is_set_up: whether anything is watched; None where that is not known.
    """

    both: tuple[tuple[CostAnomaly, AwsAnomaly], ...]
    only_ours: tuple[CostAnomaly, ...]
    only_aws: tuple[AwsAnomaly, ...]
    because: tuple[str, ...]
    is_set_up: bool | None


def compare_with_aws(
    found: Sequence[CostAnomaly],
    earlier: Sequence[CostAnomaly],
    aws_anomalies: pd.DataFrame,
    period: TimeWindow,
    coverage: Sequence[Coverage],
) -> AwsComparison:
    """Return which anomalies of the period both found, and which only one.

    Args:
        found: ours of the period.
        earlier: ours that earlier reports told: AWS's that goes on from there is no miss.
        aws_anomalies: columns of `opslib.tables.cost_anomalies.AWS_ANOMALIES`.
        period: the report's days.
        coverage: of the reads.
    """
    theirs = _anomalies(aws_anomalies)
    both = [
        (ours, match)
        for ours in found
        for match in [next((one for one in theirs if one.is_of(ours)), None)]
        if match is not None
    ]
    matched = [ours for ours, _ in both]
    because = tuple(f"{line.table}: {line.status.value}" for line in gaps(coverage, TABLE))
    asked = [line for line in coverage if line.table == TABLE]
    if not asked:
        because = ("AWS anomalies: not asked",)
    return AwsComparison(
        both=tuple(both),
        only_ours=tuple(ours for ours in found if ours not in matched),
        only_aws=tuple(
            one
            for one in theirs
            if one.first_day in period.days
            and not any(one.is_of(ours) for ours in (*found, *earlier))
        ),
        because=because,
        is_set_up=None if because else all(line.detail != NOT_SET_UP for line in asked),
    )


def _anomalies(rows: pd.DataFrame) -> list[AwsAnomaly]:
    """Return one anomaly for all of its root causes, in order of time."""
    found = []
    for anomaly_id, causes in rows.groupby("AnomalyId", sort=True):
        first = causes.iloc[0]
        found.append(
            AwsAnomaly(
                anomaly_id=str(anomaly_id),
                first_day=first["FirstDay"],
                last_day=None if pd.isna(first["LastDay"]) else first["LastDay"],
                services=_names(causes["ServiceName"]),
                accounts=_names(causes["SubAccountId"]),
                regions=_names(causes["RegionId"]),
                impact=total(causes["Impact"]),
                currency=str(first["Currency"]),
            )
        )
    return sorted(found, key=lambda one: (one.first_day, one.anomaly_id))


def _names(values: pd.Series) -> tuple[str, ...]:
    return tuple(sorted({str(value) for value in values if value}))


def _meet(named: Sequence[str], of_ours: Iterable[str]) -> bool:
    """Say whether two lists of names have one in common; where one tells none, nothing speaks."""
    ours = set(of_ours)
    return not named or "" in ours or bool(ours & set(named))
