"""The files of an export that count, brought here, each content once."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.aws.export_files import local_copy
from opslib.aws.export_selection import ChosenFile
from opslib.errors import TableError
from opslib.tables.bill_controls import FileState

if TYPE_CHECKING:
    from opslib.aws.reads import Reads
    from opslib.parameters.base import Account

__all__ = ["LocalCopy", "fetch_used"]

PACKED = ".gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCopy:
    """A file on this machine.

    Args:
        path: where it is.
        sha256: of it as it is.
    """

    path: Path
    sha256: str


def fetch_used(
    reads: Reads, account: Account | None, chosen: Sequence[ChosenFile]
) -> tuple[list[ChosenFile], dict[str, LocalCopy]]:
    """Fetch the files that are used, and set aside those that repeat another.

    A file of the same content as an earlier one, packed or not, is a copy. One that is there
    packed and unpacked with another content is a rival: nothing says which of the two counts.

    Returns:
        All files with what becomes of them, and the fetched ones by URI.

    Raises:
        TableError: a packed file is broken.
    """
    copies: dict[str, LocalCopy] = {}
    contents: set[str] = set()
    names: set[str] = set()
    decided = []
    for one in chosen:
        state = one.state
        if one.file is not None and state is FileState.USED:
            path = local_copy(reads, account, one.file)
            copies[one.uri] = LocalCopy(path=path, sha256=_sha256(path))
            content = _content(path) if path.name.endswith(PACKED) else copies[one.uri].sha256
            name = one.uri.removesuffix(PACKED)
            if content in contents:
                state = FileState.COPY
            elif name in names:
                state = FileState.RIVAL
            contents.add(content)
            names.add(name)
        decided.append(replace(one, state=state))
    return decided, copies


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _content(path: Path) -> str:
    """Return the SHA-256 of what a packed file holds."""
    try:
        with gzip.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(
            f"cannot be read: {error}", where=str(path), remedy="Fetch or export it again."
        ) from error
