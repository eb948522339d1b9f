"""Finding the project, its notebooks, and what a notebook takes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opslib.errors import NotebookRunError, ParameterError
from opslib.parameters import CostParameters
from opslib.runner.catalog import CATALOG, find_notebook, read_iam_actions
from opslib.runner.kernel import kernel_environ
from opslib.runner.project import find_project
from opslib.runner.source import cell_label, check_takes, read_cells, read_taken_names
from tests.runner.tiny import make_project

ROOT = Path(__file__).parents[2]


def cell(source: str, *tags: str, kind: str = "code") -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {"tags": list(tags)}, "source": source}


def test_the_project_is_found_from_below(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    below = project.root / "notebooks" / "drafts"
    below.mkdir()
    assert find_project(below) == project


def test_the_project_that_the_environment_names_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = make_project(tmp_path / "here"), make_project(tmp_path / "there")
    monkeypatch.setenv("OPSLIB_PROJECT", str(there.root))
    assert find_project(here.root) == there
    monkeypatch.setenv("OPSLIB_PROJECT", str(tmp_path))
    with pytest.raises(ParameterError, match="no opslib project here"):
        find_project(here.root)


def test_an_unknown_notebook_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(ParameterError, match="did you mean 'cost_analysis'"):
        find_notebook("cost_analisys")


@pytest.mark.parametrize("notebook", CATALOG, ids=lambda notebook: notebook.name)
def test_every_notebook_of_the_catalog_has_its_files(notebook: Any) -> None:
    project = find_project(ROOT)
    cells = read_cells(project.notebook_file(notebook.name))
    taken = read_taken_names(cells, project.notebook_file(notebook.name))
    assert taken == set(notebook.parameters.model_fields)
    assert read_iam_actions(project.policy_file(notebook.name))
    assert cells[0]["source"].startswith(f"# {notebook.question}")


def expected(**values: Any) -> tuple[int, Decimal]:
    parameters = CostParameters.parse({"as_of": "2026-03-02T06:00:00Z", **values})
    reads = find_notebook("cost_analysis").expect(parameters)
    return reads.calls, reads.usd


def test_cost_explorer_is_expected_to_charge_for_each_breakdown_and_what_aws_says() -> None:
    assert expected(tag_keys=["Project"]) == (4 + 4 + 2 + 1, Decimal("0.08"))


def test_an_export_is_expected_to_cost_what_it_cannot_tell_and_its_tie_out() -> None:
    accounts = [{"id": "1" * 12}, {"id": "2" * 12, "role": "arn:aws:iam::222222222222:role/read"}]
    calls, usd = expected(source="export", path="s3://bucket/focus/", accounts=accounts)
    assert (calls, usd) == (4 + 1 + 1 + 1 + 4 + 2, Decimal("0.05"))
    untied = expected(source="export", path="s3://bucket/focus/", accounts=accounts, tie_out=False)
    assert untied == (calls - 1, Decimal("0.04"))


def test_the_parameters_cell_tells_the_names_that_a_notebook_takes(tmp_path: Path) -> None:
    cells = [cell("import os"), cell("a = 1\nb: int = 2  # two\nprint(c)", "parameters")]
    assert read_taken_names(cells, tmp_path) == {"a", "b"}
    check_takes({"a", "b"}, {"a"}, tmp_path)
    with pytest.raises(ParameterError, match="does not take 'c'"):
        check_takes({"a", "b"}, {"a", "c"}, tmp_path)


@pytest.mark.parametrize("count", [0, 2])
def test_a_notebook_needs_exactly_one_parameters_cell(tmp_path: Path, count: int) -> None:
    cells = [cell("a = 1", "parameters")] * count
    with pytest.raises(NotebookRunError, match=f"{count} cells are tagged"):
        read_taken_names(cells, tmp_path)


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "a.ipynb"
    if text is not None:
        file.write_text(text)
    with pytest.raises(NotebookRunError, match=r"a\.ipynb"):
        read_cells(file)


def test_a_cell_is_called_by_its_section_or_its_first_line() -> None:
    cells = [
        cell("# Title", kind="markdown"),
        cell("x = 1\ny = 2"),
        cell("## Why\n", kind="markdown"),
    ]
    cells.append(cell("z = 3"))
    assert cell_label(cells, 1) == "x = 1"
    assert cell_label(cells, 3) == "Why"


def test_a_replaying_kernel_gets_no_aws_variable(tmp_path: Path) -> None:
    ambient = {"HOME": "/root", "AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "t"}
    environ = kernel_environ(ambient, run_folder=tmp_path, replay=True)
    assert environ["OPSLIB_REPLAY"] == "1"
    assert environ["HOME"] == "/root"
    assert {name for name in environ if name.startswith("AWS_")} == {
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    }


def test_a_live_kernel_keeps_the_profile_and_is_told_of_no_earlier_replay(tmp_path: Path) -> None:
    ambient = {"AWS_PROFILE": "prod", "OPSLIB_REPLAY": "1"}
    environ = kernel_environ(ambient, run_folder=tmp_path)
    assert environ["AWS_PROFILE"] == "prod"
    assert "OPSLIB_REPLAY" not in environ
    assert environ["OPSLIB_RUN_FOLDER"] == str(tmp_path)


def test_a_kernel_computes_in_one_thread_unless_it_was_told_otherwise(tmp_path: Path) -> None:
    assert kernel_environ({}, run_folder=tmp_path)["OPENBLAS_NUM_THREADS"] == "1"
    told = kernel_environ({"OPENBLAS_NUM_THREADS": "4"}, run_folder=tmp_path)
    assert told["OPENBLAS_NUM_THREADS"] == "4"
    assert "OPENBLAS_NUM_THREADS" not in kernel_environ(
        {"OMP_NUM_THREADS": "2"}, run_folder=tmp_path
    )
