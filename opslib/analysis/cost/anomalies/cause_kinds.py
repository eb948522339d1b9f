"""What an operation can do to a bill, by its verb and by what it is about.

AWS names an operation by a verb and a resource. What makes or starts a thing raises cost, what
takes it away lowers it; three kinds of things are otherwise. What has no price moves nothing,
whatever is done to it: labels, permissions, and definitions that only a later call makes use of.
What holds use down raises cost where it is taken away: rules that expire or archive, and limits.
And what was taken from a resource that then rose was a setting of it, not the resource.

Source: AWS price lists, which charge for none of `FREE`; Amazon S3 User Guide, managing the
lifecycle of objects; Amazon EC2 Auto Scaling User Guide, scaling activities; API references.
"""

from __future__ import annotations

import re

from opslib.analysis.incident.change_factors import STEP
from opslib.analysis.incident.consequences import LABELS, MAKING, TAKING, words_of

__all__ = ["kind_odds", "noun_of"]

RAISING = MAKING | {
    *("Run", "Allocate", "Restore", "Request", "Purchase", "Launch", "Copy", "Increase", "Resume"),
}
LOWERING = TAKING | {"Decrease", "Pause", "Hibernate"}
FREE = LABELS | {
    *("Tagging", "Permission", "Permissions", "Role", "Acl", "Grant", "Grants", "Alias"),
    *("Definition", "Template", "Description", "Password"),
}
"""Words of what AWS charges nothing for."""
FREE_PHRASES = (
    *("TaskDefinition", "LaunchTemplateVersion", "LaunchConfiguration", "ParameterGroup"),
    *("SubnetGroup", "OptionGroup", "KeyPair", "SecurityGroup", "SecurityGroupIngress"),
    *("SecurityGroupEgress", "BucketPolicy", "RolePolicy", "ResourcePolicy", "KeyPolicy"),
    *("AssumeRolePolicy", "RepositoryPolicy"),
)
"""Ends of what it charges nothing for either."""
BOUNDS = {
    *("Lifecycle", "Retention", "Expiration", "Tiering", "Throttle", "Throttling"),
    *("Limit", "Limits", "Quota"),
}
"""Words of what holds use down."""
SCALED_OUT = re.compile(r"Launching a new EC2 instance|increasing the capacity from")
SCALED_IN = re.compile(r"Terminating EC2 instance|shrinking the capacity from")
"""What Auto Scaling groups say of an activity, in Description or Cause."""
PREPOSITIONS = {"To", "From", "With", "For", "In", "On", "By", "Into"}


def noun_of(action: str) -> tuple[str, ...]:
    """Return the words of what an operation is about, the last of them what it is.

    >>> noun_of("rds:RestoreDBInstanceFromDBSnapshot"), noun_of("scaling")
    (('Db', 'Instance'), ())
    """
    words = words_of(action.rpartition(":")[2])[1:]
    until = next((n for n, word in enumerate(words) if word in PREPOSITIONS), len(words))
    return words[:until]


def kind_odds(action: str, summary: str = "", *, rises: bool, has_moved: bool) -> float:
    """Return the odds by an operation's name; of what other sources tell, by what they say it did.

    Args:
        action: ``service:Operation``, or what a source calls it.
        summary: what is said of it: a scaling activity tells which way in words.
        rises: whether the anomaly is a rise.
        has_moved: whether the resource that it names moved.
    """
    words = words_of(action.rpartition(":")[2])
    verb, noun = words[0] if words else "", noun_of(action)
    if BOUNDS & set(noun):
        return _bound_odds(verb, rises=rises)
    if FREE & set(words) or "".join(noun).endswith(FREE_PHRASES):
        return -2 * STEP
    if verb in LOWERING or SCALED_IN.search(summary):
        against = 0.0 if has_moved else -STEP
        return against if rises else STEP
    if verb in RAISING or SCALED_OUT.search(summary):
        return STEP if rises else -STEP
    return STEP / 2


def _bound_odds(verb: str, *, rises: bool) -> float:
    """Return a step for a bound that is taken before a rise, or set before a fall.

    One that is set before a rise may be wider than the one before it: that says nothing.
    """
    if verb in LOWERING:
        return STEP if rises else -STEP
    return 0.0 if rises else STEP
