"""What calls that make something are named by, in the shapes of AWS's own records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opslib.aws.cloudtrail_resources import resource_of, resources_of


def row(operation: str, asked: Any, answered: Any = None, **columns: Any) -> dict[str, Any]:
    return {
        "EventName": operation,
        "RequestParameters": json.dumps(asked),
        "ResponseElements": json.dumps(answered),
        **columns,
    }


def ec2_answer(**made: Any) -> dict[str, Any]:
    return {"requestId": "5f0a", **made}


def inner(operation: str, **made: Any) -> dict[str, Any]:
    held = {"xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/", "requestId": "5f0a", **made}
    return {f"{operation}Response": held}


NETWORK_BALANCER = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/edge/50dc"


@pytest.mark.parametrize(
    ("operation", "asked", "answered", "resource"),
    [
        (
            "RunInstances",
            {"instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1}]}, "subnetId": "sub-1"},
            ec2_answer(
                reservationId="r-1", ownerId="1", instancesSet={"items": [{"instanceId": "i-1"}]}
            ),
            "i-1",
        ),
        (
            "CreateVolume",
            {"size": "100", "snapshotId": "snap-1", "volumeType": "gp3"},
            ec2_answer(volumeId="vol-1", snapshotId="snap-1", status="creating"),
            "vol-1",
        ),
        (
            "CreateNatGateway",
            {"CreateNatGatewayRequest": {"SubnetId": "subnet-1", "AllocationId": "eipalloc-1"}},
            inner(
                "CreateNatGateway",
                natGateway={"natGatewayId": "nat-1", "subnetId": "subnet-1", "vpcId": "vpc-1"},
            ),
            "nat-1",
        ),
        (
            "CreateVpcEndpoint",
            {"CreateVpcEndpointRequest": {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.s3"}},
            inner("CreateVpcEndpoint", vpcEndpoint={"vpcEndpointId": "vpce-1", "vpcId": "vpc-1"}),
            "vpce-1",
        ),
        (
            "CreateTransitGatewayVpcAttachment",
            {
                "CreateTransitGatewayVpcAttachmentRequest": {
                    "TransitGatewayId": "tgw-1",
                    "VpcId": "vpc-1",
                }
            },
            inner(
                "CreateTransitGatewayVpcAttachment",
                transitGatewayVpcAttachment={
                    "transitGatewayAttachmentId": "tgw-attach-1",
                    "transitGatewayId": "tgw-1",
                    "vpcId": "vpc-1",
                },
            ),
            "tgw-attach-1",
        ),
        (
            "AllocateAddress",
            {"domain": "vpc"},
            ec2_answer(allocationId="eipalloc-1", domain="vpc", publicIp="203.0.113.9"),
            "eipalloc-1",
        ),
        (
            "CreateFileSystem",
            {"creationToken": "efs", "kmsKeyId": "arn:aws:kms:us-east-1:1:key/k-1"},
            {"fileSystemId": "fs-1", "ownerId": "1", "kmsKeyId": "k-1"},
            "fs-1",
        ),
        (
            "CreateDBInstance",
            {"dBInstanceIdentifier": "ledger", "dBSubnetGroupName": "private"},
            {"dBInstanceArn": "arn:aws:rds:us-east-1:1:db:ledger", "dbiResourceId": "db-X"},
            "ledger",
        ),
        (
            "CreateDBInstanceReadReplica",
            {"dBInstanceIdentifier": "copy", "sourceDBInstanceIdentifier": "ledger"},
            {"dBInstanceArn": "arn:aws:rds:us-east-1:1:db:copy"},
            "copy",
        ),
        (
            "RestoreDBInstanceFromDBSnapshot",
            {"dBInstanceIdentifier": "restored", "dBSnapshotIdentifier": "nightly"},
            {"dBInstanceIdentifier": "restored"},
            "restored",
        ),
        (
            "CreateCluster",
            {"name": "prod", "roleArn": "arn:aws:iam::1:role/eks"},
            {"cluster": {"name": "prod", "arn": "arn:aws:eks:us-east-1:1:cluster/prod"}},
            "prod",
        ),
        (
            "CreateCluster",
            {"clusterIdentifier": "bi", "nodeType": "ra3.4xlarge"},
            {"clusterIdentifier": "bi", "vpcId": "vpc-1"},
            "bi",
        ),
        (
            "CreateFunction20150331",
            {"functionName": "resize", "role": "arn:aws:iam::1:role/resize"},
            {"functionArn": "arn:aws:lambda:us-east-1:1:function:resize", "version": "1"},
            "resize",
        ),
        (
            "CreateDomain",
            {"domainName": "logs"},
            {"domainStatus": {"domainId": "1/logs", "domainName": "logs"}},
            "logs",
        ),
    ],
)
def test_what_was_made_goes_by_the_name_of_the_bill(
    operation: str, asked: Any, answered: Any, resource: str
) -> None:
    assert resource_of(row(operation, asked, answered)) == resource


@pytest.mark.parametrize(
    ("operation", "asked", "answered", "named"),
    [
        (
            "RunJobFlow",
            {"name": "nightly-ranking", "releaseLabel": "emr-7.12.0"},
            {"jobFlowId": "j-1", "clusterArn": "arn:aws:elasticmapreduce:us-east-1:1:cluster/j-1"},
            (("nightly-ranking",), ("j-1",)),
        ),
        (
            "CreateLoadBalancer",
            {"name": "edge", "type": "network", "subnets": ["subnet-1"]},
            {"loadBalancers": [{"loadBalancerArn": NETWORK_BALANCER, "vpcId": "vpc-1"}]},
            (("edge",), ("net/edge/50dc",)),
        ),
        (
            "RunInstances",
            {"instanceType": "m6i.large"},
            {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}},
            (("i-1", "i-2"),),
        ),
        (
            "TerminateInstances",
            {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}},
            None,
            (("i-1", "i-2"),),
        ),
        ("DeleteAlarms", {"alarmNames": ["high", "low"]}, None, (("high", "low"),)),
        ("CreateTags", {"tagSet": {}}, {"requestId": "5f0a", "_return": True}, ()),
    ],
)
def test_a_call_has_all_names_of_what_it_is_about(
    operation: str, asked: Any, answered: Any, named: tuple[tuple[str, ...], ...]
) -> None:
    assert resources_of(row(operation, asked, answered)) == named


def test_a_plain_name_is_shown_rather_than_an_id_that_nobody_chose() -> None:
    answered = {"trustAnchor": {"trustAnchorId": "4d07f6a0", "name": "partner"}}
    assert resource_of(row("CreateTrustAnchor", {"name": "partner"}, answered)) == "partner"


def test_the_calls_own_ids_name_nothing() -> None:
    answered = {"requestId": "5f0a", "ownerId": "1"}
    assert resource_of(row("AllocateAddress", {"domain": "vpc"}, answered)) == ""
    assert resource_of(row("ConsoleLogin", None, {"ConsoleLogin": "Success"})) == ""
