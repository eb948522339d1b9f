"""How the rows of one table that are unlike its baseline's are explained, counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from opslib.findings import Verdict
from opslib.wording import count, join, printable

__all__ = ["RowDelta", "judge_delta"]

SHOWN = 3


@dataclass(slots=True, kw_only=True)
class RowDelta:
    """How the differing units (rows, or buckets) of one table are explained.

    Args:
        unit: ``row`` or ``bucket``.
        explained: equal to the source as it is now.
        lost: absent, though baseline and source have them.
        changed: other than baseline and source, which agree.
        extra: present, though neither has them.
        unexplained: other than both, which differ themselves, or with no source to ask.
        dated: written between the baseline and the recovery point, by a declared column.
        newer: of the source, written there since the recovery point, by that column.
        column: that a declaration names; '' where none explains.
        verb: what the column tells of a row: ``changed`` or ``appended``.
        because: why some are unexplained, where more is known than that they differ.
        examples: keys of some that are lost, changed, extra or unexplained.
    """

    unit: str
    explained: int = 0
    lost: int = 0
    changed: int = 0
    extra: int = 0
    unexplained: int = 0
    dated: int = 0
    newer: int = 0
    column: str = ""
    verb: str = ""
    because: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """Return how many were certainly not restored."""
        return self.lost + self.changed + self.extra

    def blame(self, what: Literal["lost", "changed", "extra"], number: int, key: str = "") -> None:
        """Count some that were certainly not restored, with the key of one."""
        setattr(self, what, getattr(self, what) + number)
        self._show(key)

    def leave(self, number: int, because: str = "", key: str = "") -> None:
        """Count some that nothing explains, with the reason and the key of one."""
        self.unexplained += number
        if because and because not in self.because:
            self.because.append(because)
        self._show(key)

    def _show(self, key: str) -> None:
        if key and len(self.examples) < SHOWN:
            self.examples.append(key)


def judge_delta(subject: str, delta: RowDelta) -> tuple[Verdict, str]:
    """Return the verdict on a delta, and what it comes to in words."""
    by = f" by {printable(delta.column)}"
    not_by = f" and not explained{by}" if delta.column else ""
    why = f" ({'; '.join(delta.because)})" if delta.because else ""
    parts = (
        (delta.lost, "lost"),
        (delta.changed, "changed"),
        (delta.extra, "not expected"),
        (delta.unexplained, f"unlike both baseline and source{not_by}{why}"),
        (delta.explained, "written at the source since the baseline"),
        (delta.dated, f"{delta.verb} since the baseline{by}"),
        (delta.newer, f"{delta.verb} at the source since the recovery point{by}"),
    )
    told = join([f"{count(number, delta.unit)} {what}" for number, what in parts if number])
    examples = f", such as {join(delta.examples)}" if delta.examples else ""
    sentence = f"{subject}: {told or 'as the source has it'}{examples}."
    if delta.wrong:
        return Verdict.FAIL, sentence
    return (Verdict.INCONCLUSIVE if delta.unexplained else Verdict.PASS), sentence
