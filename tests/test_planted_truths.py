"""One seed of every scenario, from both sources; benchmarks/planted_truths.py sweeps the rest."""

from __future__ import annotations

import os

import pytest

from benchmarks.planted_truths import SCENARIOS, SOURCES, examine

SEED = 21
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_was_planted_is_found_and_nothing_else_is_claimed(
    scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    scores = examine(("cost_analysis", scenario, SEED))
    assert len(scores) == len(SOURCES)
    for score in scores.values():
        assert score.missed == []
        assert score.false == []
        assert score.found == score.planted
