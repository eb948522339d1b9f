"""The incident that a scenario plants in the shop, and when.

What there is, in the production account 222222222222 and region us-east-1 (staging 333333333333
has the same shop with a twentieth of the traffic, and no incident):

- ECS: cluster ``shop`` with services web, catalog, search, checkout, payments, accounts; cluster
  ``batch`` with service ``reports``. Task definitions ``shop-<service>:<revision>``, roles
  ``<service>-task``, SSM parameters ``/shop/<service>/...``.
- load balancer ``app/shop/50dc6c495c0c9188`` with target groups ``targetgroup/shop-<service>/...``.
- Aurora cluster ``orders`` (parameter group ``shop-orders``), DynamoDB table ``sessions``, Valkey
  cache ``shop-cache``, Lambda function ``receipt``, and ``gateway``, a payment provider outside.
- log groups ``/ecs/shop/<service>``, ``/aws/lambda/receipt``,
  ``/aws/rds/cluster/orders/postgresql``.
- metrics: AWS/ApplicationELB RequestCount, TargetResponseTime, HTTPCode_Target_5XX_Count and
  HealthyHostCount by (LoadBalancer, TargetGroup), the first three by (LoadBalancer) too; AWS/ECS
  CPUUtilization and MemoryUtilization by (ClusterName, ServiceName); AWS/RDS DatabaseConnections,
  CPUUtilization, SelectLatency and CommitLatency by (DBClusterIdentifier); AWS/DynamoDB
  ConsumedReadCapacityUnits, ThrottledRequests and SuccessfulRequestLatency by (TableName,
  Operation GetItem); AWS/ElastiCache EngineCPUUtilization, CacheHits and CacheMisses by
  (CacheClusterId ``shop-cache-001``); AWS/Lambda Invocations, Errors, Duration and Throttles by
  (FunctionName); AWS/NATGateway BytesOutToDestination, ActiveConnectionCount by (NatGatewayId);
  Shop/Clients Requests, Errors and Latency by (Dependency orders, sessions, shop-cache, receipt,
  gateway), as their callers see them; Shop/Batch ReportMinutes by (Job ``reports``).
- alarms ``shop-<service>-p95`` and ``shop-<service>-errors`` of each service, ``orders-cpu``,
  ``sessions-throttles``, ``receipt-errors``, and ``batch-reports-late``, which flaps every day.
- CodeDeploy applications ``shop-<service>`` of catalog, payments and accounts with deployment
  group ``production``, CodePipeline pipelines of the same names; in staging ``shop-catalog`` runs
  every day at noon.
- secrets ``shop/orders/application``, ``shop/accounts/signing-key``, ``shop/payments/gateway-key``,
  ``shop/search/api-key``.
- buckets ``acme-cloudtrail`` (AWSLogs/<account>/CloudTrail/us-east-1/yyyy/mm/dd/*.json.gz, the 14
  days before the epoch) and ``acme-incidents`` (``<day>/slack.zip``, ``<day>/pagerduty.json``,
  ``<day>/log.csv``; the day is that before the epoch).

The window is 08:00 to 22:00 UTC of the day before the epoch; whatever is planted lies in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = ["ChangeKind", "Incident", "IncidentPlan", "window_of"]


class ChangeKind(StrEnum):
    """What brought an incident about."""

    DEPLOYMENT = "deployment"
    CONFIGURATION = "configuration"
    SECURITY_GROUP = "security group"
    DATABASE = "database"
    POLICY = "policy"
    SCALING_LIMIT = "scaling limit"
    FUNCTION = "function"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What was planted.

    Args:
        kind: of the change.
        component: that it struck.
        action: the API call that made it, such as ``ecs:UpdateService``.
        resource: what the call changed, as its request names it.
        changed_at: when it was called.
        onset: the first moment of its effect.
        ramp: how long until the effect was whole.
        latency_factor: the component's own latency relative to before.
        error_share: share of the component's own requests that fail, beside the usual.
        rolled_back_at: when it was taken back by another call.
        recovered_at: when its effect had gone.
    """

    kind: ChangeKind
    component: str
    action: str
    resource: str
    changed_at: datetime
    onset: datetime
    ramp: timedelta
    latency_factor: float
    error_share: float
    rolled_back_at: datetime
    recovered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPlan:
    """The day of the shop as a scenario tells it.

    Args:
        seed: moves everything.
        epoch: the moment that the account lives in.
        is_empty: whether nothing was recorded at all.
        incident: None on a quiet day.
        decoy_service: service deployed shortly before ``moment``, for which it is not to blame.
        decoy_at: when.
        moment: the onset, or a moment like any other of a quiet day.
    """

    seed: int
    epoch: datetime
    is_empty: bool
    incident: Incident | None
    decoy_service: str
    decoy_at: datetime
    moment: datetime


def window_of(epoch: datetime) -> tuple[datetime, datetime]:
    """Return beginning and end of the time that everything planted lies in."""
    midnight = epoch.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return midnight + timedelta(hours=8), midnight + timedelta(hours=22)
