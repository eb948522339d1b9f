"""How long the recovery took, stage by stage, against its target (RTO).

Definition: the recovery time is counted from the moment the restore was asked for to the moment
the data was validated; a copy that nobody has looked at is not recovered. Time to notice, to decide
and to send users over is not in it.
Method: each stage was reached between two looks, so that it is an interval.
Source: NIST SP 800-34 Rev. 1, section 3.2.1 (recovery time objective).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.dr.drill import Drill
from opslib.analysis.dr.questions import IN_TIME
from opslib.findings import Conclusion, Verdict

__all__ = ["RecoveryStage", "assess_recovery_time", "list_stages", "minutes", "recovered_after"]

RECOVERED = "validated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStage:
    """One stage: reached after ``earliest_seconds`` and at the latest after ``latest_seconds``."""

    name: str
    earliest_seconds: float
    latest_seconds: float


def list_stages(stages: pd.DataFrame) -> tuple[RecoveryStage, ...]:
    """Return the stages in the order they were reached.

    Args:
        stages: columns of `opslib.tables.restores.RESTORE_STAGES`.
    """
    rows = stages.sort_values(["LatestSeconds", "EarliestSeconds"]).itertuples(index=False)
    return tuple(
        RecoveryStage(name=name, earliest_seconds=earliest, latest_seconds=latest)
        for name, earliest, latest in rows
    )


def assess_recovery_time(
    stages: pd.DataFrame, rto_minutes: float, because: tuple[str, ...]
) -> Conclusion:
    """Hold the recovery against its target.

    Args:
        stages: columns of `opslib.tables.restores.RESTORE_STAGES`.
        rto_minutes: the target.
        because: why it was not recovered, where it was not.
    """
    reached = {stage.name: stage for stage in list_stages(stages)}
    target = f"the target is {minutes(rto_minutes * 60)}"
    if RECOVERED not in reached:
        passed = max((stage.latest_seconds for stage in reached.values()), default=0.0)
        late = passed > rto_minutes * 60
        return Conclusion(
            question=IN_TIME,
            verdict=Verdict.FAIL if late else Verdict.INCONCLUSIVE,
            sentence=f"It was not recovered within {minutes(passed)}; {target}.",
            because=because,
        )
    stage = reached[RECOVERED]
    between = _between(stage)
    if stage.latest_seconds <= rto_minutes * 60:
        verdict, answer = Verdict.PASS, "Yes"
    elif stage.earliest_seconds > rto_minutes * 60:
        verdict, answer = Verdict.FAIL, "No"
    else:
        verdict, answer = Verdict.INCONCLUSIVE, "It cannot be told"
    return Conclusion(
        question=IN_TIME, verdict=verdict, sentence=f"{answer}: validated {between}; {target}."
    )


def recovered_after(drill: Drill) -> Decimal | None:
    """Return the seconds to the end of the recovery; None where there was none."""
    if drill.restore is None:
        return None
    reached = {stage.name: stage.latest_seconds for stage in list_stages(drill.restore.stages)}
    return Decimal(f"{reached[RECOVERED]:.1f}") if RECOVERED in reached else None


def _between(stage: RecoveryStage) -> str:
    low, high = minutes(stage.earliest_seconds), minutes(stage.latest_seconds)
    return f"after {high}" if low == high else f"after {low} to {high}"


def minutes(seconds: float) -> str:
    """Write a duration.

    >>> minutes(2.34), minutes(75), minutes(7200)
    ('2.3 s', '1.2 min', '2.0 hours')
    """
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} hours"  # noqa: PLR2004
