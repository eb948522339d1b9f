"""CloudTrail events: what is read of a record, and the table that it becomes.

Names are AWS's own (CloudTrail User Guide, "CloudTrail record contents"), in FOCUS's spelling.
The user agent is left out: it is written by the caller, and nothing may rest on it.
"""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandera.pandas as pa

from opslib.tables.engine import FILE
from opslib.tables.schema import column

__all__ = ["CLOUDTRAIL_EVENTS", "EVENT_STRUCT", "RECORD_COLUMNS", "event_columns"]

CLOUDTRAIL_EVENTS = pa.DataFrameSchema(
    {
        "EventTime": column(datetime),
        **{
            name: column(str, nullable=True)
            for name in (
                "EventId",
                "EventType",
                "EventCategory",
                "EventSource",
                "EventName",
                "AwsRegion",
                "AccountId",
                "PrincipalType",
                "Principal",
                "SessionName",
                "InvokedBy",
                "SourceIpAddress",
                "ReadOnly",
                "ManagementEvent",
                "MfaAuthenticated",
                "ErrorCode",
                "ErrorMessage",
                "RequestParameters",
                "ResponseElements",
                "AdditionalEventData",
                "Resources",
                "SharedEventId",
                FILE,
            )
        },
    }
)
"""One row an event, in order of time and id.

``EventTime`` is UTC, as recorded, to the second. ``Principal`` is who acts whatever the session:
the role (with the session's name where it names a person), user, root, federated user or AWS
service. ``ReadOnly``, ``ManagementEvent`` and ``MfaAuthenticated`` are ``true``, ``false`` or
null, as recorded. ``RequestParameters``, ``ResponseElements``, ``AdditionalEventData`` and
``Resources`` are JSON texts; of a reading event only the last is kept.
"""

RECORD_COLUMNS = {
    "userIdentity": (
        'STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, '
        "userName VARCHAR, invokedBy VARCHAR, identityProvider VARCHAR, "
        "sessionContext STRUCT(sessionIssuer STRUCT(arn VARCHAR), "
        "attributes STRUCT(mfaAuthenticated VARCHAR)))"
    ),
    **dict.fromkeys(
        (
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "errorCode",
            "errorMessage",
            "eventID",
            "readOnly",
            "eventType",
            "managementEvent",
            "recipientAccountId",
            "eventCategory",
            "sharedEventID",
        ),
        "VARCHAR",
    ),
    **dict.fromkeys(
        ("requestParameters", "responseElements", "additionalEventData", "resources"), "JSON"
    ),
}
"""What is read of a record: key to DuckDB type."""

EVENT_STRUCT = "STRUCT(" + ", ".join(f"{key} {kind}" for key, kind in RECORD_COLUMNS.items()) + ")"

PERSON_IN_ROLE = ("/AWSReservedSSO_", ":role/aws-reserved/")
"""IAM Identity Center gives every person the same role: the session's name tells them apart."""


def event_columns(record: ir.StructValue | ir.Table, file: ir.Value) -> dict[str, ir.Value]:
    """Return the columns of `CLOUDTRAIL_EVENTS` from a record of `RECORD_COLUMNS`.

    A time that cannot be read is null; so is everything that the record lacks.

    Args:
        record: the record's struct, or the table whose columns it is.
        file: what tells the file that the record came from.
    """
    identity = record["userIdentity"]
    reading = record["readOnly"].lower() == "true"
    acting = _principal(identity)
    return {
        "EventTime": record["eventTime"].try_cast("timestamp"),
        "EventId": record["eventID"],
        "EventType": record["eventType"],
        "EventCategory": record["eventCategory"],
        "EventSource": record["eventSource"],
        "EventName": record["eventName"],
        "AwsRegion": record["awsRegion"],
        "AccountId": ibis.coalesce(record["recipientAccountId"], _field(identity, "accountId")),
        "PrincipalType": _field(identity, "type"),
        "Principal": acting,
        "SessionName": _session(identity),
        "InvokedBy": _field(identity, "invokedBy"),
        "SourceIpAddress": record["sourceIPAddress"],
        "ReadOnly": record["readOnly"].lower(),
        "ManagementEvent": record["managementEvent"].lower(),
        "MfaAuthenticated": _field(
            identity, "sessionContext", "attributes", "mfaAuthenticated"
        ).lower(),
        "ErrorCode": record["errorCode"],
        "ErrorMessage": record["errorMessage"],
        "RequestParameters": _json(record["requestParameters"], reading),
        "ResponseElements": _json(record["responseElements"], reading),
        "AdditionalEventData": _json(record["additionalEventData"], reading),
        "Resources": record["resources"].cast("string").nullif("null"),
        "SharedEventId": record["sharedEventID"],
        FILE: file,
    }


def _json(value: ir.Value, reading: ir.BooleanValue) -> ir.StringValue:
    kept = ibis.cases((reading, None), else_=value.cast("string"))
    return kept.nullif("null")


def _field(value: ir.StructValue, *path: str) -> ir.StringValue:
    """Return what lies under ``path``, however it is capitalised; null where there is no such."""
    for name in path:
        spelled = {each.lower(): each for each in value.names}.get(name.lower())
        if spelled is None:
            return ibis.null("string")
        value = value[spelled]
    return value


def _session(identity: ir.StructValue) -> ir.StringValue:
    """Return the session's name, the last part of an assumed role's ARN."""
    arn = _field(identity, "arn")
    is_session = arn.contains(":assumed-role/")
    return ibis.cases((is_session, arn.re_extract(r"[^/]*$", 0)), else_=None)


def _principal(identity: ir.StructValue) -> ir.StringValue:
    arn, user = _field(identity, "arn"), _field(identity, "userName")
    issuer = _field(identity, "sessionContext", "sessionIssuer", "arn")
    of_person = issuer.contains(PERSON_IN_ROLE[0]) | issuer.contains(PERSON_IN_ROLE[1])
    role = arn.re_extract(r"^(.*:assumed-role/[^/]+)/.*$", 1).nullif("")
    return ibis.coalesce(
        ibis.cases((of_person, issuer + "/" + _session(identity)), else_=issuer),
        role,
        arn,
        _field(identity, "identityProvider") + "/" + user,
        user,
        _field(identity, "principalId"),
        _field(identity, "invokedBy"),
        _field(identity, "type"),
    )
