"""What a report rests on: the calls it made, what they cost, and every read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from opslib.coverage import Coverage, CoverageStatus
from opslib.present.html import Column, Html, table

__all__ = ["show_evidence"]


def show_evidence(ledger: Sequence[Mapping[str, Any]], coverage: Sequence[Coverage]) -> Html:
    """Return every read with what came back, and the calls that were made for them.

    Args:
        ledger: rows of the ledger of calls.
        coverage: of all reads.
    """
    reads = table(
        (
            Column("Table"),
            Column("Account"),
            Column("Asked"),
            Column("Came back"),
            Column("Rows", "figure"),
        ),
        [_read_row(lines) for lines in _alike(coverage)],
        caption="Reads",
    )
    calls = _calls(ledger)
    return Html(reads.markup + calls.markup, f"{reads.plain}\n{calls.plain}")


def _alike(coverage: Sequence[Coverage]) -> list[list[Coverage]]:
    """Return the lines; complete ones of a table in one account and region are brought together."""
    grouped: dict[tuple[object, ...], list[Coverage]] = {}
    for number, line in enumerate(coverage):
        is_plain = line.status is CoverageStatus.COMPLETE and not line.detail
        key = (line.table, line.account, line.region, "" if is_plain else number)
        grouped.setdefault(key, []).append(line)
    return list(grouped.values())


def _read_row(lines: Sequence[Coverage]) -> tuple[str, ...]:
    first = lines[0]
    others = f"; and {len(lines) - 1:,} more" if lines[1:] else ""
    status = first.status.words
    return (
        first.table,
        ", ".join(part for part in (first.account, first.region) if part),
        f"{first.asked}{others}",
        f"{status}{f': {first.detail}' if first.detail else ''}",
        f"{sum(line.rows for line in lines):,}",
    )


def _calls(ledger: Sequence[Mapping[str, Any]]) -> Html:
    rows = [
        (
            f"{call['service']}:{call['operation']}",
            str(call["account"]) or "—",
            str(call["region"]),
            f"{call['count']:,}",
            _charged(call),
        )
        for call in ledger
    ]
    usd = sum((Decimal(call["usd"]) for call in ledger), Decimal(0))
    return table(
        (
            Column("Call"),
            Column("Account"),
            Column("Region"),
            Column("Requests", "figure"),
            Column("USD", "figure"),
        ),
        rows,
        caption="Calls to AWS",
        total=("Total", "", "", f"{sum(call['count'] for call in ledger):,}", _dollars(usd)),
        note="" if rows else "None: everything came from the recorded evidence or from files.",
    )


def _charged(call: Mapping[str, Any]) -> str:
    """Return the charge, and by which region's price where its own is not known."""
    usd, region = _dollars(Decimal(call["usd"])), call.get("priced_in", "")
    return f"{usd} at {region}'s price" if region else usd


def _dollars(usd: Decimal) -> str:
    """Write cents, and what is less than one with two digits that count."""
    return f"{usd:.2f}" if not usd or usd >= Decimal("0.01") else f"{usd:.2g}"
