"""Log groups that keep everything for ever."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings.options import Option
from opslib.analysis.savings.prices import Price
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation, Rejection
from opslib.analysis.savings.waste.log_groups import check_log_retention
from tests.analysis.savings.estates import ACCOUNT, AS_OF, DAYS, REGION, judging_of, thing

GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/lab/job"
GIB = 2**30
USED = [AS_OF.date() - timedelta(days=back) for back in range(1, 31)]
STORED = (GROUP, "USE1-TimedStorage-ByteHrs", "10", "0.03", DAYS)


def judge(
    stored: int | None, incoming: list[float], *, days_old: int = 400, **values: Any
) -> list[Option]:
    retention = values.pop("retention", None)
    settings = {"stored_bytes": stored, "retention_days": retention}
    told = {name: value for name, value in settings.items() if value is not None}
    group = thing("log_group", GROUP, days_old=days_old, **told)
    use = {(GROUP, "bytes in"): dict(zip(USED, incoming, strict=False))} if incoming else {}
    return list(check_log_retention(judging_of([group], [STORED], use, **values)))


def test_what_is_older_than_the_retention_is_saved() -> None:
    (found,) = judge(300 * GIB, [1.0 * GIB] * 30)
    assert isinstance(found, Recommendation)
    assert (found.cost, found.saving) == (Decimal(9), Decimal("8.1"))
    assert found.sentence == (
        "it keeps 300 GiB for ever; no more than 30 GiB came in within 30 days"
    )


def test_the_days_that_told_something_stand_for_all() -> None:
    (found,) = judge(300 * GIB, [1.0 * GIB])
    assert isinstance(found, Recommendation)
    assert found.saving == Decimal("8.1")


def test_a_longer_retention_saves_less() -> None:
    (found,) = judge(300 * GIB, [1.0 * GIB] * 30, log_retention_days=90)
    assert isinstance(found, Recommendation)
    assert found.saving == Decimal("6.3")
    assert found.action.startswith("Set its retention to 90 days")


@pytest.mark.parametrize(("stored", "retention"), [(300 * GIB, 14), (0, None), (None, None)])
def test_a_group_with_retention_or_without_a_byte_is_none(
    stored: int | None, retention: int | None
) -> None:
    assert judge(stored, [1.0 * GIB] * 30, retention=retention) == []


@pytest.mark.parametrize(
    ("stored", "incoming", "days_old", "reason"),
    [
        (300 * GIB, [], 400, Reason.UNKNOWN),
        (300 * GIB, [1.0 * GIB] * 30, 20, Reason.TOO_YOUNG),
        (29 * GIB, [1.0 * GIB] * 30, 400, Reason.TOO_SMALL),
    ],
)
def test_a_group_of_which_nothing_can_be_said_is_rejected(
    stored: int, incoming: list[float], days_old: int, reason: Reason
) -> None:
    (found,) = judge(stored, incoming, days_old=days_old)
    assert isinstance(found, Rejection)
    assert found.reason is reason


def test_an_estimate_takes_the_price_of_logs_and_not_that_of_buckets() -> None:
    group = thing("log_group", GROUP, stored_bytes=300 * GIB)
    use = {(GROUP, "bytes in"): dict.fromkeys(USED, 1.0 * GIB)}
    judging = judging_of([group], [STORED], use, knows_resources=False)
    (unpaid,) = check_log_retention(judging)
    assert isinstance(unpaid, Rejection)
    logs = Price(amount=Decimal("0.03"), service="AmazonCloudWatch", unit="GB-Mo")
    judging.charges.prices[REGION, "TimedStorage-ByteHrs"] += (logs,)
    (found,) = check_log_retention(judging)
    assert isinstance(found, Recommendation)
    assert (found.basis, found.saving) == (Basis.ESTIMATE, Decimal("8.1"))


@settings(max_examples=30)
@given(
    stored=st.integers(1, 10**15),
    incoming=st.lists(st.floats(0, 1e13), min_size=1, max_size=30),
    days=st.sampled_from([1, 30, 365, 3653]),
)
def test_never_more_is_saved_than_stored_and_more_ingest_never_saves_more(
    stored: int, incoming: list[float], days: int
) -> None:
    def saving(rows: list[float]) -> Decimal:
        (found,) = judge(stored, rows, log_retention_days=days)
        return found.saving or Decimal(0)

    once, twice = saving(incoming), saving([2 * value for value in incoming])
    assert 0 <= twice <= once <= Decimal(9)
