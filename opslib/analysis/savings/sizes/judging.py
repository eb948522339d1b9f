"""Whether an instance or a database is larger than its use needs, and what a smaller size saves.

The fit is that of capacity planning (`opslib.analysis.capacity.sizes.fit`): the smallest size of
the same family, down to a quarter, whose CPU and memory keep the headroom free at the peak.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

import pandas as pd

from opslib.analysis.capacity.sizes.fit import Demand, Direction, SizeFit, fit_size
from opslib.analysis.capacity.sizes.sizes import Size, family_sizes, find_size
from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Effect, Judging, Option, recommend, reject_young
from opslib.analysis.savings.recommendation import Reason, Recommendation, Rejection
from opslib.analysis.savings.sizes.bandwidth import Bandwidth, limits_of, too_narrow
from opslib.analysis.savings.sizes.demands import demands_of
from opslib.analysis.savings.sizes.prices import meter_part, saved_of
from opslib.analysis.savings.use import use_span

__all__ = ["SIZE_KINDS", "Sized", "doubt_over", "fit_over", "judge_sizes"]

SIZE_KINDS = {"instance": "smaller_instance", "database": "smaller_database"}
"""Kind of resource to kind of recommendation."""
GROUPED = ("aws:autoscaling:groupName", "eks:nodegroup-name")
"""Tags of what a group makes: its size is the group's."""
SERVERLESS, SPOT = "db.serverless", "spot"
RUNNING = {"instance": "running", "database": "available"}
HOURS = Decimal(24 * MONTH_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """What became of one instance or database.

    Args:
        option: what is recommended, or why nothing is.
        present: its type or class.
        proposed: the size that would do, or might; empty where none is known to.
        demands: what was asked of its CPU and memory; none where it was not looked at.
    """

    option: Option
    present: str
    proposed: str = ""
    demands: tuple[Demand, ...] = ()

    @property
    def thing(self) -> Thing:
        """Return what it is about."""
        return self.option.thing


def judge_sizes(judging: Judging, types: pd.DataFrame) -> tuple[Sized, ...]:
    """Return what each running instance and database is for its use.

    What a group makes, serverless and spot capacity have no size of their own to change.

    Args:
        judging: what is known.
        types: columns of `SIZE_TYPES`.
    """
    return tuple(_judge(thing, judging, types) for thing in _sized(judging))


def _sized(judging: Judging) -> Iterator[Thing]:
    for thing in judging.estate.of_kind(*SIZE_KINDS):
        is_on = thing.settings.get("state") == RUNNING[thing.kind]
        is_grouped = any(tag in thing.tags for tag in GROUPED)
        is_spot = thing.settings.get("lifecycle") == SPOT
        if is_on and not is_grouped and not is_spot and _name(thing) != SERVERLESS:
            yield thing


def _name(thing: Thing) -> str:
    return str(thing.settings["type" if thing.kind == "instance" else "class"])


def _judge(thing: Thing, judging: Judging, types: pd.DataFrame) -> Sized:
    kind, name = SIZE_KINDS[thing.kind], _name(thing)
    young = reject_young(kind, thing, judging)
    if young:
        return Sized(option=young, present=name)
    present = find_size(types, name)
    if present is None:
        why = f"the sizes of {name}'s family are not known"
        unknown = Rejection(kind=kind, thing=thing, reason=Reason.UNKNOWN, sentence=why)
        return Sized(option=unknown, present=name)
    days = use_span(judging)
    demands = demands_of(thing, judging, present, days)
    fit = fit_over(thing, judging, types, present, days)
    return Sized(
        option=_option(
            thing, judging, present, fit, doubt_over(judging, thing, present, fit, days)
        ),
        present=name,
        proposed=_proposed(fit),
        demands=demands,
    )


def fit_over(
    thing: Thing, judging: Judging, types: pd.DataFrame, present: Size, days: tuple[date, ...]
) -> SizeFit:
    """Return which smaller size would have done for the use of some days.

    Args:
        thing: an instance or a database.
        judging: what is known.
        types: columns of `SIZE_TYPES`.
        present: its size.
        days: those that count.
    """
    demands = demands_of(thing, judging, present, days)
    if judging.parameters.size_without_memory:
        demands = tuple(one for one in demands if one.peak is not None or one.name == "CPU")
    most = 100 - judging.parameters.size_headroom_percent
    sizes = [one for one in family_sizes(types, present.name) if one.within(present)]
    fit = _fit(present, sizes, demands, most)
    if thing.kind != "instance" or fit.proposed is None:
        return fit
    bandwidth, limits = Bandwidth.of(thing, judging, days), limits_of(types)
    wide = [one for one in sizes if not too_narrow(bandwidth, limits.get(one.name, {}))]
    if fit.proposed in wide:
        return fit
    why = f"{fit.proposed.name}: {too_narrow(bandwidth, limits[fit.proposed.name])}"
    wider = fit_size(present, wide, demands, most)
    is_found = wider.proposed is not None
    return wider if is_found else SizeFit(direction=Direction.RIGHT, proposed=None, why=why)


def _fit(present: Size, sizes: Sequence[Size], demands: Sequence[Demand], most: float) -> SizeFit:
    """Return the fit; what is known may rule out every smaller size whatever is not."""
    fit = fit_size(present, sizes, demands, most)
    known = [one for one in demands if one.peak is not None and not one.is_bound]
    if fit.direction is not Direction.UNKNOWN or fit.proposed is not None or not known:
        return fit
    by_known = fit_size(present, sizes, known, most)
    return fit if by_known.direction is Direction.UNKNOWN or by_known.proposed else by_known


def doubt_over(
    judging: Judging, thing: Thing, present: Size, fit: SizeFit, days: tuple[date, ...]
) -> str:
    """Return why peaks differ too much between some days to go by them; empty where they do not.

    A busiest day far above the usual one may be passed by the next: that is no risk where the
    smaller size would have half of what it may be used for free even then.
    """
    peaks = [one for day, one in judging.estate.use_of(thing, "cpu_peak").items() if day in days]
    if fit.proposed is None or not peaks:
        return ""
    usual, highest = median(peaks), max(peaks)
    most = (100 - judging.parameters.size_headroom_percent) / 2
    is_high = highest * present.vcpus / fit.proposed.vcpus > most
    if highest <= judging.parameters.size_volatility * usual or not is_high:
        return ""
    return f"CPU peaks at {usual:.0f}% on the usual day and at {highest:.0f}% on the busiest"


def _option(thing: Thing, judging: Judging, present: Size, fit: SizeFit, doubt: str) -> Option:
    if fit.proposed is None or fit.direction is Direction.UNDER:
        reason = Reason.UNKNOWN if fit.direction is Direction.UNKNOWN else Reason.IN_USE
        kind = SIZE_KINDS[thing.kind]
        return Rejection(kind=kind, thing=thing, reason=reason, sentence=_why(fit, present))
    made = _recommended(thing, judging, present, fit)
    if isinstance(made, Rejection):
        return made
    if fit.direction is Direction.UNKNOWN:
        return _rejected(made, Reason.UNKNOWN, fit.why)
    if doubt:
        return _rejected(made, Reason.VOLATILE, doubt)
    if not made.saving:
        why = f"{fit.proposed.name} would not cost less than it pays"
        return _rejected(made, Reason.COVERED, why)
    return made


def _proposed(fit: SizeFit) -> str:
    is_smaller = fit.proposed is not None and fit.direction is not Direction.UNDER
    return fit.proposed.name if fit.proposed and is_smaller else ""


def _why(fit: SizeFit, present: Size) -> str:
    if fit.direction is Direction.UNDER:
        return f"{present.name} is rather too small: its usual day is busy"
    return fit.why


def _rejected(made: Recommendation, reason: Reason, why: str) -> Rejection:
    return Rejection(
        kind=made.kind, thing=made.thing, reason=reason, sentence=why, saving=made.saving
    )


def _recommended(thing: Thing, judging: Judging, present: Size, fit: SizeFit) -> Option:
    assert fit.proposed is not None
    proposed, charges = fit.proposed.name, judging.charges
    sizes = (present.name, proposed)
    meter = "BoxUsage" if thing.kind == "instance" else "InstanceUsage"
    if thing.settings.get("is_multi_az"):
        meter = "Multi-AZUsage"
    part = meter_part(present.name)
    named = present.name if thing.kind == "instance" else part.removeprefix(":")
    return recommend(
        SIZE_KINDS[thing.kind],
        thing,
        judging,
        Effect(
            meters=(part,),
            saved=lambda line: saved_of(charges, line, thing.region, sizes),
            size={f"{meter}:{named}": HOURS},
        ),
        sentence=f"{present.name} is larger than its use needs: {fit.why}",
        action=f"Change it to {proposed} in a quiet hour: it restarts.",
    )
