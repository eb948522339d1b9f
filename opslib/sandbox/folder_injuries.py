"""Injuries of a restored folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FOLDER_INJURIES", "FolderInjury"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderInjury:
    """One class of injury.

    Args:
        name: what is done.
        make: does it to a folder; returns where, '' where there is no place for it.
        caught_by: the check that must fail.
    """

    name: str
    make: Callable[[Path], str]
    caught_by: str = "content"


def _files(root: Path) -> list[Path]:
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())
    return [path for path in found if path.stat().st_size]


def _to_file(change: Callable[[Path], None]) -> Callable[[Path], str]:
    """Return an injury of the first file, which keeps its time."""

    def make(root: Path) -> str:
        for path in _files(root)[:1]:
            times = path.stat()
            change(path)
            if path.exists() and not path.is_symlink():
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            return path.name
        return ""

    return make


def _flip(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def _zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _replace_by_link(path: Path) -> None:
    kept = path.with_name(f"{path.name}.kept")
    path.rename(kept)
    path.symlink_to(kept.name)


def _rename(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}.1"))


def _change_mode(path: Path) -> None:
    path.chmod(path.stat().st_mode & 0o7777 ^ 0o010)


def _replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _lose_folder(root: Path) -> str:
    for path in sorted(root.rglob("*")):
        if path.is_dir() and not path.is_symlink() and any(path.iterdir()):
            shutil.rmtree(path)
            return path.name
    return ""


def _lose_all(root: Path) -> str:
    for path in list(root.iterdir()):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return root.name


def _exchange(root: Path) -> str:
    files = _files(root)
    for other in files[1:]:
        if other.read_bytes() != files[0].read_bytes():
            first, second = files[0].read_bytes(), other.read_bytes()
            files[0].write_bytes(second)
            other.write_bytes(first)
            return other.name
    return ""


def _retarget(root: Path) -> str:
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            path.unlink()
            path.symlink_to("elsewhere")
            return path.name
    return ""


def _add(root: Path) -> str:
    (root / "nobody-put-this").write_bytes(b"here")
    return "nobody-put-this"


def _age(root: Path) -> str:
    for path in _files(root)[:1]:
        os.utime(path, (1_000_000_000, 1_000_000_000))
        return path.name
    return ""


ATTRIBUTES = "attributes"
FOLDER_INJURIES = (
    FolderInjury(name="file lost", make=_to_file(Path.unlink)),
    FolderInjury(name="folder lost", make=_lose_folder),
    FolderInjury(name="everything lost", make=_lose_all),
    FolderInjury(name="file not expected", make=_add),
    FolderInjury(name="bit flipped", make=_to_file(_flip)),
    FolderInjury(name="file of zeros", make=_to_file(_zero)),
    FolderInjury(
        name="file cut short", make=_to_file(lambda p: os.truncate(p, p.stat().st_size - 1))
    ),
    FolderInjury(name="file emptied", make=_to_file(lambda p: os.truncate(p, 0))),
    FolderInjury(name="file under another name", make=_to_file(_rename)),
    FolderInjury(name="two files exchanged", make=_exchange),
    FolderInjury(name="file became a link to the same", make=_to_file(_replace_by_link)),
    FolderInjury(name="file became a folder", make=_to_file(_replace_by_folder)),
    FolderInjury(name="link leads elsewhere", make=_retarget),
    FolderInjury(name="mode changed", make=_to_file(_change_mode), caught_by=ATTRIBUTES),
    FolderInjury(name="time of modification lost", make=_age, caught_by=ATTRIBUTES),
)
"""Injuries of what a folder holds."""
