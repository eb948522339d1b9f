"""Errors in CloudWatch Logs: how many a minute in each group, and what they say.

Source: Amazon CloudWatch Logs User Guide, CloudWatch Logs Insights query syntax. The window is
asked in slices: counts are exact, lines are the first 200 of each quarter of an hour (of longer
slices in a window of more than 16 hours). Both queries scan the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.event_reads import Told, window_words
from opslib.aws.log_insights import (
    BYTES_A_GB,
    MOST_GROUPS,
    MOST_ROWS,
    Answer,
    fetch_rows,
    moment_of,
    start_query,
)
from opslib.aws.log_patterns import pattern_of
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.coverage import CoverageStatus
from opslib.errors import ReadError
from opslib.tables.event_rows import one_line
from opslib.tables.log_errors import ERROR_LINES, LOG_ERRORS
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["ERROR_WORDS", "line_slices", "read_error_lines", "read_log_errors"]

ERROR_WORDS = r"(?i)\b(error|exception|fatal|panic|critical|traceback|timed out)"
"""Of a line that tells of an error, where a log has no level to go by."""
COUNT_SLICES, MOST_GB = 8, 50.0
LINE_SLICE, LINES_A_SLICE, MOST_LINE_SLICES = timedelta(minutes=15), 200, 64
Row = tuple[Any, ...]


@dataclass(slots=True)
class Slices:
    """The queries of one place, slice by slice until the limit is used up."""

    place: Place
    window: TimeWindow
    most_gb: float
    wait: Callable[[float], None]
    told: Told = field(default_factory=Told)
    scanned: int = 0

    def answers(
        self, groups: Sequence[str], query: str, parts: Iterable[TimeWindow], limit: int
    ) -> Iterator[Answer]:
        """Yield the answer of every part and batch of groups; what fails is a gap."""
        for part in parts:
            if self.scanned >= self.most_gb * BYTES_A_GB:
                self.told.lacks(
                    CoverageStatus.TRUNCATED,
                    f"{self.scanned / BYTES_A_GB:.1f} GB were scanned, the limit is "
                    f"{self.most_gb:g}: nothing from {part.start:%Y-%m-%dT%H:%MZ} on was asked",
                )
                return
            for batch in _batches(groups):
                yield self._answer(batch, query, part, limit)

    def _answer(self, groups: list[str], query: str, part: TimeWindow, limit: int) -> Answer:
        try:
            answer = fetch_rows(
                self.place, start_query(self.place, groups, query, part, limit), self.wait
            )
        except ReadError as error:
            if not self.scanned:
                raise
            self.told.lacks(CoverageStatus.FAILED, f"{window_words(part)}: {error.what}")
            return Answer(rows=[], scanned_bytes=0)
        self.scanned += answer.scanned_bytes
        return answer


def line_slices(window: TimeWindow) -> list[TimeWindow]:
    """Return the slices that lines are sampled in."""
    number = min(-(-window.duration // LINE_SLICE), MOST_LINE_SLICES)
    return list(_slices(window, number))


def _slices(window: TimeWindow, number: int) -> Iterator[TimeWindow]:
    """Yield at most ``number`` slices in order, each of whole minutes."""
    minutes = max(-(-window.duration // timedelta(minutes=number)), 1)
    step, start = timedelta(minutes=minutes), window.start
    while start < window.end:
        yield TimeWindow(start=start, end=min(start + step, window.end))
        start += step


def _batches(groups: Sequence[str]) -> Iterator[list[str]]:
    for first in range(0, len(groups), MOST_GROUPS):
        yield list(groups[first : first + MOST_GROUPS])


def read_log_errors(
    reads: Reads,
    groups: Sequence[str],
    window: TimeWindow,
    *,
    matching: str = ERROR_WORDS,
    most_gb: float = MOST_GB,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Read how many lines of each log group match, a minute; columns of `LOG_ERRORS`.

    Args:
        reads: the context of the run.
        groups: names of log groups, or what their names begin with.
        window: a group keeps no more than its retention.
        matching: regular expression of Insights that a line must match.
        most_gb: scanned in an account and region; beyond it no further slice is asked.
        wait: what waits, in seconds.
    """
    query = (
        f"filter @message like /{_escaped(matching)}/ | stats count(*) as errors by bin(1m), @log"
    )

    def fetch(place: Place) -> Fetched:
        slices = Slices(place, window, most_gb, wait)
        found = _find_groups(slices, groups)
        parts = _slices(window, COUNT_SLICES)
        rows: dict[tuple[str, Any], int] = {}
        for answer in slices.answers(found, query, parts, MOST_ROWS) if found else ():
            _note_full(slices.told, answer, MOST_ROWS)
            for row in answer.rows:
                key = (_group(row), moment_of(row["bin(1m)"]))
                rows[key] = rows.get(key, 0) + int(float(row["errors"]))
        counted = [
            (place.label, place.region, *key, number) for key, number in sorted(rows.items())
        ]
        return _fetched(slices, counted, LOG_ERRORS)

    return _read(reads, "log errors", fetch, LOG_ERRORS, groups, window, matching, most_gb)


