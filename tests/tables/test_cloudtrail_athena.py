"""The query that counts changes, by the tables that Athena may describe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opslib.errors import TableError
from opslib.tables.athena_table import AthenaTable, TableName
from opslib.tables.cloudtrail_athena import count_changes
from opslib.timewindow import TimeWindow

NAME = TableName(catalog="AwsDataCatalog", database="audit", table="trail")
WINDOW = TimeWindow(
    start=datetime(2026, 2, 26, 8, tzinfo=UTC), end=datetime(2026, 3, 1, 22, tzinfo=UTC)
)
COLUMNS = dict.fromkeys(
    ("eventid", "eventname", "eventsource", "eventtime", "readonly", "awsregion"), "string"
) | {"useridentity": "struct<type:string,arn:string,username:string>"}


def table(**changed: dict[str, str]) -> AthenaTable:
    told = {"columns": COLUMNS, "partitions": {}, "properties": {}} | changed
    return AthenaTable(name=NAME, **told)


def test_a_table_that_lacks_columns_of_lesser_weight_is_counted_without_them() -> None:
    query = count_changes(table(), WINDOW)
    assert '"AwsDataCatalog"."audit"."trail"' in query
    assert ">= '2026-02-26T08:00:00Z'" in query
    assert "< '2026-03-01T22:00:00Z'" in query
    assert "recipientaccountid" not in query
    assert "sessioncontext" not in query


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("yyyy/MM/dd", "BETWEEN '2026/02/26' AND '2026/03/02'"),
        ("yyyy-MM-dd", "BETWEEN '2026-02-26' AND '2026-03-02'"),
        ("yyyyMMdd", "BETWEEN '20260226' AND '20260302'"),
    ],
)
def test_only_days_of_the_window_are_scanned(form: str, expected: str) -> None:
    projected = table(
        partitions={"region": "string", "day": "string"},
        properties={
            "projection.region.type": "enum",
            "projection.day.type": "date",
            "projection.day.format": form,
        },
    )
    assert f'"day" {expected}' in count_changes(projected, WINDOW)


def test_year_month_and_day_are_one_day() -> None:
    by_parts = table(partitions={"year": "string", "month": "int", "day": "string"})
    query = count_changes(by_parts, WINDOW)
    assert "BETWEEN '20260226' AND '20260302'" in query
    assert "LPAD" in query.upper()


def test_a_table_of_something_else_is_named() -> None:
    columns = {name: kind for name, kind in COLUMNS.items() if name not in {"readonly", "eventid"}}
    with pytest.raises(TableError, match="eventid and readonly") as fault:
        count_changes(table(columns=columns), WINDOW)
    assert "audit.trail" in str(fault.value)
