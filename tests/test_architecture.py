"""The walls between the parts, held by reading their imports."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "opslib"
VOCABULARY = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
AWS_SDK = {"boto3", "botocore", "moto"}
MAY_USE_AWS_SDK = {"aws", "databases", "actions", "sandbox"}

ALLOWED = {
    "parameters": {"parameters"},
    "evidence": {"evidence", "parameters"},
    "tables": {"tables"},
    "aws": {"aws", "tables", "parameters"},
    "databases": {"databases", "aws", "tables", "parameters"},
    "people": {"people", "aws", "tables", "parameters"},
    "actions": {"actions", "databases", "aws", "analysis", "evidence", "tables", "parameters"},
    "analysis": {"analysis", "tables", "parameters"},
    "present": {"present", "analysis", "tables", "parameters"},
    "lab": {"lab", "runner", "evidence", "parameters", "present"},
    "runner": {"runner", "evidence", "parameters", "present", "tables"},
    "sandbox": {"sandbox", "databases", "tables"},
}


def modules(part: str) -> list[Path]:
    return sorted((PACKAGE / part).rglob("*.py"))


def imports_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "opslib":
                yield from (f"opslib.{alias.name}" for alias in node.names)


def imports_of_file(path: Path) -> list[str]:
    return list(imports_of(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_a_part_imports_only_what_lies_before_it(part: str) -> None:
    for path in modules(part):
        for name in imports_of_file(path):
            if not name.startswith("opslib."):
                continue
            used = name.split(".")[1]
            allowed = ALLOWED[part] | VOCABULARY | {"__version__"}
            assert used in allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_only_readers_actions_and_sandbox_use_the_aws_sdk() -> None:
    for path in PACKAGE.rglob("*.py"):
        part = path.relative_to(PACKAGE).parts[0]
        if part not in MAY_USE_AWS_SDK:
            used = {name.split(".")[0] for name in imports_of_file(path)} & AWS_SDK
            assert not used, f"{path.relative_to(ROOT)} imports {used}"


def test_only_the_command_line_starts_a_sandbox() -> None:
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).parts
        if inside[0] != "sandbox" and inside != ("cli", "sandbox_commands.py"):
            names = imports_of_file(path)
            assert not any(name.startswith("opslib.sandbox") for name in names), path


def calls_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id


def test_the_analysis_reads_no_clock_and_no_file() -> None:
    forbidden = {"now", "utcnow", "today", "time", "open", "read_text", "read_parquet", "getenv"}
    for path in modules("analysis"):
        assert not forbidden & set(calls_in(path)), path


def notebook_cells(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_holds_no_logic(path: Path) -> None:
    cells = notebook_cells(path)
    assert len(cells) <= 14
    for source in cells:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While)
        outside = {name for name in imports_of(tree) if not name.startswith("opslib")}
        assert not outside, f"{path.name} imports {outside}"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs"), path.name
        assert cell.get("execution_count") is None


def test_every_module_says_what_it_offers() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name != "__init__.py":
            assert "__all__" in path.read_text(encoding="utf-8"), path
