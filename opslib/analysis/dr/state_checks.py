"""The checks of one Terraform state: there, versioned, copied, encrypted, closed, unlocked."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.points import age, given, moment
from opslib.analysis.dr.state_targets import ENCRYPTED_SINCE, StateTargets
from opslib.findings import Verdict
from opslib.wording import count, printable

__all__ = ["check_bucket", "check_state", "name_of"]

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
Row = dict[Any, Any]


def name_of(state: Row) -> str:
    """Return how sentences name a state."""
    whose = "/".join(part for part in (state["Environment"], state["Layer"]) if part)
    where = printable(f"s3://{state['Bucket']}/{state['Key']}")
    return f"{printable(whose)} ({where})" if whose else where


def _result(
    check: str, subject: str, verdict: Verdict, sentence: str, expected: str = "", found: str = ""
) -> CheckResult:
    return CheckResult(
        check=f"terraform {check}",
        subject=subject,
        verdict=verdict,
        sentence=sentence,
        expected=expected,
        found=found,
    )


def check_bucket(bucket: Row) -> Iterator[CheckResult]:
    """Check how one bucket is kept; a row of `opslib.tables.terraform.STATE_BUCKETS`."""
    name = f"Bucket {printable(bucket['Bucket'])}"
    subject, status = bucket["Bucket"], bucket["Versioning"]
    yield _result(
        "versioning",
        subject,
        UNKNOWN if not status else PASS if status == "Enabled" else FAIL,
        f"{name} keeps versions: {printable(status).lower() or 'not read'}.",
        "Enabled",
        printable(status),
    )
    algorithm = bucket["Encryption"]
    yield _result(
        "encryption",
        subject,
        UNKNOWN if not algorithm else FAIL if algorithm == "None" else PASS,
        f"{name} encrypts new objects: {printable(algorithm) or 'not read'}.",
        "AES256 or aws:kms",
        printable(algorithm),
    )
    closed = given(bucket["IsPublicBlocked"])
    told = {None: "was not read", True: "is blocked", False: "is not blocked"}[closed]
    yield _result(
        "access",
        subject,
        UNKNOWN if closed is None else PASS if closed else FAIL,
        f"Public access to {name[0].lower()}{name[1:]} {told}.",
        "all four blocks",
        told,
    )


def check_state(
    state: Row,
    bucket: Row | None,
    backed_up: Collection[str],
    targets: StateTargets,
    as_of: datetime,
) -> Iterator[CheckResult]:
    """Check one state; rows of `opslib.tables.terraform`.

    Args:
        state: the state.
        bucket: its bucket; None where that was not read.
        backed_up: names of buckets that a backup plan selects.
        targets: what is wanted.
        as_of: the report's moment.
    """
    if not state["Exists"]:
        yield _absent(state)
        return
    yield _check_presence(state, as_of)
    if targets.second_copy:
        yield _check_copy(state, bucket, backed_up)
    yield _check_encryption(state)
    yield _check_lock(state, targets, as_of)


def _of(state: Row, check: str, verdict: Verdict, sentence: str, **sides: str) -> CheckResult:
    return _result(check, f"{state['Bucket']}/{state['Key']}", verdict, sentence, **sides)


def _absent(state: Row) -> CheckResult:
    """Judge a state that is not there: one that nobody named may have been meant to go."""
    deleted = given(state["DeletedAt"])
    when = f": deleted {moment(deleted)}, its versions are still there" if deleted else ""
    verdict = FAIL if state["IsExpected"] else UNKNOWN
    hint = "" if state["IsExpected"] else "; name environments and layers to tell what is wanted"
    sentence = f"There is no state of {name_of(state)}{when}{hint}."
    return _of(state, "state", verdict, sentence, found="absent")


def _check_presence(state: Row, as_of: datetime) -> CheckResult:
    size, old = int(given(state["SizeBytes"]) or 0), given(state["OldVersions"])
    kept = "how many older versions are kept was not read"
    if old is not None:
        kept = f"{count(int(old), 'older version')} kept"
    changed = age(given(state["ModifiedAt"]), as_of)
    sentence = f"State of {name_of(state)}: {size:,} bytes, changed {changed} ago; {kept}."
    verdict = FAIL if not size else UNKNOWN if old is None else PASS
    return _of(state, "state", verdict, sentence, found=f"{size} bytes")


def _check_copy(state: Row, bucket: Row | None, backed_up: Collection[str]) -> CheckResult:
    name = name_of(state)
    if state["Bucket"] in backed_up:
        return _of(state, "copy", PASS, f"A backup plan covers {name}.")
    if bucket is None or not bucket["Replication"] or not bucket["Versioning"]:
        return _of(state, "copy", UNKNOWN, f"Whether {name} is replicated was not read.")
    copies = [
        target
        for prefix, target in json.loads(bucket["Replication"])
        if state["Key"].startswith(prefix)
    ]
    if copies and bucket["Versioning"] == "Enabled":
        where = printable(copies[0].rpartition(":")[2])
        return _of(state, "copy", PASS, f"{name} is replicated to {where}.")
    sentence = f"{name} is neither replicated nor in a backup plan."
    return _of(state, "copy", FAIL, sentence, expected="a second copy")


def _check_encryption(state: Row) -> CheckResult:
    """Judge an object by its age: only the right to read it tells more."""
    name, changed = name_of(state), given(state["ModifiedAt"])
    if changed >= ENCRYPTED_SINCE:
        return _of(state, "object", PASS, f"{name} was written when S3 encrypts every object.")
    sentence = (
        f"{name} was written {moment(changed)}, before S3 encrypted every object: whether it is "
        "encrypted was not read."
    )
    return _of(state, "object", UNKNOWN, sentence)


def _check_lock(state: Row, targets: StateTargets, as_of: datetime) -> CheckResult:
    name, since, seen = name_of(state), given(state["LockedSince"]), given(state["IsLockSeen"])
    if since is not None and as_of - since > targets.lock:
        held = f"{name} has been locked for {age(since, as_of)}, since {moment(since)}."
        return _of(state, "lock", FAIL, held, expected=f"at most {targets.lock_hours:g} hours")
    if seen or since is not None:
        return _of(state, "lock", PASS, f"Runs on {name} take a lock.")
    told = "no lock was ever seen" if seen is False else "its versions were not read"
    return _of(state, "lock", UNKNOWN, f"Whether runs on {name} take a lock: {told}.")
