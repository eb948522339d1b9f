"""Injuries of a restored DynamoDB table, made by real calls, whatever its items are.

Each takes boto3's client and the name of the restored table, and says where it was made; '' where
the table has no place for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

__all__ = ["ITEM_INJURIES", "TableInjury", "another_key", "items_of", "put_items"]

Item = dict[str, dict[str, Any]]
UNUSED = 999
"""Makes a key that no item has."""
Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInjury:
    """One class of injury.

    Args:
        name: what is done.
        make: does it, by a client, to a table; returns where, '' where there is no place for it.
        caught_by: the check that must fail.
    """

    name: str
    make: Callable[[Any, str], str]
    caught_by: str = "content"


def items_of(client: Any, table: str) -> list[Item]:
    """Return every item of a table."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def put_items(client: Any, table: str, items: list[Item]) -> None:
    """Put items into a table, 25 at once."""
    for start in range(0, len(items), 25):
        requests = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        client.batch_write_item(RequestItems={table: requests})


def _key_names(client: Any, table: str) -> list[str]:
    schema = client.describe_table(TableName=table)["Table"]["KeySchema"]
    return [part["AttributeName"] for part in schema]


def _key_of(client: Any, table: str, item: Item) -> Item:
    return {name: item[name] for name in _key_names(client, table)}


def _indexed(client: Any, table: str) -> set[str]:
    about = client.describe_table(TableName=table)["Table"]
    return {attribute["AttributeName"] for attribute in about["AttributeDefinitions"]}


def _places(client: Any, table: str, kind: str) -> Iterator[tuple[Item, str]]:
    """Yield items with an attribute of a type, but for those that keys are made of."""
    taken = _indexed(client, table)
    for item in items_of(client, table):
        for name in sorted(item.keys() - taken):
            if kind in item[name]:
                yield item, name


def _changing(kind: str, change: Change) -> Callable[[Any, str], str]:
    """Return an injury of the first attribute of a type that the change makes another."""

    def make(client: Any, table: str) -> str:
        for item, name in _places(client, table, kind):
            changed = change(item[name][kind])
            if changed is not None and changed != item[name]:
                client.put_item(TableName=table, Item={**item, name: changed})
                return f"{table}.{name}"
        return ""

    return make


def _drop_some(share: int) -> Callable[[Any, str], str]:
    def make(client: Any, table: str) -> str:
        gone = items_of(client, table)[::share]
        for item in gone:
            client.delete_item(TableName=table, Key=_key_of(client, table, item))
        return f"{len(gone)} items" if gone else ""

    return make


def _drop_one(client: Any, table: str) -> str:
    for item in items_of(client, table)[:1]:
        client.delete_item(TableName=table, Key=_key_of(client, table, item))
        return table
    return ""


def another_key(value: dict[str, Any], number: int) -> dict[str, Any]:
    """Return another value of a key, of the same type; each number gives another one."""
    ((kind, held),) = value.items()
    if kind == "B":
        return {"B": held + str(number).encode()}
    return {kind: f"{held}x{number}" if kind == "S" else f"{Decimal(held) + 1_000_003 + number}"}


def _add_one(client: Any, table: str) -> str:
    names = _key_names(client, table)
    for item in items_of(client, table)[:1]:
        client.put_item(
            TableName=table, Item={**item, names[-1]: another_key(item[names[-1]], UNUSED)}
        )
        return table
    return ""


def _move_one(client: Any, table: str) -> str:
    names = _key_names(client, table)
    for item in items_of(client, table)[:1]:
        client.delete_item(TableName=table, Key=_key_of(client, table, item))
        client.put_item(
            TableName=table, Item={**item, names[-1]: another_key(item[names[-1]], UNUSED)}
        )
        return table
    return ""


def _exchange(client: Any, table: str) -> str:
    """Let two items exchange the value of an attribute."""
    seen: dict[str, Item] = {}
    taken = _indexed(client, table)
    for item in items_of(client, table):
        for name in sorted(item.keys() - taken):
            first = seen.setdefault(name, item)
            if first[name] != item[name]:
                client.put_item(TableName=table, Item={**first, name: item[name]})
                client.put_item(TableName=table, Item={**item, name: first[name]})
                return f"{table}.{name}"
    return ""


def _drop_attribute(client: Any, table: str) -> str:
    taken = _indexed(client, table)
    for item in items_of(client, table):
        for name in sorted(item.keys() - taken):
            kept = {other: value for other, value in item.items() if other != name}
            client.put_item(TableName=table, Item=kept)
            return f"{table}.{name}"
    return ""


def _rounded(number: str) -> dict[str, str] | None:
    """Return a number as a double holds it, where that is another one."""
    lossy = Decimal(repr(float(number)))
    return {"N": f"{lossy:f}"} if lossy != Decimal(number) else None


def _nested(held: dict[str, Any]) -> dict[str, Any] | None:
    for name in sorted(held):
        return {"M": {**held, name: {"S": "changed"}}}
    return None


ITEM_INJURIES = (
    TableInjury(name="item lost", make=_drop_one),
    TableInjury(name="every third item lost", make=_drop_some(3)),
    TableInjury(name="all items lost", make=_drop_some(1)),
    TableInjury(name="item not expected", make=_add_one),
    TableInjury(name="item under another key", make=_move_one),
    TableInjury(name="two items exchange a value", make=_exchange),
    TableInjury(name="attribute lost", make=_drop_attribute),
    TableInjury(name="number changed", make=_changing("N", lambda n: {"N": f"{Decimal(n) + 1}"})),
    TableInjury(name="number became a string", make=_changing("N", lambda n: {"S": n})),
    TableInjury(name="number lost precision", make=_changing("N", _rounded)),
    TableInjury(name="string changed", make=_changing("S", lambda s: {"S": f"{s} "})),
    TableInjury(name="string became a number", make=_changing("S", lambda _: {"N": "0"})),
    TableInjury(name="value became NULL", make=_changing("S", lambda _: {"NULL": True})),
    TableInjury(name="boolean flipped", make=_changing("BOOL", lambda b: {"BOOL": not b})),
    TableInjury(name="boolean became a number", make=_changing("BOOL", lambda b: {"N": f"{b:d}"})),
    TableInjury(name="binary cut short", make=_changing("B", lambda b: {"B": b[:-1]})),
    TableInjury(
        name="element of a string set lost",
        make=_changing("SS", lambda s: {"SS": s[1:]} if s[1:] else None),
    ),
    TableInjury(
        name="element of a number set lost",
        make=_changing("NS", lambda s: {"NS": s[1:]} if s[1:] else None),
    ),
    TableInjury(
        name="element of a binary set lost",
        make=_changing("BS", lambda s: {"BS": s[1:]} if s[1:] else None),
    ),
    TableInjury(
        name="set became a list", make=_changing("SS", lambda s: {"L": [{"S": e} for e in s]})
    ),
    TableInjury(name="list in another order", make=_changing("L", lambda e: {"L": e[::-1]})),
    TableInjury(name="element of a list lost", make=_changing("L", lambda e: {"L": e[:-1]})),
    TableInjury(name="value within a map changed", make=_changing("M", _nested)),
)
"""Injuries of what a table holds."""
