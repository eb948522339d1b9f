"""How ready a team is to recover, apart from any one restore: backups, state and practice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opslib.analysis.dr.cadence import CadencePosture, assess_cadence
from opslib.analysis.dr.posture import BackupPosture, assess_backups
from opslib.analysis.dr.state_targets import StateTargets
from opslib.analysis.dr.targets import BackupTargets
from opslib.analysis.dr.terraform import TerraformPosture, assess_terraform, buckets_backed_up
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, Verdict
from opslib.parameters.dr import DrParameters
from opslib.tables.recovery import RecoveryTables

__all__ = ["RecoveryPosture", "assess_recovery_posture"]

OF_TARGETS = {"rpo_hours", "retention_days", "cross_region_copy", "exempt", "pitr_days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPosture:
    """What is ready and what is not.

    Args:
        backups: how what holds data is backed up.
        terraform: how Terraform's state is kept; None where no state is named.
        cadence: how often restoring is drilled.
    """

    backups: BackupPosture
    terraform: TerraformPosture | None
    cadence: CadencePosture

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what is to be mended."""
        of_state = self.terraform.findings if self.terraform else ()
        return (*self.backups.findings, *of_state, *self.cadence.findings)

    @property
    def conclusions(self) -> tuple[Conclusion, ...]:
        """Return the answers."""
        of_state = (self.terraform.conclusion,) if self.terraform else ()
        return (self.backups.conclusion, *of_state, self.cadence.conclusion)


def assess_recovery_posture(
    parameters: DrParameters,
    tables: RecoveryTables,
    coverage: Sequence[Coverage],
    resource: str,
    this_drill: Verdict,
) -> RecoveryPosture:
    """Hold backups, state and practice against the targets.

    Args:
        parameters: the notebook's.
        tables: what was read.
        coverage: of the reads.
        resource: ARN of what is drilled; '' where it is not known.
        this_drill: what the drill of this report comes to.
    """
    targets = BackupTargets(**parameters.model_dump(include=OF_TARGETS))
    as_of = parameters.as_of
    backups = assess_backups(tables.backups, coverage, as_of, targets)
    terraform = None
    if parameters.terraform_states:
        terraform = assess_terraform(
            tables.terraform,
            coverage,
            as_of,
            StateTargets(),
            backed_up=buckets_backed_up(backups),
        )
    cadence = assess_cadence(
        tables.past_runs,
        tables.restore_jobs,
        coverage,
        as_of,
        parameters.cadence_days,
        resource=resource,
        same={"source": parameters.source},
        this_drill=this_drill,
    )
    return RecoveryPosture(backups=backups, terraform=terraform, cadence=cadence)
