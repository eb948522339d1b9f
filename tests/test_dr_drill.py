"""The drill on the sandbox's clusters: what was lost is found, and nothing else is claimed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from opslib.actions.drill import capture_baseline, run_drill
from opslib.analysis.dr import BackupTargets, assess_backups
from opslib.analysis.dr.report import DrReport, analyse_drill
from opslib.aws.backup_tables import read_backup_tables
from opslib.aws.reads import Reads
from opslib.findings import Verdict
from opslib.parameters import DrParameters
from opslib.run_folder import RunFolder
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.tables.baseline import load_baseline, write_baseline

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def reads_in(folder: Path, *, replay: bool = False, **values: object) -> Reads:
    text = (ROOT / "parameters" / "sandbox" / "dr_restore_validation.yaml").read_text()
    folder.mkdir(exist_ok=True)
    chosen = {"mode": "validate_existing", "restored": "orders-restored", **values}
    parameters = DrParameters.parse({**yaml.safe_load(text), **chosen})
    return Reads(parameters, RunFolder(path=folder, replay=replay))


def report_from(reads: Reads) -> DrReport:
    parameters = reads.parameters
    assert isinstance(parameters, DrParameters)
    backups = read_backup_tables(reads, parameters.as_of, 7)
    posture = assess_backups(backups, reads.coverage, parameters.as_of, BackupTargets())
    drill = run_drill(reads, parameters, backups.points)
    return analyse_drill(parameters, posture, drill, reads.coverage)


def enter(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(folder / "cache")}.items():
        monkeypatch.setenv(name, value)


def of_restore(report: DrReport) -> list[str]:
    posture = {finding.id for finding in report.posture.findings}
    return [finding.kind for finding in report.findings if finding.id not in posture]


def test_a_whole_restore_passes_and_a_replay_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario="steady", seed=3) as sandbox:
        enter(sandbox, monkeypatch, tmp_path)
        report = report_from(reads_in(tmp_path / "run"))
    assert [conclusion.verdict for conclusion in report.conclusions[:2]] == [Verdict.PASS] * 2
    assert of_restore(report) == []
    assert report.drill.controls is not None
    assert (report.drill.controls["Outcome"] == "caught").sum() >= 40
    replayed = report_from(reads_in(tmp_path / "run", replay=True))
    assert replayed.findings == report.findings
    assert replayed.conclusions == report.conclusions
    stored = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert b"Customer1@example.com" not in stored, "rows leave the database as hashes only"


@pytest.mark.parametrize(
    ("seed", "kind"),
    [(1, "dr.sequences"), (2, ""), (4, "")],
)
def test_what_a_restore_lost_is_found(
    seed: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario="troubled", seed=seed) as sandbox:
        enter(sandbox, monkeypatch, tmp_path)
        report = report_from(reads_in(tmp_path / "run"))
    assert report.conclusions[0].verdict is Verdict.FAIL
    found = of_restore(report)
    assert found
    assert not kind or found == [kind]


def test_an_account_without_clusters_is_inconclusive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario="empty", seed=1) as sandbox:
        enter(sandbox, monkeypatch, tmp_path)
        report = report_from(reads_in(tmp_path / "run"))
    assert {conclusion.verdict for conclusion in report.conclusions} == {Verdict.INCONCLUSIVE}
    assert of_restore(report) == []


def test_a_baseline_is_captured_kept_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_sandbox(scenario="steady", seed=3) as sandbox:
        enter(sandbox, monkeypatch, tmp_path)
        reads = reads_in(tmp_path / "run")
        assert isinstance(reads.parameters, DrParameters)
        captured = capture_baseline(reads, reads.parameters, "text")
        write_baseline(captured, tmp_path / "baseline")
        loaded = load_baseline(tmp_path / "baseline")
        assert loaded.plans == captured.plans
        assert loaded.digests.equals(captured.digests)
        kept = str(tmp_path / "baseline")
        report = report_from(reads_in(tmp_path / "again", baseline=kept, controls=False))
    assert report.conclusions[0].verdict is Verdict.PASS
    assert report.conclusions[1].verdict is Verdict.INCONCLUSIVE
