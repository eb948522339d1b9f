"""The cost report in process over the sandbox, and again with one operation refused.

A report that was read whole leaves its evidence, as any run does. A run with an operation refused
goes on from there: it asks again for what that operation tells, and for nothing else.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from opslib.analysis.cost import CostReport, analyse_cost, plan_periods
from opslib.analysis.cost.anomalies import find_cost_anomalies, plan_cause_windows
from opslib.aws.connection import Connection
from opslib.aws.cost_changes import read_cost_changes
from opslib.aws.cost_tables import read_cost_tables
from opslib.aws.reads import Reads
from opslib.parameters import CostParameters
from opslib.run_folder import RunFolder

__all__ = ["Call", "CallLog", "CostRun", "refuse", "run_cost"]

PARAMETERS = Path(__file__).parents[1] / "parameters" / "sandbox" / "cost_analysis.yaml"
Call = tuple[str, str]
"""botocore's name of the service, and the operation."""
ASKED_FOR_ALL = {"athena", "s3", "sts"}
"""Services that one read calls for others too: without them, nothing can be gone on from."""


@dataclass
class CallLog:
    """Which calls were made for which recorded read."""

    calls: dict[str, set[Call]] = field(default_factory=lambda: defaultdict(set))

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """Note the calls of every read from now on."""
        ask, reading = Reads._ask, threading.local()

        def asked(reads: Reads, request: Any, fetch: Any) -> Any:
            reading.key = reads._key(request)
            return ask(reads, request, fetch)

        def before(model: Any, **_: Any) -> None:
            call = (model.service_model.service_name, model.name)
            self.calls[getattr(reading, "key", "")].add(call)

        patch.setattr(Reads, "_ask", asked)
        _listen(patch, before)

    def of(self, run: CostRun) -> set[Call]:
        """Return the calls that a run's evidence was made by, and its own."""
        own = {(call.service, call.operation) for call in run.reads.ledger.records}
        index = run.reads.run.evidence / "index.json"
        return own.union(*(self.calls[key] for key in json.loads(index.read_text("utf-8"))))

    def copy_others(self, run: Path, folder: Path, refused: Call) -> None:
        """Copy a run's evidence to ``folder``, but for what ``refused`` was called for."""
        shutil.copytree(run / "evidence", folder / "evidence")
        index = folder / "evidence" / "index.json"
        kept = {
            key: entry
            for key, entry in json.loads(index.read_text("utf-8")).items()
            if refused not in self.calls[key] and refused[0] not in ASKED_FOR_ALL
        }
        index.write_text(json.dumps(kept), encoding="utf-8")


def refuse(patch: pytest.MonkeyPatch, refused: Call, code: str) -> None:
    """Let AWS refuse one operation from now on, whoever asks."""

    def before(model: Any, **_: Any) -> None:
        if (model.service_model.service_name, model.name) == refused:
            told = {"Code": code, "Message": f"{model.name} is refused"}
            raise ClientError({"Error": told}, model.name)

    _listen(patch, before)


def _listen(patch: pytest.MonkeyPatch, before: Any) -> None:
    make = Connection._make

    def made(connection: Connection, *arguments: Any) -> Any:
        client = make(connection, *arguments)
        client.meta.events.register("before-call", before)
        return client

    patch.setattr(Connection, "_make", made)


@dataclass(frozen=True)
class CostRun:
    """A report, and how it was read."""

    report: CostReport
    reads: Reads


def run_cost(folder: Path, **values: Any) -> CostRun:
    """Do what the notebook does up to its findings, with the sandbox's parameters.

    Args:
        folder: of the run; evidence that it holds is gone on from.
        values: parameters that differ from the sandbox's.
    """
    given = {**yaml.safe_load(PARAMETERS.read_text("utf-8")), **values}
    parameters = CostParameters.parse(given)
    folder.mkdir(parents=True, exist_ok=True)
    reads = Reads(parameters, RunFolder(path=folder), max_paid_requests=parameters.max_requests)
    periods = plan_periods(parameters)
    tables = read_cost_tables(reads, parameters, periods.days, periods.month_end)
    unusual = find_cost_anomalies(parameters, periods, tables.bill)
    windows = plan_cause_windows(unusual.found, parameters)
    changes = read_cost_changes(reads, parameters, windows, wait=time.sleep)
    return CostRun(
        report=analyse_cost(parameters, periods, tables, changes, reads.coverage), reads=reads
    )
