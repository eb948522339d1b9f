"""What a newcomer can get wrong: each ends in one clear line, the right exit code, no report."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from opslib.sandbox.process import RunningSandbox, running_sandbox

ROOT = Path(__file__).parents[1]
OPSLIB = str(Path(sys.executable).parent / "opslib")
AS_OF = "as_of=2026-03-02T06:00:00Z"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="troubled", seed=1) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project of its own, with the notebooks and an environment named local."""
    place = tmp_path / "project"
    for folder in ("notebooks", "parameters", "deploy"):
        shutil.copytree(ROOT / folder, place / folder)
    (place / "parameters" / "local").mkdir()
    return place


def export(project: Path, **changes: object) -> Path:
    """Write a small FOCUS export of one day and return its file."""
    row = {
        "ProviderName": "AWS",
        "BillingAccountId": "111111111111",
        "SubAccountId": "111111111111",
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-02-01T00:00:00Z",
        "BillingPeriodEnd": "2026-03-01T00:00:00Z",
        "ChargePeriodStart": "2026-02-25T00:00:00Z",
        "ChargePeriodEnd": "2026-02-26T00:00:00Z",
        "ChargeCategory": "Usage",
        "ServiceName": "Amazon EC2",
        "BilledCost": "1.5",
        "EffectiveCost": "1.5",
        **changes,
    }
    path = project / "bill.csv"
    columns = {name: value for name, value in row.items() if value is not None}
    pd.DataFrame([columns]).to_csv(path, index=False)
    return path


