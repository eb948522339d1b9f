"""What a smaller size of the same family would cost of a line of the bill.

The account's own price of the smaller size counts where it pays one in the same region; else sizes
of a family are taken to cost by their normalization factors, as AWS counts them for reservations
that are flexible in size.

Sources: Amazon EC2 User Guide, "How Reserved Instances are applied" (normalization factor: large 4,
xlarge 8, 2xlarge 16, and so on in proportion); Amazon RDS User Guide, "Size-flexible reserved DB
instances". In meters of databases AWS writes xl for xlarge.
"""

from __future__ import annotations

import re
from decimal import Decimal

from opslib.analysis.savings.charges import Charges, Line
from opslib.money import EXACT, ZERO, divide
from opslib.tables.usage_types import bare_usage_type

__all__ = ["factor_of", "meter_part", "saved_of"]

FACTORS = {
    "nano": Decimal("0.25"),
    "micro": Decimal("0.5"),
    "small": Decimal(1),
    "medium": Decimal(2),
    "large": Decimal(4),
    "xlarge": Decimal(8),
}
MANY = re.compile(r"(\d+)xlarge")
XLARGE = Decimal(8)


def factor_of(size: str) -> Decimal | None:
    """Return the normalization factor of a type or class; None of one that has none.

    >>> factor_of("m6i.2xlarge"), factor_of("db.t4g.medium"), factor_of("m6i.metal")
    (Decimal('16'), Decimal('2'), None)
    """
    name = size.rpartition(".")[2]
    many = MANY.fullmatch(name)
    return XLARGE * int(many[1]) if many else FACTORS.get(name)


def meter_part(size: str) -> str:
    """Return what the meters of a size have in common.

    >>> meter_part("db.r6g.2xlarge")
    ':db.r6g.2xl'
    """
    return f":{size.replace('xlarge', 'xl')}"


def saved_of(charges: Charges, line: Line, region: str, sizes: tuple[str, str]) -> Decimal:
    """Return what another size saves of a line a month; nothing where it would not cost less.

    Args:
        charges: the account's own prices.
        line: what the present size is charged.
        region: where the resource lies.
        sizes: type or class at present, and proposed, of one family.
    """
    then = _cost_then(charges, line, region, sizes)
    return ZERO if then is None else max(EXACT.subtract(line.cost, then), ZERO)


def _cost_then(charges: Charges, line: Line, region: str, sizes: tuple[str, str]) -> Decimal | None:
    """Return what the line would cost; the dearest price counts.

    EMR's surcharge on an instance has a meter of the same name, and is always less.
    """
    paid = charges.prices.get((region, _meter_of(line.meter, *sizes)), ())
    if paid and line.quantity:
        return EXACT.multiply(max(one.amount for one in paid), line.quantity)
    ours, theirs = (factor_of(size) for size in sizes)
    return divide(EXACT.multiply(line.cost, theirs), ours) if ours and theirs else None


def _meter_of(meter: str, present: str, proposed: str) -> str:
    """Return the meter of the proposed size, without the region's code."""
    stem, _, named = bare_usage_type(meter).rpartition(":")
    name = proposed if named == present else proposed.replace("xlarge", "xl")
    return f"{stem}:{name}"
