"""What a series refuses to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from opslib.tables.regular_series import RegularSeries

START = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_series_ends_after_its_last_period() -> None:
    series = RegularSeries(start=START, step_seconds=300, values=np.zeros(12))
    assert series.end == START + timedelta(hours=1)
    assert series.time_of(3) == START + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("start", "step_seconds", "values"),
    [
        (START.replace(tzinfo=None), 300, np.zeros(2)),
        (START.astimezone(timezone(timedelta(hours=1))), 300, np.zeros(2)),
        (START, 0, np.zeros(2)),
        (START, 300, np.zeros((2, 2))),
    ],
)
def test_what_has_no_meaning_is_refused(
    start: datetime, step_seconds: int, values: np.ndarray
) -> None:
    with pytest.raises(ValueError, match="series"):
        RegularSeries(start=start, step_seconds=step_seconds, values=values)
