"""The sandbox that runs on this machine, as everything that reaches it sees it.

`opslib sandbox up` notes its sandbox in a file of the user's state (OPSLIB_SANDBOX_STATE names
another), so that plain papermill and JupyterLab find it without exporting anything.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["RunningSandbox", "clear_state", "read_state", "write_state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A sandbox that answers.

    Args:
        endpoint: its URL.
        pid: the server's process.
        scenario: what it shows.
        seed: which story of it.
        epoch: the moment that it lives in, ISO.
        access_key_id: the payer's key, made up.
        secret_access_key: its secret, made up.
    """

    endpoint: str
    pid: int
    scenario: str
    seed: int
    epoch: str
    access_key_id: str
    secret_access_key: str

    @property
    def environ(self) -> dict[str, str]:
        """Return the variables that lead every AWS client here.

        The caller takes AWS_PROFILE, AWS_SESSION_TOKEN and the like out of the environment.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",
        }


def _state_file() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415

    named = os.environ.get("OPSLIB_SANDBOX_STATE")
    return Path(named) if named else user_state_path("opslib") / "sandbox.json"


def write_state(sandbox: RunningSandbox) -> None:
    """Note the sandbox that `opslib sandbox up` started."""
    file = _state_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(sandbox)), encoding="utf-8")


def read_state() -> RunningSandbox | None:
    """Return the sandbox that is up, or None."""
    try:
        noted = RunningSandbox(**json.loads(_state_file().read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return noted if _answers(noted) else None


def _answers(sandbox: RunningSandbox) -> bool:
    """Say whether the noted process is there and its port answers: another program may have it."""
    try:
        os.kill(sandbox.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    address = urlsplit(sandbox.endpoint)
    try:
        with socket.create_connection((address.hostname, address.port or 0), timeout=1):
            return True
    except OSError:
        return False


def clear_state() -> None:
    """Forget the sandbox that was up."""
    _state_file().unlink(missing_ok=True)
