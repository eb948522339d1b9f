"""Secrets that others left in tags, logs, user agents and variables: no report holds one."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opslib.cli.runs import build_request, run_request
from opslib.runner.archive import write_archive
from opslib.runner.history import find_run
from opslib.sandbox.process import RunningSandbox, running_sandbox
from tests.cloudtrail_records import record, write_records

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SECRETS = {
    "access key": "AKIA" + "HUNTERHUNTERHUNT",
    "assigned": "hunter2correcthorse",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJodW50ZXIiOiIyIn0.hunter2hunter2hunter2",
    "slack": "xoxb-2718281828-hunter2hunter2",
    "github": "ghp_" + "hunter2" * 6,
    "bearer": "hunter3.hunter3.hunter3",
    "url": "hunter4:batterystaple",
    "key": "aHVudGVyNQhunter5",
}
SAID = (
    "{access key} password={assigned} jwt {token} {slack} {github} "
    "Authorization: Bearer {bearer} postgres://{url}@db/x "
    "-----BEGIN PRIVATE KEY-----{key}-----END PRIVATE KEY-----"
)


def planted() -> str:
    return SAID.format(**SECRETS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=1) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with the notebooks, and secrets in the variables of whoever runs them."""
    root = tmp_path / "project"
    root.mkdir()
    for name in ("notebooks", "parameters", "deploy"):
        (root / name).symlink_to(ROOT / name)
    monkeypatch.chdir(root)
    for name, secret in SECRETS.items():
        monkeypatch.setenv(f"PLANTED_{name.upper().replace(' ', '_')}", secret)
    monkeypatch.setenv("DATABASE_URL", f"postgres://{SECRETS['url']}@db/x")
    return root


def texts_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Give all that is in a folder as text: packed files unpacked, tables by their values."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield from texts_of(str(path.relative_to(folder)), path.read_bytes())


def texts_of(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    if name.endswith(".parquet"):
        table = pq.read_table(io.BytesIO(content))
        yield name, f"{table.to_pylist()} {table.schema.metadata}"
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from texts_of(f"{name}/{member}", archive.read(member))
    else:
        unpacked = gzip.decompress(content) if name.endswith(".gz") else content
        yield name, unpacked.decode("utf-8", errors="replace")


def leaks(folder: Path) -> list[tuple[str, str]]:
    parts = [*SECRETS.values(), "batterystaple", "aHVudGVyNQ"]
    return [(name, part) for name, text in texts_in(folder) for part in parts if part in text]


def run_in(sandbox: RunningSandbox, name: str, *overrides: str) -> Path:
    """Run a notebook and export it; return the folder of all that came of it."""
    request = build_request(name, "sandbox", overrides=overrides, strict=False)
    finished = run_request(request, sandbox.environ)
    reports = request.project.reports
    write_archive(find_run(finished.folder), reports / "exported.zip")
    return reports


def test_the_search_for_leaks_finds_them(tmp_path: Path) -> None:
    table = pa.table({"tags": [[("Project", f"password={SECRETS['assigned']}")]]})
    pq.write_table(table, tmp_path / "a.parquet")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(tmp_path / "a.parquet", "inner.parquet")
        archive.writestr("c.json", json.dumps({"said": planted()}))
    found = leaks(tmp_path)
    assert {name for name, _ in found} == {"a.parquet", "b.zip/inner.parquet", "b.zip/c.json"}
    assert len(found) == 2 + len(SECRETS) + 2


def test_an_incident_report_holds_no_planted_secret(
    sandbox: RunningSandbox, project: Path, tmp_path: Path
) -> None:
    del project
    calls = [
        record(
            number,
            eventTime=f"2026-03-01T12:{number:02d}:00Z",
            awsRegion="us-east-1",
            recipientAccountId="222222222222",
            eventName="UpdateFunctionConfiguration",
            eventSource="lambda.amazonaws.com",
            userAgent=f"deployer/1 {planted()}",
            requestParameters={
                "functionName": f"receipt {planted()}",
                "environment": {"variables": {"DB_PASSWORD": SECRETS["assigned"]}},
                "tags": [{"key": "note", "value": planted()}],
            },
            errorMessage=planted(),
        )
        for number in range(3)
    ]
    write_records(tmp_path / "trail" / "calls.json.gz", calls)
    message = {"ts": "1772366400.000100", "user": "U1", "text": f"look: {planted()}"}
    (tmp_path / "slack" / "incident").mkdir(parents=True)
    (tmp_path / "slack" / "users.json").write_text('[{"id": "U1", "name": "ann"}]')
    (tmp_path / "slack" / "incident" / "2026-03-01.json").write_text(json.dumps([message]))
    note = {"at": "2026-03-01T12:05:00Z", "who": "ann", "what": planted()}
    (tmp_path / "notes.yaml").write_text(json.dumps({"notes": [note]}))
    reports = run_in(
        sandbox,
        "incident_timeline",
        "incident=",
        "start=2026-03-01T11:30:00Z",
        "end=2026-03-01T13:00:00Z",
        "sources=[cloudtrail]",
        "metrics=[]",
        f"trail={tmp_path / 'trail'}",
        f"slack={tmp_path / 'slack'}",
        f"notes={tmp_path / 'notes.yaml'}",
        "pagerduty=",
        "log_csv=",
    )
    timeline, *_ = (text for name, text in texts_in(reports) if name.endswith("/timeline.parquet"))
    assert timeline.count("[redacted ") >= 3 * 4
    assert leaks(reports) == []


def test_a_cost_report_holds_no_secret_of_a_tag(
    sandbox: RunningSandbox, project: Path, tmp_path: Path
) -> None:
    del project
    client = bill_client(sandbox)
    listed = client.list_objects_v2(Bucket="acme-billing-export", Prefix="focus/")["Contents"]
    for key in (one["Key"] for one in listed):
        body = client.get_object(Bucket="acme-billing-export", Key=key)["Body"].read()
        file = tmp_path / "export" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(with_secret_tags(body) if key.endswith(".parquet") else body)
    reports = run_in(
        sandbox, "cost_analysis", f"path={tmp_path / 'export' / 'focus'}", "tie_out=false"
    )
    shown = [name for name, text in texts_in(reports) if "[redacted " in text]
    assert any(name.endswith("report.html") for name in shown), "no tag is shown"
    assert leaks(reports) == []


def bill_client(sandbox: RunningSandbox) -> Any:
    return boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=sandbox.environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=sandbox.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox.environ["AWS_SECRET_ACCESS_KEY"],
    )


def with_secret_tags(body: bytes) -> bytes:
    """Return a file of the bill whose tag Project names secrets."""
    table = pq.read_table(io.BytesIO(body))
    tags = [
        [(key, f"{value} {planted()}" if key == "Project" else value) for key, value in row or []]
        for row in table.column("Tags").to_pylist()
    ]
    index = table.column_names.index("Tags")
    changed = table.set_column(index, "Tags", pa.array(tags, table.schema.field("Tags").type))
    out = io.BytesIO()
    pq.write_table(changed, out)
    return out.getvalue()
