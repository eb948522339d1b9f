"""An export as it lies in S3 or in a folder: listed, chosen, brought here, added up."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.aggregated_bill import AggregatedBill, check_accounts
from opslib.aws.export_copies import fetch_used
from opslib.aws.export_files import list_export_files
from opslib.aws.export_manifest import current_manifests, read_manifest
from opslib.aws.export_selection import select_files, tabulate_files
from opslib.tables.aggregation import charges_of
from opslib.tables.bill import break_down
from opslib.tables.bill_controls import CURRENCIES, DUPLICATES, BillControls, FileState
from opslib.tables.bill_currencies import other_currencies
from opslib.tables.bill_duplicates import find_duplicates
from opslib.tables.costs import AMOUNTS, Bill, Breakdown
from opslib.tables.engine import Engine
from opslib.tables.engine_spark import SparkEngine
from opslib.tables.export import open_bill

if TYPE_CHECKING:
    from opslib.aws.reads import Reads
    from opslib.parameters.base import Account

__all__ = ["load_export"]


def load_export(
    reads: Reads,
    account: Account | None,
    path: str,
    days: tuple[date, ...],
    options: dict[str, Any],
    *,
    control: bool,
    engine: str = "duckdb",
) -> AggregatedBill:
    """Read an export from its files.

    Args:
        reads: the run's context.
        account: the account whose bucket is read; None for the credentials' own.
        path: ``s3://bucket/prefix``, a folder or one file.
        days: consecutive UTC days.
        options: of `opslib.tables.bill.aggregate_bill`.
        control: whether to look for charges that stand twice.
        engine: what adds it up, ``duckdb`` or ``spark``; the latter looks for no charge twice.

    Raises:
        ParameterError: nothing is at ``path``, several exports are, or the export is of none of
            the accounts in the parameters.
        TableError: a file is broken or of an unknown standard.
    """
    listing = list_export_files(reads, account, path)
    manifests = [
        read_manifest(reads, account, file) for file in current_manifests(listing.manifests)
    ]
    chosen, copies = fetch_used(reads, account, select_files(listing.files, manifests, days))
    used = [one.file for one in chosen if one.file and one.state is FileState.USED]
    evidence = [{**asdict(file), "sha256": copies[file.uri].sha256} for file in used]
    local = {copies[file.uri].path: file.uri for file in used}
    controls = BillControls(
        files=tabulate_files(chosen),
        duplicates=pd.DataFrame(columns=list(DUPLICATES.columns)),
        currencies=pd.DataFrame(columns=list(CURRENCIES.columns)),
        tie_out=None,
    )
    if not local:
        return AggregatedBill(bill=_no_bill(days), evidence=evidence, controls=controls)
    span = (days[0], days[-1])
    keys = tuple(dict.fromkeys(options["tag_keys"]))
    with SparkEngine() if engine == "spark" else Engine() as opened:
        rows = open_bill(opened, list(local))
        charges = opened.keep(charges_of(rows, days=span, tag_keys=keys))
        bill = break_down(opened, charges, days=span, **{**options, "tag_keys": keys})
        currencies = opened.run(other_currencies(charges, span, bill.currency))
        controls = replace(controls, currencies=currencies)
        if control and isinstance(opened, Engine):
            controls = replace(controls, duplicates=_duplicates(opened, local, span))
    check_accounts(reads, bill, path)
    return AggregatedBill(bill=bill, evidence=evidence, controls=controls)


def _duplicates(engine: Engine, local: dict[Path, str], days: tuple[date, date]) -> pd.DataFrame:
    """Return the files that repeat charges of others, by their URIs."""
    if len(local) == 1:
        return pd.DataFrame(columns=list(DUPLICATES.columns))
    found = find_duplicates(engine, open_bill(engine, list(local), by_file=True), days)
    uris = {str(path.absolute()): uri for path, uri in local.items()}
    return found.assign(Uri=found["Uri"].map(uris), OtherUri=found["OtherUri"].map(uris))


def _no_bill(days: tuple[date, ...]) -> Bill:
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
