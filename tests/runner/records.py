"""Runs and findings made by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import (
    Conclusion,
    Finding,
    FindingsDocument,
    Headline,
    Severity,
    Verdict,
)
from opslib.runner.manifest import Manifest, RunStatus, write_manifest


def finding(name: str, **values: Any) -> Finding:
    made = {
        "kind": "cost.price_change",
        "subject": {"ServiceName": name},
        "severity": Severity.MEDIUM,
        "sentence": f"{name} costs more.",
        "action": "Ask why.",
    }
    return Finding(**{**made, **values})


def document(*findings: Finding, **values: Any) -> FindingsDocument:
    made: dict[str, Any] = {
        "notebook": "tiny",
        "environment": "test",
        "as_of": datetime(2026, 3, 2, 6, tzinfo=UTC),
        "window_start": None,
        "window_end": None,
        "headlines": (),
        "conclusions": (),
        "findings": findings,
        "coverage": (),
    }
    return FindingsDocument(**{**made, **values})


def headline(amount: str | None, name: str = "week_cost", unit: str = "USD") -> Headline:
    value = None if amount is None else Decimal(amount)
    return Headline(name=name, label=name.replace("_", " "), amount=value, unit=unit)


def conclusion(verdict: Verdict) -> Conclusion:
    return Conclusion(question="Is it so?", verdict=verdict, sentence="It is as it is.")


def gap(detail: str = "no right") -> Coverage:
    return Coverage(table="costs", asked="all", status=CoverageStatus.DENIED, detail=detail)


def record_run(
    reports: Path, minute: int, findings: FindingsDocument, seconds: float = 60, **values: Any
) -> Path:
    """Write a published run that began at ``minute`` past seven; return its folder."""
    environment: str = values.pop("environment", "test")
    folder: Path = reports / "2026-03-02" / environment / f"tiny-07{minute:02}00Z"
    folder.mkdir(parents=True)
    manifest = Manifest(
        notebook="tiny",
        question=values.pop("question", "Is it so?"),
        environment=environment,
        parameters={"as_of": "2026-03-02T06:00:00Z"},
        started=f"2026-03-02T07:{minute:02}:00+00:00",
        status=RunStatus.PUBLISHED,
        seconds=seconds,
        **values,
    )
    write_manifest(folder, manifest)
    (folder / "findings.json").write_text(json.dumps(asdict(findings), default=str))
    return folder
