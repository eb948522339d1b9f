from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from opslib.sandbox.overlay import op
from opslib.sandbox.process import RunningSandbox, running_sandbox

EPOCH = datetime(2026, 3, 2, 6, tzinfo=UTC)
BUCKET = "acme-billing-export"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="steady", seed=1) as running:
        yield running


def client(service: str, sandbox: RunningSandbox, key: str = "") -> Any:
    return boto3.client(
        service,
        endpoint_url=sandbox.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key or sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def send_in_chunks(
    sandbox: RunningSandbox, method: str, path: str, service: str, parts: list[bytes], target: str
) -> tuple[int, bytes]:
    """Send a body of no stated length, as a client that streams does."""
    address = urlsplit(sandbox.endpoint)
    connection = HTTPConnection(str(address.hostname), address.port or 0, timeout=10)
    scope = f"{sandbox.access_key_id}/20260302/us-east-1/{service}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "Transfer-Encoding": "chunked",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": target,
    }
    connection.request(method, path, body=iter(parts), headers=headers, encode_chunked=True)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def test_an_operation_that_aws_does_not_have_fails_at_import() -> None:
    with pytest.raises(Exception, match="GetCostsAndUses"):
        op("ce", "GetCostsAndUses")


def test_an_object_put_in_chunks_arrives_whole(sandbox: RunningSandbox) -> None:
    parts = [b"a" * 70_000, b"b" * 3]
    status, _ = send_in_chunks(sandbox, "PUT", f"/{BUCKET}/streamed", "s3", parts, "")
    assert status == 200
    held = client("s3", sandbox).get_object(Bucket=BUCKET, Key="streamed")["Body"].read()
    assert held == b"".join(parts)
    client("s3", sandbox).delete_object(Bucket=BUCKET, Key="streamed")


def test_a_question_put_in_chunks_is_answered(sandbox: RunningSandbox) -> None:
    parts = [b'{"TagKeys":', b'["Project"]}']
    target = "AWSInsightsIndexService.ListCostAllocationTags"
    status, answer = send_in_chunks(sandbox, "POST", "/", "ce", parts, target)
    assert status == 200
    assert b'"Project"' in answer
    assert b'"Environment"' not in answer


USER = "arn:aws:iam::111111111111:user/opslib"


@pytest.mark.parametrize(
    ("service", "operation", "asked", "code"),
    [
        ("ce", "list_cost_allocation_tags", {}, "UnrecognizedClientException"),
        (
            "iam",
            "simulate_principal_policy",
            {"PolicySourceArn": USER, "ActionNames": ["s3:GetObject"]},
            "InvalidClientTokenId",
        ),
    ],
)
def test_a_key_of_nobody_is_refused_and_not_shown_an_empty_bill(
    service: str, operation: str, asked: dict[str, Any], code: str, sandbox: RunningSandbox
) -> None:
    ask = getattr(client(service, sandbox, key="AKIAOFNOBODY"), operation)
    with pytest.raises(ClientError) as refused:
        ask(**asked)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("ec2", "describe_capacity_blocks"),
        ("rds", "describe_db_recommendations"),
        ("cloudfront", "list_anycast_ip_lists"),
        ("lambda", "list_capacity_providers"),
    ],
)
def test_every_protocol_says_what_is_not_simulated(
    service: str, operation: str, sandbox: RunningSandbox
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service, sandbox), operation)()
    assert refused.value.response["Error"]["Code"] == "SandboxNotImplemented"


def test_a_linked_account_is_entered_by_its_role_and_shown_its_own_bill(
    sandbox: RunningSandbox,
) -> None:
    role = "arn:aws:iam::222222222222:role/opslib-read"
    session = client("sts", sandbox).assume_role(RoleArn=role, RoleSessionName="test")
    given = session["Credentials"]
    assert given["Expiration"] > datetime.now(UTC)
    boto = boto3.client(
        "ce",
        endpoint_url=sandbox.endpoint,
        region_name="us-east-1",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    answer = boto.get_cost_and_usage(
        TimePeriod={"Start": "2026-02-01", "End": "2026-03-01"},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}],
    )
    (month,) = answer["ResultsByTime"]
    assert [group["Keys"] for group in month["Groups"]] == [["222222222222"]]


def test_what_the_account_holds_is_dated_from_the_epoch(sandbox: RunningSandbox) -> None:
    s3, iam = client("s3", sandbox), client("iam", sandbox)
    objects = s3.list_objects_v2(Bucket=BUCKET, Prefix="focus/")["Contents"]
    (bucket,) = s3.list_buckets()["Buckets"]
    moments = {item["LastModified"] for item in objects} | {bucket["CreationDate"]}
    moments |= {iam.get_user(UserName="opslib")["User"]["CreateDate"]}
    assert moments == {EPOCH}


def test_starting_a_sandbox_imports_nothing_heavy() -> None:
    code = (
        "import sys, opslib.sandbox.process\n"
        "print(*sorted({'moto', 'boto3', 'botocore', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_the_two_apis_of_load_balancers_are_told_apart(sandbox: RunningSandbox) -> None:
    classic = client("elb", sandbox)
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    classic.create_load_balancer(
        LoadBalancerName="old", AvailabilityZones=["us-east-1a"], Listeners=[listener]
    )
    told = classic.describe_load_balancers()["LoadBalancerDescriptions"]
    assert [one["LoadBalancerName"] for one in told] == ["old"]
    assert client("elbv2", sandbox).describe_load_balancers()["LoadBalancers"] == []
