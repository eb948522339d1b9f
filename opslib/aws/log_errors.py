"""Errors in CloudWatch Logs: how many a minute in each group, and what they say.

Source: Amazon CloudWatch Logs User Guide, CloudWatch Logs Insights query syntax. The window is
asked in slices: counts are exact, lines are the first 200 of each quarter of an hour (of longer
slices in a window of more than 16 hours). Both queries scan the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.event_reads import Told, window_words
from opslib.aws.log_insights import (
    MOST_ROWS,
    Answer,
    moment_of,
)
from opslib.aws.log_patterns import pattern_of
from opslib.aws.log_slices import Slices, find_groups, line_slices, slices_of
from opslib.aws.places import Place, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.coverage import CoverageStatus
from opslib.personal_data import mask_text
from opslib.redaction import redact_text
from opslib.tables.event_rows import one_line
from opslib.tables.log_errors import ERROR_LINES, LOG_ERRORS
from opslib.timewindow import TimeWindow

__all__ = ["ERROR_WORDS", "read_error_lines", "read_log_errors"]

ERROR_WORDS = r"(?i)\b(error|exception|fatal|panic|critical|traceback|timed out)"
"""Of a line that tells of an error, where a log has no level to go by."""
COUNT_SLICES, LINES_A_SLICE, MOST_GB = 8, 200, 50.0
Row = tuple[Any, ...]


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
        found = find_groups(slices, groups)
        parts = slices_of(window, COUNT_SLICES)
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

    Personal data in them is masked before it is kept, unless ``mask_personal_data`` is off.

    Args: as `read_log_errors`.
    """
    query = (
        f"fields @timestamp, @message, @log, @ptr | filter @message like /{_escaped(matching)}/ "
        "| sort @timestamp asc"
    )

    mask = mask_text if reads.masks_personal_data else str

    def fetch(place: Place) -> Fetched:
        slices = Slices(place, window, most_gb, wait)
        found = find_groups(slices, groups)
        answers = slices.answers(found, query, line_slices(window), LINES_A_SLICE) if found else ()
        rows = [_line_row(place, row, mask) for answer in answers for row in answer.rows]
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
        "masked": reads.masks_personal_data,
    }
    return read_places(reads, table, window_words(window), schema, fetch, lambda _: arguments)


def _fetched(slices: Slices, rows: list[Row], schema: pa.DataFrameSchema) -> Fetched:
    gaps = slices.told.fetched(slices.window)
    frame = pd.DataFrame(rows, columns=list(schema.columns))
    notes = {"scanned_bytes": slices.scanned}
    return Fetched(frame=frame, status=gaps.status, detail=gaps.detail, notes=notes)


def _note_full(told: Told, answer: Answer, limit: int) -> None:
    if len(answer.rows) >= limit:
        told.lacks(CoverageStatus.TRUNCATED, f"a query gave its limit of {limit:,} rows")


def _group(row: dict[str, str]) -> str:
    """Return the name of a log group, which Insights writes as account:name."""
    account, _, name = row.get("@log", "").partition(":")
    return one_line(name or account)


def _line_row(place: Place, row: dict[str, str], mask: Callable[[str], str]) -> Row:
    text = mask(redact_text(row.get("@message", "")))
    return (
        place.label,
        place.region,
        _group(row),
        moment_of(row["@timestamp"]),
        pattern_of(text),
        one_line(text),
        row.get("@ptr", ""),
    )
