"""Secrets are taken out of what was read before anybody sees or stores it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["redact_frame", "redact_text", "redact_values"]

SECRETS = re.compile(
    r"""
    (?P<key_id>\b(?:AKIA|ASIA)[A-Z0-9]{16}\b)
    | (?P<secret>(?i:(?<=secret_access_key=))\S{16,})
    | (?P<block>-----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----[\s\S]*?(?:-----END[^-]*-----|\Z))
    | (?P<jwt>\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})
    | (?P<password_in_url>(?<=://)[^/\s:@]+:[^/\s@]+(?=@))
    | (?P<slack>\bxox[abprs]-[\w-]{10,}|hooks\.slack\.com/services/\S+)
    | (?P<github>\bgh[pousr]_[A-Za-z0-9]{30,})
    | (?P<authorization>(?i:(?<=bearer[ ])|(?<=basic[ ]))(?=[\w.~+/-]*\d)[\w.~+/-]{12,}=*)
    | (?P<member>"\w*(?i:password|passwd|secret_?access_?key|client_secret|api_?key|access_token
        |refresh_token|auth_token)"[ ]?:[ ]?")(?!\[redacted[ ])(?P<value>[^"]{4,})
    | (?P<assigned>
        (?i:(?<=password=)|(?<=passwd=)|(?<=pwd=)|(?<=password:[ ])|(?<=secret=)|(?<=token=)
        |(?<=apikey=)|(?<=api_key=))
        (?!\[redacted[ ])[^\s&;,]{4,}
      )
    """,
    re.VERBOSE,
)

MARKS = (
    r"(?:AKIA|ASIA)[A-Z0-9]{16}|-----BEGIN |eyJ[^.]{8,}\.|://[^/:@]+:[^/@]+@|xox[abprs]-"
    r"|hooks\.slack\.com/|gh[pousr]_|(?i:key=|password=|passwd=|pwd=|password: |secret=|token=)"
    r"|(?i:bearer |basic )"
    r"|(?i:password|passwd|key|client_secret|_token)\" ?: ?\""
)
"""What every text with a secret of `SECRETS` matches; in the engine of Arrow, which is faster by
far than looking for the secrets themselves."""

NOT_TEXT = "biufcmM"
"""Kinds of dtypes that hold numbers and times alone."""


def redact_text(text: str) -> str:
    """Return ``text`` with everything that looks like a secret replaced.

    The replacement keeps eight hex digits of the secret's SHA-256, so that two secrets stay two
    and an owner can recognise one without it being readable. What is redacted stays as it is, so
    that what was kept redacted is equal to what is redacted later.
    """
    return SECRETS.sub(_replacement, text)


def redact_values(value: Any) -> Any:
    """Return plain values, as JSON has them, with every text among them redacted.

    Of JSON already written a secret at the end of a text would take the closing quote along.
    """
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {redact_text(str(name)): redact_values(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [redact_values(each) for each in value]
    return value


def redact_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with every text column redacted; other columns as they are."""
    replaced = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind in NOT_TEXT:
            continue
        distinct = [value for value in column.dropna().unique() if isinstance(value, str)]
        suspect = _may_hold_secret(distinct)
        changed = {text: clean for text in suspect if (clean := redact_text(text)) != text}
        if changed:
            # Series.replace() passes over a text with a NUL at its end.
            replaced[name] = [changed.get(value, value) for value in column]
    return frame.assign(**replaced) if replaced else frame


def _may_hold_secret(texts: list[str]) -> list[str]:
    import pyarrow as pa  # noqa: PLC0415  slow to import, and whoever has a frame has it
    import pyarrow.compute as pc  # noqa: PLC0415

    marked = pc.match_substring_regex(pa.array(texts, pa.large_string()), MARKS)
    return [text for text, is_marked in zip(texts, marked.to_pylist(), strict=True) if is_marked]


def _replacement(found: re.Match[str]) -> str:
    name = found["member"] or ""
    digest = hashlib.sha256((found["value"] or found.group()).encode()).hexdigest()[:8]
    return f"{name}[redacted {digest}]"
