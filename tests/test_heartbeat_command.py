"""``opslib heartbeat`` against the sandbox's source, and what its copy then tells."""

from __future__ import annotations

import itertools
import os
import re
import signal
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from opslib.actions.heartbeat import Beat, write_beat
from opslib.aws.baselines import fetch_baseline_latencies
from opslib.aws.database_servers import conninfo_of, read_database_server
from opslib.aws.reads import Reads
from opslib.cli import heartbeat
from opslib.databases.heartbeat import read_newest
from opslib.databases.postgres import Database
from opslib.errors import ParameterError
from opslib.parameters import DrParameters
from opslib.parameters.column_name import HEARTBEAT_COLUMN, parse_column
from opslib.run_folder import RunFolder
from opslib.sandbox.process import running_sandbox

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def newest(reads: Reads, parameters: DrParameters, cluster: str) -> datetime:
    account, secret = parameters.account, parameters.source_secret.replace("orders", cluster)
    found = read_database_server(reads, account, "cluster", cluster, cluster)
    conninfo = conninfo_of(reads, account, found, secret, "orders", reader=False)
    database = Database(label=cluster, conninfo=conninfo)
    return read_newest(database, parse_column(HEARTBEAT_COLUMN)).newest


def stop_after(beats: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send this process what a service manager sends once so many beats are written."""
    written = itertools.count(1)

    def write_and_count(source: Database, keep_days: int) -> Beat | None:
        done = write_beat(source, keep_days)
        if next(written) == beats:
            os.kill(os.getpid(), signal.SIGTERM)
        return done

    monkeypatch.setattr(heartbeat, write_beat.__name__, write_and_count)


def test_the_source_beats_on_and_the_copy_stays_as_old_as_its_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "parameters" / "sandbox" / "dr_restore_validation.yaml").read_text()
    parameters = DrParameters.parse(yaml.safe_load(text))
    reads = Reads(parameters, RunFolder(path=tmp_path))
    with running_sandbox(scenario="steady", seed=3) as sandbox:
        for name, value in {**sandbox.environ, "OPSLIB_CACHE": str(tmp_path / "cache")}.items():
            monkeypatch.setenv(name, value)
        copied = newest(reads, parameters, "orders-restored")
        assert copied == parameters.as_of, "restored to the account's own moment"
        latencies = fetch_baseline_latencies(reads, parameters.account, parameters.baseline)
        assert latencies is not None
        assert "read shop.customer" in set(latencies["Transaction"])

        stop_after(3, monkeypatch)
        assert heartbeat.beat("sandbox", "1s") == 3
        assert newest(reads, parameters, "orders") > copied
        assert newest(reads, parameters, "orders-restored") == copied
        with pytest.raises(ParameterError, match="'heartbeat_secret' is missing"):
            heartbeat.beat("sandbox", None, overrides=("heartbeat_secret=null",))
    told = capsys.readouterr().err
    assert re.search(r"beat \d{3,} at", told)
    assert "password" not in told
