"""Datapoints in CBOR, as AWS may write them: RFC 8949."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from botocore.session import get_session

from opslib.aws.metric_answers import use_arrays
from opslib.aws.timestamps import use_utc

START = 1_772_000_000


def cbor(value: Any) -> bytes:
    """Return ``value`` in CBOR; bytes are taken as written already."""
    match value:
        case bytes():
            return value
        case str():
            return _head(3, len(value)) + value.encode()
        case dict():
            told = [cbor(name) + cbor(one) for name, one in value.items()]
            return _head(5, len(value)) + b"".join(told)
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case float():
            return b"\xfb" + struct.pack(">d", value)
    raise TypeError(value)


def _head(major: int, length: int) -> bytes:
    if length < 24:
        return bytes([major << 5 | length])
    return bytes([major << 5 | 25]) + struct.pack(">H", length)


def unending(items: list[Any]) -> bytes:
    return b"\x9f" + b"".join(map(cbor, items)) + b"\xff"


def parsed(body: bytes, operation: str = "GetMetricData") -> Any:
    core = use_utc(use_arrays(get_session()))
    factory = core.get_component("response_parser_factory")
    model = core.get_service_model("cloudwatch").operation_model(operation)
    answer = {"status_code": 200, "headers": {"smithy-protocol": "rpc-v2-cbor"}, "body": body}
    return factory.create_parser("smithy-rpc-v2-cbor").parse(answer, model.output_shape)


def answer(timestamps: Any, values: Any) -> bytes:
    result = {"Id": "m0", "Timestamps": timestamps, "Values": values, "StatusCode": "Complete"}
    return cbor({"MetricDataResults": [result], "NextToken": "more"})


SECONDS = [START + 300 * place for place in range(30)]
VALUES = [place / 7 for place in range(30)]
TIMES = {
    "floats": [b"\xc1\xfb" + struct.pack(">d", one) for one in SECONDS],
    "integers": [b"\xc1\x1a" + struct.pack(">I", one) for one in SECONDS],
    "long integers": [b"\xc1\x1b" + struct.pack(">Q", one) for one in SECONDS],
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("write", [list, unending])
def test_datapoints_of_one_kind_come_as_arrays(kind: str, write: Any) -> None:
    told = parsed(answer(write(TIMES[kind]), write([float(one) for one in VALUES])))
    (result,) = told["MetricDataResults"]
    assert isinstance(result["Timestamps"], np.ndarray)
    assert result["Timestamps"].tolist() == SECONDS
    assert result["Values"].tolist() == VALUES
    assert (result["StatusCode"], told["NextToken"]) == ("Complete", "more")


@pytest.mark.parametrize("write", [list, unending])
def test_values_of_several_kinds_are_left_to_botocore(write: Any) -> None:
    half, single, whole = b"\xf9\x3c\x00", b"\xfa\x40\x20\x00\x00", b"\x05"
    values = write([0.1, half, single, whole, 0.2])
    (result,) = parsed(answer(write(TIMES["floats"][:5]), values))["MetricDataResults"]
    assert list(result["Values"]) == [0.1, 1.0, 2.5, 5, 0.2]
    assert result["Timestamps"].tolist() == SECONDS[:5]


def test_an_empty_series_is_empty() -> None:
    for empty in (cbor([]), unending([])):
        (result,) = parsed(answer(empty, empty))["MetricDataResults"]
        assert list(result["Values"]) == list(result["Timestamps"]) == []


def test_lists_of_other_answers_stay_lists() -> None:
    point = {"Timestamp": TIMES["floats"][0], "Average": 1.5}
    told = parsed(cbor({"Label": "CPU", "Datapoints": [point]}), "GetMetricStatistics")
    (one,) = told["Datapoints"]
    assert (one["Timestamp"], one["Average"]) == (datetime.fromtimestamp(START, UTC), 1.5)
