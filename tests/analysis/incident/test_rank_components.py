from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.incident.component_suspects import ComponentRanking, Symptom
from opslib.analysis.incident.rank_components import rank_components
from opslib.errors import ParameterError, TableError
from opslib.tables.component_metrics import CALLS as CALLS_SCHEMA
from opslib.tables.component_metrics import COMPONENT_METRICS, ComponentMetric
from opslib.tables.schema import check_table
from tests.analysis.incident.systems import (
    CALLS,
    ONSET,
    REQUESTS,
    calls_of,
    quiet_period,
    window_of,
)

NORMAL = quiet_period()
SLOW = Symptom(component="shop", metric=ComponentMetric.LATENCY, onset=ONSET)
FAILING = Symptom(component="shop", metric=ComponentMetric.AVAILABILITY, onset=ONSET)
FROM_THIRD = np.array([0, 0, 1, 1, 0])


def ranked(
    window: pd.DataFrame,
    symptom: Symptom,
    normal: pd.DataFrame = NORMAL,
    calls: pd.DataFrame = CALLS,
) -> ComponentRanking:
    return rank_components(window, normal, calls, symptom)


def first(ranking: ComponentRanking) -> str:
    return ranking.suspects[0].component


def slow_table() -> pd.DataFrame:
    """The table takes 0.05 s more; search asks it twice, shop asks search twice."""
    return window_of(
        slower={
            "table": 0.05 * FROM_THIRD,
            "search": 0.10 * FROM_THIRD,
            "shop": 0.20 * FROM_THIRD,
        }
    )


def test_the_tables_are_what_their_schemas_promise() -> None:
    assert len(check_table(slow_table(), COMPONENT_METRICS, "metrics")) == 5 * 3 * 5
    assert len(check_table(CALLS, CALLS_SCHEMA, "calls")) == 4


def test_the_deepest_component_that_explains_the_excess_is_first() -> None:
    ranking = ranked(slow_table(), SLOW)
    suspect = ranking.suspects[0]
    assert suspect.component == "table"
    assert suspect.own_excess == pytest.approx(0.2, rel=0.05)  # 4 requests of 0.05 s
    assert suspect.gross_excess == pytest.approx(0.2, rel=0.05)
    assert suspect.explained == pytest.approx(1.0, abs=0.05)
    assert suspect.distance == 2
    assert suspect.inherited_from is None
    assert ranking.confident
    assert ranking.reservations == ()
    assert ranking.symptom_excess == pytest.approx(0.2, rel=0.01)
    search = next(s for s in ranking.suspects if s.component == "search")
    assert search.gross_excess == pytest.approx(0.2, rel=0.05)
    assert search.own_excess == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("origin", ["shop", "search", "pay", "table", "bank"])
@pytest.mark.parametrize("symptom", [SLOW, FAILING], ids=lambda s: str(s.metric))
def test_whichever_component_is_the_origin_is_found(origin: str, symptom: Symptom) -> None:
    callers = {"table": ["search", "shop"], "bank": ["pay", "shop"], "shop": []}
    above = callers.get(origin, ["shop"])
    amounts = {
        name: FROM_THIRD * (0.2 if symptom is SLOW else 10.0) * REQUESTS["shop"] / REQUESTS[name]
        for name in [origin, *above]
    }
    window = window_of(slower=amounts) if symptom is SLOW else window_of(failing=amounts)
    ranking = ranked(window, symptom)
    assert first(ranking) == origin
    assert ranking.confident


def test_failures_are_counted_as_failed_requests() -> None:
    window = window_of(failing={"pay": 20 * FROM_THIRD, "shop": 10 * FROM_THIRD})
    suspect = ranked(window, FAILING).suspects[0]
    assert suspect.component == "pay"
    assert suspect.own_excess == pytest.approx(0.1, rel=0.05)  # half a request of pay's, 20% fail


def test_a_level_that_was_always_different_is_no_excess() -> None:
    window = window_of(
        slower={"bank": np.full(5, 0.3), "table": 0.05 * FROM_THIRD, "search": 0.1 * FROM_THIRD}
        | {"shop": 0.2 * FROM_THIRD}
    )
    ranking = ranked(window, SLOW)
    assert first(ranking) == "table"
    bank = next(s for s in ranking.suspects if s.component == "bank")
    assert bank.own_excess == pytest.approx(0.0, abs=1e-9)


def test_without_an_onset_levels_are_compared_with_the_normal_period() -> None:
    symptom = Symptom(component="shop", metric=ComponentMetric.LATENCY)
    assert first(ranked(slow_table(), symptom)) == "table"


