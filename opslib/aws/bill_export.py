"""The bill by an export: FOCUS or CUR files in S3 or in a folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opslib.aws.export_files import list_export_files, local_copy
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound, ParameterError
from opslib.tables.bill import aggregate_bill
from opslib.tables.costs import AMOUNTS, Bill, Breakdown, costs_schema
from opslib.tables.engine import Engine
from opslib.tables.engine_spark import SparkEngine
from opslib.tables.export import open_bill

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["check_accounts", "read_aggregated_bill", "read_export_bill"]

PERIOD_IN_PATH = re.compile(
    r"BILLING_PERIOD=(?P<year>\d{4})-(?P<month>\d{2})|/(?P<start>\d{8})-(?P<end>\d{8})/"
)


def read_export_bill(
    reads: Reads,
    account: Account | None,
    path: str,
    days: tuple[date, ...],
    engine: str = "duckdb",
    **options: Any,
) -> Bill:
    """Read the bill of ``days`` from an export.

    Args:
        reads: the run's context.
        account: the account whose bucket is read; None for the credentials' own.
        path: ``s3://bucket/prefix``, a folder or one file.
        days: consecutive UTC days.
        engine: what adds it up, ``duckdb`` or ``spark``.
        options: ``tag_keys`` and ``currency``, as `opslib.tables.bill.aggregate_bill` takes them.

    Raises:
        ParameterError: nothing is at ``path``, or the export is of none of the accounts in the
            parameters.
        TableError: a file is broken, of an unknown standard, or the currencies are mixed.
    """
    arguments = {"source": "export", "path": path, "first": days[0], "last": days[-1], **options}
    return read_aggregated_bill(
        reads, lambda: _aggregate(reads, account, path, days, engine, options), arguments, days
    )


def read_aggregated_bill(
    reads: Reads,
    aggregate: Callable[[], tuple[Bill, list[dict[str, Any]]]],
    arguments: dict[str, Any],
    days: tuple[date, ...],
) -> Bill:
    """Read a bill by its tables, each as evidence of its own, adding it up once at most.

    Args:
        reads: the run's context.
        aggregate: adds the bill up; returns it, and what it was made of as plain values.
        arguments: what was asked: ``path`` (where), ``tag_keys``, and what else tells bills apart.
        days: consecutive UTC days.

    Raises:
        ParameterError, TableError, ReadError: as ``aggregate`` does.
    """
    loaded = cache(aggregate)

    def frame(breakdown: Breakdown, tag_key: str = "") -> Fetched:
        request = ReadRequest(
            table=_table(breakdown, tag_key),
            asked=f"{days[0]} to {days[-1]} from {arguments['path']}",
            schema=costs_schema(breakdown),
            arguments={**arguments, "breakdown": breakdown.value, "tag_key": tag_key},
        )
        return reads.read(request, lambda: _part(loaded(), breakdown, tag_key))

    meters = frame(Breakdown.METER)
    notes = meters.notes
    read_tags = {key: frame(Breakdown.TAG, key) for key in arguments["tag_keys"]}
    tags = {key: read.frame for key, read in read_tags.items() if not read.status.is_gap}
    resources = frame(Breakdown.RESOURCE)
    has_resources = not resources.status.is_gap
    return Bill(
        source="export",
        currency=notes.get("currency", ""),
        meters=meters.frame,
        accounts=frame(Breakdown.ACCOUNT).frame,
        regions=frame(Breakdown.REGION).frame,
        places=frame(Breakdown.PLACE).frame,
        providers=frame(Breakdown.PROVIDER).frame,
        tags=tags,
        resources=resources.frame if has_resources else None,
        untagged={key: frame(Breakdown.UNTAGGED, key).frame for key in tags if has_resources},
        account_names=notes.get("account_names", {}),
        billing_accounts=tuple(notes.get("billing_accounts", ())),
        days=days,
        first_day=_day(notes.get("first_day")),
        last_day=_day(notes.get("last_day")),
    )


def _table(breakdown: Breakdown, tag_key: str) -> str:
    if breakdown is Breakdown.UNTAGGED:
        return f"costs without {tag_key}"
    return f"costs by {tag_key or breakdown.value}"


def _aggregate(
    reads: Reads,
    account: Account | None,
    path: str,
    days: tuple[date, ...],
    engine: str,
    options: dict[str, Any],
) -> tuple[Bill, list[dict[str, Any]]]:
    files = list_export_files(reads, account, path)
    wanted = [file for file in files if _may_hold(file.uri, days)]
    local = [local_copy(reads, account, file) for file in wanted]
    evidence = [
        {**asdict(file), "sha256": _sha256(copy)} for file, copy in zip(wanted, local, strict=True)
    ]
    _check_copies(evidence)
    if not local:
        return _no_bill(days), evidence
    with SparkEngine() if engine == "spark" else Engine() as opened:
        bill = aggregate_bill(opened, open_bill(opened, local), days=(days[0], days[-1]), **options)
    check_accounts(reads, bill, path)
    return bill, evidence


def _check_copies(evidence: list[dict[str, Any]]) -> None:
    """Refuse a file that is there twice, under two names or packed and unpacked."""
    seen: dict[str, str] = {}
    for file in evidence:
        for mark in (file["sha256"], file["uri"].removesuffix(".gz")):
            if mark in seen:
                raise ParameterError(
                    f"the same file is there twice: {seen[mark]} and {file['uri']} "
                    "(its charges would be counted twice)",
                    where="path",
                    remedy="Take one of them out of the folder.",
                )
        seen |= {file["sha256"]: file["uri"], file["uri"].removesuffix(".gz"): file["uri"]}


def _part(loaded: tuple[Bill, list[dict[str, Any]]], breakdown: Breakdown, key: str) -> Fetched:
    bill, files = loaded
    frames = {
        Breakdown.METER: bill.meters,
        Breakdown.ACCOUNT: bill.accounts,
        Breakdown.REGION: bill.regions,
        Breakdown.PLACE: bill.places,
        Breakdown.PROVIDER: bill.providers,
        Breakdown.RESOURCE: bill.resources,
        Breakdown.TAG: bill.tags.get(key),
        Breakdown.UNTAGGED: bill.untagged.get(key),
    }
    frame = frames[breakdown]
    if frame is None:
        raise NotFound(f"the export has no {_CARRIES[breakdown]}")
    notes = {
        "files": files,
        "currency": bill.currency,
        "account_names": dict(bill.account_names),
        "billing_accounts": list(bill.billing_accounts),
        "first_day": bill.first_day and bill.first_day.isoformat(),
        "last_day": bill.last_day and bill.last_day.isoformat(),
    }
    return Fetched(frame=frame, notes=notes if breakdown is Breakdown.METER else {})


_CARRIES = {
    Breakdown.RESOURCE: "resource ids",
    Breakdown.TAG: "tags",
    Breakdown.UNTAGGED: "tags",
}


def _may_hold(uri: str, days: tuple[date, ...]) -> bool:
    """Say whether a file may hold charges of ``days``, by the billing period in its path."""
    found = PERIOD_IN_PATH.search(uri)
    if not found:
        return True
    if found["year"]:
        period = (int(found["year"]), int(found["month"]))
        return (days[0].year, days[0].month) <= period <= (days[-1].year, days[-1].month)
    return found["start"] <= f"{days[-1]:%Y%m%d}" and found["end"] >= f"{days[0]:%Y%m%d}"


def check_accounts(reads: Reads, bill: Bill, path: str) -> None:
    """Refuse a bill of none of the accounts in the parameters."""
    listed = {account.id for account in reads.parameters.accounts}
    found = set(bill.account_names) | set(bill.accounts["SubAccountId"])
    if listed and found and not listed & found:
        raise ParameterError(
            f"the export is of account {', '.join(sorted(found)[:3])}, "
            f"the parameters list {', '.join(sorted(listed))}",
            where=f"path {path}",
            remedy="Point path at the export of these accounts, or correct accounts.",
        )


def _no_bill(days: tuple[date, ...]) -> Bill:
    import pandas as pd  # noqa: PLC0415  only for an account without any bill

    def empty(breakdown: Breakdown) -> pd.DataFrame:
        return pd.DataFrame(columns=["ChargePeriodStart", *breakdown.columns, *AMOUNTS])

    return Bill(
        source="export",
        currency="",
        meters=empty(Breakdown.METER),
        accounts=empty(Breakdown.ACCOUNT),
        regions=empty(Breakdown.REGION),
        places=empty(Breakdown.PLACE),
        providers=empty(Breakdown.PROVIDER),
        tags={},
        resources=empty(Breakdown.RESOURCE),
        untagged={},
        account_names={},
        billing_accounts=(),
        days=days,
        first_day=None,
        last_day=None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
