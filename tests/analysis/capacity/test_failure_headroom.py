from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.capacity.check_conclusions import conclude_zone_loss
from opslib.analysis.capacity.headroom.findings import find_zone_losses
from opslib.analysis.capacity.headroom.zone_load import Spread
from opslib.analysis.capacity.headroom.zone_losses import ZoneLoss, check_zone_loss, count_alone
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Severity, Verdict
from tests.analysis.capacity.small_estates import Estate, at, flat, parameters

A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
THREE = (A, A, B, B, C, C)


def check(estate: Estate, **peaks: float) -> ZoneLoss:
    (loss,) = check_zone_loss(estate.tables(), parameters(), peaks)
    return loss


def service(
    cpu: Any, zones: tuple[str, ...] = THREE, running: Any = None, most: float = 0, **told: Any
) -> Estate:
    estate = Estate()
    estate.resource("ecs", "web", zones, **told)
    estate.limit("web", "CPU", cpu)
    if running is not None:
        estate.measure("web", "tasks", running, role="units", statistic="Maximum")
    if most:
        estate.limit("web", "tasks", None, value=most, metric="most tasks")
    return estate


def test_two_thirds_carry_half_as_much_again() -> None:
    loss = check(service(flat(60)))
    assert loss.units == ((A, 2), (B, 2), (C, 2))
    assert loss.peak_percent == 60
    assert loss.at_once_percent == pytest.approx(90)
    assert loss.verdict is Verdict.PASS
    assert find_zone_losses([loss]) == ()


def test_two_thirds_do_not_carry_it_beyond_a_hundred() -> None:
    loss = check(service(flat(70), most=12))
    assert loss.at_once_percent == pytest.approx(105)
    assert loss.verdict is Verdict.FAIL
    assert loss.after_percent == pytest.approx(35)
    assert loss.after_scaling is Verdict.PASS
    (finding,) = find_zone_losses([loss])
    assert finding.kind == "capacity.zone_loss"
    assert finding.severity is Severity.MEDIUM
    assert finding.sentence == (
        "web does not survive the loss of a zone: without us-east-1a the rest would run at 105% "
        "CPU at its peak, 70% with all of it; 35% after scaling."
    )
    # 4.2 full tasks want five of the rest, and seven at 60%.
    assert (loss.units_to_carry, loss.units_at_target) == (8, 11)
    assert (
        "8 units carry the recorded peak without a zone, 11 at its target of 60%" in finding.action
    )


def test_the_peak_counts_by_the_units_that_ran_then() -> None:
    """Four tasks in three zones: the largest zone may have two of them."""
    loss = check(service(flat(60), running=flat(4)))
    assert loss.at_once_percent == pytest.approx(120)


def test_an_uneven_spread_loses_what_it_has() -> None:
    loss = check(service(flat(40), zones=(A, A, A, A, B, C)))
    assert loss.lost_zone == A
    assert loss.at_once_percent == pytest.approx(120)


def test_one_zone_carries_nothing() -> None:
    loss = check(service(flat(1), zones=(A, A), most=10))
    assert loss.verdict is Verdict.FAIL
    assert "nothing remains to carry the recorded peak of 1% CPU at once" in loss.why
    assert loss.after_scaling is Verdict.PASS


def test_without_scaling_what_was_lost_is_replaced_and_no_more() -> None:
    loss = check(service(flat(70)))
    assert loss.after_percent == pytest.approx(70)


def test_a_moment_is_no_peak_but_a_daily_quarter_of_an_hour_is() -> None:
    cpu = flat(50, 4)
    cpu[1000:1012] = 90
    assert check(service(cpu)).verdict is Verdict.PASS
    cpu.reshape(-1, 288)[:, 100:103] = 90
    assert check(service(cpu)).at_once_percent == pytest.approx(135)


def test_the_forecast_peak_is_held_against_the_units_that_it_brings() -> None:
    assert check(service(flat(50)), web=1.5).forecast_percent == pytest.approx(112.5)
    grown = check(service(flat(50), most=9), web=1.5)
    assert grown.forecast_percent == pytest.approx(75)
    assert grown.verdict is Verdict.PASS
    assert check(service(flat(50), most=9), web=3).forecast_percent == pytest.approx(150)
    assert check(service(flat(50))).forecast_percent is None


