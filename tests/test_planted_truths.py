"""One seed of every scenario; benchmarks/planted_truths.py sweeps the rest."""

from __future__ import annotations

import os

import pytest

from benchmarks.planted_cost_truths import ways_of
from benchmarks.planted_score import SCENARIOS
from benchmarks.planted_truths import NOTEBOOKS, examine

SEED = 21
"""In scenario troubled, the newest backup of what is drilled is older than the baseline."""
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_what_was_planted_is_found_and_nothing_else_is_claimed(
    notebook: str, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    scores = examine((notebook, scenario, SEED, False))
    assert len(scores) == (len(ways_of(scenario)) if notebook == "cost_analysis" else 1)
    for score in scores.values():
        assert score.missed == []
        assert score.false == []
        assert score.found == score.planted
