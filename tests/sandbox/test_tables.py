from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from opslib.databases.item_digests import digest_item
from opslib.sandbox.item_injuries import items_of
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.table_items import TABLE_DESIGNS, items_at
from tests.sandbox.clients import production_client


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=3) as started:
        yield started


@pytest.fixture
def tables(sandbox: RunningSandbox) -> Any:
    return production_client(sandbox, "dynamodb")


def digests(items: list[Any]) -> set[int]:
    return {digest_item(item) for item in items}


@pytest.mark.parametrize("table", ["carts", "sessions", "inventory"])
def test_tables_hold_their_items_as_of_the_epoch(tables: Any, table: str) -> None:
    assert digests(items_of(tables, table)) == digests(
        items_at(table, DEFAULT_EPOCH, DEFAULT_EPOCH)
    )


@pytest.mark.parametrize("table", sorted(TABLE_DESIGNS))
def test_some_items_were_written_before_the_epoch(table: str) -> None:
    before = digests(items_at(table, DEFAULT_EPOCH, DEFAULT_EPOCH - timedelta(hours=6)))
    between = digests(items_at(table, DEFAULT_EPOCH, DEFAULT_EPOCH - timedelta(hours=3)))
    now = digests(items_at(table, DEFAULT_EPOCH, DEFAULT_EPOCH))
    assert len(before) > 100
    assert before != between != now
    assert before - now
    assert now - before


def test_a_restore_to_a_moment_gives_the_items_of_that_moment(tables: Any) -> None:
    moment = DEFAULT_EPOCH - timedelta(hours=3)
    tables.restore_table_to_point_in_time(
        SourceTableName="sessions", TargetTableName="of-a-moment", RestoreDateTime=moment
    )
    expected = digests(items_at("sessions", DEFAULT_EPOCH, moment))
    assert digests(items_of(tables, "of-a-moment")) == expected
    summary = tables.describe_table(TableName="of-a-moment")["Table"]["RestoreSummary"]
    assert summary["RestoreDateTime"] == moment
    assert summary["SourceTableArn"].endswith("table/sessions")


def test_restores_bring_what_was_written_and_are_apart_from_then_on(tables: Any) -> None:
    new: Any = {"id": {"S": "new"}, "token": {"B": b"\x00\xff"}}
    tables.put_item(TableName="sessions", Item=new)
    backup = tables.create_backup(TableName="sessions", BackupName="before")["BackupDetails"][
        "BackupArn"
    ]
    tables.restore_table_to_point_in_time(
        SourceTableName="sessions", TargetTableName="latest", UseLatestRestorableTime=True
    )
    tables.delete_item(TableName="sessions", Key={"id": {"S": "new"}})
    tables.restore_table_from_backup(TargetTableName="of-backup", BackupArn=backup)
    for name in ("latest", "of-backup"):
        assert digests([new]) < digests(items_of(tables, name))
    assert not digests([new]) & digests(items_of(tables, "sessions"))


def test_a_restore_brings_indexes_and_neither_tags_nor_time_to_live(tables: Any) -> None:
    tables.restore_table_to_point_in_time(
        SourceTableName="carts", TargetTableName="carts-again", UseLatestRestorableTime=True
    )
    source = tables.describe_table(TableName="carts")["Table"]
    copy = tables.describe_table(TableName="carts-again")["Table"]
    for kept in (
        "KeySchema",
        "AttributeDefinitions",
        "LocalSecondaryIndexes",
        "BillingModeSummary",
    ):
        assert copy[kept] == source[kept]
    assert [one["IndexName"] for one in copy["GlobalSecondaryIndexes"]] == ["by-sku"]
    assert source["DeletionProtectionEnabled"]
    assert not copy["DeletionProtectionEnabled"]
    assert tables.list_tags_of_resource(ResourceArn=copy["TableArn"])["Tags"] == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"RestoreDateTime": DEFAULT_EPOCH + timedelta(hours=1)}, "InvalidRestoreTimeException"),
        ({"RestoreDateTime": DEFAULT_EPOCH - timedelta(days=99)}, "InvalidRestoreTimeException"),
        ({"TargetTableName": "carts"}, "TableAlreadyExistsException"),
        ({"SourceTableName": "none"}, "ResourceNotFoundException"),
    ],
)
def test_restores_that_aws_refuses_are_refused(tables: Any, asked: Any, code: str) -> None:
    with pytest.raises(ClientError, match=code):
        tables.restore_table_to_point_in_time(
            **{"SourceTableName": "sessions", "TargetTableName": "refused", **asked}
        )


def test_a_restored_copy_is_there_for_who_asks_by_name(tables: Any) -> None:
    assert "sessions-restored" not in tables.list_tables()["TableNames"]
    assert tables.describe_table(TableName="sessions-restored")["Table"]["ItemCount"] > 100
    names = tables.list_tables()["TableNames"]
    assert {"carts", "inventory", "sessions"} <= set(names)
    assert "sessions-restored" not in names
    paged = tables.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 1})
    assert [name for page in paged for name in page["TableNames"]] == names
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        tables.describe_table(TableName="nothing-restored")


def test_the_epoch_is_the_only_date_that_is_sent(sandbox: RunningSandbox, tables: Any) -> None:
    for client, operation in (
        (tables, "list_tables"),
        (production_client(sandbox, "s3"), "list_buckets"),
    ):
        headers = getattr(client, operation)()["ResponseMetadata"]["HTTPHeaders"]
        assert headers["date"] == "Mon, 02 Mar 2026 06:00:00 GMT"
