"""Which code a run says that it ran."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from opslib.runner.manifest import read_commit

AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with one commit."""
    (tmp_path / "opslib").mkdir()
    (tmp_path / "opslib" / "old.py").write_text("1")
    for command in (("init", "-q"), ("add", "."), (*AUTHOR, "commit", "-q", "-m", "Begin")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "is_dirty"),
    [
        ("opslib/old.py", True),
        ("opslib/new.py", True),
        ("pandas.py", True),
        ("notebooks/mine.ipynb", True),
        ("parameters/prod/signing.yaml", False),
        ("reports/index.html", False),
    ],
)
def test_changed_and_new_code_is_no_code_of_the_commit(
    project: Path, name: str, is_dirty: bool
) -> None:
    commit = read_commit(project)
    assert len(commit) == 40
    file = project / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("2")
    assert read_commit(project) == (f"{commit}-dirty" if is_dirty else commit)


def test_outside_git_there_is_no_commit(tmp_path: Path) -> None:
    assert read_commit(tmp_path) == ""
