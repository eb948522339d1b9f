"""What a report shows of the calls that were made for it."""

from __future__ import annotations

from typing import Any

from opslib.present.evidence import show_evidence

CALL = {"service": "athena", "operation": "StartQueryExecution", "account": "1", "count": 1}


def shown(**call: Any) -> str:
    return show_evidence([{**CALL, "region": "sa-east-1", "usd": "0.2", **call}], ()).markup


def test_a_charge_at_another_regions_price_says_so() -> None:
    assert "0.20 at us-east-1&#x27;s price" in shown(priced_in="us-east-1")


def test_a_charge_at_the_regions_own_price_says_no_more() -> None:
    for told in (shown(priced_in=""), shown()):
        assert "0.20<" in told
        assert "price" not in told
