"""Judging transactions: what fails, what cannot be told, and how sure a percentile is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.latencies import compare_with_baseline, compare_with_limit
from opslib.analysis.dr.transactions import judge_rounds, judge_transactions, summarise_latencies
from opslib.findings import Verdict
from opslib.tables.schema import check_table
from opslib.tables.transactions import ROUNDS, TRANSACTIONS, LatencyTolerance, Outcome

P, F, UNTOLD = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def ran(
    milliseconds: Sequence[float],
    *,
    name: str = "pay",
    outcome: Outcome = Outcome.MET,
    read_only: bool = True,
    limit: float | None = None,
) -> pd.DataFrame:
    """Return one-step repeats, the first a first touch; the last has ``outcome``."""
    last = len(milliseconds)
    rows = [
        (
            name,
            repeat,
            "first" if repeat == 1 else "warm",
            1,
            float(value),
            (outcome if repeat == last else Outcome.MET).value,
            "" if outcome is Outcome.MET else "said so",
            read_only,
            limit,
        )
        for repeat, value in enumerate(milliseconds, 1)
    ]
    frame = pd.DataFrame(rows, columns=list(TRANSACTIONS.columns))
    return check_table(frame.astype({"LimitMilliseconds": float}), TRANSACTIONS, "made")


def around(center: float, count: int = 41, seed: int = 1) -> list[float]:
    chance = np.random.default_rng(seed)
    return [float(value) for value in center * np.exp(chance.normal(0, 0.1, count))]


def judged(found: pd.DataFrame | None, baseline: pd.DataFrame | None) -> dict[str, Verdict]:
    return {result.check: result.verdict for result in judge_transactions(found, baseline)}


def test_as_expected_and_as_fast_as_the_source_passes() -> None:
    found = judged(ran(around(20)), ran(around(20, seed=2)))
    assert found == {"transaction": P, "latency": P}


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [(Outcome.UNMET, F), (Outcome.ERROR, F), (Outcome.TIMED_OUT, UNTOLD)],
)
def test_what_is_not_met_fails_and_what_timed_out_is_not_told(
    outcome: Outcome, verdict: Verdict
) -> None:
    (result,) = judge_transactions(ran(around(20), outcome=outcome), ran(around(20)))
    assert (result.check, result.verdict) == ("transaction", verdict)
    assert "step 1 of repeat 41" in result.sentence
    assert "said so" in result.sentence


@pytest.mark.parametrize("nothing", [None, ran([])])
def test_no_transaction_is_no_pass(nothing: pd.DataFrame | None) -> None:
    assert judged(nothing, ran(around(20))) == {"transaction": UNTOLD}


def test_clearly_slower_fails_and_slightly_slower_does_not() -> None:
    baseline = ran(around(20, seed=2))
    assert judged(ran(around(100)), baseline)["latency"] is F
    assert judged(ran(around(25)), baseline)["latency"] is P
    assert judged(ran(around(2 * 20 + 5)), baseline)["latency"] is UNTOLD


def test_milliseconds_that_a_longer_way_takes_are_no_alarm() -> None:
    assert judged(ran(around(3)), ran(around(0.3, seed=2)))["latency"] is P


def test_the_first_touch_is_told_and_not_judged() -> None:
    slow_first = ran([5_000, *around(20, 40)])
    assert judged(slow_first, ran(around(20, seed=2)))["latency"] is P
    summary = summarise_latencies(slow_first, None).iloc[0]
    assert summary["FirstTouchP50Ms"] == 5_000
    assert summary["WarmP50Ms"] == pytest.approx(20, rel=0.1)
    assert summary["WarmP95LowMs"] <= summary["WarmP95Ms"] <= summary["WarmP95HighMs"]
    assert pd.isna(summary["SourceP95Ms"])


@pytest.mark.parametrize(
    "baseline",
    [None, ran(around(20), name="another"), ran(around(20), outcome=Outcome.ERROR)],
)
def test_without_a_baseline_the_latency_is_not_told(baseline: pd.DataFrame | None) -> None:
    results = judge_transactions(ran(around(20)), baseline)
    latency = [result for result in results if result.check == "latency"]
    assert [result.verdict for result in latency] == [UNTOLD]
    assert "capture the baseline again" in latency[0].sentence


def test_what_was_run_on_the_source_and_not_here_is_named() -> None:
    both = pd.concat([ran(around(20, seed=2)), ran(around(20), name="gone")])
    results = judge_transactions(ran(around(20)), both)
    assert [(r.subject, r.verdict) for r in results if r.check == "transaction"] == [
        ("pay", P),
        ("gone", UNTOLD),
    ]


def test_a_writing_transaction_is_judged_by_its_own_limit_only() -> None:
    assert judged(ran(around(20), read_only=False), None) == {"transaction": P}
    assert judged(ran(around(20), read_only=False, limit=50), None)["latency"] is P
    assert judged(ran(around(20), read_only=False, limit=10), None)["latency"] is F
    assert judged(ran(around(20), read_only=False, limit=23), None)["latency"] is UNTOLD


def test_a_limit_makes_up_for_a_missing_baseline() -> None:
    assert judged(ran(around(20), limit=50), None)["latency"] is P


def test_few_repeats_tell_no_percentile() -> None:
    assert judged(ran(around(20, 20)), ran(around(20)))["latency"] is UNTOLD
    assert judged(ran(around(20)), ran(around(20, 20)))["latency"] is UNTOLD
    assert judged(ran(around(20, 20), limit=1_000, read_only=False), None)["latency"] is UNTOLD
    assert judged(ran(around(20, 21)), ran(around(20, 21)))["latency"] is P


@given(st.lists(st.floats(0.01, 1e4), min_size=20, max_size=60))
def test_a_sample_is_within_its_own_limits(sample: list[float]) -> None:
    beyond, below = compare_with_limit(sample, min(sample) / 2), compare_with_limit(sample, 2e4)
    assert beyond is not None
    assert below is not None
    assert (beyond.verdict, below.verdict) == (F, P)
    same = compare_with_baseline(sample, sample, LatencyTolerance())
    assert same is not None
    assert same.verdict is not F


def test_a_restore_that_is_as_fast_is_seldom_called_slow_and_a_slow_one_never_fast() -> None:
    wrong, missed, tolerance = 0, 0, LatencyTolerance(share=0.5, milliseconds=0.0)
    chance = np.random.default_rng(5)
    for _ in range(150):
        before, same, slow = (chance.gamma(4, 5, 40) * factor for factor in (1, 1, 3))
        like = compare_with_baseline(same.tolist(), before.tolist(), tolerance)
        slower = compare_with_baseline(slow.tolist(), before.tolist(), tolerance)
        assert like is not None
        assert slower is not None
        wrong += like.verdict is F
        missed += slower.verdict is P
    assert wrong <= 2
    assert missed == 0


def rounds(*rows: tuple[int, float, str, float | None]) -> pd.DataFrame:
    made = [(number, at, name, p95, 10.0, "") for number, at, name, p95 in rows]
    frame = pd.DataFrame(made, columns=list(ROUNDS.columns)).astype({"P95Milliseconds": float})
    return check_table(frame, ROUNDS, "made")


def test_the_warm_up_ends_with_the_first_round_within() -> None:
    found = judge_rounds(rounds((1, 2.0, "a", 50), (1, 2.0, "b", 1), (2, 7.5, "a", 9)), 60)
    assert (found.verdict, found.seconds) == (P, 7.5)


@pytest.mark.parametrize("last", [50, None])
def test_a_warm_up_that_did_not_end_is_not_told(last: float | None) -> None:
    found = judge_rounds(rounds((1, 2.0, "a", 50), (2, 59.0, "a", last), (2, 59.0, "b", 1)), 60)
    assert found.verdict is UNTOLD
    assert "1 transaction" in found.sentence


@pytest.mark.parametrize("nothing", [None, rounds()])
def test_a_warm_up_that_was_not_measured_is_not_told(nothing: pd.DataFrame | None) -> None:
    assert judge_rounds(nothing, 60).verdict is UNTOLD
