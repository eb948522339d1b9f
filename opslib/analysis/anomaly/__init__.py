"""Which points of a metric are unlike its past."""

from opslib.analysis.anomaly.detector import ALERT_SCORE, Anomalies, detect_anomalies

__all__ = ["ALERT_SCORE", "Anomalies", "detect_anomalies"]
