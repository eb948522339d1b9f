"""Folders on their way to becoming reports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from opslib.runner.publish import abandoned_folders, published_place, rename_to, working_folder


def test_a_place_is_named_by_the_utc_start_of_the_run(tmp_path: Path) -> None:
    started = datetime(2026, 3, 2, 6, 5, 9, tzinfo=UTC)
    place = published_place(tmp_path, notebook="tiny", environment="prod", started=started)
    assert place == tmp_path / "2026-03-02" / "prod" / "tiny-060509Z"


def test_a_place_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / f"work{number}"
        folder.mkdir()
        (folder / "run.json").write_text(str(number))
        rename_to(folder, tmp_path / "reports" / "tiny")
    names = {
        path.name: (path / "run.json").read_text() for path in (tmp_path / "reports").iterdir()
    }
    assert names == {"tiny": "0", "tiny-2": "1", "tiny-3": "2"}


def test_a_working_folder_that_is_in_use_is_not_abandoned(tmp_path: Path) -> None:
    with working_folder(tmp_path, "tiny") as folder:
        with abandoned_folders(tmp_path) as found:
            assert found == []
        folder.rename(tmp_path / "report")
    with abandoned_folders(tmp_path) as found:
        assert found == []
    assert list((tmp_path / ".running").iterdir()) == []


def test_a_working_folder_that_was_left_behind_is_abandoned(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), working_folder(tmp_path, "tiny") as folder:
        raise RuntimeError("before it was moved away")
    with abandoned_folders(tmp_path) as found:
        assert found == [folder]
        with abandoned_folders(tmp_path) as found_by_another:
            assert found_by_another == []
        folder.rename(tmp_path / "report")
    assert list((tmp_path / ".running").iterdir()) == []
