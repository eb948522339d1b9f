"""The crontab: its lines are well-formed, and tell where a run that failed can be read."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.places import DEPLOY, find_tool

TEXT = (DEPLOY / "cron" / "opslib").read_text(encoding="utf-8")
SETTING = re.compile(r"[A-Z_]+=\S+")
TIMED = re.compile(r"(?P<times>(?:[\d*/,-]+ ){5})(?P<user>[a-z]+) (?P<command>.+)")


def lines() -> list[str]:
    return [line for line in TEXT.splitlines() if line and not line.startswith("#")]


def timed() -> list[re.Match[str]]:
    matches = [TIMED.fullmatch(line) for line in lines() if not SETTING.fullmatch(line)]
    assert None not in matches, "a line is neither a setting nor a timed command"
    return [match for match in matches if match]


def test_cron_runs_what_the_environment_holds_on_mondays() -> None:
    first = timed()[0]
    assert first["times"] == "30 5 * * 1 "
    assert "opslib run-all -e prod " in first["command"]
    assert all(line["user"] == "opslib" for line in timed())


def test_cron_takes_a_percent_sign_for_a_new_line() -> None:
    assert "%" not in TEXT


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5])
def test_what_is_not_0_is_mailed_and_the_rest_is_in_the_log(tmp_path: Path, code: int) -> None:
    find_tool("flock", "util-linux")
    program = tmp_path / "bin" / "opslib"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "asked: $*"\necho progress >&2\nexit {code}\n')
    program.chmod(0o755)
    for line in timed():
        command = re.sub(r"/var/(lib|log)/opslib", str(tmp_path), line["command"])
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            env={"PATH": f"{program.parent}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        log = next(tmp_path.glob("*.log")).read_text(encoding="utf-8")
        assert "-e prod" in log
        assert "progress" in log
        mailed = done.stdout + done.stderr
        assert mailed == "" if code == 0 else f"ended with {code}," in mailed
