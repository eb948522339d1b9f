"""Whether the runs of a chain follow each other, and whether its head names the last of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from opslib.evidence.examination import Examined
from opslib.evidence.head import Head
from opslib.evidence.manifest import ChainLink

__all__ = ["Gap", "Link", "check_links", "check_tail"]

SPARED = 1
"""Runs that a head may be behind: the one that was killed between its name and its head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A run whose signature holds, and its place in the chain."""

    run: Examined
    link: ChainLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Runs that were signed and are not there: numbers ``first`` to ``last``."""

    first: int
    last: int

    def __str__(self) -> str:
        """Return it as messages call it."""
        if self.first == self.last:
            return f"run {self.first}"
        return f"runs {self.first} to {self.last}"


def check_links(links: Sequence[Link]) -> tuple[dict[int, list[str]], list[Gap]]:
    """Return the problems of each link, by its place in ``links``, and the gaps between them.

    Args:
        links: of one chain, by number.
    """
    problems: dict[int, list[str]] = {}
    digests: dict[int, set[str]] = {0: {""}}
    for each in links:
        digests.setdefault(each.link.number, set()).add(each.run.sha256)
    for place, each in enumerate(links):
        number, before = each.link.number, digests.get(each.link.number - 1)
        found = []
        if sum(1 for other in links if other.link.number == number) > 1:
            found.append(f"run {number} of its chain stands twice")
        if before is not None and each.link.previous not in before:
            found.append(f"it does not follow run {number - 1} of its chain")
        if found:
            problems[place] = found
    return problems, list(_gaps(sorted(digests)))


def _gaps(numbers: Sequence[int]) -> Iterator[Gap]:
    for one, next_one in pairwise(numbers):
        if next_one - one > 1:
            yield Gap(first=one + 1, last=next_one - 1)


def check_tail(links: Sequence[Link], head: Head) -> tuple[str, Gap | None, bool]:
    """Hold the last runs of a chain against its head.

    Args:
        links: by number; none where no run of the chain is there.
        head: signed with a key that is trusted.

    Returns:
        What is wrong with the head ('' for nothing), what is missing at the end, and whether the
        head proves that nothing else is.
    """
    last = links[-1].link.number if links else 0
    if head.number > last:
        return "", Gap(first=last + 1, last=head.number), True
    named = [each for each in links if each.link.number == head.number]
    if named and head.sha256 not in {each.run.sha256 for each in named}:
        return f"the head names another run {head.number}", None, False
    behind = last - head.number
    if behind > SPARED:
        return (
            f"the head was taken back: it names run {head.number}, and {last} is here",
            None,
            False,
        )
    return "", None, behind == 0
