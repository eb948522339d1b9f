"""Elastic IP addresses that are charged though nothing runs behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from opslib.analysis.savings.recommendation import Reason, Recommendation
from opslib.analysis.savings.waste.addresses import check_addresses
from tests.analysis.savings.estates import ACCOUNT, DAYS, judging_of, thing

IDLE, USED = "PublicIPv4:IdleAddress", "PublicIPv4:InUseAddress"
ARN = f"arn:aws:ec2:us-east-1:{ACCOUNT}:elastic-ip/eip-1"


def reasons(
    charged: list[tuple[Any, ...]], *, state: str = "running", **settings: Any
) -> list[Any]:
    """Return the reason of what is said of an address, or what it would save."""
    address = thing("address", "eip-1", days_old=None, **settings)
    things = [address, thing("instance", "i-1", state=state, type="m6i.large")]
    other = ("x", "Other", "1", "1", DAYS)
    options = check_addresses(judging_of(things, [*charged, other]))
    return [one.saving if isinstance(one, Recommendation) else one.reason for one in options]


def test_an_address_of_nothing_saves_all_that_it_is_charged_as_idle() -> None:
    charged = [(ARN, IDLE, "24", "0.005", DAYS), (ARN, "IPAM", "24", "1", DAYS)]
    assert reasons(charged) == [Decimal("3.6")]


@pytest.mark.parametrize(
    "settings",
    [{"association": "a", "instance": "i-1"}, {"interface": "eni-1"}, {"managed_by": "alb"}],
)
def test_an_address_of_what_runs_is_no_option(settings: dict[str, str]) -> None:
    assert reasons([(ARN, IDLE, "24", "0.005", DAYS)], **settings) == []


def test_an_address_of_a_stopped_instance_is_idle() -> None:
    settings = {"association": "a", "instance": "i-1", "interface": "eni-1"}
    charged = [(ARN, IDLE, "24", "0.005", DAYS)]
    assert reasons(charged, state="stopped", **settings) == [Decimal("3.6")]


def test_an_address_is_as_old_as_its_first_idle_day() -> None:
    lately = [(ARN, USED, "24", "0.005", DAYS[:20]), (ARN, IDLE, "24", "0.005", DAYS[20:])]
    assert reasons(lately) == [Reason.TOO_YOUNG]


def test_the_age_of_an_uncharged_address_is_not_known() -> None:
    assert reasons([]) == [Reason.UNKNOWN]


def test_a_bill_shorter_than_the_window_does_not_tell_that_an_address_is_old() -> None:
    address = thing("address", "eip-1", days_old=None)
    charged = [(ARN, IDLE, "24", "0.005", DAYS)]
    (option,) = check_addresses(judging_of([address], charged, use_days=34))
    assert getattr(option, "reason", None) is Reason.UNKNOWN
    (option,) = check_addresses(judging_of([address], charged, use_days=33))
    assert isinstance(option, Recommendation)
