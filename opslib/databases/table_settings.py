"""Reading how a DynamoDB table is set up, in a form that two tables can be compared by.

Names and ARNs of the table itself are taken out, so that a restored table is compared with its
source and not with its name.

Source: Amazon DynamoDB API Reference, DescribeTable; Application Auto Scaling API Reference;
Amazon CloudWatch API Reference, DescribeAlarms.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from opslib.aws.places import Place, redacted_json, utc
from opslib.databases.table_watchers import read_alarms, read_autoscaling
from opslib.errors import AccessDenied, ReadError, Throttled
from opslib.tables.schema import check_table
from opslib.tables.store_states import TableDescription
from opslib.tables.stores import TABLE_SETTINGS

__all__ = ["read_table_description", "tell_definition"]

Named = Iterable[tuple[str, Any]]
"""Names and values; a value that is None or empty is no setting."""


def read_table_description(place: Place, table: str) -> tuple[TableDescription, list[ReadError]]:
    """Read how a table is set up.

    Args:
        place: account and region.
        table: its name.

    Returns:
        The description, and the refusals of single settings: those are unknown in it.

    Raises:
        ReadError: the table itself cannot be described.
    """
    about = place.call("dynamodb", "DescribeTable", TableName=table)["Table"]
    errors: list[ReadError] = []
    rows = [*tell_definition(about), *_asked(place, about, errors)]
    restored = about.get("RestoreSummary", {})
    frame = pd.DataFrame(rows, columns=list(TABLE_SETTINGS.columns))
    described = TableDescription(
        arn=about["TableArn"],
        status=about["TableStatus"],
        restored_from=restored.get("SourceTableArn", ""),
        restored_to=utc(restored.get("RestoreDateTime")),
        is_restoring=bool(restored.get("RestoreInProgress")),
        settings=check_table(frame, TABLE_SETTINGS, "table settings"),
    )
    return described, errors


def tell_definition(about: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return what a table's own description tells of its settings; rows of `TABLE_SETTINGS`."""
    return _rows_of(_definition(about))


def _rows_of(settings: Iterable[tuple[str, str, Any]]) -> list[tuple[str, str, str, str]]:
    """Return the settings that are made; those of one name are numbered by value."""
    made = sorted((kind, name, redacted_json(value)) for kind, name, value in settings if value)
    seen: Counter[tuple[str, str]] = Counter()
    rows = []
    for kind, name, value in made:
        seen[kind, name] += 1
        number = f" {seen[kind, name]}" if seen[kind, name] > 1 else ""
        rows.append((kind, f"{name}{number}", value, ""))
    return rows


def _definition(about: dict[str, Any]) -> Iterable[tuple[str, str, Any]]:
    """Yield what DescribeTable tells."""
    billing = about.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    yield "key schema", "", about["KeySchema"]
    for attribute in about["AttributeDefinitions"]:
        yield "attribute definition", attribute["AttributeName"], attribute["AttributeType"]
    for kind, listed in (
        ("global secondary index", about.get("GlobalSecondaryIndexes") or []),
        ("local secondary index", about.get("LocalSecondaryIndexes") or []),
    ):
        for index in listed:
            yield kind, index["IndexName"], _index(index)
            if index.get("IndexStatus", "ACTIVE") != "ACTIVE":
                yield "index under way", index["IndexName"], index["IndexStatus"]
    yield "billing mode", "", billing
    if billing == "PROVISIONED":
        for name, one in _throughputs(about):
            yield "provisioned capacity", name, _capacity(one)
    yield "on-demand maximum", "", about.get("OnDemandThroughput")
    yield "encryption", "", _encryption(about.get("SSEDescription", {}))
    yield "table class", "", about.get("TableClassSummary", {}).get("TableClass", "STANDARD")
    yield "deletion protection", "", about.get("DeletionProtectionEnabled")
    yield "stream", "", about.get("StreamSpecification", {}).get("StreamViewType")
    for replica in about.get("Replicas") or []:
        yield "global table replica", replica["RegionName"], "replica"


