"""Where what is tested here lies, and what is said where a tool for it is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from opslib.runner.catalog import CATALOG

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NOTEBOOKS = {notebook.name for notebook in CATALOG}


def find_tool(name: str, install: str) -> str:
    """Return the path of a program; skip where it is missing, fail where CI should have it."""
    found = shutil.which(name)
    if found is None:
        message = f"no {name} ({install})"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found
