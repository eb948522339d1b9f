"""Every way to tamper with signed runs, and what verification says of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from opslib.evidence.after import HOLD, TOMBSTONE, record_after
from opslib.evidence.envelope import seal_payload
from opslib.evidence.files import hash_files
from opslib.evidence.head import Head, seal_head
from opslib.evidence.manifest import RunStatus, read_manifest, write_manifest
from opslib.evidence.verification import Standing, exit_code_of, verify_reports, verify_run
from tests.evidence.signed_runs import FILES, make_sealer, sign_run

RUNS = 4
"""The third of them failed."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Reports with four signed runs, and the key of another."""

    reports: Path
    state: Path
    runs: tuple[Path, ...]
    signer: CryptoSigner
    other: CryptoSigner

    @property
    def head(self) -> Path:
        return self.state / "test" / "tiny.head.dsse.json"

    def verify(self, heads: Mapping[str, bytes] | None = None) -> dict[str, tuple[str, str]]:
        """Return what is said of each run, or of what is missing."""
        brought = {"head": self.head.read_bytes()} if heads is None else heads
        verdicts = verify_reports(self.reports, [self.signer.public_key], brought)
        return {
            each.what.removeprefix(f"{self.reports}/"): (
                each.standing.value,
                "; ".join(each.because),
            )
            for each in verdicts
        }

    def standings(self, heads: Mapping[str, bytes] | None = None) -> list[str]:
        return [standing for standing, _ in self.verify(heads).values()]

    def resign(self, folder: Path, signer: CryptoSigner) -> None:
        payload = (folder / "run.json").read_bytes()
        (folder / "run.dsse.json").write_bytes(seal_payload(payload, signer))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    root = tmp_path_factory.mktemp("signed")
    signer = CryptoSigner.generate_ed25519()
    sealer = make_sealer(root / "state", signer)
    runs = [
        sign_run(root / "reports", minute, sealer, failed=minute == 2).folder
        for minute in range(RUNS)
    ]
    return Signed(
        reports=root / "reports",
        state=root / "state",
        runs=tuple(runs),
        signer=signer,
        other=CryptoSigner.generate_ed25519(),
    )


@pytest.fixture
def signed(made: Signed, tmp_path: Path) -> Signed:
    for name in ("reports", "state"):
        shutil.copytree(getattr(made, name), tmp_path / name)
    runs = tuple(tmp_path / "reports" / run.relative_to(made.reports) for run in made.runs)
    return replace(made, reports=tmp_path / "reports", state=tmp_path / "state", runs=runs)


def name_of(signed: Signed, run: int) -> str:
    return signed.runs[run].relative_to(signed.reports).as_posix()


def test_what_nobody_touched_is_intact(signed: Signed) -> None:
    told = signed.verify()
    assert {standing for standing, _ in told.values()} == {"intact"}
    assert len(told) == RUNS
    assert told[name_of(signed, 2)] == ("intact", "a failed run")


def test_without_a_head_the_last_run_is_unproven(signed: Signed) -> None:
    told = signed.verify({})
    assert told[name_of(signed, 3)] == ("tail unproven", "no head says that it was the last")
    assert sorted(signed.standings({})) == ["intact"] * 3 + ["tail unproven"]


@pytest.mark.parametrize("name", [*FILES, "run.json", "run.dsse.json"])
@pytest.mark.parametrize("place", [0, -1])
def test_a_changed_byte_in_any_file_is_told(signed: Signed, name: str, place: int) -> None:
    file = signed.runs[1] / name
    written = bytearray(file.read_bytes())
    written[place] ^= 1
    file.write_bytes(bytes(written))
    standing, because = signed.verify()[name_of(signed, 1)]
    assert standing == "tampered"
    assert name in because


def test_a_byte_changed_inside_the_signed_payload_is_told(signed: Signed) -> None:
    file = signed.runs[1] / "run.dsse.json"
    envelope = json.loads(file.read_bytes())
    envelope["payload"] = envelope["payload"].replace("A", "B", 1)
    file.write_text(json.dumps(envelope))
    standing, because = signed.verify()[name_of(signed, 1)]
    assert (standing, because) == (
        "tampered",
        "run.dsse.json: the signature does not fit what is signed",
    )


