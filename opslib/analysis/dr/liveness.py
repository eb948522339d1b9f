"""What a copy's heartbeat and transactions tell, as checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.drill import Liveness
from opslib.analysis.dr.freshness import Freshness, FreshnessQuestion, assess_freshness
from opslib.analysis.dr.recovery_point import LATEST_HEALTHY
from opslib.analysis.dr.transactions import judge_rounds, judge_transactions
from opslib.parameters.dr import DrParameters
from opslib.tables.transactions import LatencyTolerance

__all__ = ["LivenessResult", "assess_liveness"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessResult:
    """How fresh a copy is, and how it serves.

    Args:
        freshness: how new its newest row is, and what was lost.
        transactions: checks ``transaction``, and ``latency`` of each.
        warm_up: how long it took to be as fast as its source.
    """

    freshness: Freshness
    transactions: tuple[CheckResult, ...]
    warm_up: CheckResult

    @property
    def of_content(self) -> tuple[CheckResult, ...]:
        """Return what bears on whether it is whole: freshness, and what transactions gave."""
        served = [check for check in self.transactions if check.check == "transaction"]
        return (self.freshness.checks[0], *served)

    @property
    def of_speed(self) -> tuple[CheckResult, ...]:
        """Return the latencies of transactions."""
        return tuple(check for check in self.transactions if check.check == "latency")


def assess_liveness(
    parameters: DrParameters, liveness: Liveness, recovered_to: datetime | None
) -> LivenessResult:
    """Judge how fresh a copy is, and how it serves.

    Args:
        parameters: the targets.
        liveness: what was asked.
        recovered_to: the moment that was recovered to; None where it is not known.
    """
    source = liveness.source_heartbeat
    asked = FreshnessQuestion(
        recovery_point_at=recovered_to,
        failure_at=_failure(parameters),
        rpo=timedelta(hours=parameters.rpo_hours),
        beat_seconds=parameters.heartbeat_seconds,
        backup_seconds=parameters.backup_seconds,
        source_newest=None if source is None else source.newest,
    )
    tolerance = LatencyTolerance(share=parameters.latency_share, milliseconds=parameters.latency_ms)
    return LivenessResult(
        freshness=assess_freshness(liveness.heartbeat, asked),
        transactions=tuple(
            judge_transactions(liveness.ran, liveness.baseline_latencies, tolerance)
        ),
        warm_up=judge_rounds(liveness.rounds, parameters.warm_up_seconds),
    )


def _failure(parameters: DrParameters) -> datetime | None:
    """Return the moment whose data is wanted back; None for the recovery point's own."""
    if parameters.failure_at is not None:
        return parameters.failure_at
    return parameters.as_of if parameters.recovery_point == LATEST_HEALTHY else None
