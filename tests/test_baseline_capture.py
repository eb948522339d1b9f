"""``opslib baseline capture`` into S3 and folders: never half, never over anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from opslib.actions.baseline_target import BucketTarget
from opslib.actions.baseline_upload import BASELINE_TAG, BaselineUpload
from opslib.actions.changes import ChangeRefused
from opslib.actions.chosen_baselines import ChosenBaselines
from opslib.aws.baselines import (
    fetch_baseline,
    fetch_baseline_latencies,
    fetch_store_baseline,
)
from opslib.aws.connection import Connection
from opslib.aws.database_servers import conninfo_of, read_database_server
from opslib.cli.baseline import capture
from opslib.errors import NotFound, OpsError, ParameterError
from opslib.parameters import DrParameters
from opslib.parameters.store_copies import StoreCopy, StoreKind
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.tables.baseline import load_baseline
from opslib.tables.baseline_layout import TABLE_BASELINE
from opslib.tables.store_states import TableItems
from tests.test_dr_drill import ROOT, reads_in

pytestmark = pytest.mark.slow
BUCKET = "acme-dr-baselines"
FILES = [
    "description/settings.parquet",
    "items/units.parquet",
    "description/baseline.json",
    "items/baseline.json",
]
"""Of a table's baseline, in the order in which they are to be written."""
LATER = datetime(2099, 1, 1, tzinfo=UTC)
NUMBERS: Iterator[int] = count()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=3) as running:
        yield running


@pytest.fixture(autouse=True)
def _enter(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)


@pytest.fixture
def s3() -> Any:
    return client_of_source("s3")


def client_of_source(service: str) -> Any:
    """Return a client of the source's account, as the capture's own."""
    role = "arn:aws:iam::222222222222:role/opslib-read"
    granted = boto3.client("sts", region_name="us-east-1").assume_role(
        RoleArn=role, RoleSessionName="test"
    )["Credentials"]
    return boto3.client(
        service,
        region_name="us-east-1",
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
    )


@pytest.fixture
def prefix() -> str:
    return f"test-{next(NUMBERS)}"


def keys_in(s3: Any, prefix: str) -> list[str]:
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
    return [one["Key"].removeprefix(f"{prefix}/") for one in listed]


def capture_sessions(target: str, *, write: bool = True) -> tuple[list[str], int]:
    return capture("sandbox", target, "record", ("sessions",), write=write)


@contextmanager
def puts(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[int, Any], None]
) -> Iterator[list[str]]:
    """Call ``before`` with the number of each put and its parameters; yield the keys put."""
    made, own = Connection.changing_client, list[str]()

    def changing_client(self: Connection, *arguments: Any) -> Any:
        client = made(self, *arguments)
        put = client.put_object

        def watched(**asked: Any) -> Any:
            number = len(own)
            own.append(asked["Key"])
            before(number, asked)
            return put(**asked)

        client.put_object = watched
        return client

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "changing_client", changing_client)
        yield own


