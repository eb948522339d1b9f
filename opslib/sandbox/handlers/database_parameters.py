"""The parameters that limit the connections of databases: set by their owners, or the engine's.

Source: Amazon RDS API Reference, DescribeDBParameters and DescribeDBClusterParameters; the engines'
default formulas from Amazon RDS User Guide, "Quotas and constraints", and Aurora User Guide.
"""

from __future__ import annotations

from typing import Any

from opslib.sandbox.capacity_state import PARAMETER_GROUPS
from opslib.sandbox.capacity_walls import max_connections
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op

__all__ = ["describe_db_cluster_parameters", "describe_db_parameters"]

MOST_A_PAGE = 100
MYSQL_FORMULA = "{DBInstanceClassMemory/12582880}"
POSTGRES_FORMULA = "LEAST({DBInstanceClassMemory/9531392},5000)"
OWNED = {group: name for name, group in PARAMETER_GROUPS.items()}


@op("rds", "DescribeDBParameters")
def describe_db_parameters(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer rds:DescribeDBParameters: of groups that somebody owns, their setting."""
    assert caller.account
    return _page(asked["DBParameterGroupName"], asked)


@op("rds", "DescribeDBClusterParameters")
def describe_db_cluster_parameters(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer rds:DescribeDBClusterParameters: the engine's defaults."""
    assert caller.account
    return _page(asked["DBClusterParameterGroupName"], asked)


def _page(group: str, asked: dict[str, Any]) -> dict[str, Any]:
    told = [
        parameter
        for parameter in _parameters(group)
        if asked.get("Source") in {None, parameter["Source"]}
    ]
    size = min(asked.get("MaxRecords") or MOST_A_PAGE, MOST_A_PAGE)
    page, marker = take_page(told, asked.get("Marker"), size)
    return {"Parameters": page} | ({"Marker": marker} if marker else {})


def _parameters(group: str) -> list[dict[str, Any]]:
    is_mysql = "mysql" in group
    owner = OWNED.get(group)
    formula = MYSQL_FORMULA if is_mysql else POSTGRES_FORMULA
    value = formula if owner is None else f"{max_connections(owner):.0f}"
    source = "system" if owner is None else "user"
    timeout = "wait_timeout" if is_mysql else "idle_session_timeout"
    return [
        _parameter("max_connections", value, source, "static"),
        _parameter(timeout, "28800" if is_mysql else "86400000", "engine-default", "dynamic"),
    ]


def _parameter(name: str, value: str, source: str, apply: str) -> dict[str, Any]:
    return {
        "ParameterName": name,
        "ParameterValue": value,
        "Source": source,
        "ApplyType": apply,
        "DataType": "integer",
        "IsModifiable": True,
        "ApplyMethod": "pending-reboot" if apply == "static" else "immediate",
    }
