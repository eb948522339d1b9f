"""Real boto3 clients whose answers a test gives: requests and answers are held against the model.

Botocore checks what is asked before the answer is looked up, its own paginators walk the pages, and
the run's ledger counts the calls; nothing leaves the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from opslib.aws.connection import _refuse_writing
from opslib.aws.ledger import Ledger
from opslib.aws.reads import Reads
from tests.aws.fakes import reads_with

SESSION = boto3.Session("AKIA" + "X" * 16, "secret")
"""One for all, since each reads the services' models anew."""
Answers = Mapping[str, Mapping[str, Any]]
"""By service and operation: an output, an error, a list of them (one a call), or a function."""


class ModelConnection:
    """Hands out clients by service; an operation without an answer is a test's mistake."""

    def __init__(self, answers: Answers, ledger: Ledger) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers, self._ledger = answers, ledger
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, *, account: Any = None, region: str = "") -> Any:
        key = (service, f"{account.id if account else ''} {region}")
        if key not in self._clients:
            self._clients[key] = self._make(service, region or "us-east-1", account)
        return self._clients[key]

    def _make(self, service: str, region: str, account: Any) -> Any:
        config = Config(retries={"total_max_attempts": 1})
        client = SESSION.client(service, region_name=region, config=config)
        told = {
            name: iter(one) if isinstance(one, list) else one for name, one in self._of(service)
        }

        def answer(model: Any, params: Any, context: Any, **_: Any) -> Any:
            asked = dict(context["opslib"])
            self.asked.append((model.name, asked))
            given = told[model.name]
            given = next(given) if hasattr(given, "__next__") else given
            given = given(**asked) if callable(given) else given
            return _answered(given, model)

        def remember(params: Any, context: Any, **_: Any) -> None:
            context["opslib"] = params

        client.meta.events.register_first("before-call", _refuse_writing)
        client.meta.events.register_first("before-parameter-build", remember)
        self._ledger.watch(client, account.id if account else "")
        client.meta.events.register_last("before-call", answer)
        return client

    def _of(self, service: str) -> Any:
        return self._answers.get(service, {}).items()


def _answered(given: Any, model: Any) -> Any:
    if isinstance(given, ClientError):
        return SimpleNamespace(status_code=400), given.response
    if isinstance(given, Exception):
        raise given
    problems = ParamValidator().validate(given, model.output_shape)
    assert not problems.has_errors(), f"{model.name}: {problems.generate_report()}"
    return SimpleNamespace(status_code=200), given


def model_reads(folder: Path, answers: Answers, **values: Any) -> tuple[Reads, ModelConnection]:
    """Return a read context whose clients answer as told."""
    reads = reads_with(folder, **values)
    connection = ModelConnection(answers, reads.ledger)
    reads._connection = connection  # type: ignore[assignment]
    return reads, connection
