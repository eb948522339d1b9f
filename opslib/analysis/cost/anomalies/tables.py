"""The tables that what is said of anomalies can be traced to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import pandas as pd

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.cause_factors import CauseFactors
from opslib.analysis.cost.anomalies.report import AnomalyReport
from opslib.timewindow import TimeWindow

__all__ = ["anomaly_tables"]

NAMES = ["ServiceName", "SubAccountId", "RegionId", "FirstDay"]
ENDS = ["impact_low", "impact", "impact_high"]
ENDS_IN_PERIOD = ["impact_in_period_low", "impact_in_period", "impact_in_period_high"]
FACTORS = [field.name for field in fields(CauseFactors)]


def anomaly_tables(unusual: AnomalyReport, period: TimeWindow) -> Mapping[str, pd.DataFrame]:
    """Return the anomalies, their days and the changes before them, and how commitments were used.

    Args:
        unusual: what was unusual.
        period: the report's days: an anomaly's impact is told as a whole and within them.
    """
    return {
        "anomalies": _anomalies(unusual, period),
        "anomaly_days": _days(unusual),
        "anomaly_causes": _causes(unusual),
        "commitment_use": _commitments(unusual),
    }


def _key(anomaly: CostAnomaly) -> tuple[object, ...]:
    place = anomaly.place
    return place.service, place.account, place.region, anomaly.first_day


def _anomalies(unusual: AnomalyReport, period: TimeWindow) -> pd.DataFrame:
    rows = []
    listed = unusual.anomalies
    for anomaly in (*listed.found, *listed.earlier):
        impact, within = anomaly.impact, anomaly.impact_within(period)
        rows.append(
            (
                *_key(anomaly),
                anomaly.last_day,
                anomaly.lasts,
                anomaly in listed.found,
                impact.low,
                impact.mid,
                impact.high,
                within.low,
                within.mid,
                within.high,
            )
        )
    columns = [*NAMES, "LastDay", "lasts", "in_period", *ENDS, *ENDS_IN_PERIOD]
    return pd.DataFrame(rows, columns=columns)


def _days(unusual: AnomalyReport) -> pd.DataFrame:
    """Return the days of every episode: their impacts sum to the anomaly's."""
    rows = [
        (
            *_key(anomaly),
            day.day,
            day.actual,
            *((e.low, e.mid, e.high) if (e := day.expected) else (None, None, None)),
        )
        for anomaly in (*unusual.anomalies.found, *unusual.anomalies.earlier)
        for day in anomaly.episode
    ]
    return pd.DataFrame(
        rows, columns=[*NAMES, "day", "cost", "expected_low", "expected", "expected_high"]
    )


def _causes(unusual: AnomalyReport) -> pd.DataFrame:
    rows = [
        (
            *_key(explanation.anomaly),
            rank,
            suspect.at,
            suspect.actor,
            suspect.action,
            suspect.resource,
            suspect.account,
            suspect.region,
            suspect.source,
            suspect.reference,
            suspect.moved.before if suspect.moved else None,
            suspect.moved.after if suspect.moved else None,
            *(getattr(suspect.factors, name) for name in FACTORS),
            suspect.factors.score,
        )
        for explanation in unusual.explanations
        for rank, suspect in enumerate(explanation.suspects, start=1)
    ]
    what = ["rank", "At", "Actor", "Action", "Resource", "Account", "Region", "Source"]
    costs = ["Reference", "daily_cost_before", "daily_cost_after"]
    return pd.DataFrame(rows, columns=[*NAMES, *what, *costs, *FACTORS, "score"])


def _commitments(unusual: AnomalyReport) -> pd.DataFrame:
    rows = [
        (
            use.commitment,
            use.used_share,
            use.unused,
            use.usual_unused,
            use.first_day,
            use.dropped,
            use.currency,
        )
        for use in unusual.commitments
    ]
    money = ["unused", "usual_unused", "FirstDay", "unused_beyond_usual", "BillingCurrency"]
    return pd.DataFrame(rows, columns=["Commitment", "used_share", *money])
