"""Spark in the environment that has it, and what is said where nothing has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from opslib.errors import ParameterError
from opslib.tables.engine_spark import SparkEngine

ROOT = Path(__file__).parents[2]
CONF = ROOT / "tests" / "spark" / "conf"
PYTHON = ROOT / ".venv-spark" / "bin" / "python"


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_spark_gives_the_tables_of_duckdb() -> None:
    java = shutil.which("java") or os.environ.get("JAVA_HOME")
    missing = [
        what
        for what, there in (("Java (make system-packages)", java), ("Spark (make spark)", PYTHON))
        if not there or not Path(there).exists()
    ]
    if missing:
        message = f"not run on Spark, for want of {' and '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    tests = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/spark"]
    environ = {**os.environ, "SPARK_CONF_DIR": str(CONF)}
    done = subprocess.run(tests, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout


def test_without_pyspark_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(ParameterError, match="no module pyspark") as raised:
        SparkEngine()
    assert "pip install 'opslib[spark]'" in raised.value.remedy
