"""The file of declined advice as a run reads it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from opslib.aws.savings.declined import read_declined
from opslib.errors import ParameterError
from opslib.parameters.savings import SavingsParameters
from opslib.run_folder import RunFolder
from tests.aws.fakes import reads_with

TEXT = """declined:
  - {id: "0123456789ab", reason: kept, by: ada, until: 2026-06-30}
"""


def parameters(path: str) -> SavingsParameters:
    return SavingsParameters.parse({"as_of": "2026-03-02T06:00:00Z", "declined": path})


def test_it_is_read_and_replayed_without_the_file(tmp_path: Path) -> None:
    file = tmp_path / "declined.yaml"
    file.write_text(TEXT)
    reads = reads_with(tmp_path / "run")
    frame = read_declined(reads, parameters(str(file)))
    assert frame.to_dict("records") == [
        {"Id": "0123456789ab", "Reason": "kept", "By": "ada", "Until": date(2026, 6, 30)}
    ]
    file.unlink()
    replayed = reads_with(tmp_path / "run")
    replayed.run = RunFolder(path=tmp_path / "run", replay=True)
    assert read_declined(replayed, parameters(str(file))).equals(frame)


def test_a_file_that_was_corrected_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "declined.yaml"
    reads = reads_with(tmp_path / "run")
    file.write_text(TEXT)
    assert len(read_declined(reads, parameters(str(file)))) == 1
    file.write_text("declined: []\n")
    assert read_declined(reads, parameters(str(file))).empty


def test_without_a_file_nothing_is_asked(tmp_path: Path) -> None:
    reads = reads_with(tmp_path)
    assert read_declined(reads, parameters("")).empty
    assert reads.coverage == ()


def test_a_file_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="cannot be read"):
        read_declined(reads_with(tmp_path), parameters(str(tmp_path / "none.yaml")))
