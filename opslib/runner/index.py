"""``reports/index.html``: the latest report of each notebook and environment, then all runs.

It opens from disk without any network. Beside it stand ``owners/<owner>.html``: what each owner
answers for, out of the latest reports.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opslib.runner.history import PastRun, read_runs
from opslib.runner.html import Page, render_page, render_part
from opslib.runner.indexed_run import IndexedRun, describe_run
from opslib.runner.owner_pages import OwnerPage, owner_pages
from opslib.runner.suppressions import describe_suppressions
from opslib.wording import count

__all__ = ["write_index"]

OWNERS = "owners"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """The latest report of one notebook in one environment.

    Args:
        row: the report; the failed run where there is no report.
        failed: a newer run, which failed; None where there is none.
    """

    row: IndexedRun
    failed: IndexedRun | None = None


def write_index(reports: Path) -> Path:
    """Write the index and the owners' pages anew, each in one step; return where the index is."""
    with (reports / ".index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        runs = read_runs(reports)
        rows = [describe_run(run, runs, reports) for run in runs]
        board = _board(rows)
        latest = [tile.row for tile in board]
        pages = owner_pages(latest)
        _write_owners(reports / OWNERS, pages)
        body = render_part(
            "index.html.j2",
            board=board,
            older=[row for row in rows if row not in latest],
            pages=pages,
            suppressions=describe_suppressions(latest, runs),
            environments=sorted({run.manifest.environment for run in runs}),
            notebooks=sorted({run.manifest.notebook for run in runs}),
        )
        return _write(reports / "index.html", Page(title="Reports", line=_line(runs)), body)


def _board(rows: Sequence[IndexedRun]) -> list[Tile]:
    """Return the latest report of each notebook and environment, the newest first."""
    seen: dict[tuple[str, str], list[IndexedRun]] = {}
    for row in rows:
        key = (row.run.manifest.notebook, row.run.manifest.environment)
        seen.setdefault(key, []).append(row)
    return [_tile(held) for held in seen.values()]


def _tile(rows: Sequence[IndexedRun]) -> Tile:
    newest = rows[0]
    report = next((row for row in rows if row.run.findings is not None), None)
    if report is None:
        return Tile(row=newest, failed=newest)
    return Tile(row=report, failed=None if report is newest else newest)


def _line(runs: Iterable[PastRun]) -> tuple[str, ...]:
    held = list(runs)
    pruned = sum(bool(run.pruned) for run in held)
    failed = sum(run.findings is None for run in held) - pruned
    told = [
        count(len(held) - failed - pruned, "report"),
        *([f"{failed} failed"] if failed else []),
        *([f"{pruned} pruned"] if pruned else []),
    ]
    unsigned = sum(run.manifest.chain is None or bool(run.manifest.unsigned) for run in held)
    return (*told, *([f"{unsigned} unsigned"] if unsigned else []))


def _write_owners(folder: Path, pages: Sequence[OwnerPage]) -> None:
    """Write a page for each owner, and take away those of owners who have none any more."""
    folder.mkdir(exist_ok=True)
    for page in pages:
        around = Page(
            title=page.title,
            line=(count(page.counted, "finding"), f"in {count(len(page.parts), 'latest report')}"),
            links=(("All reports", "../index.html"),),
        )
        _write(folder / page.file, around, render_part("owner.html.j2", page=page))
    kept = {page.file for page in pages}
    for file in folder.glob("*.html"):
        if file.name not in kept:
            file.unlink()


def _write(file: Path, page: Page, body: str) -> Path:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    parts: dict[str, Any] = {"own_style": "index.css", "own_script": "index.js"}
    unfinished.write_text(render_page(page, body=body, **parts), "utf-8")
    return unfinished.replace(file)
