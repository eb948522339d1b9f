"""The bill by an Athena table over its export: added up where it lies, by one query."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from opslib.aws.aggregated_bill import (
    AggregatedBill,
    check_accounts,
    read_aggregated_bill,
    read_controls,
)
from opslib.aws.athena import describe_table, fetch_rows, start_query
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.errors import ReadError
from opslib.tables.athena_table import parse_table_name
from opslib.tables.bill import break_down
from opslib.tables.bill_athena import keep_charges, query_charges
from opslib.tables.bill_controls import BillControls
from opslib.tables.bill_currencies import other_currencies
from opslib.tables.costs import Bill
from opslib.tables.engine import Engine, read_refusal

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_athena_bill"]


def read_athena_bill(
    reads: Reads,
    account: Account | None,
    table: str,
    days: tuple[date, ...],
    *,
    workgroup: str = "primary",
    wait: Callable[[float], None] = time.sleep,
    **options: Any,
) -> tuple[Bill, BillControls]:
    """Read the bill of ``days`` from an Athena table; what the query scans is in the ledger.

    Of what controls a bill the other currencies are told only: files are Athena's own affair.

    Args:
        reads: the run's context.
        account: the account that queries; None for the credentials' own.
        table: ``database.table`` or ``catalog.database.table``.
        days: consecutive UTC days.
        workgroup: whose limits hold, and where results are kept.
        wait: what waits for the query, in seconds.
        options: ``tag_keys`` and ``currency``, as `opslib.tables.bill.aggregate_bill` takes them.

    Raises:
        ParameterError: ``table`` is no name of a table, or the bill is of none of the accounts.
        TableError: the table is of an unknown standard or not divided by billing period, or a value
            in it cannot be read.
        ReadError: what AWS refuses.
    """
    name = parse_table_name(table, "table")
    place = Place(reads, account, reads.parameters.region)
    span = (days[0], days[-1])
    keys = tuple(dict.fromkeys(options["tag_keys"]))

    @cache
    def aggregate() -> AggregatedBill:
        query = query_charges(describe_table(place, name), span, keys)
        started = start_query(place, query, name, workgroup)
        try:
            answer = fetch_rows(place, started, wait)
        except ReadError as error:
            raise read_refusal(error.what) or error from None
        with Engine() as engine:
            charges = keep_charges(engine, answer.rows, query)
            bill = break_down(
                engine, charges, days=span, tag_keys=keys, currency=options["currency"]
            )
            currencies = engine.run(other_currencies(charges, span, bill.currency))
        check_accounts(reads, bill, table)
        controls = BillControls(files=None, duplicates=None, currencies=currencies, tie_out=None)
        scanned = {"uri": f"athena:{table}", "bytes": answer.scanned_bytes, "query": query}
        return AggregatedBill(bill=bill, evidence=[scanned], controls=controls)

    arguments = {"source": "athena", "path": table, "first": span[0], "last": span[1], **options}
    bill = read_aggregated_bill(reads, aggregate, arguments, days)
    controls = read_controls(reads, aggregate, arguments, days, of_files=False, duplicates=False)
    return bill, controls
