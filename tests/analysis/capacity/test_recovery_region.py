from dataclasses import replace

import numpy as np
import pytest

from opslib.analysis.capacity.check_conclusions import conclude_recovery
from opslib.analysis.capacity.headroom.findings import find_recovery_quotas
from opslib.analysis.capacity.headroom.recovery_region import RecoveryQuota, check_recovery
from opslib.findings import Verdict
from tests.analysis.capacity.small_estates import Estate, parameters

HOME, OTHER, THERE = "us-east-1", "us-west-2", "eu-west-1"


def check(estate: Estate) -> tuple[RecoveryQuota, ...]:
    return check_recovery(estate.tables(), parameters(recovery_region=THERE))


@pytest.mark.parametrize(
    ("home", "there", "quota", "verdict"),
    [
        ([100.0, 150.0], [10.0], 160.0, Verdict.PASS),
        ([100.0, 150.0], [11.0], 160.0, Verdict.FAIL),
        ([100.0, np.nan], None, 160.0, Verdict.INCONCLUSIVE),
        ([100.0, 170.0], None, 160.0, Verdict.FAIL),
        (None, [1.0], 160.0, Verdict.INCONCLUSIVE),
        ([100.0], [1.0], None, Verdict.INCONCLUSIVE),
    ],
)
def test_the_quota_holds_what_is_there_and_what_comes(
    home: list[float] | None, there: list[float] | None, quota: float | None, verdict: Verdict
) -> None:
    estate = Estate()
    estate.quota(HOME, "L-1", 500, home)
    if quota is not None:
        estate.quota(THERE, "L-1", quota, there)
    (found,) = check(estate)
    assert found.verdict is verdict


def test_home_regions_come_together() -> None:
    estate = Estate()
    estate.quota(HOME, "L-1", 500, [100.0])
    estate.quota(OTHER, "L-1", 500, [80.0])
    estate.quota(THERE, "L-1", 170, [0.0])
    (found,) = check(estate)
    assert (found.peak, found.used_there, found.quota) == (180, 0, 170)
    assert found.homes == (HOME, OTHER)
    assert found.why == "180 needed, 170 applied"
    (finding,) = find_recovery_quotas([found])
    assert finding.subject == {"Quota": "L-1"}
    assert "(one: 180 needed, 170 applied)" in finding.sentence


def test_accounts_short_of_one_quota_are_one_finding() -> None:
    estate = Estate()
    estate.quota(HOME, "L-1", 500, [100.0])
    estate.quota(THERE, "L-1", 50, [0.0])
    (found,) = check(estate)
    (finding,) = find_recovery_quotas([found, replace(found, account="two")])
    assert "one: 100 needed, 50 applied and two: 100 needed, 50 applied" in finding.sentence


def test_what_runs_in_the_recovery_region_alone_is_not_asked() -> None:
    estate = Estate()
    estate.quota(THERE, "L-1", 50, [10.0])
    assert check(estate) == ()


def test_no_region_is_asked_for_and_not_judged() -> None:
    estate = Estate()
    estate.quota(HOME, "L-1", 500, [100.0])
    assert check_recovery(estate.tables(), parameters()) == ()
    conclusion = conclude_recovery((), "", 0, ())
    assert conclusion.verdict is Verdict.INCONCLUSIVE
    assert conclusion.because == ("name it as recovery_region",)


def test_the_conclusion_passes_only_where_all_is_known() -> None:
    estate = Estate()
    estate.quota(HOME, "L-1", 500, [100.0])
    estate.quota(THERE, "L-1", 200, [0.0])
    passed = conclude_recovery(check(estate), THERE, 2, ())
    assert passed.verdict is Verdict.PASS
    assert passed.sentence == (
        "1 of 1 quota with known use would hold it; 2 quotas without a measure of use not judged."
    )
    estate.quota(HOME, "L-2", 500, None)
    unknown = conclude_recovery(check(estate), THERE, 0, ())
    assert unknown.verdict is Verdict.INCONCLUSIVE
    estate.quota(HOME, "L-3", 500, [100.0])
    estate.quota(THERE, "L-3", 20, None)
    failed = conclude_recovery(check(estate), THERE, 0, ())
    assert failed.verdict is Verdict.FAIL
    assert failed.sentence == "No: quota L-3 of EC2 in eu-west-1 would not hold it."
    assert conclude_recovery((), THERE, 0, ()).verdict is Verdict.INCONCLUSIVE
