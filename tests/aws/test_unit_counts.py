from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.reads import Reads
from opslib.aws.unit_counts import read_unit_counts
from opslib.coverage import CoverageStatus, gaps
from opslib.errors import ParameterError
from opslib.parameters import CostParameters
from opslib.tables.schema import check_table
from opslib.tables.unit_counts import UNIT_COUNTS
from tests.aws.fakes import refusal
from tests.aws.model_clients import ModelConnection, model_reads
from tests.policies import Policy

DAYS = tuple(date(2026, 2, 20) + timedelta(days=place) for place in range(7))
START = datetime(2026, 2, 20, tzinfo=UTC)
SHOP = {"id": "222222222222", "name": "shop"}
POLICY = Path(__file__).parents[2] / "deploy" / "iam" / "cost_analysis.json"


def balancer(name: str, kind: str = "application") -> dict[str, Any]:
    short = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
    arn = f"arn:aws:elasticloadbalancing:us-east-1:222222222222:loadbalancer/{short}/{name}/0a1b"
    return {"LoadBalancerName": name, "LoadBalancerArn": arn, "Type": kind}


def hours(asked: dict[str, Any], value: float = 1.0, *, skip: range = range(0)) -> dict[str, Any]:
    """Answer every query with one value an hour, but for the hours to skip."""
    places = [place for place in range(24 * len(DAYS)) if place not in skip]
    moments = [asked["StartTime"] + timedelta(hours=place) for place in places]
    return {
        "MetricDataResults": [
            {
                "Id": query["Id"],
                "StatusCode": "Complete",
                "Timestamps": moments,
                "Values": [value] * len(moments),
            }
            for query in asked["MetricDataQueries"]
        ]
    }


def nothing(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "MetricDataResults": [
            {"Id": query["Id"], "StatusCode": "Complete", "Timestamps": [], "Values": []}
            for query in asked["MetricDataQueries"]
        ]
    }


def opened(
    folder: Path,
    data: Any = lambda **asked: hours(asked),
    balancers: Any = None,
    listed: Any = None,
    **values: Any,
) -> tuple[Reads, ModelConnection]:
    found = [balancer("front")] if balancers is None else balancers
    answers = {
        "cloudwatch": {"GetMetricData": data, "ListMetrics": listed or {"Metrics": []}},
        "elbv2": {
            "DescribeLoadBalancers": found
            if isinstance(found, Exception)
            else {"LoadBalancers": found}
        },
    }
    return model_reads(folder, answers, **{"accounts": [SHOP], **values})


def read(reads: Reads) -> pd.DataFrame:
    parameters = reads.parameters
    assert isinstance(parameters, CostParameters)
    return check_table(read_unit_counts(reads, parameters, DAYS), UNIT_COUNTS, "units")


def queries(connection: ModelConnection) -> list[dict[str, Any]]:
    return [
        query
        for name, asked in connection.asked
        if name == "GetMetricData"
        for query in asked["MetricDataQueries"]
    ]


def test_requests_of_all_load_balancers_are_added_up_by_day(tmp_path: Path) -> None:
    found = [balancer("front"), balancer("back"), balancer("tcp", "network")]
    reads, connection = opened(tmp_path, balancers=found)
    table = read(reads)
    assert table["Unit"].unique().tolist() == ["request"]
    assert table["Day"].tolist() == list(DAYS)
    assert table["Count"].tolist() == [48.0] * 7
    assert table["HoursSeen"].tolist() == [24.0] * 7
    (asked,) = [asked for name, asked in connection.asked if name == "GetMetricData"]
    assert asked["StartTime"] == START
    assert asked["EndTime"] == START + timedelta(days=7)
    stats = [query["MetricStat"] for query in asked["MetricDataQueries"]]
    assert {(one["Stat"], one["Period"]) for one in stats} == {("Sum", 3600)}
    dimensions = [one["Metric"]["Dimensions"] for one in stats]
    assert dimensions == [
        [{"Name": "LoadBalancer", "Value": f"app/{name}/0a1b"}] for name in ("back", "front")
    ]
    assert gaps(reads.coverage) == ()


