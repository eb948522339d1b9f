"""Retention: which old runs may lose their files, and what stays of them.

What stays is the signed manifest, so that the chain is whole, and a signed tombstone beside it,
which says when and by which rule the files went. The tombstone is written first: what is killed
in between leaves files that the next prune deletes.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from opslib.errors import EvidenceError
from opslib.evidence.after import TOMBSTONE, read_after, record_after
from opslib.evidence.chain import Sealer, run_folders
from opslib.evidence.examination import examine_run
from opslib.evidence.files import ENVELOPE, MANIFEST
from opslib.evidence.head import Chain
from opslib.evidence.hold import find_holds
from opslib.evidence.manifest import Manifest, RunStatus, read_manifest

__all__ = ["OldRun", "RetentionRule", "plan_retention", "prune_run"]

KEPT = {MANIFEST, ENVELOPE}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """What is kept whatever its age, and what is kept whatever its number.

    Args:
        keep: newest runs of a notebook that stay, reports and failed runs counted apart; 1 at
            the least.
        older_than: age from which a run may go; None for any.
    """

    keep: int
    older_than: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRun:
    """A run, and whether its files may go.

    Args:
        folder: where it is.
        kept: why it stays; '' where its files may go.
        files: how many they are.
        size: bytes.
    """

    folder: Path
    kept: str = ""
    files: int = 0
    size: int = 0


def plan_retention(
    reports: Path, chain: Chain, rule: RetentionRule, now: datetime, sealer: Sealer | None
) -> list[OldRun]:
    """Return the runs of one notebook in one environment, newest first; pruned ones left out.

    Args:
        reports: the folder of all reports.
        chain: which notebook and environment.
        rule: what is to stay.
        now: the moment, aware.
        sealer: of the environment; None where it signs nothing.
    """
    found = sorted(_runs(reports, chain), key=lambda each: each[1].started_at, reverse=True)
    seen: dict[RunStatus, int] = defaultdict(int)
    planned = []
    for folder, manifest in found:
        seen[manifest.status] += 1
        left = _files(folder)
        if read_after(folder, TOMBSTONE) and not left:
            continue
        planned.append(
            OldRun(
                folder=folder,
                kept=_kept(folder, manifest, seen[manifest.status], rule, now, sealer),
                files=len(left),
                size=sum(path.lstat().st_size for path in left),
            )
        )
    return planned


def _runs(reports: Path, chain: Chain) -> Iterator[tuple[Path, Manifest]]:
    """Yield the runs whose manifest can be read; what cannot is for `opslib verify` to tell."""
    for folder in run_folders(reports, chain):
        try:
            manifest = read_manifest(folder)
        except (OSError, EvidenceError):
            continue
        if (manifest.environment, manifest.notebook) == (chain.environment, chain.notebook):
            yield folder, manifest


def _kept(
    folder: Path,
    manifest: Manifest,
    place: int,
    rule: RetentionRule,
    now: datetime,
    sealer: Sealer | None,
) -> str:
    if place <= max(1, rule.keep):
        return "the newest" if place == 1 else f"among the newest {rule.keep}"
    if rule.older_than is not None and now - manifest.started_at < rule.older_than:
        return f"younger than {rule.older_than.days} days"
    keys = sealer.keys if sealer else ()
    if find_holds(folder, keys):
        return "held"
    problems = [*examine_run(folder, keys).problems]
    return f"look at it first: {problems[0]}" if problems else ""


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir())
        and path.relative_to(folder).as_posix() not in KEPT
    ]


def prune_run(run: OldRun, rule: RetentionRule, now: datetime, sealer: Sealer | None) -> None:
    """Record a tombstone, and delete the run's files but its manifest and its signature.

    Args:
        run: from `plan_retention`, not kept.
        rule: by which it goes.
        now: the moment, aware.
        sealer: of the environment; None where it signs nothing.
    """
    if not read_after(run.folder, TOMBSTONE):
        said = {
            "at": now.isoformat(timespec="seconds"),
            "keep": rule.keep,
            "older_than_days": rule.older_than.days if rule.older_than else None,
            "files": run.files,
            "bytes": run.size,
        }
        record_after(run.folder, TOMBSTONE, said, sealer.signer if sealer else None)
    for path in _children(run.folder):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _children(folder: Path) -> Sequence[Path]:
    return [path for path in sorted(folder.iterdir()) if path.name not in KEPT]
