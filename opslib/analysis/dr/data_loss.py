"""How much a restore lost, as an interval: the achieved RPO.

Method: the newest beat of a copy is the least that it is as of; the next beat, which it does not
hold, is the most, and so is the moment that was recovered to. The loss is the failure's moment less
that interval.
Assumption: beats come as regularly as they did before, or as the parameter promises. A gap beyond
the longest of n gaps has probability 1/(n+1) where gaps are exchangeable: that is the confidence
in an interval that rests on gaps that were seen.
Failure mode: where a beat is overdue and the source is silent, its writer may have stood still: the
interval then reaches to the recovery point.
Source: the probability by symmetry of the order statistics (David and Nagaraja, Order Statistics).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median

from opslib.analysis.dr.check_result import CheckResult
from opslib.estimate import Estimate
from opslib.findings import Verdict
from opslib.tables.heartbeat import Heartbeat

__all__ = [
    "LATE_BEATS",
    "FreshnessQuestion",
    "estimate_loss",
    "judge_loss",
    "span",
    "unfit_because",
    "usual_seconds",
    "when",
]

CLOCK_SECONDS = 60
"""How far two clocks may differ."""
LATE_BEATS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshnessQuestion:
    """What a copy's newest time is held against.

    Args:
        recovery_point_at: the moment that was recovered to; None where it is not known.
        failure_at: the moment whose data is wanted back; None for the recovery point itself.
        rpo: the most that may be lost.
        beat_seconds: longest usual time between beats; None for what the beats show.
        backup_seconds: how long the backup may have taken, from its moment on.
        source_newest: the newest time that the source itself had written by the recovery point;
            None where it was not asked, or has forgotten.
    """

    recovery_point_at: datetime | None
    failure_at: datetime | None = None
    rpo: timedelta
    beat_seconds: float | None = None
    backup_seconds: float = 900
    source_newest: datetime | None = None


def usual_seconds(heartbeat: Heartbeat | None, asked: FreshnessQuestion) -> float | None:
    """Return the usual gap: the median, since one long pause must not make old beats look fresh."""
    if asked.beat_seconds is not None:
        return asked.beat_seconds
    gaps = () if heartbeat is None else heartbeat.gaps_seconds
    return median(gaps) if gaps else None


def unfit_because(heartbeat: Heartbeat, asked: FreshnessQuestion) -> str:
    """Return why a newest time tells nothing: it is later than it can be."""
    recovered = asked.recovery_point_at
    clock = timedelta(seconds=CLOCK_SECONDS)
    if heartbeat.newest > heartbeat.read_at + clock:
        return (
            f"The newest time, {when(heartbeat.newest)}, is yet to come: the column holds other "
            "times than those of commits, or those of another time zone (heartbeat_zone)."
        )
    if recovered is not None and heartbeat.newest > recovered + max(
        clock, timedelta(seconds=asked.backup_seconds)
    ):
        after = (heartbeat.newest - recovered).total_seconds()
        return (
            f"The newest time, {when(heartbeat.newest)}, is {span(after)} after the recovery "
            "point: the copy was written to since, or is of another recovery point."
        )
    return ""


def estimate_loss(
    heartbeat: Heartbeat | None, asked: FreshnessQuestion, beat_seconds: float | None
) -> Estimate | None:
    """Return the achieved RPO in seconds; None where the moments contradict each other."""
    failed = asked.failure_at or asked.recovery_point_at
    if heartbeat is None or failed is None or unfit_because(heartbeat, asked):
        return None
    if asked.recovery_point_at is not None and failed < asked.recovery_point_at:
        return None
    latest, confidence = _latest_commit(heartbeat, asked, beat_seconds)
    high = max(0.0, (failed - heartbeat.newest).total_seconds())
    low = min(high, max(0.0, (failed - latest).total_seconds()))
    ends = [_seconds(value) for value in (low, (low + high) / 2, high)]
    return Estimate(low=ends[0], mid=ends[1], high=ends[2], confidence=confidence)


def _latest_commit(
    heartbeat: Heartbeat, asked: FreshnessQuestion, beat_seconds: float | None
) -> tuple[datetime, float]:
    """Return the latest moment that the copy can be as of, and the confidence in that."""
    recovered = asked.recovery_point_at
    bound = max(recovered or heartbeat.read_at, heartbeat.newest)
    gaps = heartbeat.gaps_seconds
    if beat_seconds is None or not _writer_went_on(heartbeat, asked, beat_seconds):
        return bound, 1.0
    longest = asked.beat_seconds or max(gaps)
    following = heartbeat.newest + timedelta(seconds=longest + heartbeat.resolution_seconds)
    if following >= bound:
        return bound, 1.0
    return following, 1.0 if asked.beat_seconds else len(gaps) / (len(gaps) + 1)


def _writer_went_on(heartbeat: Heartbeat, asked: FreshnessQuestion, beat_seconds: float) -> bool:
    """Say whether a next beat was due and came: known of the source, else taken as usual."""
    if asked.source_newest is not None:
        return asked.source_newest > heartbeat.newest
    if asked.recovery_point_at is None:
        return False
    lag = (asked.recovery_point_at - heartbeat.newest).total_seconds()
    return lag <= LATE_BEATS * beat_seconds + heartbeat.resolution_seconds


def judge_loss(lost: Estimate | None, asked: FreshnessQuestion, subject: str) -> CheckResult:
    """Hold a loss, in seconds, against the most that may be lost; check ``rpo``."""
    allowed = asked.rpo.total_seconds()
    if lost is None:
        verdict, sentence = Verdict.INCONCLUSIVE, "How much was lost cannot be told."
    else:
        since = "the failure" if asked.failure_at else "the recovery point"
        sentence = (
            f"Between {span(float(lost.low))} and {span(float(lost.high))} before {since} are "
            f"lost (confidence {lost.confidence:.0%}); {span(allowed)} may be."
        )
        verdict = Verdict.INCONCLUSIVE
        if float(lost.high) <= allowed:
            verdict = Verdict.PASS
        elif float(lost.low) > allowed:
            verdict = Verdict.FAIL
    return CheckResult(
        check="rpo",
        subject=subject,
        verdict=verdict,
        sentence=sentence,
        expected=f"at most {span(allowed)}",
        found="" if lost is None else f"{span(float(lost.low))} to {span(float(lost.high))}",
    )


def when(moment: datetime | None) -> str:
    """Write a moment to the second, in UTC; '' for none."""
    if moment is None:
        return ""
    told = moment.astimezone(UTC)
    return f"{told.day} {told:%b %Y %H:%M:%S} UTC"


def span(seconds: float) -> str:
    """Write a length of time in the unit that suits it.

    >>> span(90), span(7200), span(864000)
    ('90 s', '120 min', '10.0 days')
    """
    if seconds < 600:  # noqa: PLR2004  ten minutes
        return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"  # noqa: PLR2004  digits
    if seconds < 3 * 3600:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"  # noqa: PLR2004  two days


def _seconds(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))