@pytest.mark.parametrize("added", ["tables/more.csv", "evidence/run.dsse.json", ".hidden"])
def test_an_added_file_is_told(signed: Signed, added: str) -> None:
    (signed.runs[1] / added).write_text("")
    assert signed.verify()[name_of(signed, 1)] == ("tampered", f"{added} was added")


def test_a_link_in_place_of_a_file_is_told(signed: Signed, tmp_path: Path) -> None:
    file = signed.runs[1] / "report.html"
    file.rename(tmp_path / "elsewhere.html")
    file.symlink_to(tmp_path / "elsewhere.html")
    assert signed.verify()[name_of(signed, 1)] == ("tampered", "report.html is a link")


@pytest.mark.parametrize("name", FILES)
def test_a_removed_file_is_told(signed: Signed, name: str) -> None:
    (signed.runs[1] / name).unlink()
    assert signed.verify()[name_of(signed, 1)] == ("tampered", f"{name} was removed")


def test_a_removed_signature_does_not_make_a_run_an_unsigned_one(signed: Signed) -> None:
    (signed.runs[1] / "run.dsse.json").unlink()
    told = signed.verify()
    assert told[name_of(signed, 1)] == ("tampered", "run.dsse.json is missing")
    assert told["test/tiny run 2"] == ("missing", "signed, and not here")


@pytest.mark.parametrize(
    ("removed", "says"), [([1], "run 2"), ([1, 2], "runs 2 to 3"), ([0], "run 1")]
)
def test_a_run_removed_from_the_middle_is_missing_even_without_a_head(
    signed: Signed, removed: list[int], says: str
) -> None:
    for run in removed:
        shutil.rmtree(signed.runs[run])
    assert signed.verify({})[f"test/tiny {says}"] == ("missing", "signed, and not here")


def test_a_run_removed_from_the_end_is_missing_by_the_head(signed: Signed) -> None:
    shutil.rmtree(signed.runs[3])
    assert "missing" not in signed.standings({}), "only the head can tell"
    assert signed.verify()["test/tiny run 4"] == ("missing", "signed, and not here")


def test_swapped_runs_are_told(signed: Signed, tmp_path: Path) -> None:
    one, other = signed.runs[0], signed.runs[1]
    one.rename(tmp_path / "aside")
    other.rename(one)
    (tmp_path / "aside").rename(other)
    told = signed.verify()
    assert told[name_of(signed, 0)] == ("tampered", f"it was published as {name_of(signed, 1)}")
    assert told[name_of(signed, 1)] == ("tampered", f"it was published as {name_of(signed, 0)}")


def test_a_copy_of_a_run_in_another_place_is_told(signed: Signed) -> None:
    copy = signed.runs[0].with_name("tiny-080000Z")
    shutil.copytree(signed.runs[0], copy)
    standing, because = signed.verify()["2026-03-02/test/tiny-080000Z"]
    assert standing == "tampered"
    assert "it was published as 2026-03-02/test/tiny-070000Z" in because


def test_another_key_is_told(signed: Signed) -> None:
    verdicts = verify_reports(signed.reports, [signed.other.public_key], {})
    assert {each.standing for each in verdicts} == {Standing.TAMPERED}
    assert "signed with another key" in verdicts[0].because[0]


def test_an_edited_manifest_signed_again_with_a_new_key_is_told(signed: Signed) -> None:
    folder = signed.runs[1]
    manifest = read_manifest(folder)
    (folder / "report.html").write_text("all is well")
    entry = {"bytes": 11, "sha256": hashlib.sha256(b"all is well").hexdigest()}
    edited = replace(manifest, files={**manifest.files, "report.html": entry})
    write_manifest(folder, replace(edited, keyid=signed.other.public_key.keyid))
    signed.resign(folder, signed.other)
    standing, because = signed.verify()[name_of(signed, 1)]
    assert standing == "tampered"
    assert "another key" in because


def test_a_new_key_that_calls_itself_the_old_one_is_told(signed: Signed) -> None:
    folder = signed.runs[1]
    signed.resign(folder, signed.other)
    envelope = json.loads((folder / "run.dsse.json").read_bytes())
    envelope["signatures"][0]["keyid"] = signed.signer.public_key.keyid
    (folder / "run.dsse.json").write_text(json.dumps(envelope))
    _, because = signed.verify()[name_of(signed, 1)]
    assert because == "run.dsse.json: the signature does not fit what is signed"


