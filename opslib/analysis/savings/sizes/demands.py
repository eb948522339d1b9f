"""What instances and databases ask of their size, by days of CloudWatch.

Of CPU the peak is the highest day's 99.5th percentile, as AWS Compute Optimizer's default threshold
has it; of memory the highest value. A day without a datapoint may have been anything: what such a
day could undo is not told as certain. What is free of a database's memory is a bound, since its
caches fill what they get (`opslib.analysis.capacity.sizes.demands`).

Sources: AWS Compute Optimizer API Reference, PutRecommendationPreferences (P99_5 and 20% headroom
where nothing else is set); Amazon EC2 and RDS User Guides, CloudWatch metrics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median

from opslib.analysis.capacity.sizes.fit import Demand
from opslib.analysis.capacity.sizes.sizes import Size
from opslib.analysis.capacity.sizes.weekly_peaks import PeakUse
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging

__all__ = ["demands_of", "peak_of"]

FULL = 100.0
WEEK_DAYS = 7
GIB = 2**30
Daily = Mapping[date, float]


def demands_of(
    thing: Thing, judging: Judging, present: Size, days: Sequence[date]
) -> tuple[Demand, ...]:
    """Return what is asked of CPU and memory.

    Args:
        thing: an instance or a database.
        judging: what is known.
        present: its size.
        days: those that count.
    """
    peaks, means = (judging.estate.use_of(thing, f"cpu_{what}") for what in ("peak", "mean"))
    cpu = Demand(name="CPU", peak=peak_of(peaks, means, days), why_unknown="CPU is not reported")
    return (cpu, _memory(thing, judging, present, days))


def _memory(thing: Thing, judging: Judging, present: Size, days: Sequence[date]) -> Demand:
    estate, is_bound = judging.estate, thing.kind == "database"
    if is_bound:
        free = estate.use_of(thing, "memory_free")
        peaks = {day: FULL * (1 - one / (present.memory_gib * GIB)) for day, one in free.items()}
        peak = peak_of(peaks, peaks, days)
    else:
        highest, means = (estate.use_of(thing, f"memory_{what}") for what in ("peak", "mean"))
        peak = peak_of(highest, means, days)
    return Demand(
        name="memory",
        peak=peak,
        why_unknown="memory is not reported",
        shares="memory",
        is_bound=is_bound and peak is not None,
    )


def peak_of(peaks: Daily, means: Daily, days: Sequence[date]) -> PeakUse | None:
    """Return what utilisation came to by day; None where no day tells it.

    Busy is the mean of the usual day: what is above it is short whatever its peaks.

    Args:
        peaks: the peak of each day that tells one, in percent.
        means: the mean of each day that tells one.
        days: those that count.
    """
    told = [peaks[day] for day in days if day in peaks]
    usual = [means[day] for day in days if day in means]
    if not told or not usual:
        return None
    missing = 1 - min(len(told), len(usual)) / len(days)
    highest, mean = max(told), median(usual)
    return PeakUse(
        weeks=len(days) // WEEK_DAYS,
        missing=missing,
        p99=highest,
        seen=highest,
        at_most=float("inf") if missing else highest,
        busy=mean,
        busy_at_most=float("inf") if missing else mean,
        mean=mean,
        busiest_day=max(usual),
        busiest_day_at_most=FULL if missing else max(usual),
    )