def test_a_component_that_the_symptom_does_not_reach_is_not_suspected() -> None:
    calls = calls_of(("shop", "search"), ("search", "table"), ("pay", "bank"))
    window = window_of(slower={"shop": 0.2 * FROM_THIRD, "bank": 3 * FROM_THIRD})
    ranking = ranked(window, SLOW, calls=calls)
    assert first(ranking) == "shop"
    bank = next(s for s in ranking.suspects if s.component == "bank")
    assert (bank.score, bank.distance) == (0.0, None)


def test_a_slow_callee_is_suspected_before_the_caller_that_gives_up_on_it() -> None:
    window = window_of(
        failing={"pay": 20 * FROM_THIRD, "shop": 10 * FROM_THIRD},
        slower={"bank": 2.0 * FROM_THIRD},
    )
    ranking = ranked(window, FAILING)
    assert [s.component for s in ranking.suspects[:2]] == ["bank", "pay"]
    assert ranking.suspects[0].inherited_from == "pay"
    assert ranking.suspects[0].departure == "it was slower than usual"


def test_a_callee_under_more_load_does_not_inherit() -> None:
    window = window_of(
        failing={"pay": 20 * FROM_THIRD, "shop": 10 * FROM_THIRD},
        slower={"bank": 2.0 * FROM_THIRD},
        requests={"bank": 50 + 100 * FROM_THIRD},
    )
    assert first(ranked(window, FAILING)) == "pay"


def with_remote(normal: pd.DataFrame) -> pd.DataFrame:
    """Let a component be known that nobody called."""
    none = normal[normal["Component"] == "bank"].assign(Component="remote")
    return pd.concat(
        [normal, none.assign(Value=np.where(none["Metric"] == "requests", 0.0, np.nan))]
    )


@pytest.mark.parametrize(("origin", "known_by"), [("pay", "shop"), ("bank", "pay")])
def test_calls_that_were_recorded_as_anothers(origin: str, known_by: str) -> None:
    calls = pd.concat([CALLS, calls_of((known_by, "remote"))])
    failing = {"shop": 20 * FROM_THIRD} | ({"pay": 40 * FROM_THIRD} if origin == "bank" else {})
    window = window_of(failing=failing, requests={origin: 50 - 20 * FROM_THIRD})
    remote = window[window["Component"] == "bank"].assign(Component="remote")
    gone = {"requests": 20.0 * FROM_THIRD, "availability": 100.0 * (1 - FROM_THIRD)}
    for metric, values in gone.items():
        remote.loc[remote["Metric"] == metric, "Value"] = values.astype(float)
    ranking = ranked(pd.concat([window, remote]), FAILING, with_remote(NORMAL), calls)
    order = [s.component for s in ranking.suspects[:3]]
    # pay reports for itself and fell silent; bank is a leaf, so that its caller was changed.
    assert order[0] == "pay"
    assert origin in order


