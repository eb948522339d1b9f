"""The forecast benchmark over folders of series."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.forecast import main
from benchmarks.forecast_methods import Answer
from benchmarks.forecast_results import score_answers, summarise
from benchmarks.forecast_series_files import own_step, read_folders, regularise
from benchmarks.forecast_tasks import Task, fill_gaps, origins_of, rolling_tasks
from benchmarks.forecast_verdicts import verdicts
from opslib.errors import ParameterError
from opslib.tables.regular_series import RegularSeries

DAYS = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hours = np.arange(24 * DAYS)
    times = pd.date_range("2026-01-05", periods=len(hours), freq="h")
    for seed, name in enumerate(("one.csv", "two.csv")):
        noise = np.random.default_rng(seed).normal(0, 2, len(hours))
        values = 50 + 20 * np.sin(2 * np.pi * hours / 24) + noise
        pd.DataFrame({"timestamp": times, "value": values}).to_csv(tmp_path / name, index=False)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["forecast", *map(str, arguments)])
    main()


def test_every_method_is_scored_on_the_same_origins(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, folder, "--no-baselines", "--origins", 3, "--out", folder / "scores.txt")
    scores = pd.read_csv(folder / "scores.txt")
    sizes = scores.groupby(["table", "method", "series"]).size().unique()
    assert sizes.tolist() == [3]
    assert set(scores["method"]) == {"opslib", "seasonal naive", "mean of last day"}
    said = capsys.readouterr().out
    assert "1 day ahead, means of an hour: 2 series, 6 forecasts a method" in said
    assert "met     median MASE below mean of last day's" in said


def test_it_runs_as_a_file_without_the_repository_on_the_path(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "benchmarks" / "forecast.py"
    command = [sys.executable, str(script), "gone"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: gone is no folder. Name folders of timestamp,value CSV files.\n"


def test_rows_are_averaged_on_the_clock_and_gaps_stay_gaps(tmp_path: Path) -> None:
    rows = [
        "2026-01-05 00:02:00,1",
        "2026-01-05 00:04:00,3",
        "2026-01-05 00:12:00,5",
        "2026-01-05 00:07:00,",
        "2026-01-05 00:17:00,7",
        "2026-01-05 00:22:00,9",
    ]
    (tmp_path / "a.csv").write_text("\n".join(["timestamp,value", *rows]), encoding="utf-8")
    recorded = read_folders([tmp_path])[0]
    assert own_step(recorded) == 300
    regular = regularise(recorded, 300)
    np.testing.assert_array_equal(regular.values, [2, np.nan, 5, 7, 9])
    assert regular.start.isoformat() == "2026-01-05T00:00:00+00:00"


def test_of_the_traces_the_coarsest_real_one_in_per_cent_is_taken(tmp_path: Path) -> None:
    real = tmp_path / "cluster"
    made_up = real / "synthetic_1_day_300_seconds"
    made_up.mkdir(parents=True)
    for file in (
        "usage_grouped_10_seconds.csv",
        "usage_grouped_300_seconds.csv",
        "usage_grouped_300_seconds_percent.csv",
    ):
        (real / file).write_text(f"cpu,{file}\n1,2\n3,4\n5,6\n", encoding="utf-8")
    (made_up / "usage_grouped_300_seconds.csv").write_text("cpu\n1\n2\n", encoding="utf-8")
    found = read_folders([tmp_path])
    assert [series.name for series in found] == [
        "cluster cpu",
        "cluster usage_grouped_300_seconds_percent.csv",
    ]
    assert np.diff(found[0].seconds).tolist() == [300, 300]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "holds no *.csv"),
        ("time,value\n2026-01-01,1\n", "columns are time, value"),
        ("timestamp,value\nyesterday,1\n", "a timestamp cannot be read"),
        ("timestamp,value\n,1\n", "row 2 has no timestamp"),
        ("timestamp,value\n2026-01-01,high\n", "value is not a number"),
        ("timestamp,value\n2026-01-01,\n", "value holds no number"),
        ("timestamp,value\n", "holds no row"),
        ("", "cannot be read as CSV"),
    ],
)
def test_a_folder_that_cannot_be_read_ends_with_exit_code_2(
    tmp_path: Path,
    content: str | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if content is not None:
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, tmp_path, "--no-baselines")
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_no_folder_and_rows_too_far_apart_are_said(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="is no folder"):
        read_folders([tmp_path / "gone"])
    rows = "timestamp,value\n2026-01-01,1\n2026-01-08,1\n2026-01-15,1\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(ParameterError, match="7 days apart"):
        own_step(read_folders([tmp_path])[0])


def test_origins_lie_in_the_last_half_with_enough_before_and_after() -> None:
    assert origins_of(240, 24, 24, 4) == [120, 152, 184, 216]
    assert origins_of(240, 24, 24, 1) == [216]
    assert origins_of(96, 24, 24, 8) == [72]
    assert origins_of(335, 168, 24, 4) == []


def test_origins_with_mostly_gaps_are_left_out(folder: Path) -> None:
    series = regularise(read_folders([folder])[0], 3600)
    series = replace(series, values=np.append(series.values[:-20], [np.nan] * 20))
    assert len(rolling_tasks("one", series, 1, 3)) == 2


def test_gaps_are_filled_by_the_season_before_then_after_then_the_mean() -> None:
    gap = np.nan
    filled = fill_gaps(np.array([gap, 1.0, gap, 4, gap, gap, 7.0]), 3)
    np.testing.assert_array_equal(filled, [4, 1, 4, 4, 1, 4, 7])


def make_task(name: str, actual: float) -> Task:
    history = regular([0.0, 1.0, 2.0, 1.0])
    return Task(name=name, history=history, actual=np.array([actual]), season=1, seasons=(1,))


def regular(values: list[float]) -> RegularSeries:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    return RegularSeries(start=start, step_seconds=3600, values=np.array(values))


def answer(mid: float, width: float, seconds: float) -> Answer:
    told = np.array([mid])
    bounds = (told - width, told + width)
    return Answer(mid=told, intervals=dict.fromkeys((0.5, 0.8, 0.95), bounds), seconds=seconds)


def test_each_aim_is_judged_with_its_figure() -> None:
    tasks = [make_task("a", 10.0), make_task("b", 10.0), make_task("c", 10.0)]
    rows = score_answers(
        tasks,
        {
            "opslib": [answer(9, 5, 0.001), answer(8, 5, 0.001), answer(7, 5, 0.001)],
            "seasonal naive": [answer(8, 1, 0), answer(7, 1, 0), answer(8, 1, 0)],
            "AutoETS": [answer(9, 1, 0.1), answer(9, 1, 0.1), answer(9, 1, 0.1)],
        },
    )
    found = summarise(rows)
    assert [round(found[name].mase, 6) for name in found] == [2, 2, 1]
    assert found["opslib"].inside == {0.5: 1.0, 0.8: 1.0, 0.95: 1.0}
    assert verdicts(rows) == [
        (False, "median MASE below seasonal naive's: 2.000 against 2.000"),
        (False, "median MASE below AutoETS's: 2.000 against 1.000"),
        (False, "never above 1.05 times seasonal naive's MASE: at worst 1.50 times on c"),
        (False, "95 % intervals hold 93 to 97 % of the points: 100.0 %"),
        (True, "at least 10 times faster than AutoETS: 1.0 ms against 100.0 ms, 100 times"),
    ]
