"""What a drill has to say for the controls that auditors ask about.

Method: each control names the questions of the drill that bear on it. It is supported where all
of them are answered by a pass, not supported where one is answered by a fail, and not shown
otherwise: where one is inconclusive or was not asked.
Assumption: an auditor decides whether evidence is enough, and a control wants more than a drill
(policies, people, other systems). Supported is never compliance.
Fails where: the drill is of one resource and the control of a whole organisation.
Source: AICPA, 2017 Trust Services Criteria (with revised points of focus, 2022); ISO/IEC
27001:2022, Annex A; NIST SP 800-53 Rev. 5; Regulation (EU) 2022/2554 (DORA). Requirements are put
in our own words, and only as far as a drill can speak to them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from opslib.analysis.dr.questions import QUESTIONS
from opslib.findings import (
    Conclusion,
    ControlEvidence,
    ControlStatus,
    Finding,
    Severity,
    Verdict,
)

__all__ = ["CONTROLS", "Control", "map_controls", "question_key"]

SOC2 = "SOC 2 (Trust Services Criteria 2017)"
ISO = "ISO/IEC 27001:2022"
NIST = "NIST SP 800-53 Rev. 5"
DORA = "DORA, Regulation (EU) 2022/2554"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control, and what of a drill bears on it.

    Args:
        framework: the framework, with its edition.
        name: the framework's own name of the control.
        requirement: what it wants of a drill, in one sentence of our own.
        needs: keys of `opslib.analysis.dr.questions.QUESTIONS` that it rests on.
    """

    framework: str
    name: str
    requirement: str
    needs: tuple[str, ...]


CONTROLS = (
    Control(
        framework=SOC2,
        name="A1.2",
        requirement="Data is backed up, and what recovery needs is in place and looked after.",
        needs=("backed_up", "rebuildable"),
    ),
    Control(
        framework=SOC2,
        name="A1.3",
        requirement="Recovering is tried out, and the trial shows that data comes back complete.",
        needs=("whole", "noticed", "in_time", "lost_little", "drilled"),
    ),
    Control(
        framework=ISO,
        name="A.5.30",
        requirement="Systems can be made ready again within the times agreed, and that is tested.",
        needs=("whole", "in_time", "lost_little", "rebuildable", "drilled"),
    ),
    Control(
        framework=ISO,
        name="A.8.13",
        requirement="Backups are kept as agreed for data and systems, and restored to test them.",
        needs=("backed_up", "whole", "drilled"),
    ),
    Control(
        framework=NIST,
        name="CP-4",
        requirement="The plan for contingencies is tested at an agreed interval, its results are "
        "looked into and its gaps mended.",
        needs=("whole", "noticed", "in_time", "drilled"),
    ),
    Control(
        framework=NIST,
        name="CP-9",
        requirement="Backups are made as often as the objectives want, protected, and tested for "
        "being readable and whole.",
        needs=("backed_up", "whole", "lost_little"),
    ),
    Control(
        framework=NIST,
        name="CP-10",
        requirement="The system can be brought back to a known state within the objectives.",
        needs=("whole", "in_time", "lost_little", "rebuildable"),
    ),
    Control(
        framework=DORA,
        name="Article 11",
        requirement="Response and recovery plans exist, are tested regularly, and limit how long "
        "services are disrupted.",
        needs=("whole", "in_time", "drilled"),
    ),
    Control(
        framework=DORA,
        name="Article 12",
        requirement="Backup and restore are governed by scope and frequency, restored data is "
        "checked for integrity, and recovery meets its objectives.",
        needs=("backed_up", "whole", "noticed", "in_time", "lost_little"),
    ),
)

FILES = {
    "whole": ("tables/checks.csv",),
    "noticed": ("tables/controls.csv",),
    "in_time": (),
    "lost_little": (),
    "backed_up": ("tables/posture.csv", "tables/recovery_points.csv", "tables/backup_jobs.csv"),
    "rebuildable": ("tables/terraform_states.csv", "tables/state_buckets.csv"),
    "drilled": ("tables/past_runs.csv", "tables/restore_jobs.csv"),
}
ALWAYS = ("findings.json", "run.json", "evidence/index.json")

