"""keygen, verify, signoff, hold, release and prune on the command line."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from opslib.cli.sealing import open_sealer, sealing_of
from opslib.errors import EvidenceError, ParameterError
from opslib.runner.failure import sweep_abandoned
from opslib.runner.history import read_runs
from opslib.runner.manifest import Manifest, read_manifest, write_manifest
from opslib.runner.project import Project
from opslib.runner.publish import working_folder
from opslib.runner.run import run_notebook
from tests.evidence.signed_runs import sign_run
from tests.runner.tiny import failed, request
from tests.test_cli import Opslib, opslib, project

__all__ = ["opslib", "project"]


@pytest.fixture
def keys(project: Project, opslib: Opslib, tmp_path: Path) -> Path:
    """Make a key, and let environment ``test`` sign with it; return the folder of keys."""
    folder = tmp_path / "keys"
    made = opslib("keygen", str(folder / "test.pem"))
    assert made.code == 0
    project.signing_file("test").write_text(made.out)
    return folder


def sign(project: Project, minute: int) -> Path:
    return sign_run(project.reports, minute, open_sealer(project, "test")).folder


def test_what_keygen_prints_is_what_signing_needs(
    project: Project, opslib: Opslib, keys: Path
) -> None:
    sealer = open_sealer(project, "test")
    assert sealer is not None
    again = opslib("keygen", str(keys / "test.pem"))
    assert (again.code, "a key already" in again.err) == (2, True)
    assert open_sealer(project, "other") is None
    inside = opslib("keygen", str(project.root / "test.pem"))
    assert (inside.code, "does not belong in the project" in inside.err) == (2, True)
    assert sealing_of(project)("test") is not None


def test_a_state_among_the_reports_is_refused(project: Project, keys: Path) -> None:
    text = f"key: {keys / 'test.pem'}\nstate: {project.reports / 'heads'}\n"
    project.signing_file("test").write_text(text)
    with pytest.raises(ParameterError, match=r"lies in reports/"):
        open_sealer(project, "test")


def test_heads_that_cannot_be_kept_are_told_before_the_run(project: Project, keys: Path) -> None:
    (keys / "test.heads").write_text("a file where a folder is wanted")
    signed = replace(request(project), sealing=sealing_of(project))
    with pytest.raises(EvidenceError, match="heads of the signed runs cannot be kept"):
        run_notebook(signed, lambda *_: None)
    assert not project.reports.exists()


def test_verify_prints_a_line_a_run_and_ends_with_what_it_found(
    project: Project, opslib: Opslib, keys: Path
) -> None:
    runs = [sign(project, minute) for minute in range(2)]
    command = ("verify", str(project.reports), "--key", str(keys / "test.pub.pem"))
    told = opslib(*command)
    assert told.code == 5
    assert told.out == (
        "intact         2026-03-02/test/tiny-070000Z\n"
        "tail unproven  2026-03-02/test/tiny-070100Z  no head says that it was the last\n"
    )
    heads = ("--head", str(keys / "test.heads"))
    assert opslib(*command, *heads).code == 0
    alone = opslib("verify", str(runs[0]), *command[2:], *heads)
    assert (alone.code, alone.out) == (0, f"intact         {runs[0]}\n")
    shutil.rmtree(runs[1])
    told = opslib(*command, *heads, "--json")
    assert told.code == 1
    assert json.loads(told.out)[1] == {
        "run": "test/tiny run 2",
        "standing": "missing",
        "because": ["signed, and not here"],
    }


def test_what_verify_cannot_use_is_one_clear_line(
    project: Project, opslib: Opslib, keys: Path
) -> None:
    sign(project, 0)
    reports, key = str(project.reports), str(keys / "test.pub.pem")
    shutil.copy(key, project.reports)
    beside = str(project.reports / "test.pub.pem")
    cases = {
        "a key found beside what it is to prove": ("verify", reports, "--key", beside),
        "it is a private key": ("verify", reports, "--key", str(keys / "test.pem")),
        "the public key cannot be read": ("verify", reports, "--key", str(keys / "no.pem")),
        "there is no run to verify": ("verify", str(keys), "--key", beside),
        "there is no head of a chain": ("verify", reports, "--key", key, "--head", reports),
        "the head cannot be read": ("verify", reports, "--key", key, "--head", "nowhere"),
        "Missing option '--key'": ("verify", reports),
    }
    for says, command in cases.items():
        ended = opslib(*command)
        assert (ended.code, ended.out) == (2, ""), says
        assert says in ended.err


def test_people_sign_off_hold_release_and_prune(
    project: Project, opslib: Opslib, keys: Path
) -> None:
    runs = [sign(project, minute) for minute in range(2)]
    prune = ("prune", "tiny", "-e", "test", "--keep", "1")
    signed_off = opslib("signoff", str(runs[0]), "--as", "Eve\x1b[31m")
    assert (signed_off.code, signed_off.out) == (0, f"{runs[0]}.after/signoff-1.dsse.json\n")
    assert opslib("hold", str(runs[0]), "--reason", "case 12").code == 0
    assert "held" in opslib(*prune, "--delete").err
    assert opslib("release", str(runs[0])).code == 0
    dry = opslib(*prune)
    assert dry.out.startswith("would go    reports/2026-03-02/test/tiny-070000Z  4 files, ")
    assert "nothing was deleted" in dry.err
    assert (runs[0] / "report.html").exists()
    assert opslib(*prune, "--delete").out.startswith("deleted ")
    assert not (runs[0] / "report.html").exists()
    told = opslib("verify", str(runs[0]), "--key", str(keys / "test.pub.pem"))
    assert told.out.startswith("pruned ")
    assert "\x1b" not in told.out
    again = opslib("release", str(runs[0]))
    assert (again.code, "nothing holds the run" in again.err) == (2, True)
    assert opslib("prune", "-e", "test").code == 2
    nowhere = opslib("prune", "-e", "tset", "--keep", "1")
    assert (nowhere.code, "there is no such environment" in nowhere.err) == (2, True)


def test_a_drill_is_never_pruned(
    project: Project, opslib: Opslib, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opslib.runner import catalog  # noqa: PLC0415

    drill = next(one for one in catalog.CATALOG if one.name == "tiny")
    monkeypatch.setattr(catalog, "CATALOG", (replace(drill, never_pruned=True),))
    for minute in range(2):
        sign_run(project.reports, minute, None)
    assert opslib("prune", "-e", "test", "--keep", "1", "--delete").out == ""
    named = opslib("prune", "tiny", "-e", "test", "--keep", "1")
    assert (named.code, "are never pruned" in named.err) == (2, True)


def leave_behind(project: Project, manifest: Manifest) -> None:
    with suppress(InterruptedError), working_folder(project.reports, "tiny") as folder:
        write_manifest(folder, manifest)
        (folder / "link").symlink_to("run.json")
        raise InterruptedError("killed before it was moved away")


@pytest.mark.usefixtures("keys")
def test_a_run_that_was_killed_is_signed_as_failed_by_whoever_sweeps_it(project: Project) -> None:
    manifest = Manifest(
        notebook="tiny",
        question="Is it so?",
        environment="test",
        parameters={},
        started="2026-03-02T07:00:00+00:00",
    )
    leave_behind(project, manifest)
    (kept,) = sweep_abandoned(project.reports, sealing_of(project)).values()
    assert read_manifest(kept).chain is not None
    assert (kept / "run.dsse.json").exists()
    project.signing_file("test").write_text("key: /nowhere.pem\nstate: /nowhere")
    leave_behind(project, manifest)
    (kept,) = sweep_abandoned(project.reports, sealing_of(project)).values()
    assert read_manifest(kept).unsigned.startswith("the private key cannot be read")


@pytest.mark.slow
def test_a_notebook_is_signed_whether_it_ends_or_fails(
    project: Project, opslib: Opslib, keys: Path
) -> None:
    signed = replace(request(project), sealing=sealing_of(project), identity={"account": "1"})
    finished = run_notebook(signed, lambda *_: None)
    assert finished.exit_code == 0
    assert finished.manifest.identity == {"account": "1"}
    assert f"by key {finished.manifest.keyid[:12]}" in (finished.folder / "report.html").read_text()
    failing = request(project, behaviour="raise")
    with pytest.raises(Exception, match="ValueError"):
        run_notebook(replace(failing, sealing=sealing_of(project)), lambda *_: None)
    (folder,) = failed(project)
    assert read_manifest(folder).chain
    told = opslib(
        "verify",
        str(project.reports),
        "--key",
        str(keys / "test.pub.pem"),
        "--head",
        str(keys / "test.heads"),
    )
    assert told.code == 0
    assert len(read_runs(project.reports)) == len(told.out.splitlines()) == 2
