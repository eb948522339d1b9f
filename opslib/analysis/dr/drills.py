"""The drills that there have been: what restored, validated and came to a verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from opslib.analysis.dr.points import given
from opslib.analysis.dr.questions import WHOLE
from opslib.findings import Verdict
from opslib.tables.drills import INCONCLUSIVE
from opslib.wording import printable

__all__ = ["Drill", "list_drills"]

CONCLUSIVE = {Verdict.PASS.value: Verdict.PASS, Verdict.FAIL.value: Verdict.FAIL}
BY_AWS = {"SUCCESSFUL": Verdict.PASS, "FAILED": Verdict.FAIL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill that came to a verdict.

    Args:
        at: when.
        what: how sentences name it.
        verdict: pass or fail.
    """

    at: datetime
    what: str
    verdict: Verdict


def list_drills(
    past_runs: pd.DataFrame,
    restore_jobs: pd.DataFrame,
    as_of: datetime,
    *,
    resource: str = "",
    same: Mapping[str, str] | None = None,
) -> tuple[Drill, ...]:
    """Return the drills up to ``as_of``, newest first.

    A run counts that says whether the restore was whole, by the moment that it speaks of: that is
    never later than when it was made. A restore job counts that a restore testing plan began and
    somebody validated. What was inconclusive, and a restore that nobody looked into, is no drill.

    Args:
        past_runs: columns of `opslib.tables.drills.PAST_RUNS`.
        restore_jobs: columns of `opslib.tables.drills.RESTORE_JOBS`.
        as_of: the report's moment.
        resource: ARN of what is drilled; '' for anything.
        same: parameters that a run must share, by name.
    """
    runs = [_from_run(row, same or {}) for row in past_runs.to_dict("records")]
    jobs = [_from_job(row, resource) for row in restore_jobs.to_dict("records")]
    drills = [drill for drill in (*runs, *jobs) if drill is not None and drill.at <= as_of]
    return tuple(sorted(drills, key=lambda drill: (drill.at, drill.what), reverse=True))


def _from_run(row: dict[Any, Any], same: Mapping[str, str]) -> Drill | None:
    verdict = CONCLUSIVE.get(json.loads(row["Conclusions"]).get(WHOLE, ""))
    parameters = json.loads(row["Parameters"])
    if verdict is None or any(parameters.get(name) != value for name, value in same.items()):
        return None
    at = min(row["AsOf"], row["StartedAt"]).to_pydatetime()
    return Drill(at=at, what=f"report {printable(row['Run'])}", verdict=verdict)


def _from_job(row: dict[Any, Any], resource: str) -> Drill | None:
    verdict, done = BY_AWS.get(row["ValidationStatus"]), given(row["CompletedAt"])
    counts = row["TestingPlanArn"] and row["Status"] == "COMPLETED" and done is not None
    unsure = row["ValidationMessage"].startswith(INCONCLUSIVE)
    if verdict is None or not counts or unsure or resource not in {"", row["ResourceArn"]}:
        return None
    return Drill(at=done, what=f"restore test {printable(row['JobId'])}", verdict=verdict)