def test_the_forecast_peak_runs_the_whole_units_of_its_own_target_and_is_never_lower() -> None:
    estate = service(flat(50), most=24, zones=(A, A, B), running=flat(3))
    assert check(estate, web=1.2).forecast_percent == pytest.approx(150)
    estate.scale("web", "ecs:service:DesiredCount", 24, target=50)
    # 1.8 units at 50% are four, of which two are left: less than 150% of now.
    assert check(estate, web=1.2).forecast_percent == pytest.approx(150)
    assert check(estate, web=1.2).target_percent == 50
    grown = check(estate, web=4)
    # 6 units at 50% are 12, of which six are left; none of now's three could carry it.
    assert grown.forecast_percent == pytest.approx(150)
    assert (grown.units_to_carry, grown.units_at_target) == (12, 24)


def test_a_pass_that_the_forecast_peak_turns_is_left_open() -> None:
    loss = check(service(flat(60)), web=1.2)
    assert loss.forecast_percent == pytest.approx(108)
    assert loss.verdict is Verdict.INCONCLUSIVE
    assert "108% at the forecast peak" in loss.why
    assert check(service(flat(60)), web=1.1).verdict is Verdict.PASS


def test_the_units_that_hold_do_hold_and_one_less_does_not() -> None:
    for units in ((2, 1), (1, 1, 1), (4, 1, 1)):
        spread = Spread(units=tuple(zip("abc", units, strict=False)))
        for load in np.arange(0.3, 20, 0.7):
            least = spread.least(load)
            assert least is not None
            left = [many - float(spread.lost(np.array(many))) for many in (least, least - 1)]
            assert left[0] >= load > left[1]
    assert Spread(units=(("a", 3),)).least(1.0) is None


def test_unknown_zones_units_use_or_history_leave_it_open() -> None:
    assert check(service(flat(10), zones=())).why == "the zones of its units are not known"
    assert check(service(None)).why == "its use is not measured"
    assert check(service(flat(10, 1))).why == "fewer than two whole weeks of history"
    for open_ in (service(flat(10), zones=()), service(None), service(flat(10, 1))):
        assert check(open_).verdict is Verdict.INCONCLUSIVE


def test_gaps_that_could_hide_the_peak_leave_it_open() -> None:
    cpu = flat(50, 4)
    cpu[1000:1200] = np.nan
    loss = check(service(cpu))
    assert loss.verdict is Verdict.INCONCLUSIVE
    assert "2.5% of the values are missing" in loss.why


def test_units_that_were_not_counted_leave_it_open() -> None:
    late = service(flat(50, 4))
    late.measure("web", "tasks", flat(6, 1), role="units", start=at(3 * 2016))
    assert check(late).why == "fewer than two whole weeks of history"
    running = flat(6, 4)
    running[1000:1200] = np.nan
    assert check(service(flat(50, 4), running=running)).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("free", "verdict", "said"),
    [
        (50, Verdict.PASS, ""),
        (1, Verdict.FAIL, "1 free IPs for 2 units"),
        (None, Verdict.INCONCLUSIVE, "the free addresses of its subnets are not known"),
    ],
)
def test_replacements_need_addresses(free: int | None, verdict: Verdict, said: str) -> None:
    estate = service(flat(70), most=12, subnets=["subnet-a", "subnet-b"])
    estate.resource("subnet", "subnet-a", (A,), available_ips=900)
    told: dict[str, Any] = {} if free is None else {"available_ips": free}
    estate.resource("subnet", "subnet-b", (B,), **told)
    loss = check(estate)
    assert loss.after_scaling is verdict
    assert said in loss.why


def test_nodes_are_where_their_instances_are() -> None:
    estate = Estate()
    estate.resource("eks", "one", (A, B, C), kind="cluster")
    estate.resource("eks", "one/group", kind="node group", cluster="one", group="asg-1")
    estate.resource("asg", "asg-1", (A, B))
    for name, zone, group in (("i-1", A, "asg-1"), ("i-2", B, "asg-1"), ("i-3", C, None)):
        estate.resource("ec2", name, (zone,), group=group)
    estate.limit("one", "CPU reserved", flat(40))
    loss = check(estate)
    assert loss.units == ((A, 1), (B, 1))
    assert loss.at_once_percent == pytest.approx(80)


