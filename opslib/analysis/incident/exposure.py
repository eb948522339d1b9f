"""What a call's own parameters say: outsiders, everybody, full rights, switched off, hidden.

Read from the JSON text of the request, whatever the operation: an account id that is none of the
archive's own in the place of a principal, ``*`` or ``0.0.0.0/0`` where somebody is named, a
policy that allows everything, a switch set to false, a value that CloudTrail took out.

Failure mode: parameters that CloudTrail does not record (it cuts those above 100 KB and hides
secrets), and a partner's account, which looks like any outsider until it has been seen before.
Source: CloudTrail User Guide, "CloudTrail record contents"; IAM User Guide, "AWS JSON policy
elements: Principal".
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["NO_EXPOSURE", "Exposure", "exposure_of"]

ACCOUNT = re.compile(r"\d{12}")
ARN_ACCOUNT = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}):")
WHOLE_INTERNET = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]+)/0$")
EVERYBODY = re.compile(
    r"^(?:\*|all|public-read(?:-write)?)$|groups/global/(?:AllUsers|AuthenticatedUsers)"
)
FULL_RIGHTS = re.compile(r"^(?:\*|\*:\*|iam:\*)$")
FULL_POLICY = re.compile(r":aws:policy/(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)$")
HIDDEN = re.compile(r"^(?:\*{3,}|HIDDEN_DUE_TO_SECURITY_REASONS|.*sensitiveDataRemoved.*)$")
GIVEN_KEY = re.compile(r"^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-|-----BEGIN )")
SOMEBODY = re.compile(
    r"(?i)principal|userid|account|grantee|valuestoadd|^aws$|owner|shared?with|group|uri|acl$"
)
"""Keys under which somebody is named who gets something."""
SWITCH = re.compile(
    r"(?i)enabl|logging|include|validat|protect|encrypt|block|restrict|requir|status|multiregion"
)
PUBLIC_SWITCH = re.compile(r"(?i)public(?:ly)?access(?:ible)?$|associatepublicip")
OFF_WORDS = frozenset(("disabled", "suspended", "off", "none"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What the parameters of one request give away.

    Args:
        outsiders: account ids in the place of a principal that are not known, in order.
        everybody: somebody is named by ``*``, ``all`` or a group of all users.
        whole_internet: a network range of all addresses.
        full_rights: rights to do everything, or to change rights.
        switched_off: a protection or record is set to false, disabled or suspended.
        given_key: a public key or certificate is handed over.
        hidden: CloudTrail took a value out, since it may hold a secret or code.
    """

    outsiders: tuple[str, ...] = ()
    everybody: bool = False
    whole_internet: bool = False
    full_rights: bool = False
    switched_off: bool = False
    given_key: bool = False
    hidden: bool = False


NO_EXPOSURE = Exposure()


def exposure_of(parameters: str | None, own_accounts: Collection[str]) -> Exposure:
    """Return what ``parameters`` give away.

    Args:
        parameters: JSON text of ``requestParameters``; null or no JSON gives nothing away.
        own_accounts: account ids that are no outsiders.
    """
    if not isinstance(parameters, str):
        return NO_EXPOSURE
    try:
        leaves = list(_leaves(("",), json.loads(parameters)))
    except (ValueError, RecursionError):
        return NO_EXPOSURE
    texts = [(path, value) for path, value in leaves if isinstance(value, str)]
    named = [value for path, value in texts if any(SOMEBODY.search(key) for key in path)]
    return Exposure(
        outsiders=tuple(sorted({*_accounts(named)} - {*own_accounts})),
        everybody=any(EVERYBODY.search(value) for value in named)
        or any(value is True and PUBLIC_SWITCH.search(path[-1]) for path, value in leaves),
        whole_internet=any(WHOLE_INTERNET.match(value) for _, value in texts),
        full_rights=any(_is_full(path[-1], value) for path, value in texts),
        switched_off=any(SWITCH.search(path[-1]) and _is_off(value) for path, value in leaves),
        given_key=any(GIVEN_KEY.match(value) for _, value in texts),
        hidden=any(HIDDEN.match(value) for _, value in texts),
    )


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return each plain value with the keys that lead to it; a policy in a text is opened."""
    if isinstance(value, dict):
        allowed = value.get("Effect") != "Deny"
        for key, part in value.items() if allowed else ():
            yield from _leaves((*path, key), part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(path, part)
    elif isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            opened = json.loads(value)
        except ValueError:
            yield path, value
        else:
            yield from _leaves(path, opened)
    else:
        yield path, value


def _accounts(named: list[str]) -> Iterator[str]:
    for value in named:
        yield from ARN_ACCOUNT.findall(value)
        if ACCOUNT.fullmatch(value):
            yield value


def _is_full(key: str, value: str) -> bool:
    grants = key.lower() in {"action", "actions", "notaction"}
    return bool(FULL_POLICY.search(value)) or (grants and bool(FULL_RIGHTS.match(value)))


def _is_off(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.lower() in OFF_WORDS)
