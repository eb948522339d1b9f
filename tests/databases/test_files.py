from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opslib.databases.file_copies import capture_file_baseline
from opslib.databases.files import FileLimits, read_tree
from opslib.errors import AccessDenied, NotFound, ParameterError
from opslib.tables.baseline import load_store_baseline
from opslib.tables.store_states import TableItems, TreeState

NOBODY = 65534


@pytest.fixture
def root() -> Iterator[Path]:
    """Return a folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="opslib-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def entries(root: Path, **limits: Any) -> list[dict[str, Any]]:
    frame = read_tree(root, FileLimits(**limits)).entries
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def kinds(root: Path) -> dict[str, str]:
    return {row["Content"]: row["Kind"] for row in entries(root)}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_kind_of_entry_is_listed_and_only_files_are_opened(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_bytes(b"one")
    (root / "empty").write_bytes(b"")
    (root / "link").symlink_to("a")
    os.mkfifo(root / "pipe")
    found = entries(root)
    assert sorted(row["Kind"] for row in found) == sorted(
        ["directory", "directory", "file", "file", "symlink", "fifo"]
    )
    told = kinds(root)
    assert told[sha256(b"one")] == told[sha256(b"")] == "file"
    assert told[sha256(b"a")] == "symlink"


def test_no_link_leads_out(root: Path) -> None:
    with tempfile.TemporaryDirectory() as outside:
        (Path(outside) / "secret").write_bytes(b"outside")
        (root / "out").symlink_to(outside)
        (root / "file-out").symlink_to(Path(outside) / "secret")
        assert sha256(b"outside") not in kinds(root)
        assert len(entries(root)) == 2


def test_a_folder_that_became_a_link_is_not_entered(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "d").mkdir()
    (root / "e").mkdir()
    with tempfile.TemporaryDirectory() as outside:
        (Path(outside) / "secret").write_bytes(b"outside")
        listed = os.listdir

        def swap(folder: int) -> list[str]:
            names = listed(folder)
            if "d" in names:
                (root / "d").rename(root / "was-d")
                (root / "d").symlink_to(outside)
            return names

        monkeypatch.setattr(os, "listdir", swap)
        found = entries(root)
    assert sha256(b"outside") not in {row["Content"] for row in found}


@pytest.mark.skipif(os.geteuid() != 0, reason="takes the rights of another user")
def test_what_may_not_be_read_says_so(root: Path) -> None:
    (root / "open").write_bytes(b"open")
    (root / "shut").write_bytes(b"shut")
    (root / "shut").chmod(0o600)
    (root / "closed").mkdir(mode=0o700)
    (root / "closed" / "inner").write_bytes(b"inner")
    os.seteuid(NOBODY)
    try:
        found = entries(root)
    finally:
        os.seteuid(0)
    problems = sorted((row["Kind"], row["Problem"]) for row in found if row["Problem"])
    assert problems == [("directory", "Permission denied"), ("file", "Permission denied")]
    assert sha256(b"open") in {row["Content"] for row in found}


def test_a_file_that_is_written_while_it_is_read_is_no_content(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "file").write_bytes(b"one")
    read = os.read

    def write_meanwhile(opened: int, size: int) -> bytes:
        content = read(opened, size)
        if content:
            (root / "file").write_bytes(b"other")
        return b"" if content == b"other" else content

    monkeypatch.setattr(os, "read", write_meanwhile)
    (row,) = entries(root)
    assert (row["Content"], row["Problem"]) == ("", "changed while it was read")


def test_a_file_beyond_the_limit_is_listed_as_unread(root: Path) -> None:
    (root / "file").write_bytes(b"12345")
    (row,) = entries(root, bytes_limit=4)
    assert (row["Size"], row["Content"], row["Problem"]) == (5, "", "larger than 4 bytes")


def test_names_that_are_no_text_are_listed_and_tell_nothing(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    (root / name).write_bytes(b"x")
    (root / "caf\u00e9").write_bytes(b"y")
    found = entries(root)
    assert len({row["Path"] for row in found}) == 2
    assert "caf" not in str(found)


def test_a_path_has_one_hash_wherever_the_folder_is(root: Path) -> None:
    for place in ("one", "two"):
        (root / place / "deep").mkdir(parents=True)
        (root / place / "deep" / "file").write_bytes(b"x")
    hashes = [{row["Path"] for row in entries(root / place)} for place in ("one", "two")]
    assert hashes[0] == hashes[1]


def test_folders_may_lie_deeper_than_python_calls(root: Path) -> None:
    top, spare = root / "d", root / "spare"
    top.mkdir()
    try:
        for _ in range(1199):
            top.rename(spare)
            top.mkdir()
            spare.rename(top / "d")
        assert len(entries(root)) == 1200
    finally:
        # shutil.rmtree calls itself once a level.
        while (top / "d").exists():
            (top / "d").rename(spare)
            top.rmdir()
            spare.rename(top)


def test_progress_is_told(root: Path) -> None:
    for number in range(5):
        (root / f"{number}").write_bytes(bytes(number))
    told: list[tuple[int, int]] = []
    read_tree(root, FileLimits(), lambda files, size: told.append((files, size)))
    assert told[-1] == (5, 10)


def test_a_folder_that_is_not_there_or_closed_is_an_error(root: Path) -> None:
    with pytest.raises(NotFound):
        read_tree(root / "nowhere", FileLimits())
    if os.geteuid() == 0:
        (root / "closed").mkdir(mode=0o700)
        os.seteuid(NOBODY)
        try:
            with pytest.raises(AccessDenied):
                read_tree(root / "closed", FileLimits())
        finally:
            os.seteuid(0)


def test_a_baseline_is_kept_and_read_again_and_not_within_the_folder(
    root: Path, tmp_path: Path
) -> None:
    (root / "file").write_bytes(b"x")
    made = capture_file_baseline(root, tmp_path / "kept")
    assert load_store_baseline(tmp_path / "kept", TreeState).entries.equals(made.entries)
    for place in (tmp_path / "kept", root / "kept"):
        with pytest.raises(ParameterError):
            capture_file_baseline(root, place)
    with pytest.raises(ParameterError, match="TreeState, not a TableItems"):
        load_store_baseline(tmp_path / "kept", TableItems)
