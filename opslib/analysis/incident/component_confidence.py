"""Whether the first suspect is more than the noise of a quiet day."""

from __future__ import annotations

import numpy as np

from opslib.analysis.incident.component_series import FloatArray

__all__ = ["conformal_p_value", "reservations"]

MOST_EXPLAINED = 0.5
"""Share of the symptom's excess that a suspect must explain to be named with confidence."""


def conformal_p_value(strength: float, quiet: FloatArray) -> float:
    """Return the share of windows at least as strong as this one, itself counted among them.

    Method: split conformal p-value (Vovk, Gammerman and Shafer 2005). Valid, that is below any
    share ``a`` in at most ``a`` of quiet cases, as long as the window would be exchangeable with
    the quiet ones if nothing had happened. Failure mode: a normal period that is quieter than the
    days around the incident makes it too small.
    """
    return float((1 + np.count_nonzero(quiet >= strength)) / (1 + len(quiet)))


def reservations(
    *,
    symptom_excess: float,
    explained: float,
    p_value: float,
    quiet_windows: int,
    false_alarm_share: float,
    level_measured: bool,
    unmeasured_callees: tuple[str, ...],
) -> tuple[str, ...]:
    """Say what keeps the first suspect from being named with confidence.

    Args:
        symptom_excess: of the symptom's component; NaN where it was not measured.
        explained: share of it that the first suspect explains.
        p_value: of the first suspect's strength.
        quiet_windows: that the p-value rests on.
        false_alarm_share: largest p-value that is named with confidence.
        level_measured: whether the first suspect's level just before the symptom is known, so far
            as it was asked for.
        unmeasured_callees: of the first suspect.

    Returns:
        One sentence a reason; none where there is no reservation.
    """
    if np.isnan(symptom_excess):
        return ("the symptom itself was not measured in the window or before it",)
    if symptom_excess <= 0:
        return ("the symptom does not exceed its usual level in this window",)
    reasons = []
    if (quiet_windows + 1) * false_alarm_share < 1:
        needed = int(np.ceil(1 / false_alarm_share - 1 - 1e-9))
        reasons.append(
            f"the normal period has {quiet_windows} windows of this length; {needed} are needed"
        )
    elif p_value > false_alarm_share:
        reasons.append(f"{p_value:.0%} of quiet windows show a suspect as strong")
    if explained < MOST_EXPLAINED:
        reasons.append(f"the first suspect explains {explained:.0%} of the symptom's excess")
    if not level_measured:
        reasons.append("the first suspect was not measured before the symptom")
    if unmeasured_callees:
        names = ", ".join(unmeasured_callees)
        reasons.append(f"nothing was measured of what the first suspect calls: {names}")
    return tuple(reasons)
