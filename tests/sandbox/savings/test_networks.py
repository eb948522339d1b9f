"""The sandbox's load balancers, NAT gateways, log groups and trails of the account for trials."""

from __future__ import annotations

from typing import Any

import pytest
from moto.backends import get_backend

from opslib.sandbox.estate import EAST, IRELAND, LAB, PRODUCTION
from opslib.sandbox.savings.planted import PlantedResource
from opslib.sandbox.savings.trails import BUCKET, make_trail
from opslib.sandbox.scenario import plan_scenario
from tests.sandbox.answers import ask

HERE: dict[str, Any] = {"account": LAB, "scenario": "troubled", "seed": 3}
ASKED = {
    "load_balancer": ("elbv2", "DescribeLoadBalancers", "LoadBalancers", "LoadBalancerArn"),
    "nat_gateway": ("ec2", "DescribeNatGateways", "NatGateways", "NatGatewayId"),
    "log_group": ("logs", "DescribeLogGroups", "logGroups", "arn"),
}


def planted(kind: str, region: str, scenario: str = "troubled") -> list[PlantedResource]:
    held = plan_scenario(scenario, 3).lab.resources
    return [one for one in held if (one.kind, one.region) == (kind, region)]


@pytest.mark.parametrize("kind", ASKED)
@pytest.mark.parametrize("region", [EAST, IRELAND])
def test_what_is_planted_is_told_in_its_region(kind: str, region: str) -> None:
    service, operation, name, identity = ASKED[kind]
    told = ask(service, operation, region=region, **HERE)[name]
    found = [one[identity].removesuffix(":*") for one in told]
    assert found == [one.id for one in planted(kind, region)]


@pytest.mark.parametrize("kind", ASKED)
def test_waste_is_planted_among_trouble_alone_and_what_looks_like_it_always(kind: str) -> None:
    for scenario in ("steady", "denied", "troubled"):
        both = [*planted(kind, EAST, scenario), *planted(kind, IRELAND, scenario)]
        wasted = [one for one in both if one.wasted]
        assert bool(wasted) == (scenario == "troubled")
        assert len(both) - len(wasted) >= 3
    assert planted(kind, EAST, "empty") == []


def test_endpoints_belong_to_networks_of_gateways() -> None:
    for region in (EAST, IRELAND):
        wanted = [
            (one.details["network"], f"com.amazonaws.{region}.{service}")
            for one in planted("nat_gateway", region)
            for service in one.details["endpoints"]
        ]
        told = ask("ec2", "DescribeVpcEndpoints", region=region, **HERE)["VpcEndpoints"]
        assert [(one["VpcId"], one["ServiceName"]) for one in told] == wanted


def test_a_trail_tells_whether_it_delivers_since_a_moment_before_the_epoch() -> None:
    scenario = plan_scenario("troubled", 3)
    for region in (EAST, IRELAND):
        for one in planted("trail", region):
            told = ask("cloudtrail", "GetTrailStatus", region=region, **HERE, Name=one.id)
            assert told["IsLogging"] is one.details["is_logging"]
            assert told["StartLoggingTime"] == one.created < scenario.epoch


def test_other_accounts_are_left_to_moto() -> None:
    elsewhere = {**HERE, "account": PRODUCTION}
    with pytest.raises(AssertionError, match="left to moto"):
        ask("cloudtrail", "GetTrailStatus", **elsewhere, Name="all-regions")
    with pytest.raises(AssertionError, match="left to moto"):
        ask("ec2", "DescribeVpcEndpoints", **elsewhere)


def test_the_bucket_of_trails_is_in_the_account_no_more() -> None:
    made: dict[str, Any] = {}

    class Trail:
        def put_event_selectors(self, selectors: Any, _: Any) -> None:
            made["selectors"] = selectors

    class Backend:
        def create_trail(self, **told: Any) -> Trail:
            made.update(told)
            return Trail()

    (one,) = (trail for trail in planted("trail", EAST) if trail.details["name"] == "all-regions")
    make_trail(Backend(), one)
    assert (made["name"], made["is_multi_region"]) == ("all-regions", True)
    assert made["selectors"] == one.details["selectors"]
    held: Any = get_backend("s3")[LAB]["aws"]
    assert BUCKET not in held.buckets
