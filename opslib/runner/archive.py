"""A run as one zip, with all that is needed to verify it and a README for whoever gets it.

The same run gives the same bytes: names in order, one date, no owner of files.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from opslib.evidence.after import after_folder
from opslib.runner.archive_readme import archive_readme
from opslib.runner.history import PastRun

__all__ = ["run_files", "write_archive"]

NO_DATE = (1980, 1, 1, 0, 0, 0)
SHARED_SCRIPT = re.compile(r'<script nonce="[^"]*" src="\.\./\.\./\.\./(assets/[\w.-]+)"')


def write_archive(run: PastRun, file: Path) -> None:
    """Write a run, and what was said of it afterwards, to ``file``.

    Paths within are those below the folder of all reports, so that links hold and
    ``opslib verify`` takes the unpacked folder.
    """
    unfinished = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            place = "/".join(run.folder.parts[-3:])
            _add_text(archive, "README.md", archive_readme(run, f"reports/{place}"))
            _add_text(archive, "SHA256SUMS", _sums(run, f"reports/{place}"))
            for name, path in run_files(run):
                _add_file(archive, f"reports/{name}", path)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def run_files(run: PastRun) -> Iterator[tuple[str, Path]]:
    """Give every file of a run, of what came after it, and of what its page needs.

    Each with its path below the folder of all reports.
    """
    reports = run.folder.parents[2]
    for folder in (run.folder, after_folder(run.folder)):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(reports).as_posix(), path
    shared = SHARED_SCRIPT.search((run.folder / "report.html").read_text(encoding="utf-8"))
    if shared:
        yield shared[1], reports / shared[1]


def _sums(run: PastRun, place: str) -> str:
    """Return the digests that the manifest lists, as ``sha256sum --check`` reads them."""
    listed = sorted(run.manifest.files.items())
    return "".join(f"{entry['sha256']}  {place}/{name}\n" for name, entry in listed)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, NO_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, wherever it is made
    entry.external_attr = 0o644 << 16
    return entry


def _add_text(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(_entry(name), text)


def _add_file(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = _entry(name)
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target)
