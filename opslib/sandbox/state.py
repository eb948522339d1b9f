"""What moto holds of the sandbox's accounts: credentials, roles, data, and the export in S3.

All of it is dated from the epoch, but for what expires: a session must outlive the real clock.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.damaged_export import damage_export
from opslib.sandbox.data_state import make_data_stores
from opslib.sandbox.estate import LAB, PAYER, PRODUCTION, STAGING
from opslib.sandbox.export import BUCKET, PREFIX, export_periods, lay_out
from opslib.sandbox.incident_buckets import make_incident_buckets
from opslib.sandbox.savings.hours import HOURLY_PREFIX, hourly_periods
from opslib.sandbox.savings.state import make_lab
from opslib.sandbox.scenario import Scenario
from opslib.sandbox.terraform_state import make_states

__all__ = ["READER_ROLE", "make_account"]

READER_ROLE = "opslib-read"


def make_account(scenario: Scenario) -> dict[str, str]:
    """Fill moto with the scenario's account; return the payer's credentials.

    Args:
        scenario: the account to make.

    Returns:
        ``access_key_id`` and ``secret_access_key``; made up, and of use here only.
    """
    users: Any = get_backend("iam")[PAYER]["aws"]
    user = users.create_user(region_name="us-east-1", user_name="opslib")
    key = users.create_access_key("opslib")
    user.create_date = key.create_date = _as_moto(scenario.epoch)
    for account in (PRODUCTION, STAGING, LAB):
        _make_role(account).create_date = _as_moto(scenario.epoch)
    _fill_bucket(scenario)
    make_data_stores(scenario)
    make_states(scenario)
    make_incident_buckets(scenario)
    make_lab(scenario.lab)
    return {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}


def _make_role(account: str) -> Any:
    roles: Any = get_backend("iam")[account]["aws"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{PAYER}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    return roles.create_role(
        role_name=READER_ROLE,
        assume_role_policy_document=json.dumps(trust),
        path="/",
        permissions_boundary=None,
        description="read-only",
        tags=[],
        max_session_duration=3600,
    )


def _fill_bucket(scenario: Scenario) -> None:
    objects: Any = get_backend("s3")[PAYER]["aws"]
    bucket = objects.create_bucket(BUCKET, "us-east-1")
    bucket.creation_date = scenario.epoch
    periods = export_periods(scenario.bill)
    damaged = damage_export(periods, scenario.epoch.date(), scenario.seed)
    hourly = lay_out(hourly_periods(scenario.bill, scenario.seed, scenario.epoch), HOURLY_PREFIX)
    whole = (lay_out(periods, PREFIX), hourly)
    for key, content in chain(*whole, *(export.files() for export in damaged)):
        objects.put_object(BUCKET, key, content).last_modified = _as_moto(scenario.epoch)


def _as_moto(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
