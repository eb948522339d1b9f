from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from benchmarks.cost_forecast import ASKED, Chance, bill_of, judge, made_up_bills
from opslib.analysis.cost import plan_periods
from opslib.parameters import CostParameters

MONTH_DAYS = 31


def test_a_month_without_chance_is_forecast_exactly_by_all() -> None:
    periods = plan_periods(CostParameters.parse({"as_of": ASKED[1].isoformat()}))
    first = periods.settled_days[0]
    days = [first + timedelta(days=n) for n in range((periods.month_end - first).days)]
    bill = bill_of([np.full(len(days), 10.0), np.full(len(days), 20.0)], days, periods)
    assert bill.truth == pytest.approx(30 * MONTH_DAYS)
    error, held, half, last_week, last_month, stand_in = judge(bill)
    assert [error, half, last_week, last_month] == pytest.approx([0, 0, 0, 0])
    assert held
    assert np.isnan(stand_in)


def test_what_befalls_an_account_after_the_forecast_is_in_its_truth_alone() -> None:
    quiet, stepped = (
        list(made_up_bills(kind, range(8), ASKED[0])) for kind in (Chance(), Chance(steps=4.0))
    )
    for bill in (*quiet, *stepped):
        assert max(bill.costs["ChargePeriodStart"]) == bill.periods.settled_days[-1]
    mean_error = [np.mean([judge(bill)[0] for bill in bills]) for bills in (quiet, stepped)]
    assert mean_error[0] < 0.02 < mean_error[1]
