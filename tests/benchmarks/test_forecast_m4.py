"""Competition files in the wide layout of M4."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.forecast import main
from benchmarks.forecast_m4 import m4_tasks, read_wide
from opslib.errors import ParameterError

SEASON, HORIZON = 24, 48


def write_wide(file: Path, series: dict[str, np.ndarray]) -> Path:
    """Write series padded with empty cells to the width of the longest, as the competition does."""
    width = max(len(values) for values in series.values())
    lines = [",".join(f'"V{at}"' for at in range(1, width + 2))]
    for name, values in series.items():
        lines.append(",".join([f'"{name}"', *map(str, values), *[""] * (width - len(values))]))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def generate(count: int, length: int) -> dict[str, np.ndarray]:
    """Return positive hourly series with a day, a slight trend and autocorrelated noise."""
    random = np.random.default_rng(7)
    hours = np.arange(length)
    found = {}
    for number in range(1, count + 1):
        day = np.sin(2 * np.pi * hours / SEASON + random.uniform(0, 6)) * random.uniform(0.2, 0.5)
        noise = np.convolve(random.normal(0, 0.03, length), 0.8 ** np.arange(12), "same")
        found[f"H{number}"] = np.round(100 * (1 + day + noise + 1e-4 * hours), 2)
    return found


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    series = generate(3, 400 + HORIZON)
    lengths = {"H1": 400, "H2": 350, "H3": 300}
    train = {name: values[:-HORIZON][-lengths[name] :] for name, values in series.items()}
    test = {name: series[name][-HORIZON:] for name in reversed(list(series))}
    return write_wide(tmp_path / "Train.csv", train), write_wide(tmp_path / "Test.csv", test)


def test_ragged_rows_are_read_to_their_last_value(files: tuple[Path, Path]) -> None:
    assert [len(values) for values in read_wide(files[0]).values()] == [400, 350, 300]


def test_tasks_match_by_id_and_have_a_week_where_two_fit(files: tuple[Path, Path]) -> None:
    tasks = m4_tasks(*files, SEASON, HORIZON)
    assert [task.name for task in tasks] == ["H1", "H2", "H3"]
    assert [task.seasons for task in tasks] == [(24, 168), (24, 168), (24,)]
    assert {task.history.step_seconds for task in tasks} == {3600}
    np.testing.assert_array_equal(tasks[0].actual, read_wide(files[1])["H1"])


def test_scores_are_printed_and_forecasts_written(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = files[0].with_name("out.csv")
    run(monkeypatch, "--m4", *files, "--season", "24", "--horizon", "48", "--out", out)
    written = pd.read_csv(out)
    assert list(written.columns) == ["id", "step", "forecast", "low95", "high95"]
    assert (
        written.groupby("id")["step"].agg(["min", "max", "size"]).to_numpy().tolist()
        == [[1, 48, 48]] * 3
    )
    assert (written["low95"] <= written["forecast"]).all()
    assert (written["forecast"] <= written["high95"]).all()
    lines = [line for line in capsys.readouterr().out.splitlines() if "%" in line]
    owa = {line[:18].strip(): line.split()[-6] for line in lines}
    assert owa["Naive2"] == "1.000"
    assert float(owa["opslib"]) < float(owa["seasonal naive"])


def test_a_test_longer_than_the_horizon_is_scored_to_the_horizon(files: tuple[Path, Path]) -> None:
    assert m4_tasks(*files, SEASON, 12)[0].horizon == 12


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        ("V1,V2,V3\nH1,1,2\n", "V1,V2\nH2,3\n", "2 ids are in one file alone: H1, H2"),
        ("V1,V2,V3\nH1,1,2\n", "V1,V2\nH1,3\n", "H1 has 1 values and the horizon needs 2"),
        ("V1,V2\nH1,1\n", "V1,V2,V3\nH1,3,4\n", "H1 has 1 values and the season needs 2"),
        ("V1,V2\nH1,1\nH1,2\n", "V1,V2\nH1,3\n", "H1 is there twice"),
        ("V1,V2,V3\nH1,1,x\n", "V1,V2\nH1,3\n", "column 3 is no number: 'x'"),
        ("V1,V2,V3\nH1,1,,2\n", "V1,V2\nH1,3\n", "column 3 is no number: ''"),
        ("V1,V2,V3\nH1,,\n", "V1,V2\nH1,3\n", "holds no value"),
        ("timestamp,value\n", "V1,V2\nH1,3\n", "not in the wide layout"),
        ("H1,1,2\nH2,1,2\n", "V1,V2\nH1,3\n", "not in the wide layout"),
        ("", "V1,V2\nH1,3\n", "not in the wide layout"),
    ],
)
def test_wrong_files_are_refused_in_one_clause(
    tmp_path: Path, train: str, test: str, said: str
) -> None:
    (tmp_path / "Train.csv").write_text(train, encoding="utf-8")
    (tmp_path / "Test.csv").write_text(test, encoding="utf-8")
    with pytest.raises(ParameterError) as raised:
        m4_tasks(tmp_path / "Train.csv", tmp_path / "Test.csv", 1, 2)
    assert said in str(raised.value)


def test_a_missing_file_ends_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "--m4", tmp_path / "Train.csv", tmp_path / "Test.csv")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("error: cannot be read")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["forecast", *map(str, arguments)])
    main()
