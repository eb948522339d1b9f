"""The page on scheduling names what is there, and every exit code."""

from __future__ import annotations

import re

from opslib.cli.command_line import INTERRUPTED
from opslib.cli.notebook_commands import WORST_FIRST
from tests.deploy.places import DEPLOY, ROOT

PAGE = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")


def test_what_the_page_names_is_there() -> None:
    named = set(re.findall(r"(?<![\w.-])((?:deploy|tests)/[\w./-]+\w)(?![\w@*])", PAGE))
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_scheduler_has_a_section() -> None:
    folders = {path.name for path in DEPLOY.iterdir() if path.is_dir()} - {"iam"}
    assert {name for name in folders if f"deploy/{name}" not in PAGE} == set()


def test_every_exit_code_is_explained() -> None:
    table = re.findall(r"^\| (\d+) \|", PAGE.partition("## A folder")[0], re.MULTILINE)
    assert [int(code) for code in table] == [*sorted(WORST_FIRST), INTERRUPTED]
    assert f"in the order {', '.join(map(str, WORST_FIRST))}" in PAGE