def test_an_edited_manifest_beside_its_old_envelope_is_told(signed: Signed) -> None:
    file = signed.runs[1] / "run.json"
    file.write_text(file.read_text().replace('"Is it so?"', '"Is it not?"'))
    assert signed.verify()[name_of(signed, 1)] == ("tampered", "run.json is not what was signed")


def test_whoever_holds_the_key_cannot_replace_a_run_that_another_follows(signed: Signed) -> None:
    folder = signed.runs[1]
    write_manifest(folder, replace(read_manifest(folder), question="Is it not?"))
    signed.resign(folder, signed.signer)
    told = signed.verify()
    assert told[name_of(signed, 1)][0] == "intact"
    assert told[name_of(signed, 2)] == (
        "tampered",
        "it does not follow run 2 of its chain; a failed run",
    )


def test_a_run_of_one_chain_does_not_pass_for_one_of_another(signed: Signed) -> None:
    sealer = make_sealer(signed.state, signed.signer)
    sign_run(signed.reports, 9, sealer, notebook="other")
    assert set(signed.standings()) == {"intact", "tail unproven"}
    (signed.reports / "2026-03-02/test/other-070900Z").rename(
        signed.reports / "2026-03-02/test/tiny-070900Z"
    )
    assert "tampered" in signed.standings()


def test_a_changed_script_that_draws_the_figures_is_told(signed: Signed) -> None:
    script = signed.reports / "assets" / "plotly.js"
    script.parent.mkdir()
    script.write_text("draw()")
    assets = {"assets/plotly.js": hashlib.sha256(b"draw()").hexdigest()}
    sign_run(signed.reports, 4, make_sealer(signed.state, signed.signer), assets=assets)
    assert set(signed.standings()) == {"intact"}
    script.write_text("draw(0)")
    assert signed.verify()["2026-03-02/test/tiny-070400Z"] == (
        "tampered",
        "assets/plotly.js, which draws its figures, was changed",
    )


def test_a_head_that_was_taken_back_is_told(signed: Signed, made: Signed) -> None:
    manifest = read_manifest(signed.runs[1])
    payload = (signed.runs[1] / "run.json").read_bytes()
    assert manifest.chain
    old = Head(
        environment="test",
        notebook="tiny",
        number=2,
        place=manifest.chain.place,
        sha256=hashlib.sha256(payload).hexdigest(),
    )
    told = signed.verify({"head": seal_head(old, signed.signer)})
    assert told["head of test/tiny"] == (
        "tampered",
        "the head was taken back: it names run 2, and 4 is here",
    )
    behind = replace(old, number=3, sha256="0" * 64)
    told = signed.verify({"head": seal_head(behind, signed.signer)})
    assert told["head of test/tiny"] == ("tampered", "the head names another run 3")
    forged = signed.verify({"head": seal_head(replace(old, number=4), signed.other)})
    assert forged["head"][0] == "tampered"
    assert forged[name_of(signed, 3)][0] == "tail unproven"


def test_a_head_one_run_behind_is_a_run_that_was_killed(signed: Signed) -> None:
    before = signed.head.read_bytes()
    sign_run(signed.reports, 4, make_sealer(signed.state, signed.signer))
    told = signed.verify({"head": before})
    standing, because = told["2026-03-02/test/tiny-070400Z"]
    assert standing == "tail unproven"
    assert "a run behind" in because


def test_a_pruned_run_is_told_as_such_and_a_forged_tombstone_is_not_believed(
    signed: Signed,
) -> None:
    for run, signer in ((0, signed.signer), (1, signed.other)):
        record_after(signed.runs[run], TOMBSTONE, {"at": "2027-01-01"}, signer)
        for name in FILES:
            (signed.runs[run] / name).unlink()
    told = signed.verify()
    assert told[name_of(signed, 0)] == ("pruned", "pruned 2027-01-01")
    standing, because = told[name_of(signed, 1)]
    assert standing == "tampered"
    assert "report.html was removed" in because
    assert "tombstone.dsse.json does not hold" in because


def test_a_tombstone_of_another_run_is_not_believed(signed: Signed) -> None:
    tombstone = record_after(signed.runs[0], TOMBSTONE, {"at": "2027-01-01"}, signed.signer)
    moved = signed.runs[1].with_name(f"{signed.runs[1].name}.after")
    moved.mkdir()
    shutil.copy(tombstone, moved)
    (signed.runs[1] / "report.html").unlink()
    assert signed.verify()[name_of(signed, 1)][0] == "tampered"


