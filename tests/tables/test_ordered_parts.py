from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.errors import TableError
from opslib.tables import ordered_parts
from opslib.tables.log_engine import LogEngine
from opslib.tables.ordered_parts import OrderedParts

START = datetime(2026, 3, 1)  # noqa: DTZ001  the engine's times are UTC without saying so
ORDER = ("At", "Id")
Rows = list[tuple[datetime, str]]


def relation(rows: Rows) -> ibis.expr.types.Table:
    return ibis.memtable(rows, schema={"At": "timestamp", "Id": "string"})


def moments(part: list[int]) -> Rows:
    return [(START + timedelta(seconds=second), f"{second:03d}") for second in part]


@settings(max_examples=40, deadline=None)
@given(
    parts=st.lists(st.lists(st.integers(0, 60), max_size=8), max_size=6),
    fewest=st.sampled_from([1, 5, 1000]),
)
def test_rows_come_in_order_however_their_parts_overlap(
    parts: list[list[int]], fewest: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, LogEngine(threads=2) as engine:
        patch.setattr(ordered_parts, "FEWEST_ROWS", fewest)
        gathered = OrderedParts(engine, ORDER)
        for part in parts:
            gathered.add(relation(moments(part)))
        joined = gathered.joined()
        found = [] if joined is None else engine.run(joined)["Id"].tolist()
        every = sorted(second for part in parts for second in part)
        assert found == [f"{second:03d}" for second in every]


def test_parts_that_follow_one_another_are_not_written_again() -> None:
    with pytest.MonkeyPatch.context() as patch, LogEngine() as engine:
        patch.setattr(ordered_parts, "FEWEST_ROWS", 1)
        gathered = OrderedParts(engine, ORDER)
        for part in ([3, 1, 2], [6, 4], [7, 9]):
            gathered.add(relation(moments(part)))
        kept = engine._relations
        joined = gathered.joined()
        assert joined is not None
        assert engine._relations == kept
        assert engine.run(joined.filter(joined["Id"] > "002"))["Id"].is_monotonic_increasing


def test_rows_that_cannot_be_kept_leave_the_rest_as_it_was() -> None:
    with LogEngine() as engine:
        gathered = OrderedParts(engine, ORDER)
        gathered.add(relation(moments([1])))
        broken = relation([(START, "no number")])
        with pytest.raises(TableError):
            gathered.add(broken.mutate(Id=broken["Id"].cast("int64").cast("string")))
        joined = gathered.joined()
        assert joined is not None
        assert engine.run(joined).equals(
            pd.DataFrame(moments([1]), columns=list(ORDER)).astype(engine.run(joined).dtypes)
        )