def read_error_lines(
    reads: Reads,
    groups: Sequence[str],
    window: TimeWindow,
    *,
    matching: str = ERROR_WORDS,
    most_gb: float = MOST_GB,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Read the first lines that match in each slice of the window; columns of `ERROR_LINES`.

    Args: as `read_log_errors`.
    """
    query = (
        f"fields @timestamp, @message, @log, @ptr | filter @message like /{_escaped(matching)}/ "
        "| sort @timestamp asc"
    )

    def fetch(place: Place) -> Fetched:
        slices = Slices(place, window, most_gb, wait)
        found = _find_groups(slices, groups)
        answers = slices.answers(found, query, line_slices(window), LINES_A_SLICE) if found else ()
        rows = [_line_row(place, row) for answer in answers for row in answer.rows]
        return _fetched(slices, rows, ERROR_LINES)

    return _read(reads, "error lines", fetch, ERROR_LINES, groups, window, matching, most_gb)


def _escaped(matching: str) -> str:
    return matching.replace("/", r"\/")


def _read(
    reads: Reads,
    table: str,
    fetch: Callable[[Place], Fetched],
    schema: pa.DataFrameSchema,
    groups: Sequence[str],
    window: TimeWindow,
    matching: str,
    most_gb: float,
) -> pd.DataFrame:
    arguments = {
        "groups": sorted(groups),
        "start": window.start,
        "end": window.end,
        "matching": matching,
        "most_gb": most_gb,
    }
    return read_places(reads, table, window_words(window), schema, fetch, lambda _: arguments)


def _fetched(slices: Slices, rows: list[Row], schema: pa.DataFrameSchema) -> Fetched:
    gaps = slices.told.fetched(slices.window)
    frame = pd.DataFrame(rows, columns=list(schema.columns))
    notes = {"scanned_bytes": slices.scanned}
    return Fetched(frame=frame, status=gaps.status, detail=gaps.detail, notes=notes)


def _find_groups(slices: Slices, groups: Sequence[str]) -> list[str]:
    """Return the log groups that there are; what is absent or kept too briefly is a gap."""
    place = slices.place
    found = _listed_groups(slices.told, place, groups)
    for name, group in found.items():
        days = group.get("retentionInDays")
        if days:
            kept = place.reads.parameters.as_of - timedelta(days=days)
            slices.told.lacks_before(kept, slices.window, f"{printable(name)} is kept {days} days")
    return sorted(found)


def _listed_groups(told: Told, place: Place, groups: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in groups:
        listed = list(
            place.items("logs", "DescribeLogGroups", "logGroups", logGroupNamePrefix=name)
        )
        exact = [one for one in listed if one["logGroupName"] == name]
        found.update({one["logGroupName"]: one for one in exact or listed})
        if not listed:
            told.lacks(CoverageStatus.NOT_FOUND, f"no log group begins with {printable(name)}")
    return found


def _note_full(told: Told, answer: Answer, limit: int) -> None:
    if len(answer.rows) >= limit:
        told.lacks(CoverageStatus.TRUNCATED, f"a query gave its limit of {limit:,} rows")


def _group(row: dict[str, str]) -> str:
    """Return the name of a log group, which Insights writes as account:name."""
    account, _, name = row.get("@log", "").partition(":")
    return one_line(name or account)


def _line_row(place: Place, row: dict[str, str]) -> Row:
    text = row.get("@message", "")
    return (
        place.label,
        place.region,
        _group(row),
        moment_of(row["@timestamp"]),
        pattern_of(text),
        one_line(text),
        row.get("@ptr", ""),
    )
