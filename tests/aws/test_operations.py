from __future__ import annotations

import pytest

from opslib.aws.operations import read_operations
from opslib.tables.operations import OPERATIONS
from opslib.tables.schema import check_table


@pytest.mark.parametrize(
    ("source", "name", "reads"),
    [
        ("ec2.amazonaws.com", "DescribeInstances", True),
        ("ec2.amazonaws.com", "DescribeInstanceAttribute", True),
        ("ec2.amazonaws.com", "RunInstances", None),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", False),
        ("lambda.amazonaws.com", "ListFunctions20150331", True),
        ("s3.amazonaws.com", "PutBucketPolicy", False),
        ("s3.amazonaws.com", "GetObject", True),
        ("monitoring.amazonaws.com", "DescribeAlarms", True),
        ("elasticloadbalancing.amazonaws.com", "DescribeTargetGroups", True),
        ("iam.amazonaws.com", "CreateAccessKey", None),
        ("signin.amazonaws.com", "ConsoleLogin", None),
        ("no-such-service.amazonaws.com", "GetAnything", None),
    ],
)
def test_the_service_model_tells_what_reads(source: str, name: str, reads: bool | None) -> None:
    found = read_operations([(source, name)])
    told = found["ReadOnly"].iloc[0]
    assert (told if isinstance(told, bool) else None) is reads
    check_table(found, OPERATIONS, "operations")


def test_each_pair_is_told_once_in_order() -> None:
    pairs = [("s3.amazonaws.com", "GetObject"), ("ec2.amazonaws.com", "RunInstances")]
    found = read_operations([*pairs, *pairs])
    assert list(found["EventSource"]) == ["ec2.amazonaws.com", "s3.amazonaws.com"]
    assert read_operations([]).empty
