"""How fresh a restored database is.

Method: a source writes the time down every so often. What a copy holds of that was committed, so
that its newest beat is the least that it is as of. It is fresh if that beat lies no further before
the recovery point than two beats (one may be late), the time that a backup takes, and the
resolution of the column. Where the source tells which was its own newest beat by the recovery
point, an old copy can be told from a writer that stood still, and a younger beat that the copy
lacks makes it stale however rare beats are.
Assumption: times are taken from the source's clock, which is also the recovery point's.
Failure mode: a column that is not written with every transaction tells a copy older than it is;
one that holds times yet to come tells nothing. Both end as fail or inconclusive, never as pass.
Source: AWS Backup developer guide, "Restore testing validation"; PostgreSQL documentation,
"Recovery Target" (recovery_target_time).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.data_loss import (
    LATE_BEATS,
    FreshnessQuestion,
    estimate_loss,
    judge_loss,
    span,
    unfit_because,
    usual_seconds,
    when,
)
from opslib.estimate import Estimate
from opslib.findings import Verdict
from opslib.tables.heartbeat import Heartbeat
from opslib.wording import printable

__all__ = ["Freshness", "FreshnessQuestion", "assess_freshness"]

HOW_TO = "set one up (opslib heartbeat sql, then opslib heartbeat beat), or name heartbeat_column"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How fresh a copy is.

    Args:
        newest: the newest committed time that it holds; None where it could not be read.
        lag_seconds: from there to the recovery point; None where one of them is not known.
        beat_seconds: the usual time between beats; None where it does not show.
        lost_seconds: the achieved RPO, as an interval; None where it cannot be told.
        checks: ``freshness``, then ``rpo``.
    """

    newest: datetime | None
    lag_seconds: float | None
    beat_seconds: float | None
    lost_seconds: Estimate | None
    checks: tuple[CheckResult, CheckResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    verdict: Verdict
    sentence: str


def assess_freshness(heartbeat: Heartbeat | None, asked: FreshnessQuestion) -> Freshness:
    """Say whether a restored copy is as new as its recovery point, and what was lost.

    Args:
        heartbeat: of the copy; None where there is none or it could not be read.
        asked: what it is held against.
    """
    beat_seconds = usual_seconds(heartbeat, asked)
    told = _judge_freshness(heartbeat, asked, beat_seconds)
    lost = estimate_loss(heartbeat, asked, beat_seconds)
    subject = "" if heartbeat is None else printable(heartbeat.column)
    lag = None
    if heartbeat is not None and asked.recovery_point_at is not None:
        lag = (asked.recovery_point_at - heartbeat.newest).total_seconds()
    return Freshness(
        newest=None if heartbeat is None else heartbeat.newest,
        lag_seconds=lag,
        beat_seconds=beat_seconds,
        lost_seconds=lost,
        checks=(
            CheckResult(
                check="freshness",
                subject=subject,
                verdict=told.verdict,
                sentence=told.sentence,
                expected=when(asked.recovery_point_at),
                found=when(None if heartbeat is None else heartbeat.newest),
            ),
            judge_loss(lost, asked, subject),
        ),
    )


def _judge_freshness(
    heartbeat: Heartbeat | None, asked: FreshnessQuestion, beat_seconds: float | None
) -> _Told:
    if heartbeat is None:
        sentence = f"How fresh the copy is cannot be told: no heartbeat was read; {HOW_TO}."
        return _Told(verdict=Verdict.INCONCLUSIVE, sentence=sentence)
    recovered = asked.recovery_point_at
    if recovered is None:
        sentence = (
            f"Its newest time is {when(heartbeat.newest)}; the recovery point's is not known."
        )
        return _Told(verdict=Verdict.INCONCLUSIVE, sentence=sentence)
    unfit = unfit_because(heartbeat, asked)
    if unfit:
        return _Told(verdict=Verdict.INCONCLUSIVE, sentence=unfit)
    lag = (recovered - heartbeat.newest).total_seconds()
    allowed = asked.backup_seconds + LATE_BEATS * (beat_seconds or 0) + heartbeat.resolution_seconds
    if lag > allowed or _source_was_newer(heartbeat, asked):
        return _judge_old(heartbeat, asked, beat_seconds)
    sentence = (
        f"{_behind(heartbeat, recovered)}, within the {span(allowed)} that beats and a backup take."
    )
    return _Told(verdict=Verdict.PASS, sentence=sentence)


def _source_was_newer(heartbeat: Heartbeat, asked: FreshnessQuestion) -> bool:
    """Say whether the source had written more by then than a backup's own duration explains."""
    if asked.source_newest is None:
        return False
    ahead = (asked.source_newest - heartbeat.newest).total_seconds()
    return ahead > asked.backup_seconds


def _judge_old(heartbeat: Heartbeat, asked: FreshnessQuestion, beat_seconds: float | None) -> _Told:
    """Judge a copy whose newest time is too old: is the copy, or did nobody write?"""
    assert asked.recovery_point_at is not None
    behind = _behind(heartbeat, asked.recovery_point_at)
    usual = "" if beat_seconds is None else f", where one comes every {span(beat_seconds)}"
    source = asked.source_newest
    if source is not None and source <= heartbeat.newest:
        sentence = (
            f"{behind}{usual}; the source had nothing newer by then either, so that anything "
            "written since could be lost unseen."
        )
        return _Told(verdict=Verdict.INCONCLUSIVE, sentence=sentence)
    known = "" if source is None else f"; the source had {when(source)} by then"
    return _Told(verdict=Verdict.FAIL, sentence=f"Stale: {behind}{usual}{known}.")


def _behind(heartbeat: Heartbeat, recovered: datetime) -> str:
    lag = (recovered - heartbeat.newest).total_seconds()
    side = "before" if lag >= 0 else "after"
    return (
        f"The newest time is {when(heartbeat.newest)}, {span(abs(lag))} {side} the recovery point"
    )
