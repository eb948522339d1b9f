"""Policy simulation: allowed, but for what the scenario refuses."""

from __future__ import annotations

from typing import Any

from opslib.sandbox.overlay import Caller, op

__all__ = ["simulate_principal_policy"]

REFUSED = {"AccessDenied", "AccessDeniedException"}


@op("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer iam:SimulatePrincipalPolicy."""
    denied = {
        _action(fault.service, fault.operation)
        for fault in caller.scenario.faults
        if fault.code in REFUSED and fault.account in {"", caller.account}
    }
    return {
        "EvaluationResults": [
            {
                "EvalActionName": action,
                "EvalResourceName": "*",
                "EvalDecision": "explicitDeny" if action in denied else "allowed",
            }
            for action in asked["ActionNames"]
        ],
        "IsTruncated": False,
    }


def _action(service: str, operation: str) -> str:
    return "budgets:ViewBudget" if service == "budgets" else f"{service}:{operation}"
