from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from botocore.session import get_session

from opslib.aws.metric_answers import use_arrays
from opslib.aws.timestamps import use_utc

START = 1_772_000_000


def parsed(body: Any, operation: str = "GetMetricData") -> Any:
    core = use_utc(use_arrays(get_session()))
    factory = core.get_component("response_parser_factory")
    service = core.get_service_model("cloudwatch")
    answer = {"status_code": 200, "headers": {}, "body": json.dumps(body).encode()}
    parser = factory.create_parser(service.resolved_protocol)
    return parser.parse(answer, service.operation_model(operation).output_shape)


def result(timestamps: list[Any], values: list[Any]) -> Any:
    told = {"Id": "m0", "Timestamps": timestamps, "Values": values, "StatusCode": "Complete"}
    answer = parsed({"MetricDataResults": [told], "NextToken": "more"})
    assert answer["NextToken"] == "more"
    (made,) = answer["MetricDataResults"]
    assert made["StatusCode"] == "Complete"
    return made


@pytest.mark.parametrize("kind", [int, float])
def test_datapoints_come_as_arrays(kind: Any) -> None:
    seconds = [kind(START + 300 * place) for place in range(30)]
    told = result(seconds, [kind(place) for place in range(30)])
    for name, wanted in (("Timestamps", seconds), ("Values", list(range(30)))):
        assert isinstance(told[name], np.ndarray)
        assert told[name].dtype == np.float64
        assert told[name].tolist() == wanted


def test_moments_that_are_written_out_are_left_to_botocore() -> None:
    told = result(["2026-03-01T12:00:00Z"], [1.5])
    assert told["Timestamps"] == [datetime(2026, 3, 1, 12, tzinfo=UTC)]


def test_an_empty_series_is_empty() -> None:
    told = result([], [])
    assert len(told["Timestamps"]) == len(told["Values"]) == 0


def test_lists_of_other_answers_stay_lists() -> None:
    told = parsed(
        {"Label": "CPU", "Datapoints": [{"Timestamp": START, "Average": 1.5}]},
        "GetMetricStatistics",
    )
    (one,) = told["Datapoints"]
    assert (one["Timestamp"], one["Average"]) == (datetime.fromtimestamp(START, UTC), 1.5)
