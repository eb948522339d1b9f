"""The image's steps, carried out in a folder, and a report made there with all else read-only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.places import DEPLOY, find_tool

pytestmark = [pytest.mark.whole, pytest.mark.timeout(1800)]

CONTAINED = """
set -e
mount --bind "$1/reports" "$1/reports"
mount -t tmpfs -o noexec,nosuid,nodev tmpfs "$2"
mount -o remount,bind,ro /
chmod 1777 "$2"
cd "$1"
exec env -i PATH="$1/.venv/bin:/usr/bin:/bin" OPSLIB_PROJECT="$1" HOME="$2" TMPDIR="$2" \
    OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 setpriv --reuid=nobody --regid=nogroup \
    --clear-groups --no-new-privs --bounding-set=-all sh -c "$3"
"""
"""What a container gets: its own mounts, a read-only root, scratch that runs nothing, no rights."""


def python_for_all() -> str:
    """Return a Python that every user of this machine can run; ours may lie in somebody's home."""
    ours = Path(sys.executable).resolve()
    if all(folder.stat().st_mode & 0o001 for folder in ours.parents):
        return str(ours)
    return find_tool("/usr/bin/python3", "Debian's python3-venv")


@pytest.fixture(scope="module")
def opt() -> Iterator[Path]:
    """Return a folder that every user can enter, as those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="opslib-image-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def image(opt: Path) -> Path:
    environ = {**os.environ, "PYTHON": python_for_all()}
    command = [str(DEPLOY / "build.sh"), str(opt / "opslib"), "0123abcd"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return opt / "opslib"


def contained(image: Path, scratch: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the image as a user without rights, in a namespace of its own mounts."""
    find_tool("setpriv", "util-linux")
    if os.geteuid() != 0:
        pytest.skip("mounts need root")
    shutil.chown(image / "reports", "nobody")
    namespace = [find_tool("unshare", "util-linux"), "--mount", "--propagation", "private"]
    words = ["sh", "-c", CONTAINED, "sh", str(image), str(scratch), command]
    return subprocess.run([*namespace, *words], capture_output=True, text=True, check=False)


def test_the_image_holds_no_tools_of_tests_and_no_installer(image: Path) -> None:
    programs = {path.name for path in (image / ".venv" / "bin").iterdir()}
    assert "opslib" in programs
    assert not programs & {"pip", "pytest", "mypy", "ruff"}
    assert (image / "COMMIT").read_text(encoding="utf-8") == "0123abcd\n"
    assert list((image / "reports").iterdir()) == []


def test_a_report_is_made_with_nothing_to_write_but_reports_and_scratch(
    opt: Path, image: Path
) -> None:
    scratch = opt / "scratch"
    scratch.mkdir()
    command = "id -u; touch kept 2>&1; opslib run cost_analysis -e sandbox"
    done = contained(image, scratch, command)
    assert done.returncode == 0, done.stderr[-3000:]
    user, refused, report = done.stdout.splitlines()
    assert user != "0"
    assert "Read-only file system" in refused
    assert (Path(report) / "report.html").stat().st_size > 1_000_000
    manifest = json.loads((Path(report) / "run.json").read_text(encoding="utf-8"))
    assert "0123abcd" in json.dumps(manifest)
