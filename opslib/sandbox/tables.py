"""The sandbox's DynamoDB tables: what they hold, how they are set up, and copies of them.

``carts-restored`` and its like were restored from the moment of the baseline that is kept in S3;
they are made when somebody first asks for one by name. In scenario ``troubled`` something was lost
on the way, by seed.
"""

from __future__ import annotations

import copy
import tempfile
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from moto.backends import get_backend
from moto.dynamodb.models.table import Table

from opslib.databases.dynamodb import digest_items
from opslib.databases.table_settings import tell_definition
from opslib.sandbox.backups import DYNAMODB_PITR_DAYS, RECOVERY_LAG, DataStore
from opslib.sandbox.baseline_bucket import keep_baseline
from opslib.sandbox.scenario import Scenario, ScenarioName
from opslib.sandbox.table_items import TABLE_DESIGNS, Item, TableDesign, items_at
from opslib.tables.baseline import write_baseline
from opslib.tables.store_states import TableDescription
from opslib.tables.stores import TABLE_SETTINGS

__all__ = ["RESTORED", "copy_of", "fill", "find_restored", "make_table", "restored_at"]

AGE = timedelta(days=400)
BASELINE_AGE = timedelta(hours=1)
"""How long before the epoch the baselines were captured, and the copies restored to."""
RESTORED = "-restored"
NOT_CAPTURED = ("autoscaling", "alarm", "tag", "time to live", "point-in-time recovery")
ALARM = "UserErrors of {table}"
_LOCK = threading.Lock()


def make_table(
    store: DataStore, epoch: datetime, tags: list[dict[str, str]], units: tuple[int, int] | None
) -> None:
    """Make a table of the estate with its items, its settings, and its baseline in S3.

    Args:
        store: the table.
        epoch: the moment that the account lives in.
        tags: of the table.
        units: read and write capacity units that are provisioned; None where it is on demand.
    """
    provisioned = {"ReadCapacityUnits": units[0], "WriteCapacityUnits": units[1]} if units else None
    design = TABLE_DESIGNS[store.name]
    tables: Any = get_backend("dynamodb")[store.account][store.region]
    kinds = ("HASH", "RANGE")
    table = tables.create_table(
        name=store.name,
        schema=[
            {"AttributeName": name, "KeyType": kind}
            for (name, _), kind in zip(design.key, kinds, strict=False)
        ],
        throughput=provisioned,
        attr=design.attributes,
        global_indexes=_indexes(design, provisioned),
        indexes=copy.deepcopy(list(design.local_indexes)),
        streams=None,
        billing_mode="PROVISIONED" if provisioned else "PAY_PER_REQUEST",
        sse_specification=None,
        tags=tags,
        deletion_protection_enabled=True,
        warm_throughput=None,
    )
    table.created_at = _as_moto(epoch - AGE)
    fill(table, items_at(store.name, epoch, epoch))
    if store.pitr:
        table.continuous_backups["PointInTimeRecoveryDescription"] = _recovery(epoch)
    if design.expires_by:
        table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": design.expires_by}
    _make_alarm(store)
    _keep_baseline(table, store.name, epoch)


def _indexes(design: TableDesign, provisioned: dict[str, int] | None) -> list[dict[str, Any]]:
    """Return the global secondary indexes; what is provisioned for the table is for each."""
    indexes = copy.deepcopy(list(design.indexes))
    paid = {"ProvisionedThroughput": dict(provisioned)} if provisioned else {}
    return [{**index, **paid} for index in indexes]


def _recovery(epoch: datetime) -> dict[str, Any]:
    return {
        "PointInTimeRecoveryStatus": "ENABLED",
        "EarliestRestorableDateTime": (epoch - timedelta(days=DYNAMODB_PITR_DAYS)).timestamp(),
        "LatestRestorableDateTime": (epoch - RECOVERY_LAG).timestamp(),
        "RecoveryPeriodInDays": DYNAMODB_PITR_DAYS,
    }


def _make_alarm(store: DataStore) -> None:
    alarms: Any = get_backend("cloudwatch")[store.account][store.region]
    alarms.put_metric_alarm(
        name=ALARM.format(table=store.name),
        namespace="AWS/DynamoDB",
        metric_name="ThrottledRequests",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=3,
        period=60,
        threshold=10.0,
        statistic="Sum",
        description="",
        dimensions=[{"Name": "TableName", "Value": store.name}],
        alarm_actions=[f"arn:aws:sns:{store.region}:{store.account}:on-call"],
    )


