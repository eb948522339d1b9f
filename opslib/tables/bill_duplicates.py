"""Charges that stand in two files of an export: found as expressions, run by an engine.

Method: for every file and moment, the number of charges and a sum of hashes of what was charged
make a signature, by one scan over a few columns of text. Only where the signatures of two files
coincide are the same made with the cost, and only where these do are the charges compared, all
columns of them. What is found are moments at which two
files hold the very same charges, as they do when a period was exported twice, or when the files
of two exports lie in one folder.

Assumption: an export that was cut into files never repeats all charges of a moment in two of
them; a single charge that occurs twice may be two of a kind without an id, so that moments at
which only one is repeated count only beside another. Equal charges within one file are taken for
what they are. Failure mode: two versions of a period that were cut into files at other charges
have no signature in common; a manifest, or Cost Explorer's sums, must tell those.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from opslib.tables.bill_controls import DUPLICATES
from opslib.tables.bill_days import in_days
from opslib.tables.engine import FILE

if TYPE_CHECKING:
    from opslib.tables.engine import Engine

__all__ = ["find_duplicates"]

NAMES = ("SubAccountId", "ServiceName", "SkuMeter", "ResourceId")
"""Columns of text, that tell most charges of a moment apart; money takes longer to read."""
RANGE = 2**31
SIDES = ("file", "other")
FEWEST_KINDS = 2
"""Different charges that two files must have in common."""


def find_duplicates(engine: Engine, bill: ir.Table, days: tuple[date, date]) -> pd.DataFrame:
    """Return the pairs of files that hold the same charges, in columns of `DUPLICATES`.

    Args:
        engine: runs it.
        bill: all rows, in the columns of FOCUS and `FILE`.
        days: first and last UTC day.
    """
    charges = in_days(bill, days)
    for columns in (NAMES, (*NAMES, "BilledCost")):
        suspects = engine.keep(_coinciding(engine.keep(_signatures(charges, columns))))
        if not len(engine.run(suspects.limit(1))):
            return pd.DataFrame(columns=list(DUPLICATES.columns))
        charges = _at(charges, suspects)
    return engine.run(_pairs(_coinciding(engine.keep(_compared(charges)))))


def _at(charges: ir.Table, suspects: ir.Table) -> ir.Table:
    """Return the charges of files and moments that another file seems to repeat."""
    named = ibis.union(
        *(suspects.select(**{FILE: suspects[side]}, at="ChargePeriodStart") for side in SIDES),
        distinct=True,
    )
    return charges.semi_join(
        named, [charges[FILE] == named[FILE], charges.ChargePeriodStart == named["at"]]
    )


def _signatures(charges: ir.Table, columns: Iterable[str]) -> ir.Table:
    """Return what marks the charges of each file and moment, whatever their order."""
    mark = _mark(charges, columns)
    return charges.group_by(FILE, "ChargePeriodStart").aggregate(
        rows=charges.count(), mark=mark.sum()
    )


def _compared(charges: ir.Table) -> ir.Table:
    """Return the same by all columns, with how many different charges there are and their sums."""
    mark = _mark(charges, [name for name in charges.columns if name != FILE])
    return charges.group_by(FILE, "ChargePeriodStart").aggregate(
        rows=charges.count(),
        mark=mark.sum(),
        kinds=mark.nunique(),
        billed=charges.BilledCost.sum(),
        effective=charges.EffectiveCost.sum(),
    )


def _mark(charges: ir.Table, columns: Iterable[str]) -> ir.IntegerValue:
    text = [charges[name].cast("string").fill_null("") for name in columns]
    return ibis.literal("\x1f").join(text).hash() % RANGE


def _coinciding(signatures: ir.Table) -> ir.Table:
    """Return the moments at which two files have the same signature."""
    other = signatures.view()
    pairs = signatures.join(
        other,
        [
            signatures.ChargePeriodStart == other.ChargePeriodStart,
            signatures["rows"] == other["rows"],
            signatures.mark == other.mark,
            signatures[FILE] < other[FILE],
        ],
    )
    kept = [name for name in signatures.columns if name not in {FILE, "mark"}]
    return pairs.select(
        file=signatures[FILE], other=other[FILE], **{name: signatures[name] for name in kept}
    )


def _pairs(moments: ir.Table) -> ir.Table:
    day = moments.ChargePeriodStart.date()
    return (
        moments.group_by(Uri=moments.file, OtherUri=moments.other)
        .aggregate(
            FirstDay=day.min(),
            LastDay=day.max(),
            Rows=moments["rows"].sum(),
            BilledCost=moments.billed.sum(),
            EffectiveCost=moments.effective.sum(),
            kinds=moments.kinds.sum(),
        )
        .filter(lambda pair: pair.kinds >= FEWEST_KINDS)
        .drop("kinds")
        .order_by("Uri", "OtherUri")
    )