def _index(index: dict[str, Any]) -> dict[str, Any]:
    projection = index["Projection"]
    return {
        "KeySchema": index["KeySchema"],
        "ProjectionType": projection["ProjectionType"],
        "NonKeyAttributes": sorted(projection.get("NonKeyAttributes") or []),
    }


def _throughputs(about: dict[str, Any]) -> Named:
    yield "", about["ProvisionedThroughput"]
    for index in about.get("GlobalSecondaryIndexes") or []:
        yield index["IndexName"], index.get("ProvisionedThroughput", {})


def _capacity(throughput: dict[str, Any]) -> dict[str, Any]:
    return {name: throughput.get(name) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}


def _encryption(told: dict[str, Any]) -> dict[str, Any] | None:
    kept = {name: told[name] for name in ("SSEType", "KMSMasterKeyArn") if told.get(name)}
    return kept or None


def _asked(
    place: Place, about: dict[str, Any], errors: list[ReadError]
) -> Iterable[tuple[str, str, str, str]]:
    """Yield what further calls tell; one refused leaves its kind unknown, and the others."""
    readers: tuple[tuple[str, Callable[[Place, dict[str, Any]], Named]], ...] = (
        ("time to live", _time_to_live),
        ("point-in-time recovery", _recovery),
        ("tag", _tags),
        ("resource policy", _policy),
        ("contributor insights", _insights),
        ("Kinesis destination", _destinations),
        ("autoscaling", read_autoscaling),
        ("alarm", read_alarms),
    )
    for kind, read in readers:
        try:
            yield from _rows_of([(kind, name, value) for name, value in read(place, about)])
        except (AccessDenied, Throttled) as error:
            errors.append(error)
            yield kind, "", "", error.what


def _time_to_live(place: Place, about: dict[str, Any]) -> Named:
    asked = place.call("dynamodb", "DescribeTimeToLive", TableName=about["TableName"])
    told = asked["TimeToLiveDescription"]
    if told.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}:
        yield "", told["AttributeName"]


def _recovery(place: Place, about: dict[str, Any]) -> Named:
    asked = place.call("dynamodb", "DescribeContinuousBackups", TableName=about["TableName"])
    told = asked["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if told.get("PointInTimeRecoveryStatus") == "ENABLED":
        yield "", {"RecoveryPeriodInDays": told.get("RecoveryPeriodInDays", 35)}


def _tags(place: Place, about: dict[str, Any]) -> Named:
    arn = about["TableArn"]
    for tag in place.items("dynamodb", "ListTagsOfResource", "Tags", ResourceArn=arn):
        # Nobody but AWS itself may set tags of this prefix.
        if not tag["Key"].startswith("aws:"):
            yield tag["Key"], [tag["Value"]]


def _policy(place: Place, about: dict[str, Any]) -> Named:
    told = place.call(
        "dynamodb",
        "GetResourcePolicy",
        absent="PolicyNotFoundException",
        ResourceArn=about["TableArn"],
    )
    if told.get("Policy"):
        text = json.dumps(json.loads(told["Policy"]), sort_keys=True)
        yield "", text.replace(about["TableArn"], "this table")


def _insights(place: Place, about: dict[str, Any]) -> Named:
    indexes = [index["IndexName"] for index in about.get("GlobalSecondaryIndexes") or []]
    for index in ("", *indexes):
        asked = {"TableName": about["TableName"]} | ({"IndexName": index} if index else {})
        told = place.call("dynamodb", "DescribeContributorInsights", **asked)
        if told.get("ContributorInsightsStatus") in {"ENABLED", "ENABLING"}:
            yield index, told.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS")


def _destinations(place: Place, about: dict[str, Any]) -> Named:
    told = place.call(
        "dynamodb", "DescribeKinesisStreamingDestination", TableName=about["TableName"]
    )
    for one in told.get("KinesisDataStreamDestinations") or []:
        if one["DestinationStatus"] in {"ACTIVE", "ENABLING", "UPDATING"}:
            yield one["StreamArn"], one.get("ApproximateCreationDateTimePrecision", "MILLISECOND")