def fill(table: Any, items: Sequence[Item]) -> None:
    """Put items, as boto3's client hands them out, into a table of moto's."""
    for item in items:
        table.put_item(copy.deepcopy(item), overwrite=True)


def _keep_baseline(table: Any, name: str, epoch: datetime) -> None:
    moment = epoch - BASELINE_AGE
    about = table.describe("Table")["Table"]
    rows = [*tell_definition(about), *((kind, "", "", "not captured") for kind in NOT_CAPTURED)]
    described = TableDescription(
        arn=table.table_arn,
        status="ACTIVE",
        restored_from="",
        restored_to=None,
        is_restoring=False,
        settings=pd.DataFrame(rows, columns=list(TABLE_SETTINGS.columns)),
    )
    key = [part for part, _ in TABLE_DESIGNS[name].key]
    held = digest_items(items_at(name, epoch, moment), key, moment)
    with tempfile.TemporaryDirectory(prefix="opslib-baseline-") as folder:
        write_baseline(described, Path(folder) / "description")
        write_baseline(held, Path(folder) / "items")
        keep_baseline(Path(folder), f"tables/{name}", epoch)


class _Restored(Table):
    """A table that tells what it was restored from, and to which moment."""

    def __init__(self, source: Any, name: str, told: datetime) -> None:
        paid = None if source.billing_mode == "PAY_PER_REQUEST" else dict(source.throughput)
        super().__init__(
            name,
            account_id=source.account_id,
            region=source.region_name,
            schema=copy.deepcopy(source.schema),
            attr=copy.deepcopy(source.attr),
            billing_mode=source.billing_mode,
            throughput=paid,
            sse_specification=copy.deepcopy(source.sse_specification),
        )
        self.indexes = copy.deepcopy(source.indexes)
        self.global_indexes = copy.deepcopy(source.global_indexes)
        self.items = copy.deepcopy(source.items)
        self.created_at = _as_moto(told)
        self._summary = {
            "SourceTableArn": source.table_arn,
            "RestoreDateTime": told,
            "RestoreInProgress": False,
        }

    def describe(self, base_key: str = "TableDescription") -> dict[str, Any]:
        about: dict[str, Any] = super().describe(base_key)
        about[base_key]["RestoreSummary"] = self._summary
        return about


def copy_of(source: Any, name: str, told: datetime) -> Any:
    """Return a copy of a table of moto's as a restore makes it: nothing that it does not bring.

    Args:
        source: what is restored.
        name: of the copy.
        told: the moment that it is restored to.
    """
    return _Restored(source, name, told)  # type: ignore[abstract]  # for CloudFormation only


def restored_at(source: Any, name: str, scenario: Scenario, moment: datetime | None) -> Any:
    """Return a copy of a table as it was at a moment.

    The sandbox's clock stands still: what is written while it is up was written at its epoch. The
    latest moment that can be restored to is therefore now, with all of it.

    Args:
        source: what is restored.
        name: of the copy.
        scenario: the account.
        moment: None for the latest.
    """
    if moment is None or moment >= scenario.epoch:
        return copy_of(source, name, scenario.epoch + RECOVERY_LAG)
    made = copy_of(source, name, moment)
    made.items.clear()
    fill(made, items_at(source.name, scenario.epoch, moment))
    return made


def find_restored(tables: Any, name: str, scenario: Scenario) -> None:
    """Make the restored copy of a table of the estate, if ``name`` is one that is not there yet."""
    source = name.removesuffix(RESTORED)
    with _LOCK:
        if name in tables.tables or source == name or source not in tables.tables:
            return
        if source not in TABLE_DESIGNS:
            return
        moment = scenario.epoch - BASELINE_AGE
        made = restored_at(tables.tables[source], name, scenario, moment)
        if scenario.name is ScenarioName.TROUBLED:
            _lose(made, np.random.default_rng([scenario.seed, len(source)]))
        tables.tables[name] = made


def _lose(table: Any, chance: np.random.Generator) -> None:
    """Lose an item, an attribute or an index on the way."""
    items = table.all_items()
    item = items[int(chance.integers(len(items)))]
    if table.global_indexes:
        table.global_indexes = []
    elif chance.random() < 0.5:  # noqa: PLR2004
        table.delete_item(item.hash_key, item.range_key)
    else:
        lost = next(name for name in sorted(item.attrs) if name not in table.table_key_attrs)
        del item.attrs[lost]


def _as_moto(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
