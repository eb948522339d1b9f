"""The export of the sandbox, damaged: a file missing, charges twice, currencies mixed.

Each damage is an export of its own, under a prefix of its own; the seed moves which period and
which file, by which way charges come twice, and whose charges are in which currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from opslib.sandbox.estate import PRODUCTION, STAGING
from opslib.sandbox.export import PREFIX, ExportPeriod, file_name, lay_out, parquet_file
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["DAMAGES", "DamagedExport", "damage_export"]

DAMAGES = 6
"""Stream of chance of its own."""
READ_DAYS, NEAR_DAYS = 95, 17
"""Days before the epoch that a weekly report reads, and those that it compares."""
CURRENCIES = ("EUR", "GBP", "CAD", "JPY")
UNTIED = Claim(kind="cost.untied_days", subject={"Table": "bill"})


class Twice(StrEnum):
    """By which way charges come twice."""

    LEFT_OVER = "left over"
    LISTED = "listed"
    ROWS = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedExport:
    """An export with one damage.

    Args:
        name: what is damaged: missing, duplicated or mixed.
        prefix: of its keys.
        periods: what is there.
        promised: what the manifest of a month lists, where it is not what is there.
        truth: what a report on it must tell.
        harmless: whether the report can put it right, and may conclude as of the whole export.
        near: whether it reaches days that the report compares, so that it may not conclude.
    """

    name: str
    prefix: str
    periods: tuple[ExportPeriod, ...]
    promised: dict[date, tuple[str, ...]]
    truth: PlantedTruth
    near: bool
    harmless: bool = False

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield key and content of each file."""
        return lay_out(self.periods, self.prefix, self.promised)


def damage_export(
    periods: Sequence[ExportPeriod], today: date, seed: int
) -> tuple[DamagedExport, ...]:
    """Return the export in each damaged form; none of a new account.

    Args:
        periods: the whole export.
        today: of the epoch.
        seed: moves the damage.
    """
    if not periods:
        return ()
    chance = np.random.default_rng([seed, DAMAGES])
    first = today - timedelta(days=READ_DAYS)
    read = [p for p in periods if first < _month_end(p.month) < today]
    period = read[int(chance.integers(len(read)))]
    near = _month_end(period.month) > today - timedelta(days=NEAR_DAYS)
    return (
        _missing(periods, period, chance, near=near),
        _duplicated(periods, period, chance, near=near),
        _mixed(periods, period, chance),
    )


def _month_end(month: date) -> date:
    """Return the last day of the month."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _named(name: str, kind: str) -> tuple[str, PlantedTruth]:
    claim = Claim(kind=f"cost.{kind}", subject={"Table": "bill"})
    truth = PlantedTruth(name=name, by_export=claim, follows=(UNTIED,))
    return f"{PREFIX}-{name}", truth


def _with(periods: Sequence[ExportPeriod], damaged: ExportPeriod) -> tuple[ExportPeriod, ...]:
    return tuple(damaged if p.month == damaged.month else p for p in periods)


def _missing(
    periods: Sequence[ExportPeriod],
    period: ExportPeriod,
    chance: np.random.Generator,
    *,
    near: bool,
) -> DamagedExport:
    names = tuple(period.files)
    lost = names[int(chance.integers(len(names)))]
    rest = {name: content for name, content in period.files.items() if name != lost}
    prefix, truth = _named("missing", "missing_files")
    return DamagedExport(
        name="missing",
        prefix=prefix,
        periods=_with(periods, replace(period, files=rest)),
        promised={period.month: names},
        truth=truth,
        near=near,
    )


def _duplicated(
    periods: Sequence[ExportPeriod],
    period: ExportPeriod,
    chance: np.random.Generator,
    *,
    near: bool,
) -> DamagedExport:
    names = tuple(period.files)
    twice = names[int(chance.integers(len(names)))]
    way = list(Twice)[int(chance.integers(len(Twice)))]
    content = period.files[twice]
    if way is Twice.ROWS:
        rows = pq.read_table(BytesIO(content))
        content = parquet_file(rows.take(pa.array(chance.permutation(len(rows)))))
    again = file_name(len(names) + 1)
    kind = "duplicate_charges" if way is Twice.ROWS else "repeated_files"
    prefix, truth = _named("duplicated", kind)
    return DamagedExport(
        name="duplicated",
        prefix=prefix,
        periods=_with(periods, replace(period, files={**period.files, again: content})),
        promised={period.month: names} if way is Twice.LEFT_OVER else {},
        truth=truth,
        near=near,
        harmless=way is not Twice.ROWS,
    )


def _mixed(
    periods: Sequence[ExportPeriod], first: ExportPeriod, chance: np.random.Generator
) -> DamagedExport:
    """Book the charges of one account in another currency, from a month on."""
    account = (PRODUCTION, STAGING)[int(chance.integers(2))]
    currency = CURRENCIES[int(chance.integers(len(CURRENCIES)))]
    prefix, truth = _named("mixed", "mixed_currencies")
    mixed = tuple(
        replace(
            period,
            files={name: _booked_in(c, account, currency) for name, c in period.files.items()},
        )
        if period.month >= first.month
        else period
        for period in periods
    )
    stopped = Claim(kind="cost.stopped_account", subject={"SubAccountId": account})
    return DamagedExport(
        name="mixed",
        prefix=prefix,
        periods=mixed,
        promised={},
        truth=replace(truth, follows=(*truth.follows, stopped)),
        near=True,
    )


def _booked_in(content: bytes, account: str, currency: str) -> bytes:
    table = pq.read_table(BytesIO(content))
    currencies = [
        currency if owner == account else booked
        for owner, booked in zip(
            table["SubAccountId"].to_pylist(), table["BillingCurrency"].to_pylist(), strict=True
        )
    ]
    place = table.schema.get_field_index("BillingCurrency")
    return parquet_file(table.set_column(place, "BillingCurrency", pa.array(currencies)))
