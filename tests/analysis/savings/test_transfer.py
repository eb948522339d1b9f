"""Transfer between zones and to the internet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.options import Judging
from opslib.analysis.savings.prices import Price
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.analysis.savings.waste.transfer import check_internet_egress, check_zone_transfer
from opslib.money import total
from tests.analysis.savings.estates import DAYS, REGION, judging_of, thing

SERVERS = [thing("instance", name) for name in ("i-1", "i-2", "i-3")]


def between_zones(name: str, gb: str, meter: str = "DataTransfer-Regional-Bytes") -> Any:
    return (name, meter, gb, "0.01", DAYS)


def egress(name: str, gb: str, price: str = "0.09") -> Any:
    return (name, "DataTransfer-Out-Bytes", gb, price, DAYS)


def with_cloudfront(judging: Judging, *prices: str) -> Judging:
    for number, price in enumerate(prices):
        paid = Price(amount=Decimal(price), service="Amazon CloudFront", unit="GB")
        judging.charges.prices[REGION, f"{number}-DataTransfer-Out-Bytes"] = (paid,)
    return judging


def test_bytes_between_zones_are_told_by_who_pays_most() -> None:
    charged = [between_zones("i-1", "100"), between_zones("i-2", "300"), between_zones("i-3", "1")]
    found = list(check_zone_transfer(judging_of(SERVERS, charged)))
    assert [(one.thing.id, one.saving) for one in found] == [
        ("i-2", Decimal(90)),
        ("i-1", Decimal(30)),
    ]
    assert all(isinstance(one, Rejection) and one.reason is Reason.IN_USE for one in found)
    assert found[0].sentence.startswith("it moves 9,000 GB a month between zones, 74.8% of what")


def test_bytes_of_another_region_are_between_zones_too() -> None:
    charged = [between_zones("i-1", "100", "EUW1-DataTransfer-Regional-Bytes")]
    (found,) = check_zone_transfer(judging_of(SERVERS, charged))
    assert found.saving == Decimal(30)


def test_bytes_to_other_regions_are_not_between_zones() -> None:
    charged = [between_zones("i-1", "100", "USE1-USW2-DataTransfer-Regional-Bytes")]
    assert list(check_zone_transfer(judging_of(SERVERS, charged))) == []


def test_egress_is_told_with_the_difference_to_the_dearest_price_paid_to_cloudfront() -> None:
    judging = judging_of(SERVERS, [egress("i-1", "100"), egress("i-2", "1")])
    (found,) = check_internet_egress(with_cloudfront(judging, "0.060", "0.085"))
    assert isinstance(found, Rejection)
    assert (found.thing.id, found.saving, found.reason) == ("i-1", Decimal(15), Reason.IN_USE)
    assert "3,000 GB a month to the internet for 0.090 a GB" in found.sentence


def test_who_pays_cloudfront_nothing_or_more_is_not_told() -> None:
    judging = judging_of(SERVERS, [egress("i-1", "100")])
    assert list(check_internet_egress(judging)) == []
    assert list(check_internet_egress(with_cloudfront(judging, "0.11"))) == []


@settings(max_examples=30)
@given(
    gb=st.lists(st.integers(1, 10**6), min_size=3, max_size=3),
    price=st.integers(1, 200).map(lambda mills: Decimal(mills) / 1000),
)
def test_never_more_is_told_than_is_paid(gb: list[int], price: Decimal) -> None:
    sent = [egress(one.id, str(size)) for one, size in zip(SERVERS, gb, strict=True)]
    moved = [between_zones(one.id, str(size)) for one, size in zip(SERVERS, gb, strict=True)]
    judging = with_cloudfront(judging_of(SERVERS, [*sent, *moved]), str(price))
    for check, cost in ((check_internet_egress, "2.7"), (check_zone_transfer, "0.3")):
        told = [one.saving for one in check(judging)]
        assert total(told) <= Decimal(cost) * sum(gb)
