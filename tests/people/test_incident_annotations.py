"""Stars and notes are kept in the incident's own file, and are part of the next report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.errors import ParameterError
from opslib.parameters.incident import IncidentParameters
from opslib.people.incident_annotations import IncidentAnnotations, open_annotations
from opslib.people.incident_scope import read_incident_scope
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with

WINDOW = TimeWindow(
    start=datetime(2026, 3, 1, 8, tzinfo=UTC), end=datetime(2026, 3, 1, 22, tzinfo=UTC)
)
TEXT = """\
# What people decided.
start: "2026-03-01T08:00:00Z"
end: "2026-03-01T22:00:00Z"
priority: P1  # by the commander
"""
EVENT, OTHER = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "parameters" / "prod" / "incidents"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    return folder


def parameters(**values: Any) -> IncidentParameters:
    usual = {"environment": "prod", "as_of": "2026-03-02T06:00:00Z", "incident": "shop"}
    return IncidentParameters.parse({**usual, **values})


def opened(**values: Any) -> IncidentAnnotations:
    kept = open_annotations(parameters(**values), WINDOW)
    kept.reload()
    return kept


def test_a_star_and_a_note_are_in_the_next_report(project: Path, tmp_path: Path) -> None:
    reads = reads_with(tmp_path / "run")
    assert read_incident_scope(reads, parameters()).file is not None
    kept = opened()
    kept.save(EVENT, is_starred=True, note="")
    kept.save(OTHER, is_starred=False, note="asked: why?")
    # In the same kernel too, whose other reads are kept.
    for context in (reads, reads_with(tmp_path / "other")):
        file = read_incident_scope(context, parameters()).file
        assert file is not None
        assert file.stars == (EVENT,)
        assert file.notes == {OTHER: "asked: why?"}
    text = (project / "shop.yaml").read_text(encoding="utf-8")
    assert text.startswith(TEXT)
    assert [file.name for file in project.iterdir()] == ["shop.yaml"], (
        "nothing half-written is left"
    )


def test_they_can_be_taken_back(project: Path) -> None:
    kept = opened()
    kept.save(EVENT, is_starred=True, note="one")
    kept.save(EVENT, is_starred=True, note="two")
    kept.save(OTHER, is_starred=True, note="")
    file = kept.save(EVENT, is_starred=False, note="")
    assert (file.stars, file.notes) == ((OTHER,), {})
    assert kept.reload() == file
    assert "# by the commander" in (project / "shop.yaml").read_text(encoding="utf-8")


def test_a_file_that_was_altered_meanwhile_is_left_alone_until_it_is_reloaded(
    project: Path,
) -> None:
    mine, theirs = opened(), opened()
    theirs.save(OTHER, is_starred=True, note="theirs")
    before = (project / "shop.yaml").read_bytes()
    with pytest.raises(ParameterError, match=r"altered meanwhile.*shop\.yaml"):
        mine.save(EVENT, is_starred=False, note="mine")
    assert (project / "shop.yaml").read_bytes() == before
    mine.reload()
    file = mine.save(EVENT, is_starred=False, note="mine")
    assert file.notes == {OTHER: "theirs", EVENT: "mine"}
    assert file.stars == (OTHER,)


def test_a_file_that_was_removed_meanwhile_is_not_made_again(project: Path) -> None:
    kept = opened()
    (project / "shop.yaml").unlink()
    with pytest.raises(ParameterError, match="altered meanwhile"):
        kept.save(EVENT, is_starred=True, note="")
    assert not (project / "shop.yaml").exists()


def test_without_a_file_one_is_made_and_can_be_named(project: Path, tmp_path: Path) -> None:
    span = {"start": WINDOW.start, "end": WINDOW.end}
    kept = opened(incident="", **span)
    assert (kept.file, kept.name) == (None, "2026-03-01-0800")
    assert kept.path == project / "2026-03-01-0800.yaml"
    kept.save(EVENT, is_starred=True, note="")
    scope = read_incident_scope(reads_with(tmp_path), parameters(incident=kept.name))
    assert scope.window == WINDOW
    assert scope.file is not None
    assert scope.file.stars == (EVENT,)


def test_an_environment_without_incidents_gets_its_folder(project: Path) -> None:
    kept = opened(environment="staging", incident="", start=WINDOW.start, end=WINDOW.end)
    kept.save(EVENT, is_starred=True, note="")
    assert kept.path == project.parents[1] / "staging" / "incidents" / "2026-03-01-0800.yaml"
    assert kept.path.exists()


def test_two_who_make_the_file_do_not_overwrite_each_other(project: Path) -> None:
    span = {"incident": "", "start": WINDOW.start, "end": WINDOW.end}
    first, second = opened(**span), opened(**span)
    first.save(EVENT, is_starred=True, note="")
    with pytest.raises(ParameterError, match="altered meanwhile"):
        second.save(OTHER, is_starred=True, note="")


def test_broken_yaml_is_told_with_its_line_and_left_alone(project: Path) -> None:
    kept = opened()
    broken = TEXT + "stars: [\n"
    (project / "shop.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"shop\.yaml:\d+"):
        kept.reload()
    with pytest.raises(ParameterError, match="altered meanwhile"):
        kept.save(EVENT, is_starred=True, note="")
    assert (project / "shop.yaml").read_text(encoding="utf-8") == broken


def test_line_ends_and_rights_stay_and_a_link_leads_to_the_file(project: Path) -> None:
    target = project.parent / "kept.yaml"
    target.write_bytes(TEXT.replace("\n", "\r\n").encode())
    target.chmod(0o640)
    (project / "shop.yaml").unlink()
    (project / "shop.yaml").symlink_to(target)
    opened().save(EVENT, is_starred=True, note="")
    assert (project / "shop.yaml").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.read_bytes().startswith(TEXT.replace("\n", "\r\n").encode())


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """Give a folder that may not be written to, to a user who is not root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop.yaml").write_text(TEXT, encoding="utf-8")
        folder.chmod(0o555)
        (folder / "shop.yaml").chmod(0o444)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_to_is_told(read_only_folder: Path) -> None:
    kept = IncidentAnnotations(read_only_folder / "shop.yaml", WINDOW, "shop")
    kept.reload()
    with pytest.raises(ParameterError, match=r"cannot be written: Permission denied.*shop\.yaml"):
        kept.save(EVENT, is_starred=True, note="x")
    assert (read_only_folder / "shop.yaml").read_text(encoding="utf-8") == TEXT
    assert [file.name for file in read_only_folder.iterdir()] == ["shop.yaml"]
