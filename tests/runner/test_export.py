"""A run given away: as a zip that verifies by itself, and as a PDF."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pypdf import PdfReader

from opslib.cli.export_commands import export, publish
from opslib.errors import EvidenceError, OpsError, ParameterError
from opslib.evidence.manifest import read_manifest, write_manifest
from opslib.runner.archive import write_archive
from opslib.runner.history import PastRun, find_run
from opslib.runner.pdf import find_browser, print_report
from tests.runner.tiny import make_project, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> PastRun:
    project = make_project(tmp_path_factory.mktemp("exported") / "project")
    folder = run(project, name="<b>R&D</b>").folder
    after = folder.with_name(f"{folder.name}.after")
    after.mkdir()
    (after / "signoff-1.dsse.json").write_text("{}")
    return find_run(folder)


def unpacked(past: PastRun, folder: Path) -> Path:
    write_archive(past, folder / "run.zip")
    with zipfile.ZipFile(folder / "run.zip") as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_zip_holds_the_run_and_what_came_after(finished: PastRun, tmp_path: Path) -> None:
    folder = unpacked(finished, tmp_path)
    place = Path("reports", *finished.folder.parts[-3:])
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    run_files = {f"{place}/{name}" for name in finished.manifest.files}
    assert names - run_files == {
        "README.md",
        "SHA256SUMS",
        f"{place}/run.json",
        f"{place}.after/signoff-1.dsse.json",
    } | ({f"{place}/run.dsse.json"} & names)
    assert run_files <= names


def test_the_same_run_gives_the_same_bytes(finished: PastRun, tmp_path: Path) -> None:
    write_archive(finished, tmp_path / "one.zip")
    shutil.copytree(finished.folder.parents[2], tmp_path / "moved", copy_function=shutil.copy)
    moved = tmp_path / "moved" / Path(*finished.folder.parts[-3:])
    write_archive(find_run(moved), tmp_path / "other.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def commands_of(readme: str) -> list[str]:
    fenced = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    return [*re.findall(r"^    (sha256sum .*)$", readme, re.MULTILINE), *fenced]


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    named = command.replace("python3", sys.executable)
    return subprocess.run(
        ["bash", "-c", named], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_commands_of_the_readme_verify_the_files(finished: PastRun, tmp_path: Path) -> None:
    folder = unpacked(finished, tmp_path)
    sums, listed = commands_of((folder / "README.md").read_text())
    assert shell(sums, folder).stdout == ""
    assert shell(sums, folder).returncode == 0
    said, beside = shell(listed, folder).stdout.splitlines()
    assert said == "files: as listed"
    assert "README.md" in beside
    assert "signoff-1.dsse.json" in beside
    (changed,) = folder.rglob("answer.txt")
    changed.write_text("43")
    (changed.parent / "added").write_text("1")
    assert shell(sums, folder).returncode == 1
    told = shell(listed, folder).stdout
    assert "answer.txt" in told
    assert "evidence/added" in told


def test_the_commands_of_the_readme_verify_a_signature(finished: PastRun, tmp_path: Path) -> None:
    from securesystemslib.signer import CryptoSigner  # noqa: PLC0415  slow to import

    from opslib.evidence.after import SIGNOFF, record_after  # noqa: PLC0415
    from opslib.evidence.envelope import seal_payload  # noqa: PLC0415

    place = tmp_path / "reports" / Path(*finished.folder.parts[-3:])
    shutil.copytree(finished.folder, place)
    signer = CryptoSigner.generate_ed25519()
    payload = write_manifest(place, replace(read_manifest(place), keyid="k1"))
    (place / "run.dsse.json").write_bytes(seal_payload(payload, signer))
    record_after(place, SIGNOFF, {"by": "Eve", "note": "", "at": "2026-03-02"}, signer)
    folder = unpacked(find_run(place), tmp_path)
    raw = bytes.fromhex(signer.public_key.keyval["public"])
    public = Ed25519PublicKey.from_public_bytes(raw)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "PUBLIC.pem").write_bytes(pem)
    *_, signature = commands_of((folder / "README.md").read_text())
    assert said_of(shell(signature, folder)) == ["as signed", "as signed"]
    (note,) = folder.rglob("signoff-*.json")
    told = json.loads(note.read_text())
    forged = base64.b64decode(told["payload"]).replace(b"Eve", b"Bob")
    note.write_text(json.dumps({**told, "payload": base64.b64encode(forged).decode()}))
    assert said_of(shell(signature, folder)) == ["as signed", "NOT AS SIGNED"]
    (manifest_file,) = folder.rglob("run.json")
    text = manifest_file.read_text()
    manifest_file.write_text(text.replace('"test"', '"prod"'))
    assert said_of(shell(signature, folder)) == ["NOT AS SIGNED", "NOT AS SIGNED"]


def said_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return [line.partition(":")[0] for line in done.stdout.splitlines()]


def test_the_readme_says_what_the_report_is_and_that_it_is_unsigned(
    finished: PastRun, tmp_path: Path
) -> None:
    readme = (unpacked(finished, tmp_path) / "README.md").read_text()
    assert readme.startswith("# Does the runner keep its word?")
    assert "This run is **unsigned**" in readme
    assert "Gaps: 1;" in readme
    assert str(finished.folder) not in readme


def test_a_run_that_was_changed_is_not_exported(finished: PastRun, tmp_path: Path) -> None:
    folder = tmp_path / "2026-03-02" / "test" / finished.folder.name
    shutil.copytree(finished.folder, folder)
    (folder / "report.html").write_text("better")
    done = CliRunner().invoke(export, [str(folder), "--zip", "-o", str(tmp_path / "x.zip")])
    assert isinstance(done.exception, EvidenceError)
    assert "changed since the run: report.html" in str(done.exception)
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--zip", "-o", "there.zip"], "it exists already"),
        (["--zip", "--pdf"], "one file is made at a time"),
        (["--pdf", "-o", "run.zip"], "a PDF by the name of another kind"),
        (["--zip", "-o", "nowhere/run.zip"], "there is no such folder"),
        ([], "nothing to make"),
    ],
)
def test_what_cannot_be_written_is_told(
    finished: PastRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.zip").write_text("kept")
    done = CliRunner().invoke(export, [str(finished.folder), *given])
    assert isinstance(done.exception, ParameterError)
    assert says in str(done.exception)
    assert (tmp_path / "there.zip").read_text() == "kept"


@pytest.mark.parametrize("target", ["folder", "s3://bucket"])
def test_a_run_is_published_to_a_prefix_of_a_bucket_alone(finished: PastRun, target: str) -> None:
    given = [str(finished.folder), "--bucket", target, "--mode", "compliance"]
    done = CliRunner().invoke(publish, [*given, "--retain-days", "1"])
    assert isinstance(done.exception, ParameterError)
    assert "s3://bucket/prefix" in str(done.exception)


def test_without_a_browser_there_is_one_clear_error(
    finished: PastRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OpsError, match="no Chromium to print with"):
        print_report(finished, tmp_path / "report.pdf")
    monkeypatch.setenv("OPSLIB_BROWSER", "/no/such/program")
    with pytest.raises(OpsError, match="OPSLIB_BROWSER=/no/such/program"):
        find_browser()


def test_a_browser_that_fails_leaves_no_file(
    finished: PastRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho it broke >&2\nexit 7\n")
    broken.chmod(0o755)
    monkeypatch.setenv("OPSLIB_BROWSER", str(broken))
    with pytest.raises(OpsError, match="it did not print: it broke"):
        print_report(finished, tmp_path / "report.pdf")
    assert list(tmp_path.glob("*report.pdf*")) == []


@pytest.mark.browser
def test_the_pdf_is_a4_without_code_and_names_its_run(finished: PastRun, tmp_path: Path) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("no Chromium: make system-packages")
    file = tmp_path / "report.pdf"
    done = CliRunner().invoke(export, [str(finished.folder), "--pdf", "-o", str(file)])
    assert done.output == f"{file}\n"
    pages = PdfReader(file).pages
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {
        (595, 842)
    }
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    assert "Does the runner keep its word?" in text
    assert "Printed from report.html, SHA-256" in text
    assert "(unsigned)" in text
    assert "import json" not in text
    assert json.loads((finished.folder / "findings.json").read_text())["notebook"] == "tiny"
