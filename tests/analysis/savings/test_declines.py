"""Declined stays declined until its day, and is open again on the next."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.savings.declines import (
    Decline,
    describe_declines,
    make_declines,
    part_declined,
)
from opslib.analysis.savings.recommendation import Reason
from tests.analysis.savings.test_counting import recommendation

TODAY = date(2026, 3, 2)
ONE = recommendation("gp2_volume", "v1")
OTHER = recommendation("gp2_volume", "v2")


def declines(until: date, identity: str = ONE.id) -> dict[str, Decline]:
    frame = pd.DataFrame(
        [(identity, "kept", "ada", until)], columns=["Id", "Reason", "By", "Until"]
    )
    return make_declines(frame)


def test_its_last_day_is_included() -> None:
    wanted, declined = part_declined([ONE, OTHER], declines(TODAY), TODAY)
    assert wanted == (OTHER,)
    (rejection,) = declined
    assert (rejection.id, rejection.reason) == (ONE.id, Reason.DECLINED)
    assert "ada declined it until 2 Mar 2026: kept" in rejection.sentence


def test_a_day_later_it_is_open_again() -> None:
    wanted, declined = part_declined([ONE], declines(TODAY - timedelta(days=1)), TODAY)
    assert (wanted, declined) == ((ONE,), ())


@given(st.integers(-400, 400))
def test_nothing_is_lost(days: int) -> None:
    wanted, declined = part_declined([ONE, OTHER], declines(TODAY + timedelta(days=days)), TODAY)
    assert {one.id for one in wanted} | {one.id for one in declined} == {ONE.id, OTHER.id}
    assert bool(declined) == (days >= 0)


def kinds(held: dict[str, Decline], known: set[str], recommended: set[str]) -> list[str]:
    told = describe_declines(held, TODAY, known=known, recommended=recommended)
    return [f"{one.kind} {one.sentence}" for one in told]


def test_an_id_that_nobody_recommended_is_told_with_the_nearest() -> None:
    wrong = ONE.id[:-1] + ("0" if ONE.id[-1] != "0" else "1")
    (told,) = kinds(declines(TODAY, wrong), {ONE.id}, {ONE.id})
    assert told.startswith("savings.decline_unknown")
    assert told.endswith(f"did you mean '{ONE.id}'?")


def test_a_day_gone_by_is_told() -> None:
    past = declines(TODAY - timedelta(days=1))
    assert "it is open again" in kinds(past, {ONE.id}, {ONE.id})[0]
    assert "not recommended any more" in kinds(past, {ONE.id}, set())[0]


def test_what_holds_is_not_told() -> None:
    assert kinds(declines(TODAY), {ONE.id}, set()) == []
