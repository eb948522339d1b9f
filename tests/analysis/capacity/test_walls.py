"""Forecasts of limits: dates, their ranking, what has none, and what is supposed of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from opslib.analysis.capacity.scaling.findings import conclude_scaling
from opslib.analysis.capacity.walls.conclusions import conclude_walls
from opslib.analysis.capacity.walls.constraints import bind
from opslib.analysis.capacity.walls.findings import find_walls
from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.limit_forecasts import forecast_limits
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.analysis.capacity.walls.what_if import WhatIf, move_walls
from opslib.analysis.capacity.walls.wording import distinct_words
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Severity, Verdict
from opslib.tables.capacity import UsageHistory
from tests.analysis.capacity.estates import TODAY, by_day, estate, growing, hourly, parameters

READ = Coverage(table="capacity usage", asked="", status=CoverageStatus.COMPLETE)
HORIZON = 90


@pytest.fixture(scope="module")
def limits() -> tuple[LimitForecast, ...]:
    usage = {
        "late": growing(200, 20, 0.22, 1.0, 1),
        "first": growing(200, 30, 0.3, 1.0, 2),
        "flat": growing(200, 40, 0.0, 1.0, 3),
        "silent": None,
        "young": growing(5, 40, 0.0, 1.0, 4),
    }
    return forecast_limits(estate(usage), parameters(horizon_days=HORIZON))


def test_the_limit_that_is_reached_first_comes_first(limits: tuple[LimitForecast, ...]) -> None:
    assert [one.name for one in limits][:1] == ["first"]
    full = limits[0].full
    assert full is not None
    # The line is at 100 on day 34 from now; noise of one makes it a little earlier.
    assert full.low is not None
    assert full.high is not None
    assert full.low <= 34 <= full.high + 1
    assert full.p50 is not None
    assert 24 <= full.p50 <= 40


def test_the_warning_comes_before_the_limit(limits: tuple[LimitForecast, ...]) -> None:
    first = limits[0]
    assert first.warn is not None
    assert first.full is not None
    assert first.warn.p50 is not None
    assert first.full.p50 is not None
    assert first.warn.p50 < first.full.p50


def test_flat_use_gets_no_date(limits: tuple[LimitForecast, ...]) -> None:
    flat = next(one for one in limits if one.name == "flat")
    assert flat.full is not None
    assert flat.full.p10 is None
    assert flat.act_by is None


def test_what_was_not_measured_or_is_too_young_has_no_date_and_says_why(
    limits: tuple[LimitForecast, ...],
) -> None:
    by_name = {one.name: one for one in limits}
    assert by_name["silent"].full is None
    assert by_name["silent"].why_not == "nothing was measured"
    assert by_name["young"].full is None
    assert by_name["young"].why_not
    assert {one.name for one in limits[-2:]} == {"silent", "young"}


def test_a_date_to_act_by_is_the_earliest_tenth_less_the_lead_time(
    limits: tuple[LimitForecast, ...],
) -> None:
    first = limits[0]
    assert first.full is not None
    reached = first.day(first.full.p10)
    assert reached is not None
    assert first.act_by is not None
    assert (reached - first.act_by).days == 1


def test_what_is_reached_already_needs_no_forecast() -> None:
    (full,) = forecast_limits(estate({"full": by_day([100.0] * 6)}), parameters())
    assert full.full is not None
    assert full.full.p50 == 0
    (finding,) = find_walls([full], date(2026, 3, 2))
    assert finding.severity is Severity.CRITICAL
    assert "already" in finding.sentence


def test_a_launch_brings_the_wall_nearer() -> None:
    usage = {"api": growing(200, 30, 0.1, 1.0, 5)}
    plain = forecast_limits(estate(usage), parameters())[0].full
    launch = {"name": "launch", "start": "2026-04-01", "multiplier": 2.5}
    launched = forecast_limits(estate(usage), parameters(events=[launch]))[0].full
    assert plain is not None
    assert launched is not None
    assert plain.p50 is None
    assert launched.p50 is not None
    assert 28 <= launched.p50 <= 33


def test_a_launch_does_not_multiply_what_is_stored() -> None:
    usage = {"disk": growing(200, 30, 0.1, 0.5, 5)}
    launch = {"name": "launch", "start": "2026-04-01", "multiplier": 2.5}
    (disk,) = forecast_limits(estate(usage, change="storage"), parameters(events=[launch]))
    assert disk.full is not None
    assert disk.full.p10 is None


def test_a_past_campaign_is_not_taken_for_growth() -> None:
    peaks = np.full(200, 30.0) + np.random.default_rng(0).standard_normal(200)
    peaks[-20:] *= 2
    events = [{"name": "sale", "start": "2026-02-10", "end": "2026-03-01", "multiplier": 2}]
    told = forecast_limits(estate({"api": by_day(peaks)}), parameters(events=events))[0]
    assert told.forecast is not None
    assert told.forecast.mid.mean() == pytest.approx(30, abs=3)


def test_findings_name_walls_and_not_flat_use(limits: tuple[LimitForecast, ...]) -> None:
    found = find_walls(limits, date(2026, 3, 2))
    walls = [one.subject["Resource"] for one in found if one.kind == "capacity.wall"]
    assert walls[0] == "first"
    assert "flat" not in walls
    assert all("begin" in one.action or "now" in one.action for one in found)


def test_a_wall_fails_whatever_else_is_missing(limits: tuple[LimitForecast, ...]) -> None:
    runs_out, _ = conclude_walls(limits, [READ], parameters(horizon_days=HORIZON))
    assert runs_out.verdict is Verdict.FAIL
    assert "first" in runs_out.sentence


def test_calm_needs_every_limit() -> None:
    flat = {"flat": growing(200, 40, 0.0, 1.0, 3)}
    limits = forecast_limits(estate(flat), parameters())
    answers = conclude_walls(limits, [READ], parameters())
    assert [one.verdict for one in answers] == [Verdict.PASS, Verdict.PASS]
    unmeasured = forecast_limits(estate({**flat, "silent": None}), parameters())
    answers = conclude_walls(unmeasured, [READ], parameters())
    assert [one.verdict for one in answers] == [Verdict.INCONCLUSIVE] * 2
    assert "silent" in answers[0].because[0]


@pytest.mark.parametrize("status", [CoverageStatus.DENIED, CoverageStatus.PARTIAL])
def test_what_was_refused_makes_calm_inconclusive(status: CoverageStatus) -> None:
    limits = forecast_limits(estate({"flat": growing(200, 40, 0.0, 1.0, 3)}), parameters())
    refused = Coverage(table="capacity quotas", asked="", status=status, detail="refused")
    answers = conclude_walls(limits, [READ, refused], parameters())
    assert [one.verdict for one in answers] == [Verdict.INCONCLUSIVE] * 2


def test_an_empty_account_is_inconclusive() -> None:
    answers = conclude_walls((), [READ], parameters())
    assert [one.verdict for one in answers] == [Verdict.INCONCLUSIVE] * 2
    assert answers[0].because == ("no limit was read",)


def test_what_has_no_history_by_nature_is_judged_by_its_present_use() -> None:
    free = estate(
        {"subnet": None},
        limit=251.0,
        change="network",
        service="subnet",
        settings={"available_ips": 200, "total_ips": 251},
    )
    (subnet,) = forecast_limits(free, parameters())
    assert subnet.is_momentary
    assert subnet.used_percent == pytest.approx(51 / 251 * 100)
    alone = conclude_walls([subnet], [READ], parameters())
    assert [one.verdict for one in alone] == [Verdict.INCONCLUSIVE] * 2
    flat = forecast_limits(estate({"flat": growing(200, 40, 0.0, 1.0, 3)}), parameters())
    answers = conclude_walls([*flat, subnet], [READ], parameters())
    assert answers[0].verdict is Verdict.PASS
    crowded = estate(
        {"subnet": None},
        limit=251.0,
        change="network",
        service="subnet",
        settings={"available_ips": 20, "total_ips": 251},
    )
    full = forecast_limits(crowded, parameters())
    answers = conclude_walls([*flat, *full], [READ], parameters())
    assert answers[0].verdict is Verdict.INCONCLUSIVE


def test_the_first_wall_of_a_workload_binds_it(limits: tuple[LimitForecast, ...]) -> None:
    bound = bind(limits)
    assert bound[0].workload == "first"
    assert bound[0].second is None
    assert "silent" not in {one.workload for one in bound}


def test_suppositions_move_the_walls(limits: tuple[LimitForecast, ...]) -> None:
    def days(supposed: WhatIf) -> float:
        return move_walls(limits, supposed)[0].full.order[0]

    usual = days(WhatIf())
    assert days(WhatIf(growth_percent_a_month=10)) < usual
    assert days(WhatIf(headroom_percent=10)) < usual
    assert days(WhatIf(target_percent=90)) == days(WhatIf(headroom_percent=10))
    assert days(WhatIf(growth_percent_a_month=-20)) > usual
    assert days(WhatIf(loses_zone=True)) == 0


def test_nothing_supposed_is_what_was_forecast(limits: tuple[LimitForecast, ...]) -> None:
    moved = move_walls(limits, WhatIf())
    assert [one.limit.name for one in moved] == [
        one.name for one in limits if one.paths is not None
    ]
    forecast = [one.limit.full for one in moved if one.limit.full is not None]
    assert [quantiles(one) for one in forecast] == [quantiles(one.full) for one in moved]
    assert any(one.low is not None and one.p50 is None for one in forecast)


def quantiles(full: TimeToLimit) -> tuple[int | None, ...]:
    return (full.low, full.p10, full.p50, full.p90, full.high)


def test_a_lead_time_moves_the_day_to_act_by(limits: tuple[LimitForecast, ...]) -> None:
    usual = move_walls(limits, WhatIf())[0].act_by
    longer = move_walls(limits, WhatIf(lead_days=15))[0].act_by
    assert usual is not None
    assert longer is not None
    assert (usual - longer).days == 14


def test_a_lost_zone_leaves_what_runs_in_none_alone() -> None:
    usage = {"quota": growing(200, 40, 0.0, 0.5, 3)}
    tables = estate(usage, limit=50.0, change="quota_increase", service="quota")
    tables.limits["Limit"] = "Concurrent executions"
    limits = forecast_limits(tables, parameters())
    usual = move_walls(limits, WhatIf())[0].full
    assert move_walls(limits, WhatIf(loses_zone=True))[0].full == usual


def test_growth_bears_on_what_is_stored_too() -> None:
    usage = {"disk": growing(200, 60, 0.0, 0.5, 5)}
    tables = estate(usage, change="storage")
    grown = forecast_limits(tables, parameters(growth_percent_a_month=30))[0].full
    assert grown is not None
    assert grown.p50 is not None


def test_what_is_no_more_measured_has_no_forecast() -> None:
    silent = growing(200, 30, 0.3, 1.0, 2)
    assert silent.fine is not None
    silent.fine.values[-20 * 288 :] = np.nan
    (limit,) = forecast_limits(estate({"gone": silent}), parameters())
    assert limit.full is None
    assert limit.why_not == "nothing was measured in the last 20 days"
    old = UsageHistory(
        fine=None, coarse=hourly(np.full(24 * 100, 99.0), TODAY - timedelta(days=63))
    )
    (limit,) = forecast_limits(estate({"old": old}), parameters())
    assert limit.full is None
    assert limit.act_by is None
    answers = conclude_walls([limit], [READ], parameters())
    assert answers[0].verdict is Verdict.INCONCLUSIVE


def test_a_bill_that_was_not_read_bears_on_no_wall() -> None:
    limits = forecast_limits(estate({"flat": growing(200, 40, 0.0, 1.0, 3)}), parameters())
    unpriced = Coverage(table="capacity costs", asked="", status=CoverageStatus.PARTIAL)
    answers = conclude_walls(limits, [READ, unpriced], parameters())
    assert [one.verdict for one in answers] == [Verdict.PASS] * 2


@pytest.mark.parametrize("table", ["capacity dynamodb", "capacity databases", "capacity eks"])
def test_what_scales_and_was_refused_makes_its_answer_inconclusive(table: str) -> None:
    refused = Coverage(table=table, asked="", status=CoverageStatus.DENIED, detail="refused")
    answer = conclude_scaling((), [refused])
    assert answer.verdict is Verdict.INCONCLUSIVE
    assert table in answer.because[0]


def test_namesakes_are_told_apart_and_quotas_name_their_service() -> None:
    usage = {name: growing(200, 40, 0.0, 0.5, 3) for name in ("api", "web", "calls")}
    tables = estate(usage, limit=50.0, change="quota_increase")
    resources = tables.resources
    resources.loc[resources["Name"] == "web", ["Name", "Region"]] = ["api", "eu-west-1"]
    quota = resources["Name"] == "calls"
    resources.loc[quota, "Service"] = "quota"
    resources.loc[quota, "Settings"] = json.dumps({"service_code": "lambda"})
    tables.limits.loc[2, "Limit"] = "Concurrent executions"
    limits = forecast_limits(tables, parameters())
    names = sorted(distinct_words(limits).values())
    assert len(set(names)) == 3
    assert names[-1] == "Concurrent executions of Lambda"
    assert all(name.startswith("CPU of api (") for name in names[:2])
    assert sum("eu-west-1" in name for name in names) == 1


def test_findings_of_one_severity_are_in_the_order_of_beginning(
    limits: tuple[LimitForecast, ...],
) -> None:
    dated = [one for one in limits if one.full and one.full.p50 and one.act_by]
    late = replace(dated[0], act_by=TODAY.date() + timedelta(days=25), name="late")
    soon = replace(dated[0], act_by=TODAY.date() + timedelta(days=9), name="soon")
    found = find_walls([late, soon], TODAY.date())
    assert [one.subject["Resource"] for one in found] == ["soon", "late"]
    assert len({one.severity for one in found}) == 1


def test_a_wall_that_earlier_forecasts_missed_says_so() -> None:
    days = np.arange(400)
    noise = 0.2 * np.random.default_rng(1).standard_normal(400)
    peaks = 30 + 0.4 * np.maximum(days - 280, 0) + noise
    (limit,) = forecast_limits(estate({"late": by_day(peaks)}), parameters())
    (finding,) = find_walls([limit], TODAY.date())
    assert "earlier forecasts did not foresee it" in finding.sentence
    steady = {"steady": by_day(30 + 0.16 * days + noise)}
    (finding,) = find_walls(forecast_limits(estate(steady), parameters()), TODAY.date())
    assert "foresee" not in finding.sentence
    assert "of 100 percent" not in finding.sentence
