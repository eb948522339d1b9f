"""What CloudWatch tells of the use of resources, by UTC day.

A resource without a datapoint has no row: nobody knows whether it is used.

Source: Amazon CloudWatch API Reference, GetMetricData.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.metric_periods import KEPT, HistorySpan
from opslib.aws.metric_queries import MetricPart, batches_of, refusals_of, results_of
from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.tables.savings import DAILY_USE
from opslib.timewindow import midnight
from opslib.wording import count, printable

__all__ = ["DAY_SECONDS", "Measure", "read_daily_use"]

DAY_SECONDS = 86_400
TABLE = "use by day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric of one resource, told by day.

    Args:
        resource: ResourceId.
        measure: what the report calls it, such as ``connections``.
        namespace, metric, statistic: CloudWatch's.
        dimensions: all of them.
        period_seconds: of the datapoints; where shorter than a day, the greatest stands for a day,
            as far back as CloudWatch keeps them.
    """

    resource: str
    measure: str
    namespace: str
    metric: str
    statistic: str
    dimensions: Mapping[str, str]
    period_seconds: int = DAY_SECONDS

    @property
    def name(self) -> str:
        """Return its identity within an account and region."""
        return f"{self.resource} {self.measure}"


def read_daily_use(
    reads: Reads, measures: Mapping[tuple[str, str], Sequence[Measure]], days: int
) -> pd.DataFrame:
    """Read measures of the whole UTC days before ``as_of``; columns of `DAILY_USE`.

    Args:
        reads: the context of the run.
        measures: by account label and region.
        days: how many.
    """
    end = midnight(reads.parameters.as_of)

    def read(account: Any, region: str) -> Fetched:
        place = Place(reads, account, region)
        asked = measures.get((place.label, region), ())
        parts = []
        for period in sorted({one.period_seconds for one in asked}):
            kept = min(days, _kept_days(period))
            span = HistorySpan(start=end - timedelta(days=kept), end=end, period_seconds=period)
            alike = [one for one in asked if one.period_seconds == period]
            parts += [_read(place, batch, span) for batch in batches_of(alike, span)]
        return Fetched(frame=join_parts(parts, DAILY_USE))

    return join_parts([part.frame for part in reads.fan_out_regions(read)], DAILY_USE)


def _kept_days(period: int) -> int:
    """Return of how many whole days CloudWatch keeps a period, as long as the day goes on."""
    return max(kept.days - 1 for finest, kept in KEPT if finest <= period)


def _read(place: Place, batch: Sequence[Measure], span: HistorySpan) -> pd.DataFrame:
    request = ReadRequest(
        table=TABLE,
        asked=f"{count(len(batch), 'metric')}, {span.start:%Y-%m-%d} to {span.end:%Y-%m-%d}",
        schema=DAILY_USE,
        account=place.label,
        region=place.region,
        arguments={
            "metrics": [asdict(one) for one in batch],
            "start": span.start,
            "end": span.end,
        },
    )
    return place.reads.read(request, lambda: _fetch(place, batch, span)).frame


def _fetch(place: Place, batch: Sequence[Measure], span: HistorySpan) -> Fetched:
    parts = list(results_of(place, batch, span))
    by_name = {one.name: one for one in batch}
    rows: dict[tuple[Any, ...], float] = {}
    for key, value in _rows(place, parts, by_name):
        rows[key] = max(value, rows.get(key, value))
    refused = refusals_of(parts)
    detail = "; ".join(f"{printable(name)}: {why}" for name, why in sorted(refused.items()))
    return Fetched(
        frame=pd.DataFrame(
            [(*key, value) for key, value in rows.items()], columns=list(DAILY_USE.columns)
        ),
        status=CoverageStatus.PARTIAL if detail else CoverageStatus.COMPLETE,
        detail=detail,
    )


def _rows(
    place: Place, parts: Iterable[MetricPart], by_name: Mapping[str, Measure]
) -> Iterator[tuple[tuple[Any, ...], float]]:
    account = place.account.id if place.account else ""
    for part in parts:
        one = by_name[part.name]
        for day, value in zip(
            pd.to_datetime(part.seconds, unit="s", utc=True).date, part.numbers, strict=True
        ):
            yield (one.resource, account, place.region, one.measure, day), float(value)
