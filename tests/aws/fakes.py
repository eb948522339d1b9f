"""Stand-ins for boto3 clients, for what a server cannot be made to do at will."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from opslib.aws.reads import Reads
from opslib.parameters import CostParameters
from opslib.run_folder import RunFolder


def refusal(code: str, operation: str = "GetCostAndUsage") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{code} it says"}}, operation)


class FakeConnection:
    """Hands out the clients that a test prepared, by service."""

    def __init__(self, clients: Mapping[str, Any]) -> None:
        self._clients = clients

    def client(self, service: str, **_: Any) -> Any:
        return self._clients[service]


def reads_with(
    folder: Path, clients: Mapping[str, Any] | None = None, *, offline: bool = False, **values: Any
) -> Reads:
    """Return a read context whose connection hands out ``clients``."""
    parameters = CostParameters.parse(
        {"environment": "test", "as_of": "2026-03-02T06:00:00Z", **values}
    )
    folder.mkdir(parents=True, exist_ok=True)
    reads = Reads(parameters, RunFolder(path=folder), offline=offline)
    if clients is not None:
        reads._connection = FakeConnection(clients)  # type: ignore[assignment]
    return reads
