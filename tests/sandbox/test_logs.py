from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opslib.sandbox.estate import PAYER, PRODUCTION
from opslib.sandbox.handlers.insights import parse_query
from opslib.sandbox.incident_plan import ChangeKind
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.shop import log_group
from opslib.sandbox.shop_logs import lines_between
from tests.sandbox.answers import ask
from tests.sandbox.days import plan_of

HERE: dict[str, Any] = {"account": PRODUCTION, "scenario": "troubled", "seed": 3}
FAILING = r"filter @message like /(?i)\berror/"


def run(text: str, *groups: str, **asked: Any) -> list[dict[str, str]]:
    plan = plan_of("troubled", 3)
    begin = int((plan.moment - timedelta(minutes=30)).timestamp()) // 60 * 60
    span = {"startTime": begin, "endTime": begin + 3599}
    started = ask(
        "logs",
        "StartQuery",
        **{**HERE, **span, "logGroupNames": list(groups) or ["/ecs/shop/web"], **asked},
        queryString=text,
    )
    answer = ask("logs", "GetQueryResults", **HERE, queryId=started["queryId"])
    assert answer["status"] == "Complete"
    assert answer["statistics"]["bytesScanned"] > 0
    return [{one["field"]: one["value"] for one in row} for row in answer["results"]]


def test_counts_by_minute_and_group_are_the_lines_that_match() -> None:
    groups = ("/ecs/shop/web", "/ecs/shop/catalog")
    counted = run(f"{FAILING} | stats count(*) as errors by bin(1m), @log", *groups)
    lines = run(f"fields @timestamp, @log | {FAILING} | sort @timestamp asc", *groups)
    expected = Counter((f"{line['@timestamp'][:16]}:00.000", line["@log"]) for line in lines)
    assert {(row["bin(1m)"], row["@log"]): int(row["errors"]) for row in counted} == expected
    assert [line["@timestamp"] for line in lines] == sorted(line["@timestamp"] for line in lines)
    assert len({line["@ptr"] for line in lines}) == len(lines)


def test_the_newest_lines_come_first_and_no_more_than_asked() -> None:
    lines = run("fields @timestamp, @message | limit 20")
    assert len(lines) == 20
    moments = [line["@timestamp"] for line in lines]
    assert moments == sorted(moments, reverse=True)
    assert len(run("fields @message", limit=7)) == 7


def test_filters_combine() -> None:
    everything = run("fields @message, @logStream")
    quiet = run('fields @message, @logStream | filter @message like "INFO"')
    loud = run("fields @message, @logStream | filter @message not like /INFO/")
    assert len(quiet) + len(loud) == len(everything)
    one = everything[0]["@logStream"]
    chosen = run(
        f'fields @message, @logStream | filter @logStream = "{one}" and @message =~ "INFO" '
        'or @message like "slow"'
    )
    assert Counter(line["@ptr"] for line in chosen) == Counter(
        line["@ptr"]
        for line in everything
        if (line["@logStream"] == one and "INFO" in line["@message"]) or "slow" in line["@message"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "parse @message '* *' as a, b",
        "stats avg(@duration) by bin(1m)",
        "stats count(*) by bin(1 month)",
        "filter @message like /(/",
        "filter @message > 3",
        "fields ispresent(@message)",
        "limit many",
        "sort @timestamp sideways",
        "filter @message like /a/ garbage",
    ],
)
def test_what_is_not_understood_is_refused_rather_than_answered(text: str) -> None:
    with pytest.raises(AwsError) as refused:
        parse_query(text)
    assert refused.value.code == "MalformedQueryException"


def test_a_group_or_query_that_is_not_there_is_refused() -> None:
    with pytest.raises(AwsError, match="does not exist"):
        run("fields @message", "/ecs/shop/none")
    with pytest.raises(AwsError, match="does not exist"):
        ask("logs", "GetQueryResults", **HERE, queryId="none")
    with pytest.raises(AwsError, match="after the end"):
        run("fields @message", startTime=9, endTime=8)


def test_groups_are_listed_by_prefix_and_in_pages() -> None:
    listed = ask("logs", "DescribeLogGroups", **HERE, logGroupNamePrefix="/ecs/shop/", limit=4)
    assert len(listed["logGroups"]) == 4
    rest = ask(
        "logs",
        "DescribeLogGroups",
        **HERE,
        logGroupNamePrefix="/ecs/shop/",
        limit=4,
        nextToken=listed["nextToken"],
    )
    assert len(rest["logGroups"]) == 2
    assert ask("logs", "DescribeLogGroups", account=PAYER)["logGroups"] == []


@pytest.mark.parametrize("seed", range(8))
def test_the_logs_say_what_failed_while_it_failed(seed: int) -> None:
    plan = plan_of("troubled", seed)
    incident = plan.incident
    assert incident is not None
    group = log_group("web")
    before = (incident.onset - timedelta(hours=1), incident.onset)
    during = (incident.onset + timedelta(minutes=2), incident.rolled_back_at)
    failing = [
        sum("ERROR" in line.message for line in lines_between(plan, PRODUCTION, group, *span))
        / ((span[1] - span[0]) / timedelta(minutes=1))
        for span in (before, during)
    ]
    assert (failing[1] > 2 * failing[0]) == (incident.error_share > 0)
    if incident.kind is ChangeKind.POLICY:
        own = lines_between(plan, PRODUCTION, log_group(incident.component), *during)
        assert any("AccessDeniedException" in line.message for line in own)


def test_some_lines_are_taken_in_late() -> None:
    plan = plan_of("troubled", 3)
    late = [
        line.ingested - line.at
        for service in ("web", "catalog", "search", "checkout", "payments", "accounts")
        for line in lines_between(
            plan, PRODUCTION, log_group(service), plan.moment, plan.moment + timedelta(minutes=9)
        )
    ]
    assert set(late) == {timedelta(seconds=2), timedelta(minutes=24)}


def test_lines_of_a_part_are_those_of_the_whole() -> None:
    plan, group = plan_of("steady", 1), "/ecs/shop/search"
    begin = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
    middle, end = begin + timedelta(seconds=95), begin + timedelta(minutes=4)
    parts = [
        *lines_between(plan, PRODUCTION, group, begin, middle),
        *lines_between(plan, PRODUCTION, group, middle, end),
    ]
    assert parts == list(lines_between(plan, PRODUCTION, group, begin, end))
    assert parts
    after = DEFAULT_EPOCH + timedelta(hours=1)
    assert list(lines_between(plan, PRODUCTION, group, DEFAULT_EPOCH, after)) == []
