"""What a replay tells of each kind of difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat.v4
import pandas as pd
import plotly.graph_objects as go
import pytest

from opslib.cli.output import print_replay
from opslib.runner.differences import Difference, compare_folders
from opslib.runner.replay import Replay

nb: Any = nbformat.v4

COSTS = pd.DataFrame({"day": ["a", "b"], "cost": [1.5, float("nan")]})
FINDINGS: dict[str, Any] = {"findings": [{"id": "f1", "sentence": "It rose."}], "headlines": []}
LONG = "<p>" + "same " * 40


def figure(*values: float) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(go.Figure(go.Bar(x=["a", "b"], y=list(values))).to_json())
    return {"application/vnd.plotly.v1+json": drawn}


def write_run(
    folder: Path,
    findings: dict[str, Any] | None = None,
    tables: dict[str, pd.DataFrame] | None = None,
    outputs: list[dict[str, Any]] | None = None,
    export: str = "a,b\n",
) -> Path:
    for name in ("tables", "exports"):
        (folder / name).mkdir(parents=True)
    (folder / "findings.json").write_text(json.dumps(findings or FINDINGS))
    for name, frame in (tables or {"costs": COSTS}).items():
        frame.to_parquet(folder / "tables" / f"{name}.parquet", index=False)
    (folder / "exports" / "rows.csv").write_text(export)
    shown = [figure(1, 2), {"text/html": LONG}] if outputs is None else outputs
    displayed = [nb.new_output("display_data", data) for data in shown]
    cells = [
        nb.new_markdown_cell("# Title", id="title"),
        nb.new_code_cell("show()", outputs=displayed, id="spend"),
        nb.new_code_cell("quiet()", id="imports"),
    ]
    (folder / "report.ipynb").write_text(nb.writes(nb.new_notebook(cells=cells)))
    return folder


def differences(tmp_path: Path, **changed: Any) -> list[tuple[str, str, str, str]]:
    recorded, now = write_run(tmp_path / "recorded"), write_run(tmp_path / "now", **changed)
    found = compare_folders(recorded, now)
    return [(each.part, each.place, each.recorded, each.now) for each in found]


def test_equal_runs_have_no_difference(tmp_path: Path) -> None:
    assert differences(tmp_path) == []


def test_a_changed_finding_is_told(tmp_path: Path) -> None:
    changed = {"findings": [{"id": "f1", "sentence": "It fell."}], "headlines": [{"name": "x"}]}
    assert differences(tmp_path, findings=changed) == [
        ("findings.json", "findings[0].sentence", "It rose.", "It fell."),
        ("findings.json", "headlines[0]", "(absent)", "{'name': 'x'}"),
    ]


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"costs": COSTS.assign(cost=[2.5, float("nan")])}, ("cost[0]", "1.5", "2.5")),
        ({"costs": COSTS.assign(cost=[1.5, 2.0])}, ("cost[1]", "None", "2.0")),
        ({"costs": COSTS.head(1)}, ("rows", "2", "1")),
        ({"costs": COSTS.astype({"cost": "float32"})}, ("type of column.cost", "double", "float")),
        ({"costs": COSTS.assign(more=1)}, ("type of column.more", "(absent)", "int64")),
    ],
)
def test_a_changed_table_is_told(
    tmp_path: Path, tables: dict[str, pd.DataFrame], told: tuple[str, str, str]
) -> None:
    assert ("tables/costs.parquet", *told) in differences(tmp_path, tables=tables)


def test_a_table_that_is_gone_or_new_is_told(tmp_path: Path) -> None:
    assert differences(tmp_path, tables={"other": COSTS}) == [
        ("tables/costs.parquet", "", "a table of 2 rows", "(absent)"),
        ("tables/other.parquet", "", "(absent)", "a table of 2 rows"),
    ]


def test_a_value_of_a_figure_is_told(tmp_path: Path) -> None:
    assert differences(tmp_path, outputs=[figure(1, 3), {"text/html": LONG}]) == [
        ("report.ipynb, cell spend", "output[0].figure.data[0].y[1]", "2", "3")
    ]


def test_an_array_that_plotly_packed_is_told_by_its_numbers(tmp_path: Path) -> None:
    packed = {"data": [{"y": {"dtype": "i1", "bdata": "AQI=", "shape": "2"}}]}
    other = {"data": [{"y": {"dtype": "i1", "bdata": "AQM=", "shape": "2"}}]}
    kind = "application/vnd.plotly.v1+json"
    recorded = write_run(tmp_path / "recorded", outputs=[{kind: packed}])
    now = write_run(tmp_path / "now", outputs=[{kind: other}])
    (told,) = compare_folders(recorded, now)
    assert (told.place, told.recorded, told.now) == ("output[0].figure.data[0].y[1]", "2", "3")


def test_a_trace_that_is_gone_is_told(tmp_path: Path) -> None:
    empty: dict[str, Any] = {"application/vnd.plotly.v1+json": {"data": [], "layout": {}}}
    told = differences(tmp_path, outputs=[empty, {"text/html": LONG}])
    assert ("output[0].figure.data[0]", "(absent)") in [(place, now) for _, place, _, now in told]


def test_of_a_long_text_the_place_of_its_first_difference_is_shown(tmp_path: Path) -> None:
    told = differences(tmp_path, outputs=[figure(1, 2), {"text/html": f"{LONG}end"}])
    (line,) = told
    assert line[:2] == ("report.ipynb, cell spend", "output[1].html")
    assert line[3].endswith("end")
    assert len(line[3]) < 110


def test_a_cell_that_shows_nothing_any_more_is_told(tmp_path: Path) -> None:
    ((part, _, _, now),) = differences(tmp_path, outputs=[])
    assert (part, now) == ("report.ipynb, cell spend", "(absent)")


def test_a_changed_export_is_told(tmp_path: Path) -> None:
    assert differences(tmp_path, export="a,c\n") == [("exports/rows.csv", "", "a,b\n", "a,c\n")]


def test_of_each_part_the_first_few_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    cells = [
        Difference(part="tables/costs.parquet", place=f"cost[{n}]", recorded="1", now="2")
        for n in range(1200)
    ]
    last = Difference(part="report.ipynb, cell a", place="", recorded="x", now="y")
    print_replay(Replay(changed_files=(), differences=(*cells, last)), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tables/costs.parquet: cost[0]: 1 -> 2"
    assert lines[5:] == [
        "tables/costs.parquet: and 1,195 more",
        "report.ipynb, cell a: x -> y",
        "not equal",
    ]
