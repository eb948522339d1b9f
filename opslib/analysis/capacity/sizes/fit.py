"""Whether a size fits what was used of it, and which other size would.

A size is too small where something passes what it may for a twentieth of the time in most of the
last weeks (of memory and connections 90%, since nobody queues for them before they are full), or
where a burstable one runs above its baseline on average of them. It is too large where a smaller
one would still leave the headroom free at the peak. Use in percent is taken to grow as the size
shrinks: half the vCPUs, twice the CPU utilisation. What is known as a bound only (memory of
databases, which their buffers fill) may show that a size fits, and never that it is too small or
that a smaller one does not fit. Sizes below a quarter are not proposed at once,
since bandwidth to network and disks shrinks with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from opslib.analysis.capacity.sizes.sizes import Size
from opslib.analysis.capacity.sizes.weekly_peaks import PeakUse
from opslib.wording import join

__all__ = ["Demand", "Direction", "Shares", "SizeFit", "fit_size", "short_at"]

Shares = Literal["vcpus", "memory", "nothing"]
LARGEST_STEP = 4.0
NEARLY_FULL = 90.0
LEAST_STEP = 2 / 3
"""Of the vCPUs or the memory: a size that has more of both is not worth a change."""


class Direction(StrEnum):
    """What a size is for what was used of it."""

    OVER = "over"
    UNDER = "under"
    RIGHT = "right"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is used of one dimension of a size, in percent of what the present size has.

    Args:
        name: CPU, memory, connections.
        peak: what it came to; None where it is not known.
        why_unknown: why not; empty where it is known.
        shares: what the dimension grows with; nothing where every size of the family has as much.
        is_bound: no more than ``peak`` is used, and perhaps less is needed.
    """

    name: str
    peak: PeakUse | None
    why_unknown: str = ""
    shares: Shares = "vcpus"
    is_bound: bool = False

    def factor(self, present: Size, other: Size) -> float:
        """Return what use in percent is multiplied by on the other size."""
        if self.shares == "vcpus":
            return present.vcpus / other.vcpus
        return present.memory_gib / other.memory_gib if self.shares == "memory" else 1.0

    def unknown(self) -> Demand:
        """Return a bound as what is not known."""
        seen = self.peak.seen if self.peak else 0.0
        why = (
            f"at most {seen:.0f}% of {self.name} is used, and how much of it are caches is unknown"
        )
        return replace(self, peak=None, why_unknown=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeFit:
    """What a size is, which other would fit, and why."""

    direction: Direction
    proposed: Size | None
    why: str


def fit_size(
    present: Size, others: Sequence[Size], demands: Sequence[Demand], most: float
) -> SizeFit:
    """Return what ``present`` is for the demands on it.

    Args:
        present: the size in use.
        others: sizes that it may be changed to, smallest first.
        demands: what is used of it.
        most: percent of a dimension that may be used at its peak.
    """
    bounds = [demand for demand in demands if demand.is_bound and demand.peak is not None]
    known = [(d, d.peak) for d in demands if d.peak is not None and not d.is_bound]
    unknown = [demand for demand in demands if demand.peak is None]
    if not known:
        why = join([demand.why_unknown for demand in unknown])
        return _answer(
            Direction.UNKNOWN, None, why or "scaling may hold all that is measured of it"
        )
    busy = [demand for demand, _ in known if _is_short(demand, present, present, most)]
    if busy:
        return _larger(present, others, busy, most)
    hidden = [d.name for d, peak in known if peak.busy_at_most > short_at(d.name, most)]
    if hidden:
        return _answer(Direction.UNKNOWN, None, _gaps(known, f"how busy {join(hidden)} is"))
    sure = [demand for demand, _ in known]
    fit = _smaller(present, others, [*sure, *bounds], unknown, most)
    if not bounds or fit.direction is Direction.OVER:
        return fit
    doubted = _smaller(present, others, sure, [*unknown, *(d.unknown() for d in bounds)], most)
    is_open = doubted.proposed is not None or any(_may_be_short(d, most) for d in bounds)
    return doubted if is_open else fit


def _may_be_short(demand: Demand, most: float) -> bool:
    return demand.peak is not None and demand.peak.busy_at_most > short_at(demand.name, most)


def short_at(name: str, most: float) -> float:
    """Return the use in percent beyond which a size is short of CPU, or of what only fills up.

    Args:
        name: CPU, memory or connections.
        most: percent of a dimension that may be used at its peak.
    """
    return most if name == "CPU" else max(most, NEARLY_FULL)


def _larger(present: Size, others: Sequence[Size], busy: Sequence[Demand], most: float) -> SizeFit:
    told = join([_told_busy(demand, most, present) for demand in busy])
    why = f"in most of the last weeks {told}"
    larger = [size for size in others if present.within(size)]
    for size in larger:
        if not any(_is_short(demand, present, size, most) for demand in busy):
            return _answer(Direction.UNDER, size, why)
    none = "no size of the family is large enough" if larger else "there is no larger size"
    return _answer(Direction.UNDER, None, f"{why}; {none}")


def _smaller(
    present: Size,
    others: Sequence[Size],
    known: Sequence[Demand],
    unknown: Sequence[Demand],
    most: float,
) -> SizeFit:
    smaller = [
        size for size in others if size.within(present) and _is_worth_a_change(present, size)
    ]
    fitting = [
        size for size in smaller if all(_fits(d, present, size, most, sure=True) for d in known)
    ]
    if not fitting:
        return _stay(present, smaller, known, unknown, most)
    best = fitting[0]
    told = join([_projected(demand, present, best) for demand in known])
    lacking = [demand for demand in unknown if demand.factor(present, best) > 1]
    if lacking:
        why = f"{join([d.why_unknown for d in lacking])}; {best.name} would run at {told}"
        return _answer(Direction.UNKNOWN, best, why)
    return _answer(Direction.OVER, best, f"{best.name} would run at {told} at its peak")


def _is_worth_a_change(present: Size, size: Size) -> bool:
    shares = (size.vcpus / present.vcpus, size.memory_gib / present.memory_gib)
    return shares[0] * LARGEST_STEP >= 1 and min(shares) <= LEAST_STEP


def _stay(
    present: Size,
    smaller: Sequence[Size],
    known: Sequence[Demand],
    unknown: Sequence[Demand],
    most: float,
) -> SizeFit:
    """Return that the size is right, unless what is missing could say otherwise."""
    for size in smaller:
        if all(_fits(demand, present, size, most, sure=False) for demand in known):
            peaks = [(demand, demand.peak) for demand in known if demand.peak]
            why = _gaps(peaks, f"whether {size.name} would do")
            return _answer(Direction.UNKNOWN, None, why)
    if unknown:
        why = f"not oversized by {join([d.name for d in known])}; "
        return _answer(Direction.UNKNOWN, None, why + join([d.why_unknown for d in unknown]))
    if not smaller:
        return _answer(Direction.RIGHT, None, "there is no smaller size to change to")
    told = join([_projected(demand, present, smaller[-1]) for demand in known])
    return _answer(Direction.RIGHT, None, f"{smaller[-1].name} would run at {told} at its peak")


def _is_short(demand: Demand, present: Size, size: Size, most: float) -> bool:
    peak = demand.peak
    if peak is None:
        return False
    factor = demand.factor(present, size)
    above_baseline = demand.shares == "vcpus" and peak.mean * factor > size.baseline_percent
    bar = short_at(demand.name, most) if size is present else most
    return above_baseline or peak.busy * factor > bar


def _told_busy(demand: Demand, most: float, present: Size) -> str:
    peak = demand.peak
    if peak is None:
        return ""
    bar = short_at(demand.name, most)
    if peak.busy > bar:
        return f"{demand.name} passes {peak.busy:.0f}% for a twentieth of the time, {bar:g}% fit"
    return f"{demand.name} is {peak.mean:.0f}% on average, {present.baseline_percent:g}% is earned"


def _fits(demand: Demand, present: Size, size: Size, most: float, *, sure: bool) -> bool:
    peak = demand.peak
    if peak is None:
        return False
    factor = demand.factor(present, size)
    day = peak.busiest_day_at_most if sure else peak.busiest_day
    if demand.shares == "vcpus" and day * factor > size.baseline_percent:
        return False
    return (peak.at_most if sure else peak.seen) * factor <= most


def _projected(demand: Demand, present: Size, size: Size) -> str:
    seen = demand.peak.seen if demand.peak else 0.0
    at_most = "at most " if demand.is_bound else ""
    return f"{at_most}{seen * demand.factor(present, size):.0f}% {demand.name}"


def _gaps(known: Sequence[tuple[Demand, PeakUse]], what: str) -> str:
    missing = max(peak.missing for _, peak in known)
    return f"{missing:.1%} of the values are missing, which could hide {what}"


def _answer(direction: Direction, proposed: Size | None, why: str) -> SizeFit:
    return SizeFit(direction=direction, proposed=proposed, why=why)