def test_a_dry_run_reads_all_writes_nothing_and_says_what_it_would(
    s3: Any, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert capture_sessions(f"s3://{BUCKET}/{prefix}/{{time}}", write=False) == ([], 0)
    told = capsys.readouterr().err
    assert re.search(r"\d+ items, as of 2026-03-02 06:00:00 to 2026-03-02 06:00:\d\d UTC", told)
    assert re.search(rf"would write 4 objects of [\d,]+ bytes in all to s3://{BUCKET}", told)
    assert keys_in(s3, prefix) == []


def test_every_object_is_tagged_and_the_marker_comes_last(
    s3: Any, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with puts(monkeypatch, lambda _number, _asked: None) as keys:
        (place,), code = capture_sessions(f"s3://{BUCKET}/{prefix}/{{time}}")
    assert code == 0
    written = place.removeprefix(f"s3://{BUCKET}/")
    assert re.fullmatch(rf"{prefix}/\d{{8}}T\d{{6}}Z", written)
    assert keys == [f"{written}/{name}" for name in FILES]
    for key in keys:
        (tag,) = s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
        assert tag["Key"] == BASELINE_TAG
        moment = re.sub(r"[-:]", "", tag["Value"])
        assert moment == written.removeprefix(f"{prefix}/")


def test_nothing_is_written_where_something_is(s3: Any, prefix: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}/theirs", Body=b"theirs")
    for write in (True, False):
        with pytest.raises(ParameterError, match="there is something already"):
            capture_sessions(f"s3://{BUCKET}/{prefix}", write=write)
    assert keys_in(s3, prefix) == ["theirs"]


@pytest.mark.parametrize("number", range(len(FILES)))
def test_an_upload_that_fails_at_any_object_is_no_baseline_and_says_what_is_left(
    number: int, s3: Any, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(put: int, _asked: Any) -> None:
        if put == number:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    capture_sessions(f"s3://{BUCKET}/{prefix}/before")
    with puts(monkeypatch, fail), pytest.raises(OpsError, match="no") as refused:
        capture_sessions(f"s3://{BUCKET}/{prefix}/half")
    assert refused.value.exit_code == 4
    (note,) = refused.value.__notes__
    left = FILES[:number]
    assert keys_in(s3, f"{prefix}/half") == sorted(left)
    told = f": {', '.join(left)}; without items/baseline.json" if left else "nothing was written"
    assert told in note
    assert keys_in(s3, f"{prefix}/before") == sorted(FILES)
    reads = reads_in(tmp_path / "run")
    assert isinstance(reads.parameters, DrParameters)
    copy = StoreCopy(kind=StoreKind.TABLE, source="sessions", baseline=f"s3://{BUCKET}/{prefix}")
    choice = ChosenBaselines(reads, reads.parameters).of_store(copy, LATER)
    assert choice is not None
    assert choice.path == f"s3://{BUCKET}/{prefix}/before"
    named = (reads, reads.parameters.account, f"s3://{BUCKET}/{prefix}/half/items", TableItems)
    with pytest.raises(NotFound) as missing:
        fetch_store_baseline(*named)
    half = "not written to its end" if number > 1 else "there is no baseline"
    assert half in str(missing.value)


def test_a_put_whose_answer_was_lost_is_known_as_our_own(
    s3: Any, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put_first(_put: int, asked: Any) -> None:
        s3.put_object(**{name: v for name, v in asked.items() if name != "IfNoneMatch"})
        asked["Body"].seek(0)

    with puts(monkeypatch, put_first):
        assert capture_sessions(f"s3://{BUCKET}/{prefix}")[1] == 0
    assert keys_in(s3, prefix) == sorted(FILES)


def test_what_another_one_wrote_meanwhile_is_neither_overwritten_nor_called_ours(
    s3: Any, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def race(put: int, asked: Any) -> None:
        if put == 1:
            s3.put_object(Bucket=BUCKET, Key=asked["Key"], Body=b"theirs")

    with puts(monkeypatch, race), pytest.raises(ParameterError, match="already") as refused:
        capture_sessions(f"s3://{BUCKET}/{prefix}")
    body = s3.get_object(Bucket=BUCKET, Key=f"{prefix}/{FILES[1]}")["Body"].read()
    assert body == b"theirs"
    (note,) = refused.value.__notes__
    assert FILES[0] in note
    assert FILES[1] not in note


def test_an_upload_that_was_whole_before_its_answer_was_lost_is_said_to_be(
    s3: Any, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_last_answer(put: int, asked: Any) -> None:
        if put == len(FILES) - 1:
            s3.put_object(**asked)
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    with puts(monkeypatch, lose_the_last_answer), pytest.raises(OpsError) as lost:
        capture_sessions(f"s3://{BUCKET}/{prefix}")
    assert lost.value.__notes__ == [f"the baseline in s3://{BUCKET}/{prefix} is whole all the same"]


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("PutObject", {"IfNoneMatch": None}),
        ("PutObject", {"Tagging": "a=b"}),
        ("PutObject", {"Key": "elsewhere/x"}),
        ("PutObject", {"Bucket": "acme-documents"}),
        ("DeleteObject", {}),
        ("CreateMultipartUpload", {}),
    ],
)
def test_the_writing_client_makes_no_other_call(
    operation: str, asked: dict[str, Any], tmp_path: Path
) -> None:
    reads = reads_in(tmp_path / "run")
    assert isinstance(reads.parameters, DrParameters)
    target = BucketTarget(bucket=BUCKET, prefix="guarded/")
    moment = reads.parameters.as_of
    upload = BaselineUpload(
        reads.connection, reads.parameters.account, target, TABLE_BASELINE, moment
    )
    fits = {
        "Bucket": BUCKET,
        "Key": "guarded/x",
        "IfNoneMatch": "*",
        "Tagging": "opslib%3Abaseline=2026-03-02T06%3A00%3A00Z",
    }
    upload._admit("PutObject", fits)
    with pytest.raises(ChangeRefused):
        upload._admit(operation, {**fits, **asked})


def test_one_store_that_fails_keeps_no_other_from_being_captured(
    s3: Any, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    copies = [
        {"kind": "table", "source": "nothing", "baseline": "x"},
        {"kind": "table", "source": "sessions", "baseline": "x"},
    ]
    override = (f"copies={json.dumps(copies)}",)
    target = f"s3://{BUCKET}/{prefix}/{{store}}"
    found = capture("sandbox", target, "record", ("all",), write=True, overrides=override)
    assert found == ([f"s3://{BUCKET}/{prefix}/sessions"], 4)
    assert "nothing" in capsys.readouterr().err
    assert {key.partition("/")[0] for key in keys_in(s3, prefix)} == {"sessions"}


@pytest.mark.parametrize(
    ("target", "stores", "said"),
    [
        ("{store}", ("sesions",), "did you mean 'sessions'"),
        ("{store}", ("all", "sesions"), "did you mean 'sessions'"),
        ("{store}", ("acme-uploads",), "needs no baseline"),
        ("{store}/{date}", ("sessions",), "There are {time}"),
        ("s3://no-such-bucket/x", ("sessions",), "there is no bucket no-such-bucket"),
        ("nowhere/{store}/x", ("sessions",), "there is no such folder"),
        ("parameters", (), "something already"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(
    target: str, stores: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OpsError) as refused:
        capture("sandbox", target, "record", stores, write=True)
    assert said in str(refused.value)
    assert "reading" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("copies", "stores", "said"),
    [
        ("[]", ("all",), "no store of copies takes a baseline"),
        ("[]", ("sessions",), "Name tables, buckets and folders in parameter copies"),
        (
            "[{kind: table, source: a, baseline: x}, {kind: table, source: b, baseline: x}]",
            ("a", "b"),
            "Put {store}, or {kind} and {store}, into it",
        ),
    ],
)
def test_stores_that_cannot_be_captured_are_refused(
    copies: str, stores: tuple[str, ...], said: str
) -> None:
    target = f"s3://{BUCKET}/somewhere"
    with pytest.raises(ParameterError) as refused:
        capture("sandbox", target, "record", stores, overrides=(f"copies={copies}",))
    assert said in str(refused.value)


FUNCTION = (
    "CREATE FUNCTION shop.reach() RETURNS text LANGUAGE sql AS $$SELECT 'password=hunter22'$$"
)


@contextmanager
def a_function_with_a_secret(folder: Path) -> Iterator[None]:
    """Make a function in the source database whose text holds a password."""
    reads = reads_in(folder)
    parameters = reads.parameters
    assert isinstance(parameters, DrParameters)
    server = read_database_server(reads, parameters.account, "cluster", "orders", "source")
    secret = parameters.source_secret
    conninfo = conninfo_of(reads, parameters.account, server, secret, "orders", reader=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(FUNCTION)
        yield
        connection.execute("DROP FUNCTION shop.reach()")


def test_the_database_is_captured_into_s3_and_into_a_folder(
    prefix: str, tmp_path: Path, s3: Any
) -> None:
    kept: list[Any] = []
    with a_function_with_a_secret(tmp_path / "secret"):
        (place,), _ = capture("sandbox", str(tmp_path / "plain"), "record")
    objects = load_baseline(Path(place)).schema_objects
    (definition,) = objects[objects["Name"] == "reach()"]["Definition"]
    assert "password=[redacted " in definition
    assert "hunter22" not in definition
    for above in (f"s3://{BUCKET}/{prefix}", str(tmp_path)):
        (place,), _ = capture("sandbox", f"{above}/{{store}}/{{time}}", "record", write=True)
        reads = reads_in(tmp_path / f"run-{len(kept)}")
        kept.append(fetch_baseline(reads, reads.parameters.accounts[0], place))
        latencies = fetch_baseline_latencies(reads, reads.parameters.accounts[0], place)
        assert latencies is not None
        assert f"{above}/orders/" in place
    assert kept[0].digests.equals(kept[1].digests)
    assert keys_in(s3, prefix)[-1].endswith("tables.parquet")


def test_the_command_prints_where_and_exits_as_it_went(
    prefix: str, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        state = tmp_path / "state.json"
        state.write_text(json.dumps({name: getattr(sandbox, name) for name in sandbox.__slots__}))
        command = [str(Path(sys.executable).parent / "opslib"), "baseline", "capture"]
        return subprocess.run(
            [*command, "-e", "sandbox", *arguments],
            env={"PYTHONPATH": str(ROOT), "PATH": "", "OPSLIB_SANDBOX_STATE": str(state)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    target = f"s3://{BUCKET}/{prefix}/{{time}}"
    dry = run(target, "--store", "sessions")
    assert (dry.returncode, dry.stdout) == (0, "")
    assert "nothing was written: add --write" in dry.stderr
    done = run(target, "--store", "sessions", "--write")
    assert done.returncode == 0
    assert re.fullmatch(rf"s3://{BUCKET}/{prefix}/\d{{8}}T\d{{6}}Z\n", done.stdout)
    wrong = run(f"s3://{BUCKET}/{prefix}", "--store", "sessions", "--write")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Traceback" not in wrong.stderr
    missing = run()
    assert missing.returncode == 2
    assert "--help" in missing.stderr
