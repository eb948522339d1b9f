"""What the runner does after a notebook that made something in AWS, and how the report tells it.

The kernel may have failed, run out of time or been killed: the runner outlives it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from opslib.findings import Conclusion, Finding, FindingsDocument, Headline
from opslib.runner.results import findings_sha256, write_document

__all__ = [
    "Teardown",
    "TornDown",
    "amend_findings",
    "amend_notebook",
    "recorded_teardown",
    "torn_down",
]

FILE = "teardown.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TornDown:
    """What became of what a run had made.

    Args:
        conclusion: whether all of it is gone.
        findings: what is left, for people to delete.
        headlines: what it cost.
        text: the section of the report, Markdown.
        warning: what the top of the report says, Markdown; '' where all is gone.
    """

    conclusion: Conclusion
    findings: tuple[Finding, ...]
    headlines: tuple[Headline, ...]
    text: str
    warning: str


Teardown = Callable[[Path], TornDown]
"""Takes the run's folder, deletes what the run made, and waits until it is gone."""


@contextmanager
def torn_down(teardown: Teardown | None, folder: Path) -> Iterator[None]:
    """Tear down at the end of the block, however it ends, and keep what became of it.

    An error of the block goes on, with a note of what is left.
    """
    if teardown is None:
        yield
        return
    try:
        yield
    except BaseException as error:
        error.add_note(_keep(teardown(folder), folder).conclusion.sentence)
        raise
    _keep(teardown(folder), folder)


def _keep(done: TornDown, folder: Path) -> TornDown:
    text = json.dumps(asdict(done), default=str, indent=1)
    (folder / FILE).write_text(text, encoding="utf-8")
    return done


def recorded_teardown(folder: Path) -> TornDown | None:
    """Return what was kept in a run's folder; None where the run made nothing."""
    from pydantic import TypeAdapter  # noqa: PLC0415

    file = folder / FILE
    return TypeAdapter(TornDown).validate_json(file.read_bytes()) if file.exists() else None


def amend_findings(
    folder: Path, document: FindingsDocument, done: TornDown | None
) -> FindingsDocument:
    """Add to ``findings.json`` what only the runner can know; return it whole."""
    if done is None:
        return document
    amended = replace(
        document,
        conclusions=(*document.conclusions, done.conclusion),
        findings=(*done.findings, *document.findings),
        headlines=(*document.headlines, *done.headlines),
    )
    write_document(folder, amended)
    return amended


def amend_notebook(notebook: Any, document: FindingsDocument, done: TornDown | None) -> None:
    """Add the section, a block to sign, and the warning at the top to an executed notebook.

    Args:
        notebook: with its outputs.
        document: what ``findings.json`` holds in the end, which a signature is bound to.
        done: what became of what the run made; None leaves the notebook as it is.
    """
    from nbformat.v4 import new_markdown_cell  # noqa: PLC0415

    if done is None:
        return
    notebook.cells.append(new_markdown_cell(done.text, id="torn-down"))
    notebook.cells.append(_sign_off_cell(document, len(notebook.cells)))
    if done.warning:
        notebook.cells.insert(1, new_markdown_cell(done.warning, id="left-behind"))


def _sign_off_cell(document: FindingsDocument, number: int) -> Any:
    from nbformat.v4 import new_code_cell, new_output  # noqa: PLC0415

    from opslib.present.dr.audit import show_sign_off  # noqa: PLC0415  0.3 s, for drills alone

    block = show_sign_off(
        findings_sha256(document),
        notebook=document.notebook,
        environment=document.environment,
        as_of=document.as_of,
    )
    shown = {"text/html": block.markup, "text/plain": block.plain}
    return new_code_cell(
        "# the block to sign, bound to findings.json",
        id="signed",
        execution_count=number,
        outputs=[new_output("display_data", data=shown)],
    )
