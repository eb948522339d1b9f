"""Personal data in text that people did not write for a report: e-mail addresses, IP, phones.

Detectors are narrow, so that what an engineer needs stays: amounts, ids, times, versions, ARNs,
and addresses that belong to no person (private, link-local, reserved, whole networks). A mask
keeps eight hex digits of the SHA-256: the same address stays the same, and two stay two. That is a
pseudonym and no more: whoever has a list of addresses can try each.

Source: RFC 5322 (the part of addr-spec that is in use), RFC 6890 (addresses that are not global),
ITU-T E.164 (at most 15 digits). Failure mode: names, postal addresses and numbers without a
country code or the North American form are not seen.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re

__all__ = ["MASKED", "mask_text"]

PERSONAL = re.compile(
    r"""
    (?P<arn>\barn:aws[\w-]*:[^\s"'\\,;]+)
    | (?P<email>(?<![\w.+%-])[A-Za-z0-9_][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}
        (?![\w-]|\.[A-Za-z0-9]))
    | (?P<ipv4>(?:(?<=//)|(?<![\w./+-]))(?:\d{1,3}\.){3}\d{1,3}(?![\w+-]|\.\w|/\d))
    | (?P<ipv6>(?<![\w:.])[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}(?![\w:]|\.\w|/\d))
    | (?P<phone>(?<![\w.+/=-])
        (?:\+[1-9]\d{9,14}
        | \+[1-9]\d{0,2}(?:[ -]\(\d{1,4}\)|[ -]\d{1,5})(?:[ -]\d{2,8}){1,4}
        | \(\d{3}\)[ ]?\d{3}-\d{4}
        | [2-9]\d{2}-[2-9]\d{2}-\d{4})
        (?![\w+-]|[.,:]\d))
    """,
    re.VERBOSE | re.ASCII,
)
MASKED = re.compile(r"\[(email|address|phone) [0-9a-f]{8}\]")
"""What stands in place of personal data."""
NAMES = {"email": "email", "ipv4": "address", "ipv6": "address", "phone": "phone"}
VERSION = re.compile(r"(?:\b[vr]|version|release|build|engine|ver)[\"']?[\s:=]*$", re.IGNORECASE)
BEFORE = 16
FEWEST_DIGITS = 10


def mask_text(text: str) -> str:
    """Return ``text`` with personal data masked; what is masked already stays as it is.

    >>> mask_text("sign-in of ada@example.org from 81.2.69.142 by 10.0.3.7 failed")
    'sign-in of [email cfe00dde] from [address d3c1f772] by 10.0.3.7 failed'
    """
    return PERSONAL.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    kind, said = str(found.lastgroup), found.group()
    if not _is_personal(kind, said, found.string[max(0, found.start() - BEFORE) : found.start()]):
        return said
    plain = said.lower() if kind == "email" else said
    return f"[{NAMES[kind]} {hashlib.sha256(plain.encode()).hexdigest()[:8]}]"


def _is_personal(kind: str, said: str, before: str) -> bool:
    if kind in {"ipv4", "ipv6"}:
        return _is_global(said) and not VERSION.search(before)
    if kind == "phone":
        return sum(map(str.isdecimal, said)) >= FEWEST_DIGITS
    return kind == "email"


def _is_global(said: str) -> bool:
    try:
        return ipaddress.ip_address(said).is_global
    except ValueError:
        return False
