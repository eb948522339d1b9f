"""What requests cost, and what planned traffic needs."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.capacity.demand.models import DemandModel
from opslib.analysis.capacity.demand.traffic import TrafficNeed, figure_words, interval_words
from opslib.findings import Verdict
from opslib.present.capacity.names import distinct_names
from opslib.present.html import Column, Html, folded, stacked, table
from opslib.wording import count, printable

__all__ = ["tabulate_demand"]

ANSWERS = {Verdict.PASS: "enough", Verdict.FAIL: "not enough", Verdict.INCONCLUSIVE: "not known"}


def tabulate_demand(models: Sequence[DemandModel], needs: Sequence[TrafficNeed], top: int) -> Html:
    """Return what planned traffic needs, what one unit carries, and what could not be learned.

    Args:
        models: of `learn_demand`.
        needs: of `plan_traffic`.
        top: rows of each table.
    """
    learned = [one for one in models if one.per_unit is not None]
    unknown = [one for one in models if one.per_unit is None]
    parts = [_needs(needs)] if needs else []
    parts.append(_learned(learned, top, len(models)))
    if unknown:
        parts.append(folded(f"{count(len(unknown), 'model')} not learned", _unknown(unknown)))
    return stacked(*parts)


def _needs(needs: Sequence[TrafficNeed]) -> Html:
    names = distinct_names(needs)
    rows = [
        (
            printable(one.plan),
            names[one.resource],
            figure_words(one.requests_a_second),
            "" if one.needed is None else f"{interval_words(one.needed)} {printable(one.unit)}",
            "" if one.maximum is None else figure_words(one.maximum),
            f"{ANSWERS[one.verdict]}{' (extrapolated)' if one.is_extrapolated else ''}",
            printable(one.remedy, longest=300),
            printable("; ".join(one.reservations), longest=200),
        )
        for one in needs
    ]
    columns = [
        Column("Plan"),
        Column("Resource"),
        Column("Requests/s", "figure"),
        Column("Needs, with the 80 % interval", "figure"),
        Column("May have", "figure"),
        Column("Is that enough?"),
        Column("What to set", "sentence"),
        Column("Rests on, or is missing", "sentence"),
    ]
    note = (
        "Enough: the maximum holds the whole interval; not enough: it holds none of it. "
        "Extrapolated: more requests than were ever seen, told as if the line went on."
    )
    return table(columns, rows, caption="What planned traffic needs", note=note)


def _learned(models: Sequence[DemandModel], top: int, asked: int) -> Html:
    names = distinct_names(models)
    rows = [
        (
            names[one.resource],
            printable(one.unit),
            interval_words(one.per_unit),
            "counted" if one.target_percent is None else f"{one.target_percent:g} %",
            _idle(one),
            figure_words(one.most_seen),
            "" if one.r_squared is None else f"{one.r_squared:.2f}",
            f"{one.days}{' since a shift' if one.shifted else ''}",
        )
        for one in models[:top]
        if one.per_unit is not None
    ]
    columns = [
        Column("Resource"),
        Column("Unit"),
        Column("Requests/s a unit carries, 80 % interval", "figure"),
        Column("At", "figure"),
        Column("Idle", "figure"),
        Column("Most seen, requests/s", "figure"),
        Column("R²", "figure"),
        Column("Days", "figure"),
    ]
    note = (
        f"{len(rows)} of {count(asked, 'model')}. At: the target utilisation; counted: the use is "
        "counted in units itself. R²: share of the variance of use that requests explain. Most "
        "seen: the highest hour; beyond it nothing was measured."
    )
    return table(columns, rows, caption="What one unit carries", note=note)


def _idle(model: DemandModel) -> str:
    if model.idle_percent is None:
        return f"{max(model.idle_units, 0):,.3g} {printable(model.unit)}"
    return f"{max(model.idle_percent, 0):.0f} %"


def _unknown(models: Sequence[DemandModel]) -> Html:
    names = distinct_names(models)
    rows = [(names[one.resource], printable(one.unit), printable(one.why_not)) for one in models]
    columns = [Column("Resource"), Column("Unit"), Column("Why not", "sentence")]
    return table(columns, rows, caption="What a unit carries is not known")
