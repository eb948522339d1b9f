"""The Terraform: it parses, its references lead somewhere, and its policies are the notebooks'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import hcl2
import pytest

from opslib.runner.catalog import read_iam_actions
from tests.deploy.places import DEPLOY, NOTEBOOKS

FOLDER = DEPLOY / "terraform"
LONGEST_POLICY = 6144
"""IAM quotas: characters of a managed policy, white space not counted."""

MOST_POLICIES = 10
"""IAM quotas: managed policies of a role, unless AWS has raised it."""

READS = re.compile(r"^[a-z0-9-]+:(Batch)?(Check|Count|Describe|Filter|Get|List|Lookup|Query|View)")
NO_READS = {
    "athena:StartQueryExecution",  # a query over what is read; writes its answer
    "logs:StartQuery",
    "logs:StopQuery",
    "sts:AssumeRole",
}


def blocks() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(FOLDER.glob("*.tf")):
        with file.open(encoding="utf-8") as text:
            for kind, found in hcl2.load(text).items():
                if not kind.startswith("__"):
                    yield from ((kind, block) for block in found)


def named(kind: str) -> dict[str, Any]:
    """Return the blocks of a kind by name; of resources and data by type and name."""
    found: dict[str, Any] = {}
    for each, block in blocks():
        if each == kind:
            for label, body in block.items():
                inner = body if kind in {"resource", "data"} else {"": body}
                names = {f"{label}.{name}".replace('"', "").rstrip(".") for name in inner}
                found |= dict(zip(names, inner.values(), strict=True))
    return found


def text() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.tf")))


def chosen_notebooks() -> list[str]:
    return [name.strip('"') for name in named("variable")["policies"]["default"]]


def test_every_variable_is_used_and_every_used_one_is_there() -> None:
    assert set(re.findall(r"\bvar\.(\w+)", text())) == set(named("variable"))


def test_every_reference_leads_somewhere() -> None:
    resources = set(re.findall(r"(?<![\w.])(aws_\w+\.\w+)\.", text()))
    assert resources
    assert resources <= set(named("resource"))
    assert set(re.findall(r"\bdata\.(aws_\w+\.\w+)", text())) == set(named("data"))


def test_every_policy_is_a_notebooks_own_file() -> None:
    assert set(chosen_notebooks()) <= NOTEBOOKS
    assert "file(each.value)" in named("resource")["aws_iam_policy.notebook"]["policy"]
    files = next(block["policy_files"] for kind, block in blocks() if kind == "locals")
    assert "${path.module}/../iam/${name}.json" in files
    assert all((FOLDER / "../iam" / f"{name}.json").resolve().exists() for name in NOTEBOOKS)


@pytest.mark.parametrize("notebook", chosen_notebooks())
def test_a_scheduled_notebook_only_reads(notebook: str) -> None:
    actions = set(read_iam_actions(DEPLOY / "iam" / f"{notebook}.json"))
    assert {action for action in actions if not READS.match(action)} <= NO_READS


def test_the_policies_fit_iams_limits() -> None:
    assert len(NOTEBOOKS) <= MOST_POLICIES
    for notebook in NOTEBOOKS:
        policy = (DEPLOY / "iam" / f"{notebook}.json").read_text(encoding="utf-8")
        assert len("".join(policy.split())) <= LONGEST_POLICY, notebook


def test_the_task_is_no_root_and_writes_to_its_volumes_only() -> None:
    containers = named("resource")["aws_ecs_task_definition.reports"]["container_definitions"]
    for setting in ("readonlyRootFilesystem", "user", "drop", "/opt/opslib/reports", "/tmp"):
        assert setting in containers
    assert "10001:10001" in containers


def test_a_run_that_is_missed_is_told() -> None:
    resources = named("resource")
    target = resources["aws_scheduler_schedule.run"]["target"][0]
    assert "aws_sqs_queue.missed.arn" in target["dead_letter_config"][0]["arn"]
    assert "aws_sqs_queue.missed.arn" in resources["aws_cloudwatch_event_target.missed"]["arn"]
    assert "var.alarm_actions" in resources["aws_cloudwatch_metric_alarm.missed"]["alarm_actions"]
