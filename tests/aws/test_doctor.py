from __future__ import annotations

from typing import Any

import pytest

from opslib.aws import doctor
from opslib.aws.doctor import examine
from opslib.parameters import CostParameters
from tests.aws.fakes import FakeConnection, refusal

SSO = "AWSReservedSSO_Billing_0123456789abcdef"
SESSION = f"arn:aws:sts::111111111111:assumed-role/{SSO}/jane"
ROLE = f"arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO}"


class Sts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": SESSION, "Account": "111111111111"}


class Iam:
    def __init__(self, *, tells_roles: bool) -> None:
        self._tells_roles = tells_roles
        self.simulated = ""

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803
        if not self._tells_roles:
            raise refusal("AccessDenied", "GetRole")
        assert RoleName == SSO
        return {"Role": {"Arn": ROLE}}

    def simulate_principal_policy(self, *, PolicySourceArn: str, ActionNames: list[str]) -> Any:  # noqa: N803
        self.simulated = PolicySourceArn
        return {
            "EvaluationResults": [
                {"EvalActionName": name, "EvalDecision": "allowed"} for name in ActionNames
            ]
        }


@pytest.mark.parametrize(
    ("tells_roles", "simulated"),
    [(True, ROLE), (False, f"arn:aws:iam::111111111111:role/{SSO}")],
)
def test_a_session_is_examined_by_its_role_and_path(
    tells_roles: bool,
    simulated: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    iam = Iam(tells_roles=tells_roles)
    connection = FakeConnection({"sts": Sts(), "iam": iam})
    monkeypatch.setattr(doctor, "Connection", lambda *_: connection)
    parameters = CostParameters.parse({"environment": "test", "as_of": "2026-03-02T06:00:00Z"})
    checks = examine(parameters, ("ce:GetCostAndUsage",))
    assert iam.simulated == simulated
    assert all(check.ok for check in checks)
