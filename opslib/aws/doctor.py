"""Whether a notebook could run: identity, accounts, and the IAM actions that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opslib.aws.connection import Connection
from opslib.aws.faults import aws_faults
from opslib.aws.ledger import Ledger
from opslib.errors import ReadError

if TYPE_CHECKING:
    from opslib.parameters.base import Account, NotebookParameters

__all__ = ["Check", "examine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at.

    Args:
        name: what was looked at.
        ok: whether it is as it should be; None where it could not be told.
        detail: what was seen.
        remedy: what to do, where it is not.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""


def examine(parameters: NotebookParameters, actions: tuple[str, ...]) -> list[Check]:
    """Look at identity, region and permissions of every account.

    Args:
        parameters: accounts, profile and region.
        actions: IAM actions that the notebook needs.
    """
    connection = Connection(parameters, Ledger())
    checks = [Check(name="region", ok=True, detail=parameters.region)]
    for account in parameters.accounts or (None,):
        checks += _examine_account(connection, account, actions)
    return checks


def _examine_account(
    connection: Connection, account: Account | None, actions: tuple[str, ...]
) -> list[Check]:
    label = account.label if account else "credentials"
    try:
        with aws_faults(f"{label} sts:GetCallerIdentity"):
            identity = connection.client("sts", account=account).get_caller_identity()
    except ReadError as error:
        return [Check(name=f"{label}: identity", ok=False, detail=error.what, remedy=error.remedy)]
    who = Check(name=f"{label}: identity", ok=True, detail=identity["Arn"])
    if account is not None and identity["Account"] != account.id:
        who = Check(
            name=f"{label}: identity",
            ok=False,
            detail=f"{identity['Arn']} is not in account {account.id}",
            remedy="Correct the account's id or its role.",
        )
    return [who, *_examine_actions(connection, account, label, identity["Arn"], actions)]


def _examine_actions(
    connection: Connection,
    account: Account | None,
    label: str,
    principal: str,
    actions: tuple[str, ...],
) -> list[Check]:
    client = connection.client("iam", account=account)
    try:
        with aws_faults(f"{label} iam:SimulatePrincipalPolicy"):
            answer = client.simulate_principal_policy(
                PolicySourceArn=_policy_source(client, principal), ActionNames=list(actions)
            )
    except ReadError as error:
        return [
            Check(
                name=f"{label}: permissions",
                ok=None,
                detail=f"cannot be told: {error.what}",
                remedy="Grant iam:SimulatePrincipalPolicy, or run the notebook and see coverage.",
            )
        ]
    return [_action_check(label, result) for result in answer["EvaluationResults"]]


def _action_check(label: str, result: dict[str, Any]) -> Check:
    allowed = result["EvalDecision"] == "allowed"
    return Check(
        name=f"{label}: {result['EvalActionName']}",
        ok=allowed,
        detail=result["EvalDecision"],
        remedy="" if allowed else "Grant it; deploy/iam holds the policy.",
    )


def _policy_source(client: Any, arn: str) -> str:
    """Return the role of an assumed-role session, since sessions cannot be simulated.

    A session's ARN leaves out the path of its role, which roles of IAM Identity Center have.
    """
    if ":assumed-role/" not in arn:
        return arn
    head, _, rest = arn.partition(":assumed-role/")
    name = rest.split("/")[0]
    try:
        with aws_faults(f"iam:GetRole {name}"):
            return str(client.get_role(RoleName=name)["Role"]["Arn"])
    except ReadError:
        return f"{head.replace(':sts:', ':iam:')}:role/{name}"
