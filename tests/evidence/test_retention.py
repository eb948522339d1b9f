"""What is kept, what may go, and what stays of what went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opslib.errors import EvidenceError, ParameterError
from opslib.evidence.after import HOLD, RELEASE, record_after
from opslib.evidence.chain import Sealer
from opslib.evidence.head import Chain
from opslib.evidence.hold import find_holds, hold_run, release_run, sign_off
from opslib.evidence.retention import RetentionRule, plan_retention, prune_run
from opslib.evidence.verification import verify_reports
from opslib.runner.history import read_runs
from opslib.runner.index import write_index
from tests.evidence.signed_runs import make_sealer, sign_run

TINY = Chain(environment="test", notebook="tiny")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ONE = RetentionRule(keep=1)


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return make_sealer(tmp_path / "state")


@pytest.fixture
def reports(tmp_path: Path, sealer: Sealer) -> Path:
    for minute in range(5):
        sign_run(tmp_path / "reports", minute, sealer, failed=minute in {1, 3})
    return tmp_path / "reports"


def place(reports: Path, minute: int) -> Path:
    return reports / "2026-03-02" / "test" / f"tiny-07{minute:02}00Z"


def reasons(reports: Path, rule: RetentionRule, sealer: Sealer | None) -> dict[str, str]:
    planned = plan_retention(reports, TINY, rule, NOW, sealer)
    return {run.folder.name[5:9]: run.kept for run in planned}


def test_the_newest_stay_reports_and_failed_runs_apart(reports: Path, sealer: Sealer) -> None:
    assert reasons(reports, ONE, sealer) == {
        "0704": "the newest",
        "0703": "the newest",
        "0702": "",
        "0701": "",
        "0700": "",
    }
    two = reasons(reports, RetentionRule(keep=2), sealer)
    assert two["0702"] == "among the newest 2"
    assert two["0700"] == ""


def test_a_run_goes_only_when_it_is_old_too(reports: Path, sealer: Sealer) -> None:
    days = (NOW - datetime(2026, 3, 2, 7, 1, 30, tzinfo=UTC)).total_seconds() / 86400
    rule = RetentionRule(keep=1, older_than=timedelta(days=days))
    told = reasons(reports, rule, sealer)
    assert told["0702"] == "younger than 90 days"
    assert told["0701"] == told["0700"] == ""


def test_a_held_run_stays_until_its_release_is_signed(reports: Path, sealer: Sealer) -> None:
    folder = place(reports, 0)
    hold_run(folder, "a case", NOW, sealer)
    record_after(folder, RELEASE, {"holds": ["hold-1.dsse.json"]}, None)
    assert reasons(reports, ONE, sealer)["0700"] == "held"
    release_run(folder, NOW, sealer)
    assert reasons(reports, ONE, sealer)["0700"].startswith("look at it first"), "a forged release"
    folder.with_name(f"{folder.name}.after").joinpath("release-1.dsse.json").unlink()
    assert reasons(reports, ONE, sealer)["0700"] == ""
    hold_run(folder, "another case", NOW, sealer)
    assert find_holds(folder, sealer.keys) == ("hold-2.dsse.json",)
    with pytest.raises(ParameterError, match="nothing holds"):
        release_run(place(reports, 2), NOW, sealer)


def test_whatever_looks_like_a_hold_holds(reports: Path, sealer: Sealer) -> None:
    record_after(place(reports, 0), HOLD, {}, None).write_text("not even an envelope")
    assert reasons(reports, ONE, sealer)["0700"] == "held"


def test_a_changed_run_is_not_pruned_away(reports: Path, sealer: Sealer) -> None:
    (place(reports, 0) / "report.html").write_text("all is well")
    told = reasons(reports, ONE, sealer)["0700"]
    assert told == "look at it first: report.html was changed"


def test_what_was_pruned_keeps_its_manifest_and_its_place_in_the_chain(
    reports: Path, sealer: Sealer
) -> None:
    for run in plan_retention(reports, TINY, ONE, NOW, sealer):
        if not run.kept:
            prune_run(run, ONE, NOW, sealer)
    folder = place(reports, 0)
    assert {path.name for path in folder.iterdir()} == {"run.json", "run.dsse.json"}
    head = (reports.parent / "state/test/tiny.head.dsse.json").read_bytes()
    standings = [each.standing.value for each in verify_reports(reports, sealer.keys, {"h": head})]
    assert sorted(standings) == ["intact", "intact", "pruned", "pruned", "pruned"]
    assert [run.pruned[:10] for run in read_runs(reports)] == ["", "", *["2026-06-01"] * 3]
    assert set(reasons(reports, ONE, sealer)) == {"0704", "0703"}
    index = write_index(reports).read_text()
    assert "its files were deleted on 2026-06-01" in index
    assert ("1 failed" in index, "3 pruned" in index) == (True, True)


def test_a_prune_that_was_killed_is_finished_by_the_next(reports: Path, sealer: Sealer) -> None:
    (run,) = [r for r in plan_retention(reports, TINY, ONE, NOW, sealer) if "0700" in str(r.folder)]
    prune_run(run, ONE, NOW, sealer)
    (run.folder / "tables").mkdir()
    left = "tables/costs.csv"
    (run.folder / left).write_text(f"{left} of 0")
    (again,) = [
        r for r in plan_retention(reports, TINY, ONE, NOW, sealer) if r.folder == run.folder
    ]
    assert (again.kept, again.files) == ("", 1)
    prune_run(again, ONE, NOW, sealer)
    assert not (run.folder / "tables").exists()


def test_an_unsigned_environment_is_pruned_too(tmp_path: Path) -> None:
    for minute in range(2):
        sign_run(tmp_path, minute, None)
    (run,) = [each for each in plan_retention(tmp_path, TINY, ONE, NOW, None) if not each.kept]
    prune_run(run, ONE, NOW, None)
    assert [path.name for path in run.folder.iterdir()] == ["run.json"]
    assert [each.pruned[:10] for each in read_runs(tmp_path)] == ["", "2026-06-01"]


def test_a_sign_off_is_of_a_whole_run_and_by_a_key(reports: Path, sealer: Sealer) -> None:
    folder = place(reports, 0)
    sign_off(folder, "Eve", "read with care", NOW, sealer)
    head = (reports.parent / "state/test/tiny.head.dsse.json").read_bytes()
    told = {each.what: each.because for each in verify_reports(reports, sealer.keys, {"h": head})}
    because = "sign-off in the name of Eve on 2026-06-01T00:00:00+00:00 (read with care)"
    assert told[str(folder)] == (because,)
    with pytest.raises(ParameterError, match="without a signature"):
        sign_off(folder, "Eve", "", NOW, None)
    (folder / "report.html").write_text("all is well")
    with pytest.raises(EvidenceError, match=r"report.html was changed"):
        sign_off(folder, "Eve", "", NOW, sealer)
