"""A bill that was added up elsewhere, kept as evidence table by table, with what controls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound, ParameterError
from opslib.tables.bill_controls import CURRENCIES, DUPLICATES, EXPORT_FILES, BillControls
from opslib.tables.costs import Bill, Breakdown, costs_schema

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import DataFrameSchema

__all__ = ["AggregatedBill", "check_accounts", "read_aggregated_bill", "read_controls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregatedBill:
    """A bill as an engine added it up.

    Args:
        bill: its tables.
        evidence: what it was made of, as plain values.
        controls: what it is controlled by.
    """

    bill: Bill
    evidence: list[dict[str, Any]]
    controls: BillControls


def read_aggregated_bill(
    reads: Reads,
    aggregate: Callable[[], AggregatedBill],
    arguments: dict[str, Any],
    days: tuple[date, ...],
) -> Bill:
    """Read a bill by its tables, each as evidence of its own.

    Args:
        reads: the run's context.
        aggregate: adds the bill up, once however often it is called.
        arguments: what was asked: ``path`` (where), ``tag_keys``, and what else tells bills apart.
        days: consecutive UTC days.

    Raises:
        ParameterError, TableError, ReadError: as ``aggregate`` does.
    """

    def frame(breakdown: Breakdown, tag_key: str = "") -> Fetched:
        request = ReadRequest(
            table=_table(breakdown, tag_key),
            asked=f"{days[0]} to {days[-1]} from {arguments['path']}",
            schema=costs_schema(breakdown),
            arguments={**arguments, "breakdown": breakdown.value, "tag_key": tag_key},
        )
        return reads.read(request, lambda: _part(aggregate(), breakdown, tag_key))

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


def read_controls(
    reads: Reads,
    aggregate: Callable[[], AggregatedBill],
    arguments: dict[str, Any],
    days: tuple[date, ...],
    *,
    of_files: bool,
    duplicates: bool,
) -> BillControls:
    """Read what a bill is controlled by, each table as evidence of its own.

    Args:
        reads: the run's context.
        aggregate: as for `read_aggregated_bill`.
        arguments: as for `read_aggregated_bill`.
        days: consecutive UTC days.
        of_files: whether the bill lies in files that are known one by one.
        duplicates: whether charges that stand twice were looked for.
    """

    def frame(table: str, schema: DataFrameSchema, pick: Callable[[], Any]) -> pd.DataFrame:
        request = ReadRequest(
            table=table,
            asked=f"{days[0]} to {days[-1]} from {arguments['path']}",
            schema=schema,
            arguments=arguments,
        )
        return reads.read(request, lambda: Fetched(frame=pick())).frame

    return BillControls(
        files=frame("export files", EXPORT_FILES, lambda: aggregate().controls.files)
        if of_files
        else None,
        duplicates=frame("duplicates", DUPLICATES, lambda: aggregate().controls.duplicates)
        if duplicates
        else None,
        currencies=frame("other currencies", CURRENCIES, lambda: aggregate().controls.currencies),
        tie_out=None,
    )


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


def _table(breakdown: Breakdown, tag_key: str) -> str:
    if breakdown is Breakdown.UNTAGGED:
        return f"costs without {tag_key}"
    return f"costs by {tag_key or breakdown.value}"


def _part(added: AggregatedBill, breakdown: Breakdown, key: str) -> Fetched:
    bill = added.bill
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
        "files": added.evidence,
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


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
