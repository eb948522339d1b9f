"""What speaks for suspecting a change, factor by factor, as log-odds that add up.

Method: naive Bayes in its weight-of-evidence form (Good 1985): each factor is the log of how
much more likely it is for a change to suspect than for an ordinary one. Factors that tell partly
the same are damped by `SHARED` (they would be counted twice; Hand and Yu 2001).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import exp, log

__all__ = [
    "PRIOR",
    "SHARED",
    "ChangeFactors",
    "distance_odds",
    "suspicion_odds",
    "time_odds",
]

PRIOR = -log(1000)
"""One in a thousand changes is worth a look, before anything is known of it."""
SHARED = 0.5
"""What is left of a factor that tells partly what another has told."""
STEP = log(4)
"""Log-odds of a step of harm, and of a fact that speaks for itself: 4 to 1."""
HALF_TIME_MINUTES = 30.0
"""So long before the onset a change counts half of one at the onset."""
AFTER_ONSET = -log(1000)
"""A change after the onset could be it only if a clock is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFactors:
    """Log-odds of each factor; 0 says nothing, positive speaks for suspecting the change.

    Args:
        operation: how rare the operation is in the account.
        principal_operation: how rare it is for this principal.
        principal_service: how rare the service is for this principal.
        principal: how new the principal is.
        network: how new the network is that the call came from.
        region: how rarely anything is changed in the region.
        consequence: what harm the call can do.
        exposure: what its parameters give away.
        outcome: denied, failed or done.
        origin: an AWS service, root, a sign-in without a second factor.
        burst: how many kinds of change the principal makes within minutes, as one act.
        repetition: the same act again.
        time: how long before the onset; 0 without one.
        distance: how far from the symptom in the graph; 0 where that is not known.
        component: how much its component is suspected; 0 where none is with confidence.
    """

    operation: float = 0.0
    principal_operation: float = 0.0
    principal_service: float = 0.0
    principal: float = 0.0
    network: float = 0.0
    region: float = 0.0
    consequence: float = 0.0
    exposure: float = 0.0
    outcome: float = 0.0
    origin: float = 0.0
    burst: float = 0.0
    repetition: float = 0.0
    time: float = 0.0
    distance: float = 0.0
    component: float = 0.0

    @property
    def score(self) -> float:
        """Return the log-odds that the change is one to suspect, prior included."""
        return PRIOR + sum(float(getattr(self, field.name)) for field in fields(self))

    @property
    def probability(self) -> float:
        """Return ``score`` as a probability; a guide to how sure, not a calibrated share."""
        return 1 / (1 + exp(-self.score))


def time_odds(minutes_before: float) -> float:
    """Return the log-odds of a change so many minutes before the onset (negative: after it).

    Halved at `HALF_TIME_MINUTES`, then falling as one over the time (the law of Omori 1894 for
    what follows a shock): unlike an exponential it lets an old change win on other grounds.
    """
    if minutes_before < 0:
        return AFTER_ONSET
    return -log(1 + minutes_before / HALF_TIME_MINUTES)


def distance_odds(hops: float) -> float:
    """Return the log-odds of a change so many calls below what shows the symptom.

    A step for what shows it itself, half a step less for each call; what no call leads to, and
    what is four calls away, is a step less likely than what nobody knows the place of.
    """
    return STEP * max(1 - hops / 2, -1.0)


def suspicion_odds(score: float) -> float:
    """Return the log-odds of a change to a component of a score from 0 to 1 among suspects.

    A step for one that explains all of the symptom beyond doubt, a step less for one that
    explains nothing of it.
    """
    return STEP * (2 * score - 1)
