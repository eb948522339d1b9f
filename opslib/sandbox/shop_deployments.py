"""Deployments of the shop's services, and the calls that each leaves in CloudTrail.

Web, search and checkout are deployed by the continuous integration with ecs:UpdateService; the
other services by a pipeline of CodePipeline, whose CodeDeploy updates the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.shop import (
    CLUSTER,
    hex_id,
    make_uuid,
    service_arn,
    task_definition_arn,
)
from opslib.sandbox.shop_people import PIPELINE, deploy_run

__all__ = [
    "DIRECT",
    "PIPELINED",
    "TO_CODEDEPLOY",
    "Deployment",
    "deployment_calls",
    "pipeline_name",
]

PIPELINED = ("catalog", "payments", "accounts")
DIRECT = ("web", "search", "checkout")
CODEDEPLOY = Principal(
    role="service-role/AWSCodeDeployRoleForECS",
    session="ecs-deployment",
    service="codedeploy.amazonaws.com",
)
TO_CODEDEPLOY, TO_UPDATE = timedelta(seconds=95), timedelta(seconds=40)
ROLLOUT = timedelta(minutes=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of a service.

    Args:
        at: of the call that is known as the deployment: ecs:UpdateService, or
            codedeploy:CreateDeployment of a pipeline's.
        account: production or staging.
        service: that is deployed.
        revision: of its task definition.
        run: number of the run that made it.
        person: who, where it was no run.
        is_rollback: whether it goes back to an earlier revision.
    """

    at: datetime
    account: str
    service: str
    revision: int
    run: int
    person: Principal | None = None
    is_rollback: bool = False

    @property
    def is_pipelined(self) -> bool:
        """Say whether CodePipeline and CodeDeploy made it."""
        return self.service in PIPELINED

    @property
    def updated_at(self) -> datetime:
        """Return when ECS was told."""
        return self.at + TO_UPDATE if self.is_pipelined else self.at

    @property
    def completed_at(self) -> datetime:
        """Return when ECS called it complete."""
        return self.updated_at + ROLLOUT

    @property
    def ecs_id(self) -> str:
        """Return the id that ECS gives it."""
        return f"ecs-svc/{int(hex_id(self._key, 15), 16):019d}"

    @property
    def codedeploy_id(self) -> str:
        """Return the id that CodeDeploy gives it."""
        return f"d-{hex_id(self._key, 9).upper()}"

    @property
    def execution_id(self) -> str:
        """Return the id of the pipeline's execution."""
        return make_uuid(f"execution {self._key}")

    @property
    def commit(self) -> str:
        """Return the source's revision."""
        return hex_id(f"{self.service} {self.revision}", 40)

    @property
    def _key(self) -> str:
        return f"{self.account} {self.service} {self.at.isoformat()}"


def pipeline_name(deployment: Deployment) -> str:
    """Return the name of the pipeline, and of CodeDeploy's application."""
    return f"shop-{deployment.service}"


def deployment_calls(deployment: Deployment) -> list[ApiCall]:
    """Return the calls of a deployment, oldest first."""
    actor = deployment.person or deploy_run(deployment.run)
    if not deployment.is_pipelined:
        return [_register(deployment, actor), _update(deployment, actor)]
    return [
        _start_pipeline(deployment, actor),
        _register(deployment, PIPELINE),
        _create_deployment(deployment),
        _update(deployment, CODEDEPLOY),
    ]


def _register(deployment: Deployment, actor: Principal) -> ApiCall:
    family = f"shop-{deployment.service}"
    arn = task_definition_arn(deployment.service, deployment.revision, deployment.account)
    image = f"shop/{deployment.service}:{deployment.commit[:12]}"
    return ApiCall(
        at=deployment.at - timedelta(seconds=8),
        account=deployment.account,
        principal=actor,
        source="ecs",
        name="RegisterTaskDefinition",
        parameters={
            "family": family,
            "containerDefinitions": [{"name": deployment.service, "image": image}],
            "cpu": "1024",
            "memory": "2048",
        },
        response={"taskDefinition": {"taskDefinitionArn": arn, "family": family}},
    )


def _update(deployment: Deployment, actor: Principal) -> ApiCall:
    arn = task_definition_arn(deployment.service, deployment.revision, deployment.account)
    primary = {"id": deployment.ecs_id, "status": "PRIMARY", "taskDefinition": arn}
    return ApiCall(
        at=deployment.updated_at,
        account=deployment.account,
        principal=actor,
        source="ecs",
        name="UpdateService",
        resource=deployment.service,
        resource_type="AWS::ECS::Service",
        parameters={
            "cluster": CLUSTER,
            "service": deployment.service,
            "taskDefinition": f"shop-{deployment.service}:{deployment.revision}",
        },
        response={
            "service": {
                "serviceArn": service_arn(deployment.service, deployment.account),
                "serviceName": deployment.service,
                "deployments": [primary],
            }
        },
    )


def _start_pipeline(deployment: Deployment, actor: Principal) -> ApiCall:
    return ApiCall(
        at=deployment.at - TO_CODEDEPLOY,
        account=deployment.account,
        principal=actor,
        source="codepipeline",
        name="StartPipelineExecution",
        resource=pipeline_name(deployment),
        resource_type="AWS::CodePipeline::Pipeline",
        parameters={"name": pipeline_name(deployment)},
        response={"pipelineExecutionId": deployment.execution_id},
    )


def _create_deployment(deployment: Deployment) -> ApiCall:
    revision: dict[str, Any] = {
        "revisionType": "S3",
        "s3Location": {"bucket": "acme-artifacts", "key": f"{deployment.commit[:7]}.yaml"},
    }
    return ApiCall(
        at=deployment.at,
        account=deployment.account,
        principal=PIPELINE,
        source="codedeploy",
        name="CreateDeployment",
        resource=pipeline_name(deployment),
        resource_type="AWS::CodeDeploy::Application",
        parameters={
            "applicationName": pipeline_name(deployment),
            "deploymentGroupName": "production",
            "revision": revision,
        },
        response={"deploymentId": deployment.codedeploy_id},
    )
