"""Runs that are appended to their chain: at once, after a kill, without a head, with a new key."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner, Signature

from opslib.errors import AccessDenied, EvidenceError, ParameterError
from opslib.evidence.chain import check_head
from opslib.evidence.head import Chain
from opslib.evidence.manifest import ChainLink, read_manifest
from opslib.evidence.verification import exit_code_of, verify_reports
from tests.evidence.signed_runs import make_sealer, sign_run

TINY = Chain(environment="test", notebook="tiny")


def link_of(folder: Path) -> ChainLink:
    link = read_manifest(folder).chain
    assert link is not None
    return link


def heads(tmp_path: Path) -> dict[str, bytes]:
    return {"head": (tmp_path / "state/test/tiny.head.dsse.json").read_bytes()}


def test_runs_that_finish_at_once_are_all_in_the_chain(tmp_path: Path) -> None:
    sealer = make_sealer(tmp_path / "state")
    begin = threading.Barrier(6)

    def finish(minute: int) -> None:
        begin.wait(10)
        sign_run(tmp_path / "reports", minute, sealer)

    threads = [threading.Thread(target=finish, args=(minute,)) for minute in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdicts = verify_reports(tmp_path / "reports", sealer.keys, heads(tmp_path))
    assert exit_code_of(verdicts) == 0
    assert len(verdicts) == 6


def test_a_kill_between_publishing_and_head_is_put_right_by_the_next_run(tmp_path: Path) -> None:
    sealer = make_sealer(tmp_path / "state")
    sign_run(tmp_path / "reports", 0, sealer)
    before = heads(tmp_path)["head"]
    sign_run(tmp_path / "reports", 1, sealer)
    (tmp_path / "state/test/tiny.head.dsse.json").write_bytes(before)
    assert exit_code_of(verify_reports(tmp_path / "reports", sealer.keys, heads(tmp_path))) == 5
    third = sign_run(tmp_path / "reports", 2, sealer)
    assert (link_of(third.folder).number, link_of(third.folder).after) == (3, "head")
    assert exit_code_of(verify_reports(tmp_path / "reports", sealer.keys, heads(tmp_path))) == 0


def test_a_run_that_somebody_else_signed_is_not_followed(tmp_path: Path) -> None:
    sealer, foreign = make_sealer(tmp_path / "state"), make_sealer(tmp_path / "foreign")
    sign_run(tmp_path / "reports", 0, sealer)
    shutil.copytree(tmp_path / "reports", tmp_path / "copy")
    sign_run(tmp_path / "reports", 1, foreign)
    second = sign_run(tmp_path / "reports", 2, sealer)
    assert link_of(second.folder).number == 2


def test_a_lost_head_is_told_by_the_next_run(tmp_path: Path) -> None:
    sealer = make_sealer(tmp_path / "state")
    for minute in range(2):
        sign_run(tmp_path / "reports", minute, sealer)
    shutil.rmtree(tmp_path / "state")
    third = sign_run(tmp_path / "reports", 2, sealer)
    assert (link_of(third.folder).number, link_of(third.folder).after) == (3, "reports")
    verdicts = verify_reports(tmp_path / "reports", sealer.keys, heads(tmp_path))
    assert verdicts[2].because == ("appended while the head of its chain was missing",)


def test_after_a_change_of_keys_the_earlier_one_is_named(tmp_path: Path) -> None:
    old = make_sealer(tmp_path / "state")
    sign_run(tmp_path / "reports", 0, old)
    new = make_sealer(tmp_path / "state")
    with pytest.raises(ParameterError, match="earlier_keys"):
        check_head(new, TINY)
    rotated = replace(new, keys=(*new.keys, *old.keys))
    second = sign_run(tmp_path / "reports", 1, rotated)
    assert link_of(second.folder).number == 2
    assert exit_code_of(verify_reports(tmp_path / "reports", rotated.keys, heads(tmp_path))) == 0
    assert exit_code_of(verify_reports(tmp_path / "reports", new.keys, heads(tmp_path))) == 1


class Refusing(CryptoSigner):
    """A key that cannot be reached."""

    def sign(self, payload: bytes) -> Signature:
        raise AccessDenied("not allowed", where="kms:Sign")


def test_what_cannot_be_signed_is_published_and_says_so(tmp_path: Path) -> None:
    sealer = make_sealer(tmp_path / "state")
    sign_run(tmp_path / "reports", 0, sealer)
    refusing = replace(sealer, signer=Refusing(CryptoSigner.generate_ed25519()._private_key))
    done = sign_run(tmp_path / "reports", 1, refusing)
    assert isinstance(done.fault, AccessDenied)
    assert done.manifest == read_manifest(done.folder)
    assert (done.manifest.unsigned, done.manifest.chain) == ("not allowed", None)
    assert not (done.folder / "run.dsse.json").exists()
    verdicts = verify_reports(tmp_path / "reports", sealer.keys, heads(tmp_path))
    assert [each.standing.value for each in verdicts] == ["intact", "unsigned"]
    assert verdicts[1].because == ("not allowed",)
    third = sign_run(tmp_path / "reports", 2, sealer)
    assert link_of(third.folder).number == 2


def test_a_head_that_cannot_be_written_leaves_a_signed_run(tmp_path: Path) -> None:
    sealer = make_sealer(tmp_path / "state")
    (tmp_path / "state/test").mkdir(parents=True)
    (tmp_path / "state/test/.tiny.head.dsse.json").mkdir()
    done = sign_run(tmp_path / "reports", 0, sealer)
    assert isinstance(done.fault, EvidenceError)
    verdicts = verify_reports(tmp_path / "reports", sealer.keys, {})
    assert [each.standing.value for each in verdicts] == ["tail unproven"]


def test_a_run_that_left_a_link_is_not_published(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / ".running" / "tiny-0-False"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(EvidenceError, match="link is no plain file"):
        sign_run(tmp_path / "reports", 0, None)
