"""The units of systemd, by systemd's own look at them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.places import DEPLOY, find_tool

UNITS = sorted((DEPLOY / "systemd").glob("*"))
TIMERS = [path.name for path in UNITS if path.suffix == ".timer"]
MOST_EXPOSED = 20  # tenths; systemd calls everything below 50 OK


@pytest.fixture
def analyze() -> str:
    return find_tool("systemd-analyze", "make system-packages")


def rendered(folder: Path, replaced: str = "/bin/true") -> Path:
    """Copy the units, their program replaced by one that is there."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/opslib/.venv/bin/opslib", replaced)
        (folder / unit.name).write_text(text, encoding="utf-8")
    return folder


def run(analyze: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [analyze, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def instance(name: str) -> str:
    return f"./{name.replace('@.', '@prod.')}"


def test_systemd_accepts_every_unit(analyze: str, tmp_path: Path) -> None:
    names = [instance(unit.name) for unit in UNITS]
    done = run(analyze, rendered(tmp_path), "verify", *names)
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_would_say_what_it_does_not_know(analyze: str, tmp_path: Path) -> None:
    unit = rendered(tmp_path) / "opslib@.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("KillMode", "KilMode"))
    done = run(analyze, tmp_path, "verify", instance(unit.name))
    assert "KilMode" in done.stderr


def test_a_unit_without_its_program_is_refused(analyze: str, tmp_path: Path) -> None:
    folder = rendered(tmp_path, replaced=str(tmp_path / "nothing"))
    done = run(analyze, folder, "verify", "./opslib@prod.service")
    assert done.returncode != 0
    assert "nothing" in done.stderr


def test_a_service_may_do_little(analyze: str, tmp_path: Path) -> None:
    services = [instance(unit.name) for unit in UNITS if unit.suffix == ".service"]
    rated = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager")
    for service in services:
        done = run(analyze, rendered(tmp_path), *rated, service)
        assert done.returncode == 0, f"{service}: {done.stdout[-200:]}"


@pytest.mark.parametrize("timer", TIMERS)
def test_a_timer_elapses_and_starts_a_service_that_is_there(analyze: str, timer: str) -> None:
    text = (DEPLOY / "systemd" / timer).read_text(encoding="utf-8")
    when = re.findall(r"^OnCalendar=(.+)$", text, re.MULTILINE)
    assert len(when) == 1
    done = run(analyze, DEPLOY, "calendar", "--base-time=2026-11-21 12:00:00 UTC", when[0])
    assert "Next elapse" in done.stdout
    assert (DEPLOY / "systemd" / timer.replace(".timer", ".service")).exists()
