"""What a run says that the last one of its notebook and environment did not.

It comes from ``past_runs.json`` in the run's own folder, so that a replay says the same. It stands
in the report, and as ``since_last_run.json`` beside ``findings.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from opslib.comparison import Comparison, compare_runs
from opslib.errors import NotebookRunError
from opslib.findings import FindingsDocument
from opslib.parameters.base import SHARED
from opslib.present.html import Html
from opslib.present.since import show_first_run, show_since
from opslib.redaction import redact_text
from opslib.run_folder import PAST_RUNS
from opslib.runner.conclusions import parse_findings
from opslib.runner.page import utc_text
from opslib.wording import count

__all__ = ["SINCE", "amend_with_changes", "differing_parameters"]

SINCE = "since_last_run.json"
SCHEMA_VERSION = "1.1"
OF_A_MOMENT = ("as_of", "start", "end", "failure_at", "restored_to", *SHARED)
"""Parameters that differ from run to run without asking for anything else."""
TITLE = "## Since the last run"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Last:
    """The last published run, and how many came to nothing after it."""

    run: str
    as_of: str
    started: str
    document: FindingsDocument
    parameters: dict[str, Any]
    unread: int


def amend_with_changes(
    folder: Path, notebook: Any, document: FindingsDocument, parameters: dict[str, Any]
) -> None:
    """Write what changed since the last run into a run's folder and into its notebook.

    Args:
        folder: of the run, with what earlier runs concluded; nothing is told without that.
        notebook: executed; a section is put below its findings.
        document: what the run concludes.
        parameters: what it was asked, as plain values.
    """
    file = folder / PAST_RUNS
    if not file.exists():
        return
    last = _find_last(json.loads(file.read_text(encoding="utf-8")))
    if last is None:
        _insert(notebook, show_first_run())
        return
    asked = differing_parameters(last.parameters, parameters)
    comparison = compare_runs(last.document, document, asked=asked)
    told = redact_text(json.dumps(_plain(last, comparison), indent=1, ensure_ascii=False))
    (folder / SINCE).write_text(told, encoding="utf-8")
    shown = show_since(
        comparison,
        last=_name(last, document),
        address=f"../../../{last.run}/report.html",
        between=_between(last.unread),
    )
    _insert(notebook, shown)


def differing_parameters(one: dict[str, Any], other: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of parameters that both runs have, and by which they asked otherwise."""
    names = sorted((one.keys() & other.keys()) - set(OF_A_MOMENT))
    return tuple(name for name in names if one[name] != other[name])


def _find_last(told: Sequence[dict[str, Any]]) -> _Last | None:
    """Return the newest run whose findings can be read."""
    for place, run in enumerate(told):
        if run.get("findings") is None:
            continue
        try:
            document = parse_findings(json.dumps(run["findings"]).encode(), run["run"])
        except NotebookRunError:
            continue
        return _Last(
            run=run["run"],
            as_of=run["as_of"] or run["started"],
            started=run["started"],
            document=document,
            parameters=run["parameters"],
            unread=place,
        )
    return None


def _name(last: _Last, document: FindingsDocument) -> str:
    """Return which report the last one is: what it is of, or when it ran if that is the same."""
    as_of = datetime.fromisoformat(last.as_of)
    if as_of != document.as_of:
        return f"report of {utc_text(as_of)}"
    return f"run of {utc_text(datetime.fromisoformat(last.started))}, as of the same moment"


def _between(unread: int) -> str:
    return f"{count(unread, 'later report')} cannot be read." if unread else ""


def _plain(last: _Last, comparison: Comparison) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "run": last.run,
        "as_of": last.as_of,
        "doubts": list(comparison.doubts),
        "new": [finding.id for finding in comparison.new],
        "gone": [
            {"id": one.id, "severity": one.severity.value, "sentence": one.sentence}
            for one in comparison.gone
        ],
        "changed": [{"id": one.after.id, "what": one.what} for one in comparison.changed],
        "headlines": list(_headlines(comparison)),
        "answers": [
            {
                "question": one.after.question,
                "before": one.before.verdict.value,
                "after": one.after.verdict.value,
            }
            for one in comparison.answers
        ],
    }


def _headlines(comparison: Comparison) -> Iterator[dict[str, Any]]:
    for one in comparison.headlines:
        before = None if one.before is None else one.before.amount
        yield {
            **asdict(one.after),
            "amount": None if one.after.amount is None else str(one.after.amount),
            "before": None if before is None else str(before),
        }


def _insert(notebook: Any, shown: Html) -> None:
    """Put the section below the findings: before the second heading, or at the end."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_output  # noqa: PLC0415

    headings = [
        place
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown" and cell.source.startswith("## ")
    ]
    place = headings[1] if headings[1:] else len(notebook.cells)
    output = new_output("display_data", data={"text/html": shown.markup, "text/plain": shown.plain})
    notebook.cells[place:place] = [
        new_markdown_cell(TITLE, id="since-last-run-title"),
        new_code_cell(
            "# compared by opslib run with the report before",
            id="since-last-run",
            execution_count=len(notebook.cells),
            outputs=[output],
        ),
    ]
