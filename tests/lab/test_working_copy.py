"""Working copies: of a notebook and of a recorded run, made whole, never overwritten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opslib.errors import OpsError, ParameterError
from opslib.lab import working_copy
from opslib.lab.working_copy import copy_notebook, copy_run, list_copies, read_copy
from opslib.runner.history import find_run
from opslib.runner.project import Project
from tests.runner.records import document, record_run
from tests.runner.tiny import make_project, request


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


def recorded(project: Project) -> Path:
    """Record a run with one read; return its folder."""
    folder = record_run(project.reports, 5, document())
    (folder / "evidence").mkdir()
    (folder / "evidence" / "answer.txt").write_text("42")
    return folder


def cells_of(file: Path, tag: str) -> list[str]:
    cells: list[dict[str, Any]] = json.loads(file.read_text())["cells"]
    tagged = [cell for cell in cells if tag in cell["metadata"].get("tags", [])]
    return ["".join(cell["source"]) for cell in tagged]


def test_parameters_are_in_place_and_the_committed_notebook_stays(project: Project) -> None:
    committed = project.notebook_file("tiny").read_bytes()
    file = copy_notebook(request(project, name='{"quoted"}'))
    assert project.relative(file) == "work/test/tiny-2026-03-02-060000Z/tiny.ipynb"
    (injected,) = cells_of(file, "injected-parameters")
    assert 'name = "{\\"quoted\\"}"' in injected
    (entry,) = cells_of(file, "working-copy")
    assert entry.endswith("enter('work/test/tiny-2026-03-02-060000Z')")
    assert project.notebook_file("tiny").read_bytes() == committed


def test_the_same_question_goes_on_with_the_copy_that_is_there(project: Project) -> None:
    file = copy_notebook(request(project))
    file.write_text(file.read_text().replace("Look at it.", "Looked at by Ada."))
    assert copy_notebook(request(project)) == file
    assert "Looked at by Ada." in file.read_text()


def test_another_question_gets_a_copy_of_its_own(project: Project) -> None:
    first = copy_notebook(request(project))
    other = copy_notebook(request(project, name="other"))
    assert other.parent.name == f"{first.parent.name}-2"
    committed = project.notebook_file("tiny")
    committed.write_text(committed.read_text().replace("Look at it.", "Look at it well."))
    assert copy_notebook(request(project)).parent.name == f"{first.parent.name}-3"
    assert read_copy(other.parent).parameters["name"] == "other"


def test_a_run_is_copied_with_what_it_read(project: Project) -> None:
    folder = recorded(project)
    before = sorted(path.name for path in folder.iterdir())
    file = copy_run(find_run(folder), request(project))
    copy = read_copy(file.parent)
    assert copy.run == "reports/2026-03-02/test/tiny-070500Z"
    assert (file.parent / "evidence" / "answer.txt").read_text() == "42"
    assert sorted(path.name for path in folder.iterdir()) == before
    # The manifest was written before these files.
    assert copy.changed == ("evidence/answer.txt", "findings.json")


def test_a_run_without_evidence_is_refused(project: Project) -> None:
    folder = record_run(project.reports, 5, document())
    with pytest.raises(ParameterError, match="recorded no evidence"):
        copy_run(find_run(folder), request(project))
    assert not (project.root / "work").exists()


def test_a_copy_that_cannot_be_finished_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(working_copy, "write_past_runs", full)
    with pytest.raises(OpsError, match="cannot be made: No space left"):
        copy_notebook(request(project))
    assert list((project.root / "work" / "test").iterdir()) == []


def test_copies_are_listed_but_for_what_is_none(project: Project) -> None:
    first = copy_notebook(request(project))
    second = copy_notebook(request(project, name="other"))
    broken = copy_notebook(request(project, name="broken"))
    (broken.parent / "working_copy.json").write_text("{")
    first.touch()
    assert [file for file, _ in list_copies(project)] == [first, second]
    with pytest.raises(ParameterError, match="no working copy there"):
        read_copy(broken.parent)
