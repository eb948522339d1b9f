"""The anomaly benchmark on a folder of two small series."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.anomalies import (
    false_alarms,
    main,
    read_corpus,
    score_by_daily_maximum,
    score_by_deviation,
    windows_hit,
)

ROWS, FIRST = 2000, 1500


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    times = pd.date_range("2026-01-05", periods=ROWS, freq="5min")
    for seed, name in enumerate(("one.csv", "two.csv")):
        values = np.random.default_rng(seed).normal(100, 1, ROWS)
        values[FIRST : FIRST + 50] += 20 * (name == "one.csv")
        pd.DataFrame({"timestamp": times, "value": values}).to_csv(tmp_path / name, index=False)
    window = [f"{times[FIRST - 10]}", f"{times[FIRST + 100]}.000000"]
    (tmp_path / "windows.json").write_text(json.dumps({"one.csv": [window]}), encoding="utf-8")
    return tmp_path


def test_every_point_is_written_with_its_score(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = folder / "scores.txt"
    monkeypatch.setattr("sys.argv", ["anomalies", str(folder), "--out", str(out)])
    main()
    written = pd.read_csv(out)
    assert list(written.columns) == ["file", "timestamp", "score"]
    assert written["file"].value_counts().to_dict() == {"one.csv": ROWS, "two.csv": ROWS}
    assert written["score"].between(0, 1).all()
    said = capsys.readouterr().out
    assert "opslib.analysis.anomaly" in said
    assert "1 of 1" in said


def test_hits_and_false_alarms_are_counted_after_probation(folder: Path) -> None:
    labelled = read_corpus(folder)[0].labelled
    hits = np.zeros(ROWS, dtype=bool)
    hits[[10, 400, FIRST, FIRST + 1, FIRST + 200]] = True
    assert windows_hit(labelled, hits) == 1
    assert false_alarms(labelled, hits) == 2


def test_the_baselines_look_at_the_past_alone(folder: Path) -> None:
    metric = read_corpus(folder)[0].metric
    for way in (score_by_daily_maximum, score_by_deviation):
        np.testing.assert_allclose(way(metric)[:FIRST], way(metric.iloc[:FIRST]))
        assert way(metric)[FIRST] > 5


@pytest.mark.parametrize("listed", [None, {}, {"gone.csv": [["2026-01-05", "2026-01-06"]]}])
def test_a_folder_that_cannot_be_scored_is_refused(folder: Path, listed: object) -> None:
    (folder / "windows.json").unlink()
    if listed is not None:
        (folder / "windows.json").write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"windows\.json"):
        read_corpus(folder)
