"""Who works on the shop: people, what runs on its own, and AWS's services."""

from __future__ import annotations

from opslib.sandbox.api_calls import Principal

__all__ = [
    "AUTOSCALING",
    "CONTENT",
    "ECS",
    "PEOPLE",
    "PIPELINE",
    "ROTATION",
    "TERRAFORM",
    "TERRAFORM_APPLY",
    "deploy_run",
    "person",
]

PEOPLE = ("ada", "grace", "linus", "margaret")
CONSOLE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0"
OPERATOR = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Operator_0a1b2c3d4e5f6071"
AUTOSCALING = Principal(
    role=(
        "aws-service-role/ecs.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_ECSService"
    ),
    session="AutoScaling-UpdateDesiredCapacity",
    service="ecs.application-autoscaling.amazonaws.com",
)
ECS = Principal(service="ecs.amazonaws.com")
ROTATION = Principal(service="secretsmanager.amazonaws.com")
PIPELINE = Principal(
    role="service-role/codepipeline-shop",
    session="codepipeline-deploy",
    service="codepipeline.amazonaws.com",
)
TERRAFORM = Principal(
    role="terraform", session="terraform-plan", address="198.51.100.7", agent="Terraform/1.14.3"
)
TERRAFORM_APPLY = Principal(
    role="terraform", session="terraform-apply", address="198.51.100.7", agent="Terraform/1.14.3"
)
CONTENT = Principal(
    role="content", session="banner-rotation", address="198.51.100.7", agent="Boto3/1.42.1"
)


def person(name: str) -> Principal:
    """Return a person who signed in by SSO."""
    return Principal(role=OPERATOR, session=f"{name}@acme.example", agent=CONSOLE)


def deploy_run(run: int) -> Principal:
    """Return a run of the continuous integration."""
    return Principal(
        role="deploy",
        session=f"ci-{run}",
        address="198.51.100.7",
        agent="aws-sdk-go-v2/1.39.2 ci-deploy",
    )
