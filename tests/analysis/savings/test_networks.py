"""Load balancers and NAT gateways that nothing goes through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Option
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation, Rejection
from opslib.analysis.savings.waste.balancers import check_idle_balancers
from opslib.analysis.savings.waste.gateways import check_idle_gateways, check_missing_endpoints
from tests.analysis.savings.estates import ACCOUNT, AS_OF, DAYS, REGION, judging_of, thing

USED = [AS_OF.date() - timedelta(days=back) for back in range(1, 31)]
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/1"
GATEWAY = "nat-1"
ON_BILL = f"arn:aws:ec2:{REGION}:{ACCOUNT}:natgateway/{GATEWAY}"
HOURS = (BALANCER, "LoadBalancerUsage", "24", "0.0225", DAYS)
GATEWAY_HOURS = (ON_BILL, "NatGateway-Hours", "24", "0.045", DAYS)
Told = Mapping[str, Mapping[date, float]]


def every_day(value: float) -> dict[date, float]:
    return dict.fromkeys(USED, value)


def judge_balancer(told: Told, sort: str = "application", **changed: Any) -> list[Option]:
    settings: dict[str, Any] = {"instances": []} if sort == "classic" else {}
    days_old = changed.pop("days_old", 400)
    balancer = thing(
        "load_balancer", BALANCER, days_old=days_old, type=sort, **{**settings, **changed}
    )
    use = {(BALANCER, measure): values for measure, values in told.items()}
    return list(check_idle_balancers(judging_of([balancer], [HOURS], use)))


def judge_gateway(told: Told, *more: Any, days_old: int = 400, **values: Any) -> list[Option]:
    gateway = gateway_with(days_old=days_old)
    use = {(GATEWAY, measure): days for measure, days in told.items()}
    return list(check_idle_gateways(judging_of([gateway], [GATEWAY_HOURS, *more], use, **values)))


def gateway_with(*, days_old: int = 400, **settings: Any) -> Thing:
    told = {"network": "vpc-1", "addresses": ["eipalloc-1"], "endpoints": []}
    return thing("nat_gateway", GATEWAY, days_old=days_old, **{**told, **settings})


@pytest.mark.parametrize(
    ("sort", "always"),
    [
        ("application", "capacity units"),
        ("network", "active flows"),
        ("gateway", "capacity units"),
    ],
)
def test_no_traffic_while_cloudwatch_speaks_saves_every_hour(sort: str, always: str) -> None:
    (found,) = judge_balancer({always: every_day(0)}, sort)
    assert isinstance(found, Recommendation)
    assert (found.kind, found.saving) == ("idle_load_balancer", Decimal("16.2"))
    assert found.sentence == f"nothing went through this {sort} load balancer in 30 days"


@pytest.mark.parametrize(
    ("sort", "measure"),
    [
        ("application", "requests"),
        ("application", "redirects"),
        ("application", "fixed responses"),
        ("network", "flows"),
        ("network", "active flows"),
        ("gateway", "bytes"),
        ("classic", "requests"),
    ],
)
def test_one_request_in_all_the_days_is_use(sort: str, measure: str) -> None:
    told = {"capacity units": every_day(0), measure: {USED[-1]: 1.0}}
    assert judge_balancer(told, sort) == []


@settings(max_examples=30)
@given(missing=st.sets(st.integers(0, 29), min_size=1))
def test_a_day_of_which_nothing_is_told_is_not_known(missing: set[int]) -> None:
    told = {day: 0.0 for place, day in enumerate(USED) if place not in missing}
    for judged in (judge_balancer({"capacity units": told}), judge_gateway({"bytes out": told})):
        (found,) = judged
        assert isinstance(found, Rejection)
        assert found.reason is Reason.UNKNOWN


@pytest.mark.parametrize("measure", ["healthy hosts", "unhealthy hosts"])
def test_a_classic_balancer_speaks_through_its_hosts(measure: str) -> None:
    (found,) = judge_balancer({measure: every_day(1)}, "classic", instances=["i-1"])
    assert isinstance(found, Recommendation)
    (silent,) = judge_balancer({}, "classic", instances=["i-1"])
    assert isinstance(silent, Rejection)
    assert silent.reason is Reason.UNKNOWN


def test_a_classic_balancer_without_an_instance_can_answer_nothing() -> None:
    (found,) = judge_balancer({}, "classic")
    assert isinstance(found, Recommendation)
    assert found.sentence.endswith("and no instance is registered with it")


def test_what_is_younger_than_the_days_of_metrics_is_not_judged() -> None:
    (balancer,) = judge_balancer({"capacity units": every_day(0)}, days_old=29)
    (gateway,) = judge_gateway({"bytes out": every_day(0)}, days_old=29)
    for found in (balancer, gateway):
        assert isinstance(found, Rejection)
        assert found.reason is Reason.TOO_YOUNG


def test_a_type_that_nobody_knows_is_not_judged() -> None:
    assert judge_balancer({"capacity units": every_day(0)}, "quantum") == []


def test_an_idle_gateway_saves_its_hours() -> None:
    (found,) = judge_gateway({"bytes out": every_day(0), "bytes in": every_day(0)})
    assert isinstance(found, Recommendation)
    assert (found.kind, found.saving, found.basis) == (
        "idle_nat_gateway",
        Decimal("32.4"),
        Basis.BILL,
    )


@pytest.mark.parametrize("measure", ["bytes out", "bytes in"])
def test_a_byte_either_way_is_use(measure: str) -> None:
    told = {"bytes out": every_day(0), "bytes in": every_day(0), measure: every_day(1)}
    assert judge_gateway(told) == []


def test_the_address_of_an_idle_gateway_goes_with_it_where_the_bill_names_it() -> None:
    address = f"arn:aws:ec2:{REGION}:{ACCOUNT}:elastic-ip/eipalloc-1"
    charged = (address, "PublicIPv4:InUseAddress", "24", "0.005", DAYS)
    things = [gateway_with(), thing("address", "eipalloc-1")]
    use = {(GATEWAY, "bytes out"): every_day(0)}
    (found,) = check_idle_gateways(judging_of(things, [GATEWAY_HOURS, charged], use))
    assert isinstance(found, Recommendation)
    assert [line.resource for line in found.lines] == [ON_BILL, address]
    assert found.saving == Decimal(36)


def test_without_resources_on_the_bill_hours_are_estimated_by_the_own_price() -> None:
    (found,) = judge_gateway({"bytes out": every_day(0)}, knows_resources=False)
    assert isinstance(found, Recommendation)
    assert (found.basis, found.saving) == (Basis.ESTIMATE, Decimal("32.4"))


@pytest.mark.parametrize(
    ("endpoints", "named"),
    [([], "DynamoDB and S3"), (["s3"], "DynamoDB"), (["dynamodb", "s3"], "")],
)
def test_a_missing_endpoint_is_told_with_the_most_that_it_could_save(
    endpoints: list[str], named: str
) -> None:
    moved = (ON_BILL, "NatGateway-Bytes", "100", "0.045", DAYS)
    judging = judging_of([gateway_with(endpoints=endpoints)], [GATEWAY_HOURS, moved])
    found = list(check_missing_endpoints(judging))
    if not named:
        assert found == []
        return
    (one,) = found
    assert isinstance(one, Rejection)
    assert (one.reason, one.saving) == (Reason.UNKNOWN, Decimal(135))
    assert f"no gateway endpoint for {named}, which is free" in one.sentence


def test_a_gateway_without_a_byte_on_the_bill_needs_no_endpoint() -> None:
    assert list(check_missing_endpoints(judging_of([gateway_with()], [GATEWAY_HOURS]))) == []