OF_POSTURE = {
    f"dr.{kind}"
    for kind in (
        "failed_backup_job",
        "failed_copy_job",
        "infrequent_schedule",
        "no_cross_region_copy",
        "pitr_behind",
        "pitr_off",
        "short_pitr_window",
        "short_retention",
        "stale_recovery_point",
        "unencrypted_recovery_point",
        "unprotected",
        "vault_lock_removable",
        "vault_unlocked",
        "versioning_off",
    )
}
KINDS = {
    "dr.missed_injury": "noticed",
    "dr.rto_missed": "in_time",
    "dr.rpo_missed": "lost_little",
    "dr.drill_overdue": "drilled",
    "dr.never_drilled": "drilled",
    "dr.last_drill_failed": "drilled",
    **dict.fromkeys(OF_POSTURE, "backed_up"),
}


def question_key(kind: str) -> str:
    """Return the key of the question that a kind of finding speaks to.

    What is of no kind that is listed is about the restored data, which has the most kinds.
    """
    return "rebuildable" if kind.startswith("dr.terraform_") else KINDS.get(kind, "whole")


def map_controls(
    conclusions: Sequence[Conclusion],
    findings: Sequence[Finding],
    *,
    controls: Sequence[Control] = CONTROLS,
    files: Mapping[str, Sequence[str]] | None = None,
) -> tuple[ControlEvidence, ...]:
    """Say for each control what the drill shows.

    Args:
        conclusions: the drill's; a question that is not among them was not asked, and one that
            is none of `QUESTIONS` bears on no control.
        findings: the drill's; those of medium severity and above are named.
        controls: the controls to map.
        files: more files of the report that show the answer to a question, by its key.
    """
    answers = {conclusion.question: conclusion for conclusion in conclusions}
    against = [(question_key(f.kind), f) for f in findings if _weighs(f)]
    return tuple(_map(control, answers, against, files or {}) for control in controls)


def _weighs(finding: Finding) -> bool:
    return finding.severity.rank >= Severity.MEDIUM.rank


def _map(
    control: Control,
    answers: Mapping[str, Conclusion],
    against: Collection[tuple[str, Finding]],
    files: Mapping[str, Sequence[str]],
) -> ControlEvidence:
    questions = [QUESTIONS[key] for key in control.needs]
    verdicts = [answers[question].verdict for question in questions if question in answers]
    answered = [key for key in control.needs if QUESTIONS[key] in answers]
    named = [file for key in answered for file in (*FILES[key], *files.get(key, ()))]
    status = _status(verdicts, len(questions))
    return ControlEvidence(
        framework=control.framework,
        control=control.name,
        requirement=control.requirement,
        status=status,
        conclusions=tuple(questions),
        findings=tuple(finding.id for key, finding in against if key in control.needs),
        evidence=tuple(dict.fromkeys([*named, *ALWAYS])),
        because=_missing(questions, answers) if status is not ControlStatus.SUPPORTED else (),
    )


def _status(verdicts: Sequence[Verdict], wanted: int) -> ControlStatus:
    if Verdict.FAIL in verdicts:
        return ControlStatus.NOT_SUPPORTED
    if len(verdicts) == wanted and set(verdicts) == {Verdict.PASS}:
        return ControlStatus.SUPPORTED
    return ControlStatus.NOT_SHOWN


def _missing(questions: Sequence[str], answers: Mapping[str, Conclusion]) -> tuple[str, ...]:
    missing = []
    for question in questions:
        answer = answers.get(question)
        if answer is None:
            missing.append(f"{question} Not asked.")
        elif answer.verdict is not Verdict.PASS:
            missing.append(f"{question} {answer.sentence}")
    return tuple(missing)
