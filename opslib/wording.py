"""How figures, days and names from outside are written in sentences."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from opslib.estimate import Estimate

__all__ = [
    "about",
    "count",
    "day",
    "days",
    "join",
    "money",
    "percent",
    "printable",
    "shortened",
    "signed_money",
    "stake",
    "visible",
]

LONGEST_NAME = 90
LONGEST_ACTOR = 48
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def money(amount: Decimal, currency: str) -> str:
    """Write an amount: cents from 1 on, four significant digits below.

    >>> money(Decimal("1234.5"), "USD")
    '$1,234.50'
    >>> money(Decimal("-0.01234"), "CAD")
    '-0.01234 CAD'
    """
    size = abs(amount)
    if size >= 1 or size == 0:
        figure = f"{size.quantize(Decimal('0.01'), rounding=ROUND_HALF_EVEN):,}"
    else:
        figure = f"{size:.4g}" if size >= Decimal("0.0001") else f"{size:.2e}"
    minus = "-" if amount < 0 else ""
    sign = SIGNS.get(currency)
    return f"{minus}{sign}{figure}" if sign else f"{minus}{figure} {currency}".rstrip()


def about(amount: Decimal, currency: str) -> str:
    """Write an estimate: whole units from a hundred on, since cents would claim too much.

    >>> about(Decimal("12345.67"), "USD")
    '$12,346'
    """
    if abs(amount) < 100:  # noqa: PLR2004
        return money(amount, currency)
    return money(amount.quantize(Decimal(1)), currency).replace(".00", "")


def signed_money(amount: Decimal, currency: str) -> str:
    """Write a change, with a plus where it is one.

    >>> signed_money(Decimal(12), "USD")
    '+$12.00'
    """
    return ("+" if amount > 0 else "") + money(amount, currency)


def stake(amount: Estimate, currency: str) -> str:
    """Write the money of a finding: exact where it is known, rounded where it is estimated."""
    if amount.low == amount.high:
        return signed_money(amount.mid, currency)
    return ("+" if amount.mid > 0 else "") + about(amount.mid, currency)


def percent(share: Decimal | float, *, signed: bool = False) -> str:
    """Write a fraction as per cent.

    >>> percent(Decimal("0.1234"), signed=True)
    '+12.3%'
    """
    value = float(share) * 100
    digits = 0 if abs(value) >= 100 else 1  # noqa: PLR2004  three digits say enough
    return f"{value:{'+' if signed else ''}.{digits}f}%".replace(".0%", "%")


def day(moment: date) -> str:
    """Write a day.

    >>> day(date(2026, 3, 2))
    '2 Mar 2026'
    """
    return f"{moment.day} {moment:%b %Y}"


def days(moments: Sequence[date]) -> str:
    """Write the first and last of ``moments`` as a span."""
    first, last = min(moments), max(moments)
    if first == last:
        return day(first)
    start = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    if (first.year, first.month) == (last.year, last.month):
        start = str(first.day)
    return f"{start} to {day(last)}"


def count(number: int, thing: str) -> str:
    """Write a number of things.

    >>> count(1, "day"), count(3, "day")
    ('1 day', '3 days')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def join(parts: Sequence[str]) -> str:
    """Write a list: commas, and `and` before the last."""
    if len(parts) < 2:  # noqa: PLR2004  one needs no `and`
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def visible(text: str) -> str:
    """Return ``text`` with every control character shown as a replacement character.

    Escape sequences could recolour or rewrite a terminal, and bidirectional marks a sentence.
    """
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if unicodedata.category(character)[0] != "C" or character == "\n":
        return character
    return "\N{REPLACEMENT CHARACTER}"


def printable(text: str, longest: int = LONGEST_NAME) -> str:
    """Return text from outside on one line, without control characters, cut to be readable."""
    shown = visible(text.replace("\n", " "))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def shortened(name: str, longest: int = LONGEST_ACTOR) -> str:
    """Return a name from outside as a sentence takes it: printable, and cut in its middle.

    Of a role with its session both ends say something; tables have it whole.

    >>> shortened("AWSReservedSSO_Operator_0a1b2c3d4e5f6071/grace@acme.example", 40)
    'AWSReservedSSO_Opera…/grace@acme.example'
    """
    shown = printable(name, len(name))
    if len(shown) <= longest:
        return shown
    end = (longest - 1) // 2
    return f"{shown[: longest - 1 - end]}…{shown[len(shown) - end :]}"
