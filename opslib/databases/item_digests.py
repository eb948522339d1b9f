"""Digests of DynamoDB items: equal for what DynamoDB holds equal, and for nothing else.

An item is written out with its types and lengths, attributes by name, the elements of sets in
order, numbers without zeros that do not count (DynamoDB trims them), and hashed to 128 bits.
Digests are summed with counts, never combined by exclusive or, under which equal ones cancel.

Source: Amazon DynamoDB Developer Guide, "Supported data types and naming rules".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any

from opslib.errors import ReadError

__all__ = ["DIGEST_MODULUS", "digest_item", "hash_key"]

DIGEST_BYTES = 16
DIGEST_MODULUS = 1 << (8 * DIGEST_BYTES)

Item = Mapping[str, Mapping[str, Any]]


def digest_item(item: Item) -> int:
    """Return the digest of an item as boto3's client hands it out, below `DIGEST_MODULUS`.

    Raises:
        ReadError: an attribute of a type that is not known here.
    """
    return int.from_bytes(_hash(_attributes(item), b"item"), "big")


def hash_key(item: Item, names: Sequence[str]) -> str:
    """Return the hash of an item's key, 32 hexadecimal digits.

    Args:
        item: with the key's attributes; one that is not there is hashed as such.
        names: of the key's attributes, in the order of the key schema.
    """
    values = (_value(item[name]) if name in item else b"-" for name in names)
    return _hash(b"".join(values), b"key").hex()


def _hash(encoded: bytes, person: bytes) -> bytes:
    return blake2b(encoded, digest_size=DIGEST_BYTES, person=person).digest()


def _value(value: Mapping[str, Any]) -> bytes:
    ((kind, held),) = value.items()
    if kind not in ENCODERS:
        raise ReadError(
            f"an item has an attribute of type {kind}, which cannot be compared",
            remedy="Use a newer version of opslib.",
        )
    return kind.encode() + ENCODERS[kind](held)


def _set(held: Sequence[Any], kind: str) -> bytes:
    return _many(sorted(_value({kind: element}) for element in held))


def _attributes(held: Item) -> bytes:
    encoded = ((_text(name), value) for name, value in held.items())
    ordered = sorted(encoded, key=lambda pair: pair[0])
    return b"".join(_sized(name) + _value(value) for name, value in ordered)


def _many(elements: Sequence[bytes]) -> bytes:
    return b"%d:" % len(elements) + b"".join(elements)


def _sized(content: bytes) -> bytes:
    return b"%d:" % len(content) + content


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _number(text: str) -> bytes:
    """Return a number in its one form: sign, digits without outer zeros, exponent of ten."""
    try:
        sign, digits, exponent = Decimal(text).as_tuple()
    except InvalidOperation:
        raise ReadError(f"DynamoDB gave {text[:40]!r} for a number") from None
    kept = "".join(map(str, digits)).lstrip("0")
    significant = kept.rstrip("0")
    if not significant:
        return b"0"
    shifted = int(exponent) + len(kept) - len(significant)
    return f"{'-' if sign else ''}{significant}e{shifted}".encode()


ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "S": lambda held: _sized(_text(held)),
    "N": lambda held: _sized(_number(held)),
    "B": lambda held: _sized(bytes(held)),
    "BOOL": lambda held: b"1" if held else b"0",
    "NULL": lambda held: b"1" if held else b"0",
    "M": lambda held: _sized(_attributes(held)),
    "L": lambda held: _many([_value(element) for element in held]),
    "SS": lambda held: _set(held, "S"),
    "NS": lambda held: _set(held, "N"),
    "BS": lambda held: _set(held, "B"),
}
"""How the value of each of DynamoDB's types is written out."""
