from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from botocore.parsers import ResponseParserFactory
from botocore.session import get_session

from opslib.aws.timestamps import use_utc

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", [NOON.timestamp(), int(NOON.timestamp()), "2026-03-01T12:00:00Z"]
)
def test_a_moment_of_an_answer_is_in_utc_however_it_is_written(written: float | str) -> None:
    core = use_utc(get_session())
    factory: ResponseParserFactory = core.get_component("response_parser_factory")
    model = core.get_service_model("cloudtrail").operation_model("LookupEvents")
    answer = {
        "status_code": 200,
        "headers": {},
        "body": json.dumps({"Events": [{"EventTime": written}]}).encode(),
    }
    parsed = factory.create_parser("json").parse(answer, model.output_shape)
    (event,) = parsed["Events"]
    assert event["EventTime"] == NOON
    assert event["EventTime"].utcoffset().total_seconds() == 0