def test_a_quiet_window_yields_no_confident_suspect() -> None:
    starts = sorted(NORMAL["Timestamp"].unique())
    middle = starts[len(starts) // 2]
    learnt = NORMAL[NORMAL["Timestamp"] >= middle]
    named = 0
    for place in range(0, 100, 5):
        window = NORMAL[NORMAL["Timestamp"].between(starts[place], starts[place + 4])]
        for metric in (ComponentMetric.LATENCY, ComponentMetric.AVAILABILITY):
            symptom = Symptom(component="shop", metric=metric, onset=starts[place + 2])
            named += ranked(window, symptom, learnt).confident
    assert named <= 4  # of 40, at a share of 0.05


def test_a_symptom_that_is_no_worse_than_usual_is_said_so() -> None:
    ranking = ranked(window_of(), SLOW)
    assert not ranking.confident
    assert ranking.reservations == ("the symptom does not exceed its usual level in this window",)


def without(table: pd.DataFrame, component: str, metric: str | None = None) -> pd.DataFrame:
    gone = table["Component"] == component
    return table[~(gone & (table["Metric"] == metric) if metric else gone)]


@pytest.mark.parametrize("metric", ["latency", None])
def test_a_symptom_that_was_not_measured_is_never_confident(metric: str | None) -> None:
    for window, normal in (
        (without(slow_table(), "shop", metric), NORMAL),
        (slow_table(), without(NORMAL, "shop", metric)),
    ):
        ranking = ranked(window, SLOW, normal)
        assert not ranking.confident
        assert "was not measured" in ranking.reservations[0]


def test_what_the_first_suspect_calls_must_have_been_measured() -> None:
    ranking = ranked(without(slow_table(), "table"), SLOW)
    assert [s.component for s in ranking.suspects[:2]] == ["search", "table"]
    assert ranking.suspects[1].departure == "nothing of it was measured"
    assert not ranking.confident
    assert "table" in ranking.reservations[0]


def test_a_suspect_must_have_been_measured_before_the_symptom() -> None:
    window = slow_table()
    early = (window["Component"] == "table") & (window["Timestamp"] < ONSET)
    ranking = ranked(window[~early], SLOW)
    assert first(ranking) == "table"
    assert ranking.reservations == ("the first suspect was not measured before the symptom",)


def test_too_short_a_normal_period_is_never_confident() -> None:
    starts = sorted(NORMAL["Timestamp"].unique())
    ranking = ranked(slow_table(), SLOW, NORMAL[NORMAL["Timestamp"] < starts[22]])
    assert first(ranking) == "table"
    assert ranking.quiet_windows == 18
    assert "18 windows of this length; 19 are needed" in ranking.reservations[0]


@settings(max_examples=25, deadline=None)
@given(
    names=st.permutations(["shop", "search", "pay", "table", "bank"]), seed=st.integers(0, 2**31)
)
def test_names_and_the_order_of_rows_change_nothing(names: list[str], seed: int) -> None:
    renamed = dict(zip(["shop", "search", "pay", "table", "bank"], names, strict=True))
    window = window_of(
        slower={"table": 0.05 * FROM_THIRD, "search": 0.11 * FROM_THIRD, "shop": 0.23 * FROM_THIRD}
        | {"pay": 0.003 * FROM_THIRD, "bank": 0.001 * FROM_THIRD}
    )
    expected = ranked(window, SLOW)

    def altered(table: pd.DataFrame) -> pd.DataFrame:
        columns = [c for c in ("Component", "Caller", "Callee") if c in table.columns]
        shuffled = table.sample(frac=1, random_state=seed)
        return shuffled.assign(**{c: shuffled[c].map(renamed) for c in columns})

    symptom = Symptom(component=renamed["shop"], metric=ComponentMetric.LATENCY, onset=ONSET)
    told = rank_components(altered(window), altered(NORMAL), altered(CALLS), symptom)
    assert [s.component for s in told.suspects] == [renamed[s.component] for s in expected.suspects]
    assert [s.score for s in told.suspects] == pytest.approx([s.score for s in expected.suspects])
    assert (told.p_value, told.confident) == (expected.p_value, expected.confident)


@settings(max_examples=25, deadline=None)
@given(lost=st.sets(st.integers(0, 74), max_size=70))
def test_lost_values_never_break_it(lost: set[int]) -> None:
    window = slow_table()
    window.loc[list(lost), "Value"] = np.nan
    ranking = ranked(window, SLOW)
    assert sorted(s.component for s in ranking.suspects) == sorted(REQUESTS)
    assert all(0 <= s.score <= 1 and 0 <= s.explained <= 1 for s in ranking.suspects)
    assert ranking.confident == (not ranking.reservations)


def test_a_cycle_of_calls_is_borne() -> None:
    calls = pd.concat([CALLS, calls_of(("table", "search"), ("shop", "shop"))])
    assert first(ranked(slow_table(), SLOW, calls=calls)) == "table"


def test_bad_input_is_named() -> None:
    with pytest.raises(ParameterError, match="Nearest: shop"):
        ranked(slow_table(), Symptom(component="shopp", metric=ComponentMetric.LATENCY))
    with pytest.raises(ParameterError, match="no time zone"):
        Symptom(component="shop", metric=ComponentMetric.LATENCY, onset=datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(ParameterError, match="latency or availability"):
        Symptom(component="shop", metric=ComponentMetric.REQUESTS)
    with pytest.raises(TableError, match="two values of availability"):
        ranked(pd.concat([slow_table(), slow_table()]), SLOW)
    starts = sorted(slow_table()["Timestamp"].unique())[::2]
    coarser = slow_table()[slow_table()["Timestamp"].isin(starts)]
    with pytest.raises(ParameterError, match="intervals of 300 s, the window of 600 s"):
        ranked(coarser, SLOW)
    with pytest.raises(ParameterError, match="between 0 and 1"):
        rank_components(slow_table(), NORMAL, CALLS, SLOW, false_alarm_share=1.0)
