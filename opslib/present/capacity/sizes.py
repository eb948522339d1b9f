"""Sizes, as a table: what to change first."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from opslib.analysis.capacity.sizes.rightsizing import Direction, Rightsizing
from opslib.money import total
from opslib.present.html import Column, Html, folded, stacked, table
from opslib.wording import count, money, printable, signed_money

__all__ = ["tabulate_sizes"]

COLUMNS = [
    Column("Resource"),
    Column("Now"),
    Column("Proposed"),
    Column("CPU p99", "figure"),
    Column("Memory p99", "figure"),
    Column("Change a month", "figure"),
    Column("Why", "sentence"),
]
WORDS = {
    Direction.OVER: "smaller",
    Direction.UNDER: "larger",
    Direction.RIGHT: "as it is",
    Direction.UNKNOWN: "unknown",
}


def tabulate_sizes(sizes: Sequence[Rightsizing], top: int, currency: str) -> Html:
    """Return what to change first; what is right or not known is folded away, and counted.

    Args:
        sizes: what each size is for its use.
        top: rows that are shown of each kind.
        currency: of the bill.
    """
    changes = [one for one in sizes if one.direction in {Direction.OVER, Direction.UNDER}]
    unknown = [one for one in sizes if one.direction is Direction.UNKNOWN]
    right = [one for one in sizes if one.direction is Direction.RIGHT]
    shown = table(
        COLUMNS,
        [_row(one, currency) for one in changes[:top]],
        caption=_answer(sizes, currency),
        note=_note(changes, top),
    )
    parts = [shown]
    for some, what in ((unknown, "not known"), (right, "right as it is")):
        if some:
            parts.append(folded(f"{count(len(some), 'size')} {what}", _listed(some, top, currency)))
    return stacked(*parts)


def _answer(sizes: Sequence[Rightsizing], currency: str) -> str:
    if not sizes:
        return "No size was read that could be judged"
    over = [one for one in sizes if one.direction is Direction.OVER]
    under = sum(one.direction is Direction.UNDER for one in sizes)
    unknown = sum(one.direction is Direction.UNKNOWN for one in sizes)
    known = [one.saving_a_month for one in over if one.saving_a_month is not None]
    saved = f", {money(total(known), currency)} a month" if known else ""
    unpriced = len(over) - len(known)
    also = f" ({unpriced} of them not in the bill)" if unpriced else ""
    large = f"{count(len(over), 'size')} too large{saved}{also}"
    return f"{large}, {under} too small, {unknown} not known, of {len(sizes)}"


def _note(changes: Sequence[Rightsizing], top: int) -> str:
    left = f"The first {top} of {len(changes)} are shown. " if len(changes) > top else ""
    return (
        f"{left}p99 is of five-minute values over whole weeks; at most: what the caches of a "
        "database hold counts as used. Money is what 30 days at the bill's rate would change by; "
        "what is committed to is paid for all the same."
    )


def _listed(some: Sequence[Rightsizing], top: int, currency: str) -> Html:
    rest = f"The first {top} of {len(some)} are shown." if len(some) > top else ""
    rows = [_row(one, currency) for one in some[:top]]
    return table(COLUMNS, rows, caption="Sizes that are not to be changed now", note=rest)


def _row(sized: Rightsizing, currency: str) -> tuple[str, ...]:
    proposed = sized.proposed or WORDS[sized.direction]
    return (
        printable(f"{sized.name} ({sized.service}, {sized.account})", 120),
        printable(sized.current),
        printable(f"{proposed}, if that is known" if _is_open(sized) else proposed),
        _percent(sized.cpu_p99_percent),
        _memory(sized),
        _money(sized, currency),
        printable(sized.why, 300),
    )


def _is_open(sized: Rightsizing) -> bool:
    return sized.proposed is not None and not sized.certain


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f}%"


def _memory(sized: Rightsizing) -> str:
    """Return the use of memory, or what it is at the most."""
    if sized.memory_p99_percent is None and sized.memory_at_most_percent is not None:
        return f"at most {sized.memory_at_most_percent:.0f}%"
    return _percent(sized.memory_p99_percent)


def _money(sized: Rightsizing, currency: str) -> str:
    if sized.proposed is None:
        return ""
    if sized.saving_a_month is None:
        return "unknown"
    change = signed_money(-sized.saving_a_month, currency)
    return (
        f"{change}, uncertain"
        if not sized.certain and sized.saving_a_month != Decimal(0)
        else change
    )