def test_a_pruned_run_hides_no_change(signed: Signed) -> None:
    record_after(signed.runs[0], TOMBSTONE, {"at": "2027-01-01"}, signed.signer)
    (signed.runs[0] / "report.html").write_text("all is well")
    assert signed.verify()[name_of(signed, 0)][0] == "tampered"


def test_a_forged_hold_is_told(signed: Signed) -> None:
    record_after(signed.runs[0], HOLD, {"reason": "a case"}, signed.signer)
    assert signed.verify()[name_of(signed, 0)] == ("intact", "held: a case")
    record_after(signed.runs[0], HOLD, {"reason": "another"}, signed.other)
    assert signed.verify()[name_of(signed, 0)][0] == "tampered"


def test_unsigned_runs_are_never_fine(tmp_path: Path) -> None:
    sign_run(tmp_path, 0, None)
    key = CryptoSigner.generate_ed25519().public_key
    verdicts = verify_reports(tmp_path, [key], {})
    assert [each.standing for each in verdicts] == [Standing.UNSIGNED]
    assert exit_code_of(verdicts) == 5
    (tmp_path / "2026-03-02/test/tiny-070000Z/report.html").write_text("all is well")
    assert exit_code_of(verify_reports(tmp_path, [key], {})) == 1


def test_one_run_is_verified_with_its_chain_where_that_is_there(
    signed: Signed, tmp_path: Path
) -> None:
    head = {"head": signed.head.read_bytes()}
    (verdict,) = verify_run(signed.runs[1], [signed.signer.public_key], head)
    assert verdict.standing is Standing.INTACT
    alone = tmp_path / "binder" / signed.runs[3].name
    shutil.copytree(signed.runs[3], alone)
    (verdict,) = verify_run(alone, [signed.signer.public_key], head)
    assert verdict.standing is Standing.INTACT, "the head names it"
    (verdict,) = verify_run(alone, [signed.signer.public_key], {})
    assert verdict.standing is Standing.TAIL_UNPROVEN
    shutil.rmtree(signed.runs[0])
    verdicts = verify_run(signed.runs[1], [signed.signer.public_key], head)
    assert [each.standing for each in verdicts] == [Standing.INTACT, Standing.MISSING]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("[]", "no DSSE envelope"),
        ('{"payload": 1, "payloadType": "x", "signatures": []}', "no DSSE envelope"),
        ('{"payload": "e30=", "payloadType": "x", "signatures": []}', "no in-toto Statement"),
        ("[" * 100_000, "no DSSE envelope"),
        (
            '{"payload": "e30=", "payloadType": "application/vnd.in-toto+json", "signatures": []}',
            "it bears no signature",
        ),
    ],
)
def test_a_broken_envelope_is_one_clear_reason(signed: Signed, written: str, says: str) -> None:
    (signed.runs[1] / "run.dsse.json").write_text(written)
    standing, because = signed.verify()[name_of(signed, 1)]
    assert standing == "tampered"
    assert says in because


def test_what_is_signed_but_of_no_schema_is_told(signed: Signed) -> None:
    folder = signed.runs[1]
    (folder / "findings.json").write_text("{}")
    manifest = replace(read_manifest(folder), files=hash_files(folder))
    write_manifest(folder, manifest)
    signed.resign(folder, signed.signer)
    assert "findings.json is not of its schema" in signed.verify()[name_of(signed, 1)][1]
    write_manifest(folder, replace(manifest, chain=None, status=RunStatus.RUNNING))
    signed.resign(folder, signed.signer)
    because = signed.verify()[name_of(signed, 1)][1]
    assert "it was signed before it ended" in because
    assert "it was signed without a place in a chain" in because
    (folder / "run.json").write_bytes(
        (folder / "run.json").read_bytes().replace(b'"coverage": []', b'"coverage": 1')
    )
    signed.resign(folder, signed.signer)
    assert signed.verify()[name_of(signed, 1)][1] == "run.json is not of schema 2.0: coverage"
    (folder / "run.json").write_bytes(b"{}")
    signed.resign(folder, signed.signer)
    assert "no in-toto Statement" in signed.verify()[name_of(signed, 1)][1]
