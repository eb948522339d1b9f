"""What is said of a run after it was signed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from opslib.errors import EvidenceError
from opslib.evidence.after import DELIVERY, HOLD, TOMBSTONE, read_after, record_after
from opslib.evidence.envelope import open_envelope, payload_of
from opslib.evidence.statement import parse_statement


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny-070000Z"
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    return folder


def test_a_statement_names_its_run_and_is_signed(run: Path) -> None:
    signer = CryptoSigner.generate_ed25519()
    file = record_after(run, DELIVERY, {"to": "token=hunter2hunter2"}, signer)
    assert file == run.with_name("tiny-070000Z.after") / "delivery-1.dsse.json"
    statement = parse_statement(open_envelope(file.read_bytes(), [signer.public_key]))
    assert statement.subject[0].name == "run.json"
    assert statement.subject[0].digest.sha256 == hashlib.sha256(b"{}").hexdigest()
    assert statement.predicate["to"].startswith("token=[redacted ")
    assert json.loads(payload_of(file.read_bytes()))["_type"] == "https://in-toto.io/Statement/v1"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_statements_are_numbered_and_read_in_their_order(run: Path) -> None:
    for number in range(11):
        record_after(run, HOLD, {"n": number}, None)
    record_after(run, DELIVERY, {"n": 0}, None)
    told = [each.statement.predicate["n"] for each in read_after(run, HOLD) if each.statement]
    assert told == list(range(11))
    assert len(read_after(run)) == 12


def test_an_unsigned_statement_does_not_pass_for_a_signed_one(run: Path) -> None:
    file = record_after(run, HOLD, {}, None)
    with pytest.raises(EvidenceError, match="no signature"):
        open_envelope(file.read_bytes(), [CryptoSigner.generate_ed25519().public_key])


def test_there_is_one_tombstone(run: Path) -> None:
    record_after(run, TOMBSTONE, {}, None)
    with pytest.raises(EvidenceError, match="a tombstone already"):
        record_after(run, TOMBSTONE, {}, None)
    assert len(read_after(run)) == 1


def test_what_cannot_be_read_is_told_and_not_left_out(run: Path) -> None:
    record_after(run, HOLD, {}, None).write_text("{")
    assert [each.statement for each in read_after(run)] == [None]
    assert read_after(run, HOLD) == []


def test_a_folder_without_a_run_gets_no_statement(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"there is no run.json"):
        record_after(tmp_path / "none", HOLD, {}, None)
    assert list(tmp_path.iterdir()) == []
