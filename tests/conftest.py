"""What holds for every test: no AWS credentials, no traffic beyond this machine."""

from __future__ import annotations

import gc
import importlib.util
import ipaddress
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Speed is measured in benchmarks/, never by a test's deadline.
settings.register_profile("opslib", deadline=None)
settings.load_profile("opslib")

# Spark has an environment of its own, and `tests/tables/test_spark.py` runs these in it.
collect_ignore = [] if importlib.util.find_spec("pyspark") else ["spark"]

# What is imported for 5,000 tests stays: nobody looks through it for garbage until they end.
gc.disable()

REAL_CONNECT = socket.socket.connect


# A job in a shell's background ignores Ctrl-C, and so would every process that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files of slow tests where workers share them.

    Else the last of them keeps one worker busy while the others have nothing left to do.
    """
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Turn the collector on again, for what the tests make."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Let the interpreter see everything as it ends; DuckDB counts what it cannot free."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "OPSLIB_"))]:
        if name != "OPSLIB_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("OPSLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OPSLIB_SANDBOX_STATE", str(tmp_path / "sandbox.json"))


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = str(address[0])
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test tried to reach {host}")
        REAL_CONNECT(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real data, or skip and say how to name it."""
    named = os.environ.get("OPSLIB_DATA")
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(named) if named else beside
    if not folder.is_dir():
        pytest.skip("no real data: set OPSLIB_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return where Chromium is; where it is not, skip, or fail under CI."""
    program = shutil.which("chromium")
    if program is None:
        message = "no Chromium: make system-packages"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return program


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """Start headless Chromium once for all tests of a worker: Playwright bears no second one."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only where it is asked for

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()
