from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.connection import is_read_only
from opslib.aws.permissions import iam_action
from opslib.coverage import CoverageStatus
from opslib.databases.dynamodb import ScanLimits, digest_items, read_table_items
from opslib.databases.recorded_stores import Recorder
from opslib.databases.table_settings import read_table_description
from opslib.errors import AccessDenied, CapReached, ReadError, Throttled
from opslib.tables.store_states import TableItems
from tests.aws.fakes import refusal
from tests.databases.aws_answers import Answering, place_of

ITEMS = [{"id": {"S": f"secret-{n}"}, "v": {"N": str(n)}} for n in range(40)]
TABLE = {
    "TableName": "t",
    "TableArn": "arn:aws:dynamodb:us-east-1:1:table/t",
    "TableStatus": "ACTIVE",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    "TableSizeBytes": 0,
}


def table(scan: Any, **about: Any) -> Answering:
    return Answering(describe_table={"Table": {**TABLE, **about}}, scan=scan)


def in_pages(size: int, units: float = 0.5) -> Any:
    def scan(**asked: Any) -> Any:
        mine = ITEMS[asked["Segment"] :: asked["TotalSegments"]]
        start = int(asked["ExclusiveStartKey"]["n"]["N"]) if "ExclusiveStartKey" in asked else 0
        following = {"LastEvaluatedKey": {"n": {"N": str(start + size)}}}
        return {
            "Items": mine[start : start + size],
            "ConsumedCapacity": {"CapacityUnits": units},
            **(following if start + size < len(mine) else {}),
        }

    return scan


@pytest.mark.parametrize("segments", [1, 3, 7])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_every_page_of_every_segment_counts(tmp_path: Path, segments: int, size: int) -> None:
    place = place_of(tmp_path, dynamodb=table(in_pages(size)))
    found = read_table_items(place, "t", ScanLimits(scan_segments=segments))
    expected = digest_items(ITEMS, ["id"], datetime(2026, 3, 2, tzinfo=UTC))
    assert found.items == 40
    assert found.units.equals(expected.units)
    assert found.key == ("id",)


def test_an_empty_page_is_not_the_last(tmp_path: Path) -> None:
    def scan(**asked: Any) -> Any:
        if "ExclusiveStartKey" not in asked:
            return {"Items": [], "LastEvaluatedKey": {"id": {"S": "x"}}}
        return {"Items": ITEMS}

    place = place_of(tmp_path, dynamodb=table(scan))
    assert read_table_items(place, "t", ScanLimits(scan_segments=1)).items == 40


def test_a_scan_reads_consistently_and_tells_what_it_took(tmp_path: Path) -> None:
    client = table(in_pages(10, units=2.0))
    found = read_table_items(place_of(tmp_path, dynamodb=client), "t", ScanLimits(scan_segments=2))
    scans = [asked for name, asked in client.asked if name == "scan"]
    assert {asked["ConsistentRead"] for asked in scans} == {True}
    assert found.read_units == 2.0 * len(scans) == 8.0
    assert found.captured_until > found.captured_at


def test_a_large_table_is_kept_by_buckets_whose_sums_are_the_items(tmp_path: Path) -> None:
    place = place_of(tmp_path, dynamodb=table(in_pages(10)))
    found = read_table_items(place, "t", ScanLimits(items_limit=39))
    assert not found.is_whole
    assert found.units["Items"].sum() == found.items == 40
    assert set(found.units["Unit"].str.len()) == {4}


def test_a_scan_keeps_to_its_rate(tmp_path: Path) -> None:
    place = place_of(tmp_path, dynamodb=table(in_pages(5, units=10)))
    limits = ScanLimits(scan_segments=1, units_per_second=200)
    assert read_table_items(place, "t", limits).seconds >= 7 * 10 / 200


@pytest.mark.parametrize("about", [{"TableSizeBytes": 0}, {"TableSizeBytes": 4096 * 1000}])
def test_a_scan_ends_at_its_limit_and_is_no_result(tmp_path: Path, about: Any) -> None:
    client = table(in_pages(1, units=10), **about)
    limits = ScanLimits(scan_segments=1, units_limit=100)
    with pytest.raises(CapReached, match="read units"):
        read_table_items(place_of(tmp_path, dynamodb=client), "t", limits)
    assert sum(name == "scan" for name, _ in client.asked) == (0 if about["TableSizeBytes"] else 10)


