"""What an incident cost those who use the service.

Method: of the requests between two moments, those that failed, and of these the ones beyond what
failed usually (the median share of the baseline). Error-budget minutes: each period burns its
length times the share that failed, so that a total outage burns a minute a minute; the budget of
an objective is (1 - objective) times its days. User-minutes: requests a minute, divided by how
many a user makes a minute, times the minutes; without that figure there are none.
Assumption: the errors' metric counts what users saw, and the requests' metric the same requests.
Fails where: datapoints are missing; they are counted, and the sums are lower bounds then.
Source: Google SRE Workbook, "Implementing SLOs" and "Alerting on SLOs".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from opslib.analysis.incident.series import Series, share_of

__all__ = ["Impact", "Objective", "measure_impact", "usual_failed_share"]

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What was promised.

    Args:
        percent: of requests that are to succeed, such as 99.9.
        days: over which.
    """

    percent: float
    days: float = 30

    @property
    def budget_minutes(self) -> float:
        """Return the minutes of total outage that the objective allows."""
        return (1 - self.percent / 100) * self.days * MINUTES_A_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What happened to requests between two moments.

    Args:
        start, end: of the periods that were added up.
        requests, failed: counts.
        usual_failed: how many of them would have failed at the baseline's rate.
        burned_minutes: of the error budget.
        user_minutes: None where nobody said how many requests a user makes.
        missing: periods without a datapoint of requests.
    """

    start: datetime
    end: datetime
    requests: float
    failed: float
    usual_failed: float
    burned_minutes: float
    user_minutes: float | None
    missing: int

    @property
    def extra_failed(self) -> float:
        """Return the failed requests beyond the usual ones, at least 0."""
        return max(0.0, self.failed - self.usual_failed)


def measure_impact(
    requests: Series,
    errors: Series,
    start: datetime,
    end: datetime,
    *,
    usual_share: float = 0.0,
    requests_per_user_minute: float | None = None,
) -> Impact:
    """Add up the periods that begin in [start, end).

    Args:
        requests: counts by period.
        errors: the same; a period without a datapoint has none, since CloudWatch reports none
            where nothing failed.
        start: aware moment.
        end: aware moment.
        usual_share: of requests that failed before, 0 to 1.
        requests_per_user_minute: None where it is not known.

    Raises:
        ValueError: the two have different periods.
    """
    if requests.period != errors.period:
        raise ValueError(f"{requests.name} and {errors.name} have different periods")
    first = pd.Timestamp(start).floor(requests.period)
    periods = pd.date_range(first, end, freq=requests.period, inclusive="left")
    asked = requests.points.reindex(periods)
    failed = errors.points.reindex(periods).fillna(0.0).where(asked.notna())
    minutes = requests.period / timedelta(minutes=1)
    share = share_of(errors, requests).reindex(periods)
    total = float(asked.sum())
    users = total / requests_per_user_minute if requests_per_user_minute else None
    return Impact(
        start=start,
        end=end,
        requests=total,
        failed=float(failed.sum()),
        usual_failed=total * usual_share,
        burned_minutes=float(share.sum()) * minutes,
        user_minutes=users,
        missing=int(asked.isna().sum()),
    )


def usual_failed_share(requests: Series, errors: Series, before: datetime) -> float | None:
    """Return the median share of requests that failed in a period before a moment, 0 to 1.

    None where there was no request.
    """
    share = share_of(errors, requests)
    share = share[share.index < before]
    return None if share.empty else float(share.median())
