"""What the sandbox's DynamoDB tables hold, and how that changed in the hours before the epoch.

Items have every type that DynamoDB knows, by table; the same in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

__all__ = ["TABLE_DESIGNS", "Item", "TableDesign", "items_at"]

Item = dict[str, dict[str, Any]]
ITEMS = 160
CHANGED_SHARE = 0.25
CHANGES = timedelta(hours=6)
"""How long before the epoch items were written last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDesign:
    """How a table is laid out.

    Args:
        key: name and type of hash key and range key.
        make: makes an item from its number and a stream of chance.
        indexes: global secondary indexes.
        local_indexes: local secondary indexes.
        expires_by: attribute of time to live; '' for none.
    """

    key: tuple[tuple[str, str], ...]
    make: Callable[[int, Random], Item]
    indexes: tuple[dict[str, Any], ...] = ()
    local_indexes: tuple[dict[str, Any], ...] = ()
    expires_by: str = ""

    @property
    def attributes(self) -> list[dict[str, str]]:
        """Return the attributes that keys of table and indexes are made of."""
        named = dict(self.key)
        for index in (*self.indexes, *self.local_indexes):
            for part in index["KeySchema"]:
                named.setdefault(part["AttributeName"], "N" if part["KeyType"] == "RANGE" else "S")
        return [{"AttributeName": n, "AttributeType": kind} for n, kind in sorted(named.items())]


def _text(value: str) -> dict[str, str]:
    return {"S": value}


def _number(value: float) -> dict[str, str]:
    return {"N": f"{value}"}


def _cart(number: int, chance: Random) -> Item:
    return {
        "customer": _text(f"customer-{number // 4}"),
        "sku": _text(f"sku-{number % 4:02d}-{number}"),
        "quantity": _number(chance.randint(1, 9)),
        "added": _number(1_770_000_000 + chance.randint(0, 2_000_000)),
        "price": {"M": {"amount": _number(chance.randint(100, 99_999) / 100), "in": _text("EUR")}},
        "options": {"SS": sorted({f"option-{chance.randint(0, 20)}" for _ in range(3)})},
        "steps": {"L": [_text("seen"), _number(chance.randint(1, 50)), {"NULL": True}]},
        "gift": {"BOOL": chance.random() < 0.2},  # noqa: PLR2004
        "note": _text("" if chance.random() < 0.5 else "Für Zoë"),  # noqa: PLR2004
    }


def _session(number: int, chance: Random) -> Item:
    return {
        "id": _text(f"session-{number}"),
        "expires_at": _number(1_780_000_000 + chance.randint(0, 900_000)),
        "token": {"B": chance.randbytes(24)},
        "seen": {"NS": sorted({str(chance.randint(1, 10**9)) for _ in range(3)})},
    }


def _stock(number: int, chance: Random) -> Item:
    return {
        "warehouse": _number(number % 7),
        "part": {"B": f"part {number}".encode()},
        "on_hand": _number(chance.randint(0, 10**6)),
        "weight": {"N": f"0.{chance.randint(1, 10**30):030d}"},
        "prints": {"BS": sorted({chance.randbytes(4) for _ in range(2)})},
        "bins": {"L": [{"M": {"row": _number(n), "shelf": _text("a")}} for n in range(2)]},
    }


def _index(name: str, key: str, kind: str = "HASH", **projection: Any) -> dict[str, Any]:
    schema = [{"AttributeName": key, "KeyType": kind}]
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


SESSIONS = TableDesign(key=(("id", "S"),), make=_session, expires_by="expires_at")
TABLE_DESIGNS: Mapping[str, TableDesign] = {
    "carts": TableDesign(
        key=(("customer", "S"), ("sku", "S")),
        make=_cart,
        indexes=(_index("by-sku", "sku", ProjectionType="INCLUDE", NonKeyAttributes=["quantity"]),),
        local_indexes=(
            {
                "IndexName": "by-added",
                "KeySchema": [
                    {"AttributeName": "customer", "KeyType": "HASH"},
                    {"AttributeName": "added", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ),
    ),
    "sessions": SESSIONS,
    "sessions-staging": SESSIONS,
    "inventory": TableDesign(key=(("warehouse", "N"), ("part", "B")), make=_stock),
}
"""The designs of the sandbox's tables, by name."""


def items_at(table: str, epoch: datetime, moment: datetime) -> list[Item]:
    """Return the items of a table as they were at a moment.

    A share of them was written in the `CHANGES` before the epoch: changed, created or deleted.

    Args:
        table: one of `TABLE_DESIGNS`.
        epoch: of the sandbox.
        moment: up to which writes are told.
    """
    design, found = TABLE_DESIGNS[table], []
    for number in range(ITEMS):
        chance = Random(f"{table} {number}")  # noqa: S311  the same in every process
        first, second = design.make(number, chance), design.make(number, chance)
        fate, at = chance.random(), epoch - CHANGES * chance.random()
        if fate >= CHANGED_SHARE:
            found.append(first)
        elif fate < CHANGED_SHARE / 5:
            found += [first] if at <= moment else []
        elif fate < CHANGED_SHARE * 2 / 5:
            found += [first] if at > moment else []
        else:
            found.append(second if at <= moment else first)
    return found