def test_of_nodes_the_scarcer_reservation_counts() -> None:
    estate = Estate()
    estate.resource("eks", "one", (A, B, C), kind="cluster")
    estate.resource("eks", "one/group", (A,), kind="node group")
    estate.limit("one", "CPU", flat(99))
    estate.limit("one", "CPU reserved", flat(40))
    estate.limit("one", "memory reserved", flat(60))
    estate.limit("one", "nodes", None, value=6, metric="most nodes")
    estate.measure("one", "nodes", flat(2), role="units")
    loss = check(estate)
    assert (loss.limit, loss.verdict) == ("memory reserved", Verdict.FAIL)
    assert loss.at_once_percent == pytest.approx(120)
    assert loss.after_percent == pytest.approx(20)


@pytest.mark.parametrize(
    ("kind", "zones", "told", "verdict"),
    [
        ("rds", (A,), {"is_multi_az": False}, Verdict.FAIL),
        ("rds", (A, B), {"is_multi_az": True}, Verdict.PASS),
        ("rds", (A,), {}, Verdict.INCONCLUSIVE),
        ("aurora", (A, B), {}, Verdict.PASS),
        ("aurora", (A, A), {}, Verdict.FAIL),
        ("aurora", (), {}, Verdict.INCONCLUSIVE),
        ("cache", (A, B), {"automatic_failover": "enabled"}, Verdict.PASS),
        ("cache", (A, B), {"automatic_failover": "disabled"}, Verdict.FAIL),
        ("cache", (A, B), {}, Verdict.INCONCLUSIVE),
        ("cache", (A,), {"automatic_failover": "enabled"}, Verdict.FAIL),
    ],
)
def test_stores_need_another_zone(
    kind: str, zones: tuple[str, ...], told: dict[str, Any], verdict: Verdict
) -> None:
    estate = Estate()
    estate.resource(kind, "store", zones, **told)
    loss = check(estate)
    assert loss.verdict is verdict
    assert [one.severity for one in find_zone_losses([loss])] == (
        [Severity.HIGH] if verdict is Verdict.FAIL else []
    )


def test_one_gateway_for_two_zones_is_a_question() -> None:
    estate = Estate()
    for zone, network in ((A, "vpc-1"), (B, "vpc-1"), (C, "vpc-2")):
        estate.resource("subnet", f"subnet-{zone}", (zone,), network=network)
    estate.resource("nat", "nat-a", subnets=[f"subnet-{A}"])
    loss = check(estate)
    assert loss.verdict is Verdict.INCONCLUSIVE
    assert f"subnets in {B} have no gateway" in loss.why
    estate.resource("nat", "nat-b", subnets=[f"subnet-{B}"])
    assert check(estate).verdict is Verdict.PASS


def test_a_gateway_whose_subnet_was_not_read_is_a_question() -> None:
    estate = Estate()
    estate.resource("nat", "nat-a", subnets=["subnet-a"])
    assert check(estate).why == "the zones of its gateways or subnets are not known"


def test_the_conclusion_names_what_fails_first() -> None:
    estate = service(flat(70), most=12)
    estate.resource("rds", "orders", (A,), is_multi_az=False)
    estate.resource("ec2", "i-1", (A,))
    estate.resource("ec2", "i-2", (A,), group="fleet")
    losses = check_zone_loss(estate.tables(), parameters())
    assert [loss.name for loss in losses] == ["orders", "web"]
    conclusion = conclude_zone_loss(losses, count_alone(estate.tables()), ())
    assert conclusion.verdict is Verdict.FAIL
    assert conclusion.sentence == (
        "No: orders and web would not carry it; 1 of them does after scaling; "
        "1 instance standing alone is not judged."
    )


def test_a_denied_read_leaves_the_conclusion_open() -> None:
    losses = check_zone_loss(service(flat(50)).tables(), parameters())
    passed = conclude_zone_loss(losses, 0, ())
    assert (passed.verdict, passed.sentence) == (Verdict.PASS, "1 resource of 1 would.")
    denied = Coverage(
        table="capacity databases", asked="all", status=CoverageStatus.DENIED, detail="no"
    )
    assert conclude_zone_loss(losses, 0, [denied]).verdict is Verdict.INCONCLUSIVE
    assert conclude_zone_loss((), 0, ()).verdict is Verdict.INCONCLUSIVE


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 99), st.integers(0, 50), st.integers(1, 12))
def test_more_use_never_turns_a_fail_into_a_pass(cpu: int, more: int, units: int) -> None:
    before = check(service(flat(cpu), running=flat(units)))
    after = check(service(flat(cpu + more), running=flat(units)))
    assert not (before.verdict is Verdict.FAIL and after.verdict is Verdict.PASS)
    assert (after.at_once_percent or 0) >= (before.at_once_percent or 0)
