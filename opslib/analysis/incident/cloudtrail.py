"""What a CloudTrail event is: a change or a reading call, and who made it happen.

Whether an event changes anything is its own ``readOnly``; where it has none (records before
version 1.01, exports that drop it, Insights) that of the same operation elsewhere among the
events; else what the service's model says. No word of an operation's name is read here.

Failure mode: CloudTrail's ``readOnly`` is about the resource that is called. It is true of
GetSecretValue, AssumeRole and of a model's invocation, and false of a sign-in: that is AWS's
judgement, and kept. What nobody tells is taken for a change, and marked as not known.

Source: AWS CloudTrail User Guide, "CloudTrail record contents".
"""

from __future__ import annotations

from enum import StrEnum

import pandas as pd

__all__ = ["EventKind", "ReadOnlySource", "classify_events"]

DENIED = (
    r"(?i)AccessDenied|Unauthorized|NotAuthorized|Forbidden|AuthFailure|OptInRequired"
    r"|AuthorizationError"
)
SERVICE_ROLE = r":role/aws-service-role/|\.amazonaws\.com$"


class EventKind(StrEnum):
    """What an event is about."""

    API_CALL = "api_call"
    """A call to an API, by anybody."""
    SIGN_IN = "sign_in"
    """Somebody signs in to the console, or fails to."""
    SERVICE_EVENT = "service_event"
    """A service does something of its own accord, without a call."""
    DATA = "data"
    """A call on the data in a resource: objects, items, invocations."""
    INSIGHT = "insight"
    """CloudTrail's own remark that calls are unusually many or fail unusually often."""
    NETWORK = "network"
    """A call through a VPC endpoint, as the endpoint saw it."""


class ReadOnlySource(StrEnum):
    """Where it is known from whether an event changes anything."""

    RECORD = "record"
    SAME_OPERATION = "same_operation"
    SERVICE_MODEL = "service_model"
    UNKNOWN = "unknown"


def classify_events(events: pd.DataFrame, operations: pd.DataFrame) -> pd.DataFrame:
    """Return ``events`` with what each is.

    Args:
        events: columns of `opslib.tables.cloudtrail.CLOUDTRAIL_EVENTS`.
        operations: `opslib.tables.operations.OPERATIONS` of (at least) those events whose
            ``ReadOnly`` is null; may be empty.

    Returns:
        The same rows with ``Kind`` (`EventKind`), ``Changes`` (bool; true where nobody tells),
        ``ChangesFrom`` (`ReadOnlySource`), ``Failed``, ``Denied`` and ``ByService`` (an AWS
        service acts, for itself or on behalf of somebody).
    """
    code = events["ErrorCode"].fillna("").astype(str)
    reads, source = _read_only(events, operations)
    return events.assign(
        Kind=_kind(events),
        Changes=~reads,
        ChangesFrom=source,
        Failed=code != "",
        Denied=code.str.contains(DENIED, regex=True) | _failed_sign_in(events),
        ByService=_by_service(events),
    )


def _read_only(events: pd.DataFrame, operations: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    recorded = events["ReadOnly"].map({"true": True, "false": False}).astype(object)
    keys = pd.MultiIndex.from_frame(events[["EventSource", "EventName"]])
    alike = _same_operation(events, recorded)
    modelled = {
        (row.EventSource, row.EventName): row.ReadOnly
        for row in operations.itertuples()
        if isinstance(row.ReadOnly, bool)
    }
    reads = recorded.copy()
    source = pd.Series(ReadOnlySource.RECORD.value, index=events.index)
    for name, known in (
        (ReadOnlySource.SAME_OPERATION, alike),
        (ReadOnlySource.SERVICE_MODEL, modelled),
    ):
        missing = reads.isna()
        found = pd.Series([known.get(key) for key in keys[missing]], index=events.index[missing])
        reads[missing] = found.astype(object)
        source[missing] = name.value
    source[reads.isna()] = ReadOnlySource.UNKNOWN.value
    return reads.map(lambda value: value is True).astype(bool), source


def _same_operation(events: pd.DataFrame, recorded: pd.Series) -> dict[tuple[str, str], bool]:
    """Return what the records say of an operation, where they agree."""
    told = events.assign(told=recorded)[recorded.notna()]
    answers = told.groupby(["EventSource", "EventName"])["told"].agg(["first", "nunique"])
    agreed = answers[answers["nunique"] == 1]["first"]
    return {
        (str(key[0]), str(key[1])): bool(read)
        for key, read in zip(agreed.index, agreed, strict=True)
    }


def _kind(events: pd.DataFrame) -> pd.Series:
    kind = pd.Series(EventKind.API_CALL.value, index=events.index)
    types = events["EventType"].fillna("")
    category = events["EventCategory"].fillna("")
    data = (category == "Data") | (events["ManagementEvent"].fillna("") == "false")
    kind[types == "AwsServiceEvent"] = EventKind.SERVICE_EVENT.value
    kind[types == "AwsConsoleSignIn"] = EventKind.SIGN_IN.value
    kind[data] = EventKind.DATA.value
    kind[(types == "AwsVpceEvent") | (category == "NetworkActivity")] = EventKind.NETWORK.value
    kind[(types == "AwsCloudTrailInsight") | (category == "Insight")] = EventKind.INSIGHT.value
    return kind


def _by_service(events: pd.DataFrame) -> pd.Series:
    invoked = events["InvokedBy"].fillna("") != ""
    acting = events["Principal"].fillna("").str.contains(SERVICE_ROLE, regex=True)
    return invoked | acting | events["PrincipalType"].isin(["AWSService"])


def _failed_sign_in(events: pd.DataFrame) -> pd.Series:
    answer = events["ResponseElements"].fillna("")
    return answer.str.contains(r'"ConsoleLogin"\s*:\s*"Failure"', regex=True)
