"""What CloudWatch tells nothing of: metrics that are silent, and what it has thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from opslib.aws.capacity.measures import UsageSeries
from opslib.aws.metric_names import note_missing
from opslib.aws.places import Place
from opslib.coverage import Coverage, CoverageStatus
from opslib.tables.capacity import CapacityService, UsageHistory, UsageRole
from opslib.wording import count, printable

__all__ = ["TABLE", "Asked", "asked_of", "note_silent", "note_thrown_away"]

TABLE = "capacity usage"
MOST_NAMED = 5
SEAM = timedelta(days=1)
"""Silence between hours and five minutes that is taken for one that CloudWatch made."""
Asked = tuple[str, str, str]
"""A query of CloudWatch: account label, region, and the query's name."""


def asked_of(one: UsageSeries) -> list[Asked]:
    """Return the queries of a series."""
    return [(one.resource.account, one.resource.region, query.name) for query in one.queries]


def note_silent(
    series: Sequence[UsageSeries],
    silent: set[Asked],
    by_place: Mapping[tuple[str, str], Place],
) -> None:
    """Note what CloudWatch told nothing of, and whether it knows it.

    What counts throttling is told only where there was some, and the use of a quota only where
    there is some: the first is no gap beside what else is silent, the second is one line a place.

    Args:
        series: without a value.
        silent: queries that were answered without a value.
        by_place: places by account label and region.
    """
    for key, place in by_place.items():
        here = [one for one in series if (one.resource.account, one.resource.region) == key]
        quotas = [one for one in here if one.resource.service is CapacityService.QUOTA]
        queries = {
            query.name: query
            for one in here
            if one.role is not UsageRole.THROTTLES and one not in quotas
            for query in one.queries
            if (*key, query.name) in silent
        }
        if queries:
            note_missing(place, TABLE, list(queries.values()))
        if quotas:
            _note_quotas(place, quotas)


def _note_quotas(place: Place, quotas: Sequence[UsageSeries]) -> None:
    named = "; ".join(printable(one.metric) for one in quotas[:MOST_NAMED])
    more = f"; and {len(quotas) - MOST_NAMED} more" if len(quotas) > MOST_NAMED else ""
    place.reads.note(
        Coverage(
            table="quota usage",
            account=place.label,
            region=place.region,
            asked=f"use of {count(len(quotas), 'quota')}",
            status=CoverageStatus.EMPTY,
            detail=f"CloudWatch tells nothing of their use: {named}{more}",
        )
    )


def note_thrown_away(
    series: Sequence[UsageSeries],
    histories: Mapping[str, UsageHistory],
    by_place: Mapping[tuple[str, str], Place],
) -> None:
    """Note five minutes that are no longer kept: those of a report on a moment long past.

    They are where every series that its hours tell of up to the seam says nothing for a day after.
    """
    for key, place in by_place.items():
        here = [one for one in series if (one.resource.account, one.resource.region) == key]
        told = [histories[one.series] for one in here if one.series in histories]
        begins = [one.fine.start for one in told if _reaches_seam(one) and one.fine is not None]
        seams = [one.coarse.end for one in told if one.coarse is not None]
        if begins and min(begins) - min(seams) > SEAM:
            place.reads.note(
                Coverage(
                    table=TABLE,
                    account=place.label,
                    region=place.region,
                    asked=f"every five minutes since {min(seams):%Y-%m-%dT%H:%MZ}",
                    status=CoverageStatus.PARTIAL,
                    detail="CloudWatch does not keep them any more before "
                    f"{min(begins):%Y-%m-%dT%H:%MZ}: as_of is too long ago",
                )
            )


def _reaches_seam(history: UsageHistory) -> bool:
    if history.coarse is None:
        return False
    last = SEAM // timedelta(seconds=history.coarse.step_seconds)
    return bool((~np.isnan(history.coarse.values[-last:])).any())
