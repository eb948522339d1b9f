"""Listing trails, and which events each delivers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.places import Place
from opslib.aws.savings.trails import list_trails
from opslib.errors import AccessDenied
from tests.aws.fakes import refusal
from tests.aws.model_clients import ModelConnection, model_reads

STARTED = datetime(2025, 1, 1, tzinfo=UTC)
HERE, HOME = "eu-west-1", "us-east-1"


def trail(name: str, **told: Any) -> dict[str, Any]:
    arn = f"arn:aws:cloudtrail:{HOME}:555555555555:trail/{name}"
    return {"Name": name, "TrailARN": arn, "HomeRegion": HOME, **told}


def listed(
    folder: Path, selected: Mapping[str, Any] | Exception, status: Any = None
) -> tuple[list[dict[str, Any]], ModelConnection]:
    trails = [trail("first", IsMultiRegionTrail=True), trail("second")]
    answers = {
        "cloudtrail": {
            "DescribeTrails": {"trailList": trails},
            "GetTrailStatus": status or {"IsLogging": True, "StartLoggingTime": STARTED},
            "GetEventSelectors": selected,
        }
    }
    reads, connection = model_reads(folder, answers)
    return list_trails(Place(reads, None, HERE)), connection


def settings(folder: Path, selected: Mapping[str, Any] | Exception) -> dict[str, Any]:
    rows, _ = listed(folder, selected)
    told: dict[str, Any] = json.loads(rows[1]["Settings"])
    return told


def test_trails_that_are_delivered_here_are_rows_of_here(tmp_path: Path) -> None:
    rows, connection = listed(tmp_path, {"EventSelectors": []})
    assert [(row["Name"], row["RegionId"]) for row in rows] == [("first", HERE), ("second", HERE)]
    assert {row["CreatedAt"] for row in rows} == {STARTED}
    told = [json.loads(row["Settings"]) for row in rows]
    assert [one["is_multi_region"] for one in told] == [True, False]
    assert all(one["home"] == HOME and one["is_logging"] for one in told)
    assert connection.asked[0] == ("DescribeTrails", {"includeShadowTrails": True})
    assert len(connection.asked) == 1 + 2 * len(rows)


@pytest.mark.parametrize("trails", [[], [trail("alone")]])
def test_a_trail_alone_is_asked_nothing(tmp_path: Path, trails: list[dict[str, Any]]) -> None:
    reads, connection = model_reads(
        tmp_path, {"cloudtrail": {"DescribeTrails": {"trailList": trails}}}
    )
    assert list_trails(Place(reads, None, HERE)) == []
    assert [name for name, _ in connection.asked] == ["DescribeTrails"]


BASIC: list[tuple[list[dict[str, Any]], dict[str, list[str]], int]] = [
    ([], {"read": [], "write": []}, 0),
    ([{"ReadWriteType": "WriteOnly"}], {"write": []}, 0),
    ([{"IncludeManagementEvents": False}], {}, 0),
    (
        [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}, {"ReadWriteType": "WriteOnly"}],
        {"read": ["kms.amazonaws.com"], "write": []},
        0,
    ),
    (
        [
            {
                "IncludeManagementEvents": False,
                "DataResources": [
                    {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]},
                    {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]},
                ],
            }
        ],
        {},
        2,
    ),
]


@pytest.mark.parametrize(("selectors", "management", "data"), BASIC)
def test_basic_selectors(
    tmp_path: Path, selectors: list[dict[str, Any]], management: dict[str, list[str]], data: int
) -> None:
    told = settings(tmp_path, {"EventSelectors": selectors})
    assert (told["management"], len(told["data"])) == (management, data)


def advanced(*fields: dict[str, Any], category: str = "Management") -> dict[str, Any]:
    return {"FieldSelectors": [{"Field": "eventCategory", "Equals": [category]}, *fields]}


READ_ONLY = {"Field": "readOnly", "Equals": ["true"]}
NO_KEYS = {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}
ONE_NAME = {"Field": "eventName", "Equals": ["RunInstances"]}
PICK = json.dumps(ONE_NAME, sort_keys=True)
ADVANCED: list[tuple[list[dict[str, Any]], dict[str, list[str]], int]] = [
    ([advanced()], {"read": [], "write": []}, 0),
    ([advanced(READ_ONLY, NO_KEYS)], {"read": ["kms.amazonaws.com"]}, 0),
    ([advanced(ONE_NAME)], {"read": [PICK], "write": [PICK]}, 0),
    ([advanced(ONE_NAME), advanced(READ_ONLY)], {"read": [], "write": [PICK]}, 0),
    ([advanced(category="Data"), advanced(category="NetworkActivity")], {}, 1),
]


@pytest.mark.parametrize(("selectors", "management", "data"), ADVANCED)
def test_advanced_selectors(
    tmp_path: Path, selectors: list[dict[str, Any]], management: dict[str, list[str]], data: int
) -> None:
    told = settings(tmp_path, {"AdvancedEventSelectors": selectors})
    assert (told["management"], len(told["data"])) == (management, data)


def test_a_trail_of_which_aws_does_not_tell_the_events_has_none_to_compare(tmp_path: Path) -> None:
    gone = refusal("TrailNotFoundException", "GetEventSelectors")
    assert "management" not in settings(tmp_path, gone)


def test_a_refused_status_is_raised(tmp_path: Path) -> None:
    with pytest.raises(AccessDenied):
        listed(tmp_path, {}, refusal("AccessDeniedException", "GetTrailStatus"))
