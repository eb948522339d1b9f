"""The findings on sizes that are larger or smaller than their use needs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from opslib.analysis.capacity.sizes.rightsizing import Direction, Rightsizing
from opslib.estimate import Estimate
from opslib.findings import Finding, Severity
from opslib.wording import money, printable

__all__ = ["find_sizes"]

STARVED_PERCENT = 95


def find_sizes(sizes: Iterable[Rightsizing], currency: str) -> tuple[Finding, ...]:
    """Return a finding for each size that is certainly too large or too small.

    Args:
        sizes: what each size is for its use.
        currency: of the bill.
    """
    return tuple(
        _oversized(sized, currency) if sized.direction is Direction.OVER else _undersized(sized)
        for sized in sizes
        if sized.direction in {Direction.OVER, Direction.UNDER}
    )


def _oversized(sized: Rightsizing, currency: str) -> Finding:
    saving = sized.saving_a_month
    amount = Estimate.exact(-saving) if saving is not None else None
    saves = f" and saves {money(saving, currency)} a month" if saving is not None else ""
    name = printable(sized.name)
    return Finding(
        kind="capacity.oversized",
        subject={"Resource": sized.name},
        severity=Severity.LOW if saving is None or saving > Decimal(0) else Severity.INFO,
        sentence=f"{name} ({printable(sized.current)}) is larger than its use needs: "
        f"{printable(str(sized.proposed))} would do{saves}; {printable(sized.why, 200)}.",
        action=f"Change {name} to {printable(str(sized.proposed))} in its next quiet hour.",
        amount=amount,
        currency=currency if amount else "",
        evidence=("sizes",),
    )


def _undersized(sized: Rightsizing) -> Finding:
    used = (sized.cpu_p99_percent, sized.memory_p99_percent)
    starved = any(percent is not None and percent >= STARVED_PERCENT for percent in used)
    name = printable(sized.name)
    to = printable(sized.proposed) if sized.proposed else "another family"
    return Finding(
        kind="capacity.undersized",
        subject={"Resource": sized.name},
        severity=Severity.HIGH if starved else Severity.MEDIUM,
        sentence=f"{name} ({printable(sized.current)}) is too small for its use: "
        f"{printable(sized.why, 200)}.",
        action=f"Change {name} to {to}, or spread its load.",
        evidence=("sizes",),
    )
