"""The image's definition: what it runs, as whom, and what it is built from."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from opslib.runner.manifest import read_commit
from tests.deploy.places import DEPLOY, ROOT

BUILD = (DEPLOY / "build.sh").read_text(encoding="utf-8")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def given(name: str) -> list[str]:
    return [words for instruction, words in instructions() if instruction == name]


def test_the_image_runs_the_script_that_the_tests_run_and_makes_a_user() -> None:
    script, user = given("RUN")
    assert script == '/source/deploy/build.sh /opt/opslib "${COMMIT}"'
    assert user.startswith("useradd --uid 10001 ")


def test_the_image_is_no_root_and_fetches_nothing_by_itself() -> None:
    assert given("USER") == ["10001:10001"]
    assert not given("ADD")
    assert all(base.split()[0] == "${BASE}" for base in given("FROM"))
    assert json.loads(given("ENTRYPOINT")[0]) == ["opslib"]
    assert given("HEALTHCHECK") == ["NONE"]


def test_only_what_the_script_reads_is_sent_to_the_builder() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert set(re.findall(r'"\$source/([\w./-]+)"', BUILD)) == allowed - {"deploy/build.sh"}
    assert all((ROOT / name).exists() for name in allowed)


def test_no_variable_of_the_image_holds_a_secret() -> None:
    names = [
        word.partition("=")[0] for words in given("ENV") + given("ARG") for word in words.split()
    ]
    assert set(names) == {
        "BASE",
        "COMMIT",
        "PATH",
        "OPSLIB_PROJECT",
        "HOME",
        "PYTHONDONTWRITEBYTECODE",
    }


@pytest.mark.parametrize(
    "name", ["requirements-runtime.lock", "requirements-jupyter-scheduler.lock"]
)
def test_a_lock_beside_the_environments_own_names_no_other_version(name: str) -> None:
    own = set(PIN.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    versions = set(PIN.findall((ROOT / name).read_text(encoding="utf-8")))
    shared = {package for package, _ in own}
    assert {pin for pin in versions if pin[0] in shared} <= own


def test_the_image_gets_everything_that_opslib_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[\[<>=~! ]", line)[0] for line in project["dependencies"]}
    locked = (ROOT / "requirements-runtime.lock").read_text(encoding="utf-8")
    assert needed <= {package for package, _ in PIN.findall(locked)}


def test_nothing_for_tests_is_in_the_image() -> None:
    packages = {
        package for package, _ in PIN.findall((ROOT / "requirements-runtime.lock").read_text())
    }
    assert {"boto3", "papermill", "setuptools"} <= packages
    assert not packages & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "nbval"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_hashes_and_no_registry(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)


def test_a_folder_without_git_names_the_commit_that_it_was_built_from(tmp_path: Path) -> None:
    assert read_commit(tmp_path) == ""
    (tmp_path / "COMMIT").write_text("0123abcd\n", encoding="utf-8")
    assert read_commit(tmp_path) == "0123abcd"


def test_the_script_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    command = ["sh", str(DEPLOY / "build.sh"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
