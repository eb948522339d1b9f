"""Slack's mrkdwn as plain text.

Source: Slack API, Formatting text for app surfaces: ``<@U1>``, ``<#C1|name>``, ``<!here>``,
``<url|label>``; ``&``, ``<`` and ``>`` are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

__all__ = ["plain_text", "said_in"]

MARKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
STYLED = re.compile(r"(?<![\w*_~`])([*_~`]{1,3})(\S(?:.*?\S)?)\1(?![\w*_~`])")


def plain_text(text: str, names: Mapping[str, str]) -> str:
    """Return ``text`` without Slack's marks.

    Args:
        text: as Slack exports it.
        names: of users and channels, by id.

    >>> plain_text("<@U1> see <https://e.org/x|the graph> &amp; *hurry*", {"U1": "ann"})
    '@ann see the graph (https://e.org/x) & hurry'
    """

    def shown(found: re.Match[str]) -> str:
        mark, what, label = found.groups()
        if mark == "@":
            return f"@{label or names.get(what, what)}"
        if mark == "#":
            return f"#{label or names.get(what, what)}"
        if mark == "!":
            return label or f"@{what.partition('^')[0]}"
        return f"{label} ({what})" if label and label != what else what

    return unescape(STYLED.sub(r"\2", MARKED.sub(shown, text)))


def said_in(message: Mapping[str, Any]) -> str:
    """Return what a message says: its text, or that of its attachments, blocks or files."""
    if message.get("text"):
        return str(message["text"])
    parts = [*_attached(message), *_blocks(message)]
    parts += [f"(file {one.get('name', '?')})" for one in _dicts(message.get("files"))]
    return " ".join(part for part in parts if part)


def _attached(message: Mapping[str, Any]) -> list[str]:
    keys = ("pretext", "title", "text", "fallback")
    return [
        next((str(one[key]) for key in keys if one.get(key)), "")
        for one in _dicts(message.get("attachments"))
    ]


def _blocks(message: Mapping[str, Any]) -> list[str]:
    texts = [block.get("text") for block in _dicts(message.get("blocks"))]
    return [str(text.get("text", "")) for text in texts if isinstance(text, dict)]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
