"""``opslib open`` and ``opslib lab``: what they make, refuse, start and end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from opslib.lab.working_copy import read_copy
from opslib.runner import catalog
from opslib.runner.project import Project
from tests.runner.records import document, record_run
from tests.runner.tiny import TINY, make_project
from tests.test_cli import Opslib, opslib

__all__ = ["opslib"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path / "project")
    monkeypatch.setattr(catalog, "CATALOG", (TINY,))
    monkeypatch.chdir(made.root)
    return made


def test_a_notebook_is_opened_with_its_parameters(project: Project, opslib: Opslib) -> None:
    ended = opslib("open", "tiny", "-e", "test", "-p", "name=other", "--print")
    assert (ended.code, ended.err) == (0, "")
    copy = read_copy(Path(ended.out.strip()).parent)
    assert (copy.environment, copy.parameters["name"], copy.run) == ("test", "other", "")


def test_a_run_is_opened_with_its_own_parameters(project: Project, opslib: Opslib) -> None:
    folder = record_run(project.reports, 5, document())
    (folder / "evidence").mkdir()
    ended = opslib("open", str(folder.relative_to(project.root)), "--print")
    copy = read_copy(Path(ended.out.strip()).parent)
    assert copy.run == "reports/2026-03-02/test/tiny-070500Z"
    refused = opslib("open", str(folder), "-p", "name=other")
    assert (refused.code, "the parameters that it had" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("open", "tiny"), "whose parameters?"),
        (("open", "tinny", "-e", "test"), "tiny"),
        (("open", "tiny", "-e", "test", "-p", "nam=x"), "name"),
        (("open", "reports"), "no run there"),
        (("lab", "-e", "prod"), "opslib init -e prod"),
        (("lab", "-e", "test", "--seed", "3"), "belong to the sandbox"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_line(
    project: Project, opslib: Opslib, arguments: tuple[str, ...], said: str
) -> None:
    project.reports.mkdir()
    ended = opslib(*arguments)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert said in ended.err
    assert not (project.root / "work").exists()


def test_the_lab_answers_whoever_has_its_token_and_ends_by_interrupt(
    project: Project, tmp_path: Path
) -> None:
    environ = {
        **os.environ,
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "tests.runner.tiny"]
    common: dict[str, Any] = {"cwd": project.root, "env": environ, "text": True}
    with subprocess.Popen(
        [*command, "lab", "-e", "test", "--no-browser"], stdout=subprocess.PIPE, **common
    ) as lab:
        assert lab.stdout is not None
        address = lab.stdout.readline().strip()
        with urlopen(address, timeout=60) as page:
            shown = page.read().decode()
        with urlopen(address.partition("?")[0], timeout=60) as page:
            assert "/login" in page.url
        opened = subprocess.run(
            [*command, "open", "tiny", "-e", "test", "--no-browser"],
            capture_output=True,
            timeout=60,
            check=True,
            **common,
        )
        lab.send_signal(signal.SIGINT)
        assert lab.wait(timeout=60) == 0
    assert address.startswith("http://127.0.0.1:")
    place = "lab/tree/work/test/tiny-"
    assert opened.stdout.startswith(address.replace("opslib?", place).partition("token")[0])
    assert "environment test" in shown
    assert "parameters/test/cost_analysis.yaml" in shown
    with pytest.raises(OSError, match="refused"):
        urlopen(address, timeout=5)
    assert list((tmp_path / "runtime").glob("jpserver-*.json")) == []