def test_every_region_of_every_account_is_counted(tmp_path: Path) -> None:
    regions = ["us-east-1", "eu-west-1"]
    other = {"id": "333333333333", "regions": ["us-east-1"]}
    reads, _ = opened(tmp_path, accounts=[{**SHOP, "regions": regions}, other])
    assert read(reads)["Count"].tolist() == [72.0] * 7
    assert [(line.account, line.region) for line in reads.coverage] == [
        ("333333333333", "us-east-1"),
        ("shop", "eu-west-1"),
        ("shop", "us-east-1"),
    ]


def test_silent_hours_are_told_and_a_silent_day_has_no_row(tmp_path: Path) -> None:
    silent = range(20, 48)
    reads, _ = opened(tmp_path, lambda **asked: hours(asked, 2.0, skip=silent))
    table = read(reads)
    assert table["Day"].tolist() == [DAYS[0], *DAYS[2:]]
    assert table["HoursSeen"].tolist() == [20.0, *[24.0] * 5]
    assert table["Count"].tolist() == [40.0, *[48.0] * 5]


def test_more_metrics_than_a_request_takes_go_in_several(tmp_path: Path) -> None:
    found = [balancer(f"front-{number:03}") for number in range(601)]
    reads, connection = opened(tmp_path, balancers=found)
    assert read(reads)["Count"].tolist() == [601.0 * 24] * 7
    sizes = [len(a["MetricDataQueries"]) for n, a in connection.asked if n == "GetMetricData"]
    assert sizes == [500, 101]
    assert reads.ledger.usd * 100_000 == 601


def test_a_series_that_goes_on_over_pages_is_whole(tmp_path: Path) -> None:
    def paged(**asked: Any) -> dict[str, Any]:
        whole = hours(asked)["MetricDataResults"][0]
        half = slice(None, 100) if "NextToken" not in asked else slice(100, None)
        part = {**whole, "Timestamps": whole["Timestamps"][half], "Values": whole["Values"][half]}
        more = {"NextToken": "more"} if "NextToken" not in asked else {}
        return {"MetricDataResults": [part], **more}

    reads, _ = opened(tmp_path, paged)
    assert read(reads)["Count"].tolist() == [24.0] * 7


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
def test_a_refusal_is_a_gap_and_no_zero(code: str, tmp_path: Path) -> None:
    reads, _ = opened(tmp_path, refusal(code, "GetMetricData"))
    assert read(reads).empty
    (gap,) = gaps(reads.coverage)
    assert (gap.table, gap.account, gap.rows) == ("counts of request", "shop", 0)


def test_load_balancers_that_may_not_be_listed_are_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDenied", "DescribeLoadBalancers")
    reads, connection = opened(tmp_path, balancers=denied)
    assert read(reads).empty
    assert [line.status for line in gaps(reads.coverage)] == [CoverageStatus.DENIED]
    assert queries(connection) == []


def test_a_metric_refused_among_others_is_a_gap(tmp_path: Path) -> None:
    def partly(**asked: Any) -> dict[str, Any]:
        answer = hours(asked)
        answer["MetricDataResults"][0] |= {
            "StatusCode": "Forbidden",
            "Timestamps": [],
            "Values": [],
        }
        return answer

    reads, _ = opened(tmp_path, partly, [balancer("front"), balancer("back")])
    assert read(reads)["Count"].tolist() == [24.0] * 7
    (gap,) = gaps(reads.coverage)
    assert gap.status is CoverageStatus.PARTIAL
    assert "not allowed" in gap.detail


def test_no_load_balancer_is_no_gap_and_a_silent_one_is(tmp_path: Path) -> None:
    none, _ = opened(tmp_path / "none", balancers=[])
    assert read(none).empty
    assert gaps(none.coverage) == ()
    silent, _ = opened(tmp_path / "silent", lambda **asked: nothing(asked))
    assert read(silent).empty
    (gap,) = gaps(silent.coverage)
    assert gap.status is CoverageStatus.EMPTY
    assert gap.detail == "not a single datapoint of 1 load balancer"


