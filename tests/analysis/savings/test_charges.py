"""What a resource costs a month, by its own lines of the bill."""

from __future__ import annotations

from decimal import Decimal

from opslib.analysis.savings.charges import make_charges
from opslib.analysis.savings.options import Effect, recommend, save_share
from opslib.analysis.savings.recommendation import Recommendation
from tests.analysis.savings.estates import DAYS, judging_of, spend_of, thing

VOLUME = "EBS:VolumeUsage.gp3"


def test_thirty_days_of_a_line_are_its_month() -> None:
    volume = thing("volume", "vol-1")
    charges = make_charges(spend_of([("vol-1", VOLUME, "10", "0.08", DAYS)]), [volume])
    (line,) = charges.of(volume)
    assert (line.cost, line.quantity, line.first) == (Decimal(24), Decimal(300), DAYS[0])


def test_what_began_within_the_days_costs_what_it_costs_since() -> None:
    volume = thing("volume", "vol-1")
    other = ("vol-2", VOLUME, "1", "0.08", DAYS)
    charges = make_charges(spend_of([("vol-1", VOLUME, "10", "0.08", DAYS[-3:]), other]), [volume])
    (line,) = charges.of(volume)
    assert (line.cost, line.first) == (Decimal(24), DAYS[-3])


def test_what_is_not_charged_any_more_has_no_line() -> None:
    volume = thing("volume", "vol-1")
    other = ("vol-2", VOLUME, "1", "0.08", DAYS)
    ended = ("vol-1", VOLUME, "10", "0.08", DAYS[:-4])
    assert make_charges(spend_of([ended, other]), [volume]).of(volume) == ()
    late = ("vol-1", VOLUME, "10", "0.08", DAYS[:-3])
    assert len(make_charges(spend_of([late, other]), [volume]).of(volume)) == 1


def test_a_resource_is_known_by_the_name_within_its_arn() -> None:
    gateway = thing("nat_gateway", "nat-1")
    arn = "arn:aws:ec2:us-east-1:555555555555:natgateway/nat-1"
    charges = make_charges(
        spend_of(
            [
                (arn, "NatGateway-Hours", "24", "0.045", DAYS),
                (arn, "NatGateway-Bytes", "1", "1", DAYS),
            ]
        ),
        [gateway],
    )
    assert {line.meter for line in charges.of(gateway)} == {"NatGateway-Hours", "NatGateway-Bytes"}
    assert [line.meter for line in charges.of(gateway, "Hours")] == ["NatGateway-Hours"]


def test_the_line_of_another_account_is_not_its_own() -> None:
    volume = thing("volume", "vol-1")
    told = spend_of([("vol-1", VOLUME, "10", "0.08", DAYS)])
    assert told.resources is not None
    elsewhere = told.resources.assign(SubAccountId="111111111111")
    spend = type(told)(meters=told.meters, resources=elsewhere, currency="USD", days=DAYS)
    assert make_charges(spend, [volume]).of(volume) == ()


def test_a_price_is_what_the_account_pays_for_a_unit() -> None:
    spend = spend_of(
        [("a", f"EUW1-{VOLUME}", "10", "0.088", DAYS), ("b", VOLUME, "1", "0.08", DAYS)]
    )
    charges = make_charges(spend, [])
    assert charges.price(VOLUME, "us-east-1") == Decimal("0.08")
    assert charges.price(VOLUME, "eu-west-1") == Decimal("0.088")
    assert charges.price(VOLUME, "eu-west-2") is None
    assert charges.price("EBS:VolumeUsage.io2", "us-east-1") is None


def test_a_share_of_a_line_is_money_of_twelve_decimals() -> None:
    volume = thing("volume", "vol-1")
    judging = judging_of([volume], [("vol-1", VOLUME, "10", "0.08", DAYS)])
    effect = Effect(saved=save_share(Decimal("0.1234567890129")))
    found = recommend("kind", volume, judging, effect, sentence="why", action="what")
    assert isinstance(found, Recommendation)
    assert (str(found.cost), str(found.saving)) == ("24.000000000000", "2.962962936309")