def run(
    project: Path,
    *arguments: str,
    environ: dict[str, str] | None = None,
    notebook: str = "cost_analysis",
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [OPSLIB, "run", notebook, *arguments],
        cwd=project,
        env={**os.environ, "AWS_MAX_ATTEMPTS": "1", **(environ or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def parameters(project: Path, text: str) -> None:
    (project / "parameters" / "local" / "cost_analysis.yaml").write_text(
        f"environment: local\n{text}", encoding="utf-8"
    )


def check(done: subprocess.CompletedProcess[str], project: Path, code: int, *words: str) -> None:
    """Hold an outcome: the exit code, one line with the words, no published report."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("opslib: error:")]
    assert done.returncode == code, done.stderr
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]
    assert "Traceback" not in done.stderr
    assert not list((project / "reports").glob("2*/*/*")), "a report was published"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("tag_key=[Team]", ("tag_key", "did you mean 'tag_keys'")),
        ("history_days=many", ("history_days", "many")),
        ("as_of=2999-01-01T00:00:00Z", ("future",)),
        ("as_of=2026-03-02", ("as_of",)),
        ("period=fortnight", ("period",)),
        ("accounts=[{id: 12}]", ("accounts",)),
    ],
)
def test_a_bad_parameter_is_refused_before_a_kernel_starts(
    project: Path, setting: str, words: tuple[str, ...]
) -> None:
    check(run(project, "-e", "sandbox", "-p", setting), project, 2, *words)


WEB = "{name: web p95, component: web, role: latency, namespace: a, metric: b, unit: s}"
HOURS = ("start=2026-03-01T08:00:00Z", "end=2026-03-01T22:00:00Z")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ((HOURS[0], "end=2026-03-01T07:00:00Z"), ("is not after start",)),
        ((HOURS[0], "end=2026-03-01T08:00:00Z"), ("is not after start",)),
        (("start=2026-03-01T08:00:00", HOURS[1]), ("without a time zone", "08:00:00Z")),
        ((HOURS[0],), ("start and end belong together",)),
        ((*HOURS, f"metrics=[{WEB}]", "symptom=web p59"), ("did you mean 'web p95'",)),
        ((*HOURS, "zone=Mars/Olympus"), ("Mars/Olympus", "Europe/Berlin")),
        ((*HOURS, "sources=[cloudtrial]"), ("cloudtrial", "'cloudtrail'")),
    ],
)
def test_an_incident_that_cannot_be_is_refused_before_a_kernel_starts(
    project: Path, settings: tuple[str, ...], words: tuple[str, ...]
) -> None:
    (project / "parameters" / "local" / "incident_timeline.yaml").write_text("environment: local\n")
    chosen = [part for setting in (AS_OF, *settings) for part in ("-p", setting)]
    check(run(project, "-e", "local", *chosen, notebook="incident_timeline"), project, 2, *words)


@pytest.mark.parametrize(
    ("incident", "added", "words"),
    [
        ("shopp", "", ("shopp.yaml", "did you mean 'shop'")),
        ("shop", "prioritty: P1\n", ("shop.yaml:3", "did you mean 'priority'")),
        ("shop", "priority: P7\n", ("shop.yaml:3", "'P0', 'P1', 'P2' or 'P3'")),
    ],
)
def test_a_wrong_incident_file_is_named_with_its_line(
    project: Path, incident: str, added: str, words: tuple[str, ...]
) -> None:
    place = project / "parameters" / "local"
    (place / "incident_timeline.yaml").write_text("environment: local\nsources: []\n")
    (place / "incidents").mkdir()
    span = "start: 2026-03-01T08:00:00Z\nend: 2026-03-01T22:00:00Z\n"
    (place / "incidents" / "shop.yaml").write_text(span + added)
    arguments = ("-e", "local", "-p", AS_OF, "-p", f"incident={incident}")
    check(run(project, *arguments, notebook="incident_timeline"), project, 2, *words)


def test_an_incident_yet_to_come_is_refused(project: Path) -> None:
    (project / "parameters" / "local" / "incident_timeline.yaml").write_text("environment: local\n")
    span = ("-p", "start=2026-04-01T08:00:00Z", "-p", "end=2026-04-01T09:00:00Z")
    done = run(
        project, "-e", "local", "-p", "incident=", "-p", AS_OF, *span, notebook="incident_timeline"
    )
    check(done, project, 2, "not before as_of")


def test_a_broken_parameter_file_names_its_line(project: Path) -> None:
    parameters(project, "tag_keys: [Environment\nperiod: week\n")
    check(run(project, "-e", "local"), project, 2, "cost_analysis.yaml")


def test_an_unknown_environment_is_named(project: Path) -> None:
    check(run(project, "-e", "prodd"), project, 2, "prodd")


def test_a_window_without_data_says_where_the_data_is(project: Path) -> None:
    parameters(project, f"source: export\npath: {export(project)}\n")
    done = run(project, "-e", "local", "-p", "as_of=2024-01-01T00:00:00Z")
    check(done, project, 2, "no charge", "25 Feb 2026")


def test_a_missing_folder_is_named(project: Path) -> None:
    parameters(project, "source: export\npath: /no/such/folder\n")
    check(run(project, "-e", "local", "-p", AS_OF), project, 2, "/no/such/folder")


def test_a_missing_bucket_is_named(project: Path, sandbox: RunningSandbox) -> None:
    parameters(project, "source: export\npath: s3://no-such-bucket/focus/\n")
    done = run(project, "-e", "local", "-p", AS_OF, environ=sandbox.environ)
    check(done, project, 2, "s3://no-such-bucket/focus/")


def test_a_csv_with_missing_columns_names_them_and_their_standard(project: Path) -> None:
    file = export(project, EffectiveCost=None, ChargeCategory=None)
    parameters(project, f"source: export\npath: {file}\n")
    done = run(project, "-e", "local", "-p", AS_OF)
    check(done, project, 3, "EffectiveCost", "ChargeCategory", "FOCUS")


def test_a_value_that_is_no_number_is_named(project: Path) -> None:
    file = export(project, BilledCost="a lot")
    parameters(project, f"source: export\npath: {file}\n")
    check(run(project, "-e", "local", "-p", AS_OF), project, 3, "BilledCost", "a lot")


def test_a_truncated_parquet_file_is_named(project: Path) -> None:
    file = project / "bill.parquet"
    pd.DataFrame({"BilledCost": [1.0] * 1000}).to_parquet(file)
    file.write_bytes(file.read_bytes()[:-50])
    parameters(project, f"source: export\npath: {file}\n")
    check(run(project, "-e", "local", "-p", AS_OF), project, 3, "bill.parquet")


def test_mixed_currencies_are_named(project: Path) -> None:
    file = export(project)
    rows = pd.read_csv(file)
    pd.concat([rows, rows.assign(BillingCurrency="EUR")]).to_csv(file, index=False)
    parameters(project, f"source: export\npath: {file}\n")
    done = run(project, "-e", "local", "-p", AS_OF)
    assert done.returncode == 0, done.stderr
    assert "The bill mixes currencies: €" in done.stderr
    assert "inconclusive Is the bill complete?" in done.stderr
    assert "Set currency: USD if that is meant" in done.stderr


def test_an_export_of_another_account_is_refused(project: Path) -> None:
    account = "accounts: [{id: '999999999999', name: other}]\n"
    parameters(project, f"{account}source: export\npath: {export(project)}\n")
    check(run(project, "-e", "local", "-p", AS_OF), project, 2, "111111111111", "999999999999")


def test_expired_credentials_say_so(project: Path, sandbox: RunningSandbox) -> None:
    parameters(project, "source: cost_explorer\n")
    environ = {**sandbox.environ, "AWS_ACCESS_KEY_ID": "ASIAEXPIRED"}
    done = run(project, "-e", "local", "-p", AS_OF, environ=environ)
    check(done, project, 4, "expired")


def test_no_credentials_say_so(project: Path) -> None:
    parameters(project, "source: cost_explorer\n")
    check(run(project, "-e", "local", "-p", AS_OF), project, 4, "no AWS credentials")


def test_an_unreachable_endpoint_is_named(project: Path, sandbox: RunningSandbox) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        environ = {**sandbox.environ, "AWS_ENDPOINT_URL": nowhere, "AWS_MAX_ATTEMPTS": "1"}
        parameters(project, "source: cost_explorer\n")
        done = run(project, "-e", "local", "-p", AS_OF, environ=environ)
    check(done, project, 4, nowhere)


def test_an_unknown_profile_is_named(project: Path) -> None:
    parameters(project, "source: cost_explorer\nprofile: nobody\n")
    check(run(project, "-e", "local", "-p", AS_OF), project, 2, "nobody")


def test_denied_reads_leave_a_report_and_are_inconclusive_under_strict(project: Path) -> None:
    arguments = ("-e", "sandbox", "--scenario", "denied", "--seed", "1", "--strict", "--json")
    done = run(project, *arguments)
    assert done.returncode == 5, done.stderr
    (report,) = (project / "reports").glob("2*/sandbox/*/report.html")
    assert "has-gaps" in report.read_text(encoding="utf-8")


def test_hostile_names_run_nothing_in_the_report(project: Path) -> None:
    hostile = '</script><script>alert(1)</script>\x1b[31m=cmd|"/c calc"'
    file = export(project, ServiceName=hostile, ResourceId=hostile, SkuMeter="<img src=x>")
    parameters(project, f"source: export\npath: {file}\nsettle_hours: 24\n")
    done = run(project, "-e", "local", "-p", AS_OF)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr
    (report,) = (project / "reports").glob("2*/local/*/report.html")
    page = report.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    for table in report.parent.glob("tables/*.csv"):
        assert "\n=cmd" not in table.read_text(encoding="utf-8")
