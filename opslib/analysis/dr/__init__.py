"""Whether what holds data could be brought back."""

from opslib.analysis.dr.posture import BackupPosture, assess_backups
from opslib.analysis.dr.rows import ResourcePosture
from opslib.analysis.dr.targets import BackupTargets

__all__ = ["BackupPosture", "BackupTargets", "ResourcePosture", "assess_backups"]
