"""Whether the infrastructure could be rebuilt: how Terraform's state is kept.

Method: every state that the parameters name must be there, with a byte in it, in a bucket that
keeps versions, encrypts and is closed to the public, with a second copy elsewhere, and not locked
by a run that ended long ago.
Assumption: a state that is there can be read by Terraform. What is in it holds secrets and is not
read, so that a damaged state is not noticed.
Fails where: a pattern has wildcards and no names for them: a state that was never made is then not
missed.
Source: Terraform's documentation, Backend Type: s3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult, worst_verdict
from opslib.analysis.dr.posture import BackupPosture
from opslib.analysis.dr.questions import REBUILDABLE
from opslib.analysis.dr.state_checks import check_bucket, check_state
from opslib.analysis.dr.state_targets import StateTargets
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.tables.terraform import TerraformTables
from opslib.wording import count, printable

__all__ = ["TerraformPosture", "assess_terraform", "buckets_backed_up", "terraform_tables"]

COVERAGE_TABLES = ("state buckets", "terraform states")
COPY, LOCK = "terraform copy", "terraform lock"
SEVERITIES = {
    "terraform state": Severity.CRITICAL,
    "terraform versioning": Severity.HIGH,
    "terraform encryption": Severity.HIGH,
    "terraform access": Severity.HIGH,
    COPY: Severity.MEDIUM,
    LOCK: Severity.MEDIUM,
}
ACTIONS = {
    "terraform state": "Bring it back from an older version or a copy, before anybody applies.",
    "terraform versioning": "Switch versioning on, with a lifecycle rule for old versions.",
    "terraform encryption": "Set default encryption on the bucket.",
    "terraform access": "Set all four blocks of public access on the bucket: state holds secrets.",
    COPY: "Replicate the bucket to another region, or assign it to a backup plan.",
    LOCK: "Make sure that no run goes on, then: terraform force-unlock.",
}
OF_BUCKET = ("terraform versioning", "terraform encryption", "terraform access")


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformPosture:
    """The answer to "Could the infrastructure be rebuilt?", and what it rests on.

    Args:
        checks: one result a check of each bucket and state.
        findings: the most urgent first.
        conclusion: the answer.
    """

    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    conclusion: Conclusion


def assess_terraform(
    tables: TerraformTables,
    coverage: Sequence[Coverage],
    as_of: datetime,
    targets: StateTargets,
    *,
    backed_up: Collection[str] = (),
) -> TerraformPosture:
    """Check how Terraform's state is kept.

    Args:
        tables: what was read.
        coverage: of the reads; a gap makes the answer inconclusive, never fine.
        as_of: the report's moment.
        targets: what is wanted.
        backed_up: names of the buckets that a backup plan selects.
    """
    as_of = as_of.astimezone(UTC)
    buckets = {row["Bucket"]: row for row in tables.buckets.to_dict("records")}
    states = tables.states.to_dict("records")
    checks = [result for bucket in buckets.values() for result in check_bucket(bucket)]
    for state in states:
        checks += check_state(state, buckets.get(state["Bucket"]), backed_up, targets, as_of)
    accounts = {row["Bucket"]: row["Account"] for row in states} | {
        name: row["Account"] for name, row in buckets.items()
    }
    failed = [check for check in checks if check.verdict is Verdict.FAIL]
    findings = [_finding(check, accounts) for check in _put_together(failed)]
    ranked = sorted(findings, key=lambda f: (-f.severity.rank, f.kind, f.sentence))
    return TerraformPosture(
        checks=tuple(checks),
        findings=tuple(ranked),
        conclusion=_conclude(checks, states, coverage),
    )


def _put_together(failed: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the failed checks, those of second copies as one a bucket."""
    copies: dict[str, list[CheckResult]] = defaultdict(list)
    for check in failed:
        if check.check == COPY:
            copies[check.subject.partition("/")[0]].append(check)
    others = [check for check in failed if check.check != COPY]
    return others + [_one_of_bucket(bucket, checks) for bucket, checks in copies.items()]


def _one_of_bucket(bucket: str, checks: Sequence[CheckResult]) -> CheckResult:
    if len(checks) == 1:
        return checks[0]
    sentence = (
        f"{len(checks)} states in bucket {printable(bucket)} are neither replicated nor in a "
        "backup plan."
    )
    return replace(checks[0], subject=bucket, sentence=sentence)


def _finding(check: CheckResult, accounts: dict[str, str]) -> Finding:
    bucket, _, key = check.subject.partition("/")
    subject = {"Account": accounts.get(bucket, ""), "Bucket": bucket}
    table = "state_buckets" if check.check in OF_BUCKET else "terraform_states"
    return Finding(
        kind=f"dr.{check.check.replace(' ', '_')}",
        subject={**subject, "Key": key} if key else subject,
        severity=SEVERITIES[check.check],
        sentence=check.sentence,
        action=ACTIONS[check.check],
        evidence=(table,),
    )


def _conclude(
    checks: Sequence[CheckResult], states: Sequence[dict[Any, Any]], coverage: Sequence[Coverage]
) -> Conclusion:
    """Answer the question. That no lock was seen is told, and takes nothing from the answer."""
    weighed = [c for c in checks if c.check != LOCK or c.verdict is not Verdict.INCONCLUSIVE]
    missing = gaps(coverage, *COVERAGE_TABLES)
    because = [
        f"{line.table} ({line.asked}): {line.status.words}"
        f"{f', {line.detail}' if line.detail else ''}"
        for line in missing
    ]
    because += [c.sentence for c in weighed if c.verdict is Verdict.INCONCLUSIVE]
    if not states and not because:
        because = ["no pattern of state objects was given"]
    verdict = worst_verdict(weighed)
    if verdict is Verdict.PASS and because:
        verdict = Verdict.INCONCLUSIVE
    failed = sum(check.verdict is Verdict.FAIL for check in weighed)
    there = sum(bool(state["Exists"]) for state in states)
    seen = f"{there} of {count(len(states), 'state')} {'is' if there == 1 else 'are'} there"
    sentences = {
        Verdict.PASS: f"Yes: {seen}, with versions and a second copy.",
        Verdict.FAIL: f"No: {failed} of {count(len(weighed), 'check')} failed; {seen}.",
        Verdict.INCONCLUSIVE: f"It cannot be told: {seen}.",
    }
    return Conclusion(
        question=REBUILDABLE,
        verdict=verdict,
        sentence=sentences[verdict],
        because=tuple(dict.fromkeys(because)),
    )


def buckets_backed_up(posture: BackupPosture) -> frozenset[str]:
    """Return the names of the buckets that a plan selects and that have been backed up."""
    return frozenset(
        row.name for row in posture.rows if row.type == "S3" and row.plans and row.backed_up_at
    )


def terraform_tables(tables: TerraformTables) -> dict[str, pd.DataFrame]:
    """Return the tables by the names that findings use as evidence."""
    return {"state_buckets": tables.buckets, "terraform_states": tables.states}
