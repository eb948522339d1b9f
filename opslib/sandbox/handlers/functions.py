"""Lambda functions, the account's concurrency, and what is reserved of it.

Source: AWS Lambda API Reference.
"""

from __future__ import annotations

from typing import Any

from opslib.sandbox.capacity_estate import FUNCTIONS, FunctionSpec
from opslib.sandbox.capacity_loads import CONCURRENT
from opslib.sandbox.capacity_quotas import QUOTAS, value_of
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.handlers.platform_services import has_platform
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import REGION

__all__ = ["get_account_settings", "get_function_concurrency", "list_functions"]

MOST_A_PAGE = 50
CODE_LIMIT, UNZIPPED_LIMIT, ZIPPED_LIMIT = 80_530_636_800, 262_144_000, 52_428_800


@op("lambda", "ListFunctions")
def list_functions(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer lambda:ListFunctions."""
    told = [_function(spec, caller) for spec in FUNCTIONS] if has_platform(caller) else []
    size = min(asked.get("MaxItems") or MOST_A_PAGE, MOST_A_PAGE)
    page, marker = take_page(told, asked.get("Marker"), size)
    return {"Functions": page} | ({"NextMarker": marker} if marker else {})


def _function(spec: FunctionSpec, caller: Caller) -> dict[str, Any]:
    return {
        "FunctionName": spec.name,
        "FunctionArn": f"arn:aws:lambda:{REGION}:{caller.account}:function:{spec.name}",
        "Runtime": "python3.13",
        "Handler": "main.handle",
        "MemorySize": spec.memory_mib,
        "Timeout": 60,
        "PackageType": "Zip",
        "Architectures": ["arm64"],
        "Version": "$LATEST",
    }


@op("lambda", "GetAccountSettings")
def get_account_settings(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer lambda:GetAccountSettings: the limit is the quota."""
    assert not asked
    (quota,) = (quota for quota in QUOTAS if quota.name == CONCURRENT)
    limit = int(value_of(caller.scenario.capacity, quota, caller.region))
    mine = FUNCTIONS if has_platform(caller) else ()
    return {
        "AccountLimit": {
            "ConcurrentExecutions": limit,
            "UnreservedConcurrentExecutions": limit - sum(spec.reserved for spec in mine),
            "TotalCodeSize": CODE_LIMIT,
            "CodeSizeUnzipped": UNZIPPED_LIMIT,
            "CodeSizeZipped": ZIPPED_LIMIT,
        },
        "AccountUsage": {"FunctionCount": len(mine), "TotalCodeSize": 1_048_576 * len(mine)},
    }


@op("lambda", "GetFunctionConcurrency")
def get_function_concurrency(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer lambda:GetFunctionConcurrency: nothing where nothing is reserved."""
    name = asked["FunctionName"].rpartition(":")[2]
    held = {spec.name: spec for spec in FUNCTIONS} if has_platform(caller) else {}
    if name not in held:
        raise AwsError("ResourceNotFoundException", f"Function not found: {name}")
    reserved = held[name].reserved
    return {"ReservedConcurrentExecutions": reserved} if reserved else {}
