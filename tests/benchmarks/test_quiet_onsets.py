from __future__ import annotations

from benchmarks.quiet_onsets import quiet_confidences
from opslib.analysis.incident.change_confidence import Confidence
from tests.analysis.incident.tables import classified, event

ROUTINE = [event(day, 600 * place) for day in range(30) for place in range(20)]


def test_routine_is_never_suspected_with_confidence() -> None:
    found = quiet_confidences(classified(*ROUTINE), onsets=20, hours=4, seed=1)
    assert found.total() == 20
    assert found[Confidence.HIGH] == 0
