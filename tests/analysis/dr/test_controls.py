from __future__ import annotations

import pandas as pd
import pytest

from opslib.analysis.dr.controls import conclude_controls, tell_skipped
from opslib.findings import Verdict
from opslib.tables.controls import CONTROLS

CAUGHT = ("rows dropped", "caught", "shop.orders", "content", "")
NO_PLACE = ("view dropped", "not applicable", "", "", "no place for it in this database")
REFUSED = ("value lost", "not applicable", "", "", "the schema refuses it: no replica identity")
MISSED = ("grant lost", "missed", "shop.orders", "", "")
SLOW = ("schema only", "not judged", "", "", "canceling statement due to statement timeout")
BROKEN = ("role may do more", "error", "", "", "permission denied \x1b[31m")


def controls(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(CONTROLS.columns))


@pytest.mark.parametrize(
    ("rows", "verdict", "says"),
    [
        ((CAUGHT,), Verdict.PASS, "all 1 injuries made on purpose were caught."),
        ((CAUGHT, NO_PLACE, REFUSED), Verdict.PASS, "not made: 1 (no place for it in this"),
        ((CAUGHT, MISSED), Verdict.INCONCLUSIVE, "grant lost went unseen"),
        ((CAUGHT, SLOW), Verdict.INCONCLUSIVE, "1 of 2 controls could not be judged; 1 caught"),
        ((CAUGHT, BROKEN), Verdict.INCONCLUSIVE, "1 of 2 controls"),
        ((MISSED, SLOW), Verdict.INCONCLUSIVE, "grant lost went unseen"),
        ((NO_PLACE,), Verdict.INCONCLUSIVE, "Nothing was injured"),
        ((), Verdict.INCONCLUSIVE, "Nothing was injured"),
    ],
)
def test_only_injuries_that_were_all_caught_are_a_pass(
    rows: tuple[tuple[str, ...], ...], verdict: Verdict, says: str
) -> None:
    found = conclude_controls("Would it?", controls(*rows))
    assert (found.question, found.verdict) == ("Would it?", verdict)
    assert says in found.sentence
    assert bool(found.because) == (verdict is not Verdict.PASS)


def test_what_was_not_judged_is_named_with_its_reason_and_escaped() -> None:
    found = conclude_controls("Would it?", controls(CAUGHT, SLOW, BROKEN))
    assert any("schema only" in why and "statement timeout" in why for why in found.because)
    assert not any("\x1b" in why for why in found.because)


def test_controls_that_were_not_made_are_inconclusive_for_the_reasons_given() -> None:
    assert conclude_controls("Would it?", None).because == ("no negative control was made",)
    assert conclude_controls("Would it?", None, ["denied"]).because == ("denied",)


def test_skipped_classes_are_told_by_reason() -> None:
    told = tell_skipped(controls(CAUGHT, NO_PLACE, REFUSED))
    assert told == {NO_PLACE[4]: ["view dropped"], REFUSED[4]: ["value lost"]}
