"""Capacity of Lambda: executions at once, of a function that reserves some and of the account.

Source: AWS Lambda API Reference, ListFunctions, GetFunctionConcurrency and GetAccountSettings; AWS
Lambda Developer Guide, function metrics (ConcurrentExecutions is to be read as a maximum).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import Known, open_details, read_resources
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource, resource_row
from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService, ChangeKind, UsageRole

__all__ = ["measure_function", "read_functions"]

NAMESPACE, GONE = "AWS/Lambda", "ResourceNotFoundException"
ACCOUNT = "account concurrency"
ACCOUNT_QUOTA = "L-B99A9384"
UNIT = "executions"


def read_functions(reads: Reads) -> pd.DataFrame:
    """Read the functions, and the account as one more; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity lambda", "Lambda functions", _fetch)


def _fetch(place: Place) -> Fetched:
    details = open_details()
    functions = list(place.items("lambda", "ListFunctions", "Functions"))
    rows = [_row(place, one, details) for one in functions]
    told = details.ask(lambda: place.call("lambda", "GetAccountSettings")) if functions else None
    if told:
        limit = told.get("AccountLimit", {}).get("ConcurrentExecutions")
        settings = {"is_account": True, "limit": limit}
        rows.append(resource_row(place, CapacityService.LAMBDA, ACCOUNT, "", settings=settings))
    return details.fetched(rows, CAPACITY_RESOURCES)


def _row(place: Place, function: dict[str, Any], details: Details) -> dict[str, Any]:
    name = function["FunctionName"]
    ask = partial(place.call, "lambda", "GetFunctionConcurrency", absent=GONE, FunctionName=name)
    told = details.ask(ask) or {}
    return resource_row(
        place,
        CapacityService.LAMBDA,
        name,
        function["FunctionArn"],
        settings={
            "memory_mib": function.get("MemorySize"),
            "timeout_seconds": function.get("Timeout"),
            "runtime": function.get("Runtime"),
            "reserved": told.get("ReservedConcurrentExecutions"),
        },
    )


def measure_function(function: Resource, known: Known, measures: Measures) -> None:
    """Add the limits and series of a function, or of the account."""
    settings = function.settings
    where = {} if settings.get("is_account") else {"FunctionName": function.name}
    query = metric(NAMESPACE, "ConcurrentExecutions", "Maximum", **where)
    series = measures.usage(function, "concurrency", UNIT, query)
    throttles = metric(NAMESPACE, "Throttles", "Sum", **where)
    role = UsageRole.THROTTLES
    measures.usage(function, "throttles", "events/s", throttles, role=role, is_rate=True)
    if settings.get("is_account"):
        if known.quota(function, ACCOUNT_QUOTA) is None:
            source = "concurrent executions of the account (account settings)"
            change = ChangeKind.QUOTA_INCREASE
            measures.limit(function, "concurrency", settings["limit"], UNIT, change, source, series)
        return
    invocations = metric(NAMESPACE, "Invocations", "Sum", **where)
    role = UsageRole.DEMAND
    measures.usage(function, "invocations", "requests/s", invocations, role=role, is_rate=True)
    if settings.get("reserved"):
        source, change = "its reserved concurrency", ChangeKind.SCALING_SETTING
        measures.limit(function, "concurrency", settings["reserved"], UNIT, change, source, series)
