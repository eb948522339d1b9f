"""Whether what holds data could be brought back."""

from opslib.analysis.dr.posture import BackupPosture, assess_backups
from opslib.analysis.dr.recovery_point import RecoveryPointChoice, choose_recovery_point
from opslib.analysis.dr.rows import ResourcePosture
from opslib.analysis.dr.tables import posture_tables
from opslib.analysis.dr.targets import BackupTargets

__all__ = [
    "BackupPosture",
    "BackupTargets",
    "RecoveryPointChoice",
    "ResourcePosture",
    "assess_backups",
    "choose_recovery_point",
    "posture_tables",
]
