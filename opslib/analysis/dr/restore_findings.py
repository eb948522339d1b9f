"""What is wrong with a restored database, as findings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.drill import Outcome, RestoreOutcome
from opslib.analysis.dr.questions import IN_TIME, LOST_LITTLE
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.parameters.dr import DrParameters
from opslib.wording import join, printable, visible

__all__ = [
    "describe_configuration",
    "describe_failed_restore",
    "describe_failures",
    "describe_missed_targets",
    "describe_misses",
]

ACTIONS = {
    "content": "Find out which rows the backup lacks, and restore from another recovery point.",
    "references": "Find out which rows the backup lacks, and restore from another recovery point.",
    "sequences": "Set the sequence beyond its column before anybody writes.",
    "physical": "Restore from another recovery point: these pages cannot be trusted.",
}
DATA_CHECKS = ("content", "references", "physical")
TARGETS = {
    IN_TIME: (
        "dr.rto_missed",
        "RTO",
        "Shorten the longest stage, or agree on another RTO.",
        ("stages",),
    ),
    LOST_LITTLE: (
        "dr.rpo_missed",
        "RPO",
        "Back up more often, restore to a later moment, or agree on another RPO.",
        ("checks",),
    ),
}
SCHEMA_ACTION = "Find out what changed it, and make it again before this copy is put to use."


def describe_failed_restore(
    parameters: DrParameters, restore: RestoreOutcome | None
) -> list[Finding]:
    """Return the finding that nothing came back, where that is so."""
    if restore is None or restore.outcome is Outcome.COMPLETED:
        return []
    return [
        Finding(
            kind="dr.restore_not_completed",
            subject={"Source": parameters.source},
            severity=Severity.CRITICAL,
            sentence=f"The restore of {parameters.source} did not complete: "
            f"{visible(restore.message)}",
            action="Mend that and drill again: in an emergency it would have failed as well.",
            evidence=("stages",),
        )
    ]


def describe_failures(parameters: DrParameters, checks: Sequence[CheckResult]) -> list[Finding]:
    """Return a finding for each check that failed."""
    return [
        Finding(
            kind=f"dr.{check.check.replace(': ', '_').replace(' ', '_')}",
            subject={"Source": parameters.source, "Object": check.subject},
            severity=Severity.CRITICAL if check.check in DATA_CHECKS else Severity.HIGH,
            sentence=visible(check.sentence),
            action=ACTIONS.get(check.check, SCHEMA_ACTION),
            evidence=("checks",),
        )
        for check in checks
        if check.verdict is Verdict.FAIL
    ]


def describe_misses(parameters: DrParameters, controls: pd.DataFrame | None) -> list[Finding]:
    """Return a finding for each injury that went unseen."""
    if controls is None:
        return []
    missed = controls[controls["Outcome"] == "missed"]
    return [
        Finding(
            kind="dr.missed_injury",
            subject={"Source": parameters.source, "Injury": injury},
            severity=Severity.HIGH,
            sentence=f"An injury was not noticed: {injury} at {printable(place)}.",
            action="Do not rely on this drill; report the injury with the table's definition.",
            evidence=("controls",),
        )
        for injury, _, place, *_ in missed.itertuples(index=False)
    ]


def describe_missed_targets(
    parameters: DrParameters, answers: Sequence[Conclusion]
) -> list[Finding]:
    """Return the gaps against RTO and RPO, each with whom it falls to."""
    return [
        Finding(
            kind=kind,
            subject={"Source": parameters.source},
            severity=Severity.HIGH,
            sentence=f"The {name} is missed: {answer.sentence}",
            action=action,
            owner=parameters.owner,
            evidence=evidence,
        )
        for answer in answers
        if answer.verdict is Verdict.FAIL and answer.question in TARGETS
        for kind, name, action, evidence in (TARGETS[answer.question],)
    ]


def describe_configuration(parameters: DrParameters, settings: pd.DataFrame) -> list[Finding]:
    """Return the finding that names what would have to be set after a recovery."""
    differing = settings[settings["Judgement"] == "differs"]["Setting"].tolist()
    if not differing:
        return []
    return [
        Finding(
            kind="dr.configuration",
            subject={"Source": parameters.source},
            severity=Severity.MEDIUM,
            sentence=f"The restored server is not configured as its source: {join(differing)} "
            f"{'differs' if len(differing) == 1 else 'differ'}.",
            action="Put that into the recovery procedure: a restore does not bring it back.",
            evidence=("configuration",),
        )
    ]
