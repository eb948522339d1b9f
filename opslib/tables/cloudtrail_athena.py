"""An Athena table over CloudTrail's log files: the query that counts what was changed.

Source: AWS CloudTrail User Guide, "Querying AWS CloudTrail logs" in Amazon Athena: columns are a
record's keys in small letters, ``eventtime`` and ``readonly`` are texts; tables are divided by a
day that partition projection names, by year, month and day, or not at all.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from opslib.errors import TableError
from opslib.tables.athena_table import AthenaTable, athena_relation
from opslib.tables.change_history import HISTORY_KEYS
from opslib.tables.cloudtrail import RECORD_COLUMNS, event_columns
from opslib.timewindow import TimeWindow
from opslib.wording import join

__all__ = ["count_changes"]

HOUR = "%Y-%m-%dT%H"
HOUR_LETTERS = 13
NEEDED = ("eventid", "eventname", "eventsource", "eventtime", "readonly", "useridentity")
DAY_TOKENS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H"}
DAY_PARTS = ("year", "month", "day")


def count_changes(table: AthenaTable, window: TimeWindow) -> str:
    """Return the query that counts what was changed in ``window``.

    Its columns are ``Hour`` (text, as ``2026-03-01T10``), those of `HISTORY_KEYS` and ``Events``;
    an event that is there twice counts once.

    Raises:
        TableError: the table lacks what a table of CloudTrail's records has.
    """
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise TableError(
            f"column {join(missing)} is not there",
            where=f"Athena table {table.name.database}.{table.name.table}",
            remedy="Name a table over CloudTrail's log files, made as CloudTrail's guide says.",
        )
    told = athena_relation(table)
    inside = told.filter(*_of_days(told, table, window), *_of_window(told, window))
    record = inside.select(**_record(inside))
    columns = event_columns(record, ibis.literal(""))
    changes = record.filter(columns["ReadOnly"].fill_null("") != "true")
    columns = event_columns(changes, ibis.literal(""))
    keyed = changes.select(
        Hour=changes["eventTime"].substr(0, HOUR_LETTERS),
        EventId=columns["EventId"],
        **{name: columns[name] for name in HISTORY_KEYS},
    )
    counted = keyed.group_by(["Hour", *HISTORY_KEYS]).aggregate(Events=keyed["EventId"].nunique())
    return str(ibis.to_sql(counted, dialect="athena"))


def _record(told: ir.Table) -> dict[str, ir.Value]:
    """Return the record's keys by CloudTrail's own spelling; null for what the table lacks."""
    return {
        key: told[key.lower()] if key.lower() in told.columns else ibis.null("string")
        for key in RECORD_COLUMNS
    }


def _of_window(told: ir.Table, window: TimeWindow) -> tuple[ir.BooleanValue, ...]:
    """Return that an event is in the window; texts of one form are in the order of time."""
    at = told["eventtime"]
    return (at >= f"{window.start:%Y-%m-%dT%H:%M:%SZ}", at < f"{window.end:%Y-%m-%dT%H:%M:%SZ}")


def _of_days(told: ir.Table, table: AthenaTable, window: TimeWindow) -> tuple[ir.BooleanValue, ...]:
    """Return that a partition may hold events of the window, where days divide the table.

    A record lies under the day on which its file was delivered, at times the day after.
    """
    names = {name.lower(): name for name in table.partitions}
    last = window.end.date().toordinal() + 1
    if all(part in names for part in DAY_PARTS):
        year, month, day = (told[names[part]].cast("string") for part in DAY_PARTS)
        days = year + month.lpad(2, "0") + day.lpad(2, "0")
        return (days.between(f"{window.start:%Y%m%d}", f"{window.end.fromordinal(last):%Y%m%d}"),)
    for name in table.partitions:
        form = table.properties.get(f"projection.{name}.format", "")
        if table.properties.get(f"projection.{name}.type") == "date" and form.startswith("yyyy"):
            for token, directive in DAY_TOKENS.items():
                form = form.replace(token, directive)
            begin, end = window.start.strftime(form), window.end.fromordinal(last).strftime(form)
            return (told[name].between(begin, end),)
    return ()
