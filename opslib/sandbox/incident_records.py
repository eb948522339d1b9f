"""What people recorded of the window's day: a Slack export, PagerDuty's log, and a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from opslib.sandbox.incident_plan import IncidentPlan, window_of
from opslib.sandbox.incident_response import response_of
from opslib.sandbox.pagerduty_records import pagerduty_entries
from opslib.sandbox.shop_history import on_call
from opslib.sandbox.slack_records import slack_export

__all__ = ["clock_skew", "incident_files"]

MOST_SKEW = 90


def incident_files(plan: IncidentPlan) -> dict[str, bytes]:
    """Return the files of the day by key; none of an empty account."""
    if plan.is_empty:
        return {}
    opens, _ = window_of(plan.epoch)
    day = f"{opens:%Y-%m-%d}"
    return {
        f"{day}/slack.zip": slack_export(plan, day),
        f"{day}/pagerduty.json": pagerduty_entries(plan),
        f"{day}/log.csv": _table(plan),
    }


def clock_skew(plan: IncidentPlan) -> timedelta:
    """Return how far the clock of whoever kept the table goes wrong."""
    return timedelta(seconds=(plan.seed * 37) % (2 * MOST_SKEW + 1) - MOST_SKEW)


def _table(plan: IncidentPlan) -> bytes:
    """Return the table that somebody kept by a clock that is not set right."""
    held = io.StringIO()
    rows = csv.writer(held, lineterminator="\n")
    rows.writerow(("time", "who", "what"))
    skew = clock_skew(plan)
    for at, who, what in _noted(plan):
        rows.writerow((f"{at + skew:%Y-%m-%dT%H:%M:%SZ}", who, what))
    return held.getvalue().encode()


def _noted(plan: IncidentPlan) -> Iterator[tuple[datetime, str, str]]:
    opens, _ = window_of(plan.epoch)
    duty = on_call(plan)
    yield opens + timedelta(minutes=5), duty, "on call until tomorrow"
    response = response_of(plan)
    if response is None:
        return
    yield response.acknowledged, duty, "acknowledged the page"
    yield response.suspected, duty, f"suspected {plan.decoy_service}, wrongly"
    yield response.rolled_back, duty, "took the change back"
    yield response.resolved, duty, "declared it over"
