"""What schedulers run is a command of opslib, with options that it knows."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml

from opslib.cli.command_line import commands
from tests.deploy.places import DEPLOY


def of_systemd() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in (DEPLOY / "systemd").glob("*.service")]
    return [
        found
        for text in texts
        for found in re.findall(r"^ExecStart=\S+/opslib (.+)$", text, re.MULTILINE)
    ]


def of_cron() -> list[str]:
    text = (DEPLOY / "cron" / "opslib").read_text(encoding="utf-8")
    return re.findall(r"^[\d*].*? opslib .*?\bopslib ((?:run-all|late) .+?) >>", text, re.MULTILINE)


def of_kubernetes() -> list[str]:
    text = (DEPLOY / "kubernetes" / "opslib.yaml").read_text(encoding="utf-8")
    jobs = [each for each in yaml.safe_load_all(text) if each["kind"] == "CronJob"]
    pods = [job["spec"]["jobTemplate"]["spec"]["template"]["spec"] for job in jobs]
    return [shlex.join(pod["containers"][0]["args"]) for pod in pods]


def of_terraform() -> list[str]:
    text = (DEPLOY / "terraform" / "schedule.tf").read_text(encoding="utf-8")
    lists = re.findall(r"command = (\[.+?\]) }", text)
    written = [yaml.safe_load(re.sub(r"var\.late_within", "7d", each)) for each in lists]
    return [shlex.join(words).replace("var.environment", "prod") for words in written]


COMMANDS = {
    "systemd": of_systemd(),
    "cron": of_cron(),
    "kubernetes": of_kubernetes(),
    "terraform": of_terraform(),
}


@pytest.mark.parametrize("scheduler", COMMANDS)
def test_a_scheduler_makes_reports_and_looks_for_late_ones(scheduler: str) -> None:
    asked = sorted(line.replace("%i", "prod") for line in COMMANDS[scheduler])
    assert asked == ["late -e prod --within 7d --announce", "run-all -e prod"]


@pytest.mark.parametrize("line", ["run-all -e prod", "late -e prod --within 7d --announce"])
def test_opslib_knows_the_command(line: str) -> None:
    name, *words = shlex.split(line)
    command = commands.commands[name]
    command.make_context(name, words)
