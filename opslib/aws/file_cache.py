"""Files from S3, kept on disk by version so that a second run does not fetch them again."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from platformdirs import user_cache_path

__all__ = ["FileCache"]

MOST_BYTES = 20 * 1024**3
KEPT_SECONDS = 24 * 3600
"""A file that was used this recently may be in use: it stays, however full the folder is."""


class FileCache:
    """A folder of downloaded files, the least recently used thrown out first.

    Args:
        folder: where they are kept.
        most_bytes: size of the folder above which old files are removed.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    @classmethod
    def of_user(cls) -> FileCache:
        """Return the user's own cache (OPSLIB_CACHE names another folder)."""
        chosen = os.environ.get("OPSLIB_CACHE")
        return cls(Path(chosen) if chosen else user_cache_path("opslib") / "files")

    def fetch(self, identity: str, name: str, download: Callable[[Path], None]) -> Path:
        """Return the file of ``identity``, fetched by ``download`` unless it is here.

        Args:
            identity: URI with version; another version is another file.
            name: its name, kept so that the ending tells the format.
            download: writes the file to the path that it is given.
        """
        place = self._folder / hashlib.sha256(identity.encode()).hexdigest()[:24] / name
        if place.exists():
            os.utime(place)
            return place
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(f".{os.getpid()}-{threading.get_ident()}-{name}")
        try:
            download(unfinished)
            unfinished.replace(place)
        finally:
            unfinished.unlink(missing_ok=True)
        self._trim(newest=place.stat().st_mtime)
        return place

    def _trim(self, newest: float) -> None:
        files = sorted(self._files())
        excess = sum(size for _, size, _ in files) - self._most_bytes
        for used, size, path in files:
            if excess <= 0 or used > newest - KEPT_SECONDS:
                return
            excess -= size
            path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """Yield when each file was last used, its bytes and its path.

        Others fetch and trim meanwhile: a file may be gone before it is looked at.
        """
        for path in self._folder.rglob("*"):
            with suppress(FileNotFoundError):
                facts = path.stat()
                if S_ISREG(facts.st_mode):
                    yield facts.st_mtime, facts.st_size, path
