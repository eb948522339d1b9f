"""What a changing call touches, by the nouns in its name and its service, and which way.

AWS names an operation by a verb and the resource: the resource tells the class, the verb only
whether something is made or changed, or taken away. What is taken away counts where its absence
harms (records, guards, data); what is made or changed counts where its presence does (identities,
keys, ways in, code).

Failure mode: a service whose words are not here falls into no class, and is ranked by rarity and
by its parameters alone. Source for the classes: MITRE ATT&CK, matrix for IaaS, tactics
Persistence, Privilege Escalation, Defense Evasion, Credential Access, Exfiltration and Impact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

__all__ = ["LABELS", "MAKING", "TAKING", "ConsequenceClass", "consequences_of", "words_of"]


class ConsequenceClass(StrEnum):
    """What of an account a call touches."""

    IDENTITY = "identities and permissions"
    GUARD = "a guard against mistakes and misuse"
    RECORDING = "logging and detection"
    KEY = "key material and secrets"
    NETWORK = "network exposure"
    SHARING = "sharing of data"
    CODE = "code and configuration of compute"
    DELETION = "deletion of data"
    NONE = "none of these"


@dataclass(frozen=True, slots=True)
class _Rule:
    consequence: ConsequenceClass
    services: frozenset[str]
    nouns: frozenset[str]
    made: int
    taken: int


def _rule(
    consequence: ConsequenceClass, services: str, nouns: str, *, made: int, taken: int
) -> _Rule:
    return _Rule(consequence, frozenset(services.split()), frozenset(nouns.split()), made, taken)


GRAVE, SERIOUS, SLIGHT, NOTHING = 3, 2, 1, 0
"""How much harm a call of a class can do: steps, each of which doubles the odds twice."""

RULES = (
    _rule(
        ConsequenceClass.IDENTITY,
        "iam organizations sso sso-directory identitystore rolesanywhere ram lakeformation account",
        "Policy Permission Permissions Role User Group Principal Federation Trust Anchor Saml "
        "Oidc Open Entitlement Agreement Access Membership Delegated Grant Grants",
        made=GRAVE,
        taken=SLIGHT,
    ),
    _rule(
        ConsequenceClass.GUARD,
        "organizations wafv2 waf shield network-firewall controltower",
        "Boundary Mfa Lock Protection Guardrail Block Encryption Versioning Retention Lifecycle "
        "Firewall Waf Organization Deletion Backup Recovery",
        made=SLIGHT,
        taken=GRAVE,
    ),
    _rule(
        ConsequenceClass.RECORDING,
        "cloudtrail config guardduty securityhub detective macie2 access-analyzer inspector2",
        "Log Logs Logging Trail Flow Detector Recorder Recording Alarm Alarms Selectors Selector "
        "Findings Monitor Monitoring Audit Query Insight Subscription Publishing Threat",
        made=SLIGHT,
        taken=GRAVE,
    ),
    _rule(
        ConsequenceClass.KEY,
        "kms secretsmanager acm-pca cloudhsm",
        "Key Keys Login Profile Password Credential Credentials Secret Certificate Token "
        "Federation Ssh Session Serial Anchor Mfa",
        made=GRAVE,
        taken=SLIGHT,
    ),
    _rule(
        ConsequenceClass.NETWORK,
        "",
        "Security Ingress Egress Acl Route Routes Gateway Peering Public Cidr Url Endpoint Address "
        "Rule Domain Vpn Association",
        made=SLIGHT,
        taken=NOTHING,
    ),
    _rule(
        ConsequenceClass.SHARING,
        "ram",
        "Share Permission Permissions Acl Attribute Policy Export Replication Copy Image Snapshot "
        "Invitation Accelerator Sharing",
        made=SERIOUS,
        taken=NOTHING,
    ),
    _rule(
        ConsequenceClass.CODE,
        "lambda ssm ecs codebuild codedeploy codepipeline cloudformation ec2-instance-connect",
        "Function Code Layer Command Session Instance Instances Launch Template Task Definition "
        "Document Build Pipeline Stack Automation Serial Console Script Data User Notebook "
        "Job Deployment Configuration Version Runtime Cluster Service Image",
        made=SERIOUS,
        taken=SLIGHT,
    ),
    _rule(
        ConsequenceClass.DELETION,
        "kms backup",
        "Bucket Object Objects Snapshot Instance Cluster Table Volume File System Backup Recovery "
        "Point Vault Key Repository Database Dbinstance Dbcluster Domain Zone Stack Log Stream",
        made=NOTHING,
        taken=SERIOUS,
    ),
)

TAKING = frozenset(
    (
        *("Delete", "Remove", "Detach", "Disassociate", "Revoke", "Disable", "Stop", "Terminate"),
        *("Deregister", "Cancel", "Unassign", "Release", "Reject", "Leave", "Suspend", "Purge"),
        *("Deactivate", "Close", "Clear", "Destroy", "Unsubscribe", "Decline", "Unshare"),
        "Schedule",  # in ScheduleKeyDeletion
    )
)
MAKING = frozenset(("Create", "Add", "Register", "Import", "Start", "Enable", "Subscribe"))
"""Verbs of what was not there before; of a record or a guard that harms nobody."""
LABELS = frozenset(["Tag", "Tags", "Untag"])
VERSION_IN_NAME = re.compile(r"\d{4}_?\d{2}_?\d{2}(v\d+)?$")
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z]|\d|$)|[A-Z]?[a-z]+|[A-Z]+")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of an operation's name, each with a capital, without its API version.

    >>> words_of("UpdateFunctionCode20150331v2"), words_of("ModifyDBSnapshotAttribute")
    (('Update', 'Function', 'Code'), ('Modify', 'Db', 'Snapshot', 'Attribute'))
    """
    return tuple(word.capitalize() for word in WORD.findall(VERSION_IN_NAME.sub("", name)))


@cache
def consequences_of(source: str, name: str) -> tuple[tuple[ConsequenceClass, int], ...]:
    """Return the classes that a call falls into with the harm it can do, the gravest first.

    Args:
        source: ``eventSource``.
        name: ``eventName``.

    Returns:
        Steps from 1 to 3 by class; (`ConsequenceClass.NONE`, 0) where it is in none.
    """
    service = source.removesuffix(".amazonaws.com")
    verb, *rest = words_of(name) or ("",)
    if not rest or LABELS & {verb, *rest}:
        return ((ConsequenceClass.NONE, NOTHING),)
    found = [(rule.consequence, _harm(rule, service, verb, frozenset(rest))) for rule in RULES]
    classes = sorted((item for item in found if item[1]), key=lambda item: -item[1])
    return tuple(classes) or ((ConsequenceClass.NONE, NOTHING),)


def _harm(rule: _Rule, service: str, verb: str, nouns: frozenset[str]) -> int:
    by_service, by_noun = service in rule.services, bool(nouns & rule.nouns)
    if not (by_service or by_noun):
        return NOTHING
    if verb in TAKING:
        harm = rule.taken
    elif rule.taken > rule.made:  # to change a record or a guard may be to weaken it
        harm = rule.made if verb in MAKING else rule.taken
    else:
        harm = rule.made
    return harm if by_service and by_noun else max(harm - 1, NOTHING)
