"""What a person reads of a kind of recommendation."""

from __future__ import annotations

__all__ = ["kind_words"]


def kind_words(kind: str) -> str:
    """Return a kind as people write it.

    >>> kind_words("unattached_volume")
    'unattached volume'
    """
    return kind.replace("_", " ")
