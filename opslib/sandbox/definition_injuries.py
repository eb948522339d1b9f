"""Injuries of how a restored DynamoDB table is made: its key and its indexes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opslib.sandbox.item_injuries import TableInjury, items_of, put_items

__all__ = ["DEFINITION_INJURIES"]

INDEX = "definition: global secondary index"
Definition = dict[str, Any]


def _definition(client: Any, table: str) -> Definition:
    """Return what CreateTable takes to make a table again."""
    about = client.describe_table(TableName=table)["Table"]
    told: Definition = {
        "KeySchema": about["KeySchema"],
        "AttributeDefinitions": about["AttributeDefinitions"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        indexes = [
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in about.get(kind) or []
        ]
        if indexes:
            told[kind] = indexes
    return told


def _remade(change: Callable[[Definition], bool]) -> Callable[[Any, str], str]:
    """Return an injury that makes the table again, with another definition and the same items."""

    def make(client: Any, table: str) -> str:
        told = _definition(client, table)
        if not change(told):
            return ""
        items = items_of(client, table)
        client.delete_table(TableName=table)
        client.create_table(TableName=table, **told)
        put_items(client, table, items)
        return table

    return make


def _without(kind: str) -> Callable[[Definition], bool]:
    def change(told: Definition) -> bool:
        if kind not in told:
            return False
        told.pop(kind)
        keys = {part["AttributeName"] for part in told["KeySchema"]}
        for other in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            for index in told.get(other, ()):
                keys |= {part["AttributeName"] for part in index["KeySchema"]}
        told["AttributeDefinitions"] = [
            one for one in told["AttributeDefinitions"] if one["AttributeName"] in keys
        ]
        return True

    return change


def _project_less(told: Definition) -> bool:
    for index in told.get("GlobalSecondaryIndexes", ()):
        if index["Projection"]["ProjectionType"] != "KEYS_ONLY":
            index["Projection"] = {"ProjectionType": "KEYS_ONLY"}
            return True
    return False


def _rename_index(told: Definition) -> bool:
    for index in told.get("GlobalSecondaryIndexes", ()):
        index["IndexName"] += "-2"
        return True
    return False


def _key_by_hash_alone(told: Definition) -> bool:
    """Leave out the range key, so that items of one hash key fall together."""
    if len(told["KeySchema"]) < 2 or "LocalSecondaryIndexes" in told:  # noqa: PLR2004
        return False
    told["KeySchema"] = told["KeySchema"][:1]
    told.pop("GlobalSecondaryIndexes", None)
    name = told["KeySchema"][0]["AttributeName"]
    told["AttributeDefinitions"] = [
        one for one in told["AttributeDefinitions"] if one["AttributeName"] == name
    ]
    return True


def _drop_index(client: Any, table: str) -> str:
    for index in _definition(client, table).get("GlobalSecondaryIndexes", ()):
        name = index["IndexName"]
        client.update_table(
            TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}]
        )
        return str(name)
    return ""


DEFINITION_INJURIES = (
    TableInjury(name="global index lost", make=_drop_index, caught_by=INDEX),
    TableInjury(name="global index projects less", make=_remade(_project_less), caught_by=INDEX),
    TableInjury(
        name="global index under another name", make=_remade(_rename_index), caught_by=INDEX
    ),
    TableInjury(
        name="local index lost",
        make=_remade(_without("LocalSecondaryIndexes")),
        caught_by="definition: local secondary index",
    ),
    TableInjury(
        name="key without its range",
        make=_remade(_key_by_hash_alone),
        caught_by="definition: key schema",
    ),
)
"""Injuries of how a table is made."""
