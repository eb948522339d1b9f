"""Usage by the hour, of an hourly export: Cost Explorer keeps hours for 14 days only.

Source: AWS Cost Management user guide, "Exploring more data for advanced cost analysis" (hourly
granularity: the past 14 days); AWS Data Exports user guide, "Understanding export delivery".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pandas as pd

from opslib.aws.export_copies import fetch_used
from opslib.aws.export_files import list_export_files
from opslib.aws.export_manifest import current_manifests, read_manifest
from opslib.aws.export_selection import select_files
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.savings.commitment_rates import read_commitment_rates
from opslib.coverage import CoverageStatus
from opslib.errors import ParameterError
from opslib.parameters.base import Account
from opslib.parameters.savings import SavingsParameters
from opslib.tables.bill_controls import FileState
from opslib.tables.engine import Engine
from opslib.tables.export import open_bill
from opslib.tables.savings_hours import (
    BILLED_HOURS,
    HOURLY_USAGE,
    BacktestTables,
    billed_hours,
    hourly_usage,
)
from opslib.timewindow import TimeWindow
from opslib.wording import count

__all__ = ["HOURS_TABLE", "USAGE_TABLE", "read_backtest_tables"]

USAGE_TABLE, HOURS_TABLE = "usage by hour", "hours of the bill"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyExport:
    """What the files of an hourly export hold.

    Args:
        usage: columns of `HOURLY_USAGE`.
        hours: columns of `BILLED_HOURS`.
        currency: of the usage.
        evidence: the files, as plain values.
        missing: URIs that are promised and not there.
    """

    usage: pd.DataFrame
    hours: pd.DataFrame
    currency: str
    evidence: list[dict[str, Any]]
    missing: tuple[str, ...]


def read_backtest_tables(reads: Reads, parameters: SavingsParameters) -> BacktestTables:
    """Read what commitments are judged by: nothing where no hourly export is named.

    Raises:
        ParameterError, TableError: the export is not there, or is broken.
    """
    if not parameters.hourly_path:
        return BacktestTables()
    days = parameters.commitment_window
    window = TimeWindow.of_days(days[0], days[-1])
    account = parameters.accounts[0] if parameters.accounts else None
    loaded = cache(lambda: _load(reads, account, parameters, window))
    usage = reads.read(
        _request(USAGE_TABLE, HOURLY_USAGE, parameters, window),
        lambda: _usage(loaded(), window),
    )
    hours = reads.read(
        _request(HOURS_TABLE, BILLED_HOURS, parameters, window),
        lambda: _hours(loaded(), window),
    )
    return BacktestTables(
        first=window.start,
        end=window.end,
        usage=usage.frame,
        hours=hours.frame,
        rates=read_commitment_rates(reads, parameters, usage.frame),
        currency=usage.notes.get("currency", ""),
        missing=tuple(hours.notes.get("missing", ())),
    )


def _request(
    table: str, schema: Any, parameters: SavingsParameters, window: TimeWindow
) -> ReadRequest:
    return ReadRequest(
        table=table,
        asked=f"{window.start:%Y-%m-%d} to {window.end:%Y-%m-%d} from {parameters.hourly_path}",
        schema=schema,
        arguments={
            "path": parameters.hourly_path,
            "start": window.start,
            "end": window.end,
            "currency": parameters.currency,
        },
    )


def _usage(export: HourlyExport, window: TimeWindow) -> Fetched:
    empty = export.usage.empty
    return Fetched(
        frame=export.usage,
        status=CoverageStatus.EMPTY if empty else CoverageStatus.COMPLETE,
        detail="no usage in it that a commitment applies to" if empty else "",
        notes={
            "currency": export.currency,
            "files": export.evidence,
            "start": window.start.isoformat(),
        },
    )


def _hours(export: HourlyExport, window: TimeWindow) -> Fetched:
    due = int((window.end - window.start) / HOUR)
    lacking = due - len(export.hours)
    problems = [
        *([f"{count(lacking, 'hour')} of {due:,} without any charge"] if lacking else []),
        *([f"{count(len(export.missing), 'promised file')} missing"] if export.missing else []),
    ]
    return Fetched(
        frame=export.hours,
        status=CoverageStatus.PARTIAL if problems else CoverageStatus.COMPLETE,
        detail="; ".join(problems),
        remedy="Let the missing periods be exported again." if problems else "",
        notes={"missing": list(export.missing)},
    )


def _load(
    reads: Reads, account: Account | None, parameters: SavingsParameters, window: TimeWindow
) -> HourlyExport:
    listing = list_export_files(reads, account, parameters.hourly_path)
    manifests = [
        read_manifest(reads, account, file) for file in current_manifests(listing.manifests)
    ]
    selected = select_files(listing.files, manifests, parameters.commitment_window)
    chosen, copies = fetch_used(reads, account, selected)
    used = [one.file for one in chosen if one.file and one.state is FileState.USED]
    missing = tuple(one.uri for one in chosen if one.state is FileState.MISSING)
    usage, hours = pd.DataFrame(columns=list(HOURLY_USAGE.columns)), pd.DataFrame({"Hour": []})
    if used:
        with Engine() as engine:
            bill = open_bill(engine, [copies[file.uri].path for file in used], operation=True)
            usage = engine.run(hourly_usage(bill, window.start, window.end))
            hours = engine.run(billed_hours(bill, window.start, window.end))
    usage, currency = _of_currency(usage, parameters)
    return HourlyExport(
        usage=_sorted(usage),
        hours=_sorted(hours),
        currency=currency,
        evidence=[{**asdict(file), "sha256": copies[file.uri].sha256} for file in used],
        missing=missing,
    )


def _of_currency(usage: pd.DataFrame, parameters: SavingsParameters) -> tuple[pd.DataFrame, str]:
    """Return the usage in one currency: the asked one, or the only one."""
    if usage.empty:
        return usage, parameters.currency
    found = sorted(set(usage["BillingCurrency"]))
    wanted = parameters.currency or found[0]
    if len(found) > 1 and not parameters.currency:
        raise ParameterError(
            f"the hourly export mixes {', '.join(found)}",
            where=f"hourly_path {parameters.hourly_path}",
            remedy="Set currency to the one to report.",
        )
    return usage[usage["BillingCurrency"] == wanted].drop(columns="BillingCurrency"), wanted


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows in one order, hours in UTC to the nanosecond as evidence keeps them."""
    hours = pd.to_datetime(frame["Hour"], utc=True).astype("datetime64[us, UTC]")
    return frame.assign(Hour=hours).sort_values(list(frame.columns), ignore_index=True)
