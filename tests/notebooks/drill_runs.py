"""Runs of notebooks that make something in AWS, without the runner that would tear it down."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opslib.actions.action_ledger import ACTIONS_FILE
from opslib.cli.sweep import sweep

__all__ = ["RUN_ID", "mask_durations", "swept"]

RUN_ID = "20260302t060000z-5a3b1e"
"""One name for all of them, so that samples say the same every day."""


@contextmanager
def swept(folder: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Delete what the block's run made, where it made anything.

    Args:
        folder: the run's.
        environ: AWS variables of the sandbox.
    """
    before = dict(os.environ)
    try:
        yield
    finally:
        if (folder / ACTIONS_FILE).exists():
            left = sweep("sandbox", aws=environ, run=RUN_ID, delete=True)
            assert left == []
        assert dict(os.environ) == before


def mask_durations(findings: Any) -> Any:
    """Return findings without what comes from a real clock."""
    if isinstance(findings, dict):
        timed = _timed_field(findings)
        return {
            key: "DURATION" if key == timed else mask_durations(value)
            for key, value in findings.items()
        }
    if isinstance(findings, list):
        return [mask_durations(each) for each in findings]
    if isinstance(findings, str):
        return re.sub(r"\b\d+(\.\d+)? (s|ms)\b", "DURATION", findings)
    return findings


def _timed_field(entry: dict[str, Any]) -> str | None:
    if entry.get("name") == "recovered_seconds":
        return "amount"
    # How many rounds a restored database takes to become as fast as its source is time, too.
    return "rows" if str(entry.get("table", "")).startswith("rounds on ") else None
