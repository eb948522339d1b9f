"""Clients that may write, in the sandbox's production account."""

from __future__ import annotations

from typing import Any

import boto3

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.process import RunningSandbox

__all__ = ["production_client"]


def production_client(sandbox: RunningSandbox, service: str) -> Any:
    named = {"region_name": "us-east-1", "endpoint_url": sandbox.endpoint}
    sts = boto3.client(
        "sts",
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        **named,
    )
    role = f"arn:aws:iam::{PRODUCTION}:role/opslib-read"
    granted = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
        **named,
    )