def test_a_metric_of_ones_own_is_asked_for_as_it_is_named(tmp_path: Path) -> None:
    unit = {
        "name": "order",
        "namespace": "Shop",
        "metric": "Orders",
        "dimensions": {"Stage": "live"},
        "account": "shop",
        "region": "eu-west-1",
    }
    accounts = [{"id": "111111111111"}, {**SHOP, "regions": ["us-east-1", "us-west-2"]}]
    reads, connection = opened(tmp_path, accounts=accounts, unit_costs=[unit])
    assert read(reads)["Unit"].unique().tolist() == ["order"]
    (query,) = queries(connection)
    assert query["MetricStat"]["Metric"] == {
        "Namespace": "Shop",
        "MetricName": "Orders",
        "Dimensions": [{"Name": "Stage", "Value": "live"}],
    }
    assert [(line.account, line.region) for line in reads.coverage] == [("shop", "eu-west-1")]


def test_a_misspelt_metric_is_answered_with_the_nearest(tmp_path: Path) -> None:
    listed = {"Metrics": [{"Namespace": "Shop", "MetricName": "OrdersPlaced", "Dimensions": []}]}
    unit = {"name": "order", "namespace": "Shop", "metric": "OrderPlaced"}
    reads, _ = opened(
        tmp_path,
        lambda **asked: nothing(asked),
        listed=lambda **asked: {"Metrics": []} if "MetricName" in asked else listed,
        unit_costs=[unit],
    )
    assert read(reads).empty
    (gap,) = gaps(reads.coverage, "counts of order")
    assert gap.status is CoverageStatus.NOT_FOUND
    assert "nearest: OrdersPlaced" in gap.detail


def test_a_metric_that_one_region_has_is_not_missed_in_the_others(tmp_path: Path) -> None:
    def here(**asked: Any) -> dict[str, Any]:
        return answers.pop()(asked)

    answers = [nothing, hours]
    account = {**SHOP, "regions": ["us-east-1", "eu-west-1"]}
    unit = {"name": "order", "namespace": "Shop", "metric": "Orders"}
    reads, _ = opened(tmp_path, here, accounts=[account], unit_costs=[unit])
    assert read(reads)["Count"].tolist() == [24.0] * 7
    assert gaps(reads.coverage) == ()


def test_a_replay_needs_no_connection(tmp_path: Path) -> None:
    reads, connection = opened(tmp_path)
    told = read(reads)
    asked = len(connection.asked)
    again, other = opened(tmp_path)
    pd.testing.assert_frame_equal(read(again), told)
    assert (asked, len(other.asked)) == (2, 0)


def test_every_call_is_in_the_policy(tmp_path: Path) -> None:
    unit = {"name": "order", "namespace": "Shop", "metric": "Orders"}
    reads, connection = opened(
        tmp_path,
        lambda **asked: nothing(asked),
        unit_costs=[{"name": "request"}, unit],
    )
    read(reads)
    prefix = {"DescribeLoadBalancers": "elasticloadbalancing"}
    called = {f"{prefix.get(name, 'cloudwatch')}:{name}" for name, _ in connection.asked}
    assert len(called) == 3
    policy = Policy.load(POLICY)
    assert [action for action in sorted(called) if not policy.allows(action, "*")] == []


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"unit_costs": [{"name": "a"}, {"name": "a"}]}, "same name"),
        ({"unit_costs": [{"name": "a", "tag_value": "x"}]}, "tag_value belongs to a tag_key"),
        ({"unit_costs": [{"name": "a", "tag_key": "Team"}]}, "not in tag_keys"),
        ({"unit_costs": [{"name": "a", "account": "shop"}]}, "not listed: shop"),
    ],
)
def test_units_that_cannot_be_counted_are_refused(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ParameterError, match=named):
        CostParameters.parse({"as_of": "2026-03-02T06:00:00Z", **values})