@pytest.mark.parametrize(
    ("code", "error", "status"),
    [
        ("AccessDeniedException", AccessDenied, CoverageStatus.DENIED),
        ("ProvisionedThroughputExceededException", Throttled, CoverageStatus.THROTTLED),
        ("InternalServerError", ReadError, CoverageStatus.FAILED),
    ],
)
def test_a_refused_scan_is_a_gap(
    tmp_path: Path, code: str, error: type[ReadError], status: CoverageStatus
) -> None:
    place = place_of(tmp_path, dynamodb=table(refusal(code)))
    with pytest.raises(error):
        read_table_items(place, "t", ScanLimits())
    recorder = Recorder(place, "table t")
    read = lambda: (read_table_items(place, "t", ScanLimits()), ())  # noqa: E731
    assert recorder.record("restored items", TableItems, read) is None
    assert [line.status for line in place.reads.coverage] == [status]
    assert code in recorder.unread[0]


def test_a_table_that_is_still_made_is_not_scanned(tmp_path: Path) -> None:
    client = table(in_pages(10), TableStatus="CREATING")
    with pytest.raises(ReadError, match="CREATING"):
        read_table_items(place_of(tmp_path, dynamodb=client), "t", ScanLimits())
    assert [name for name, _ in client.asked] == ["describe_table"]


def test_keys_and_values_leave_as_hashes_only(tmp_path: Path) -> None:
    place = place_of(tmp_path / "run", dynamodb=table(in_pages(10)))
    recorder = Recorder(place, "table t")
    recorder.record("items", TableItems, lambda: (read_table_items(place, "t", ScanLimits()), ()))
    stored = b"".join(p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file())
    assert b"units" in stored
    assert b"secret-" not in stored


def test_the_client_may_scan_and_nothing_that_writes() -> None:
    assert is_read_only("Scan")
    assert not is_read_only("ScanAndDelete")
    assert not is_read_only("PutItem")
    assert iam_action("dynamodb", "Scan") == "dynamodb:Scan"
    assert iam_action("s3", "ListObjectVersions") == "s3:ListBucketVersions"


def description(tmp_path: Path, **answers: Any) -> Any:
    told: dict[str, Any] = {
        "describe_time_to_live": {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}},
        "describe_continuous_backups": {"ContinuousBackupsDescription": {}},
        "describe_table": {"Table": TABLE},
    }
    client = Answering(**{**told, **answers})
    clients = {"dynamodb": client, "application_autoscaling": client, "cloudwatch": client}
    return read_table_description(place_of(tmp_path, **clients), "t")


def test_a_setting_that_is_refused_is_unknown_and_the_others_are_kept(tmp_path: Path) -> None:
    described, errors = description(
        tmp_path,
        list_tags_of_resource=refusal("AccessDeniedException"),
        get_resource_policy=refusal("PolicyNotFoundException"),
    )
    rows = {(s, n): (v, p) for s, n, v, p in described.settings.itertuples(index=False)}
    assert len(errors) == 1
    assert "AccessDenied" in rows["tag", ""][1]
    assert rows["key schema", ""][0]
    assert ("resource policy", "") not in rows


def test_names_of_the_table_itself_are_no_setting(tmp_path: Path) -> None:
    policy = '{"Statement": [{"Resource": "arn:aws:dynamodb:us-east-1:1:table/t"}]}'
    alarm = {
        "AlarmName": "t is slow",
        "MetricName": "SuccessfulRequestLatency",
        "Dimensions": [{"Name": "TableName", "Value": "t"}],
        "Threshold": 10.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    of_scaling = {**alarm, "AlarmName": "TargetTracking-table/t-AlarmHigh-1"}
    of_another = {**alarm, "Dimensions": [{"Name": "TableName", "Value": "u"}]}
    described, _ = description(
        tmp_path,
        get_resource_policy={"Policy": policy},
        describe_alarms={"MetricAlarms": [alarm, alarm, of_scaling, of_another]},
        list_tags_of_resource={
            "Tags": [{"Key": "aws:backup:x", "Value": "y"}, {"Key": "Team", "Value": ""}]
        },
    )
    told = described.settings
    assert not told["Value"].str.contains("table/t").any()
    assert told[told["Setting"] == "alarm"]["Name"].tolist() == [
        "SuccessfulRequestLatency GreaterThanThreshold 10.0",
        "SuccessfulRequestLatency GreaterThanThreshold 10.0 2",
    ]
    assert told[told["Setting"] == "tag"]["Name"].tolist() == ["Team"]
