"""Which baseline of a series a restore is held against.

Method: the newest that had been captured by the moment that was restored. Where all are later, the
earliest of them, which leaves least to doubt: what differs from it is no proof of a loss.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from opslib.analysis.dr.points import moment
from opslib.wording import count, printable, visible

__all__ = ["HOW_TO_CAPTURE", "BaselineChoice", "choose_baseline"]

HOW_TO_CAPTURE = (
    "Capture one shortly before each backup: opslib baseline capture -e ENVIRONMENT TARGET."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineChoice:
    """The baseline of a series that is taken.

    Args:
        series: the folder, or prefix, above the baselines.
        path: the one that is taken; '' where none can be.
        captured_at: when its capture had ended; None where none is taken.
        is_later: whether it was captured after the moment that was restored.
        because: why, in one sentence.
        remedy: what to do for a better one; '' where it is early enough.
    """

    series: str
    path: str
    captured_at: datetime | None
    is_later: bool
    because: str
    remedy: str


def choose_baseline(series: str, found: pd.DataFrame, until: datetime | None) -> BaselineChoice:
    """Choose from a series.

    Args:
        series: the folder, or prefix, above the baselines.
        found: columns of `opslib.tables.baseline_series.BASELINE_SERIES`.
        until: the moment that was restored; None where it is not known.
    """
    rows = found.to_dict("records")
    whole = [row for row in rows if not row["Problem"]]
    captured = sorted((row["CapturedAt"].to_pydatetime(), str(row["Name"])) for row in whole)
    number = f"{count(len(captured), 'baseline')} in {visible(series)}"
    if not captured:
        because = f"There is no whole baseline in {visible(series)}{_first_problem(rows)}."
        return _none(series, because, HOW_TO_CAPTURE)
    if until is None:
        because = f"The moment that was restored is not known: none of {number} can be taken."
        return _none(series, because, "Give restored_to.")
    until = until.astimezone(UTC)
    early = [one for one in captured if one[0] <= until]
    taken, name = early[-1] if early else captured[0]
    why = (
        f"the newest of {number} that is not after {moment(until)}"
        if early
        else f"the earliest of {number}, none of which is from before {moment(until)}"
    )
    return BaselineChoice(
        series=series,
        path=f"{series.rstrip('/')}/{name}",
        captured_at=taken,
        is_later=not early,
        because=f"{printable(name)}, captured {moment(taken)}, is {why}.",
        remedy="" if early else HOW_TO_CAPTURE,
    )


def _first_problem(rows: list[dict[Hashable, Any]]) -> str:
    if not rows:
        return ""
    rest = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
    return f": {printable(rows[0]['Name'])} ({printable(rows[0]['Problem'])}){rest}"


def _none(series: str, because: str, remedy: str) -> BaselineChoice:
    return BaselineChoice(
        series=series, path="", captured_at=None, is_later=False, because=because, remedy=remedy
    )
