"""Whether a restored bucket holds the objects that were there.

Method: for every key the object in the copy is compared with the baseline, with the version of the
source that was current at the moment of the restore, and with the source now; then with whatever
the source's versions say was written, or deleted, since the baseline. Equal to any: it was restored
as it was then. Unlike all, though the first three agree as far as they are known: lost, changed or
not expected, a fail. Unlike all, which differ among themselves: unexplained. Where neither
checksum nor MD5 nor the bytes themselves prove sameness, it is unproven; neither is ever a pass.

What an ETag proves: see `opslib.databases.objects`. Versions that the source's lifecycle has
deleted since are not known to it; the baseline is.

Source: Amazon S3 User Guide, "Checking object integrity" and "Working with delete markers".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.store_copy import unreadable
from opslib.findings import Verdict
from opslib.tables.object_versions import (
    ObjectVersion,
    are_same,
    current_objects,
    list_versions,
)
from opslib.tables.store_states import ObjectCopyStates
from opslib.wording import count, join, printable

__all__ = ["Fate", "ObjectTally", "check_metadata", "validate_object_copy"]

SHOWN = 3
Objects = dict[str, ObjectVersion]


class Fate(StrEnum):
    """What became of an object in the copy."""

    SAME = "same"
    LATER = "written at the source since the baseline"
    LOST = "lost"
    CHANGED = "changed"
    EXTRA = "not expected"
    UNEXPLAINED = "unlike baseline and source"
    UNPROVEN = "not provably the same"


WRONG = (Fate.LOST, Fate.CHANGED, Fate.EXTRA)
OPEN = (Fate.UNEXPLAINED, Fate.UNPROVEN)


@dataclass(slots=True)
class ObjectTally:
    """How many objects met which fate, with some of their keys."""

    keys: dict[Fate, list[str]] = field(default_factory=lambda: {fate: [] for fate in Fate})

    def judge(self, name: str) -> tuple[Verdict, str]:
        """Return the verdict, and what it comes to in words."""
        told = [f"{count(len(self.keys[f]), 'object')} {f}" for f in Fate if self.keys[f]]
        bad = [key for fate in (*WRONG, *OPEN) for key in self.keys[fate]][:SHOWN]
        examples = f", such as {join(bad)}" if bad else ""
        sentence = f"{name}: {join(told)}{examples}."
        if any(self.keys[fate] for fate in WRONG):
            return Verdict.FAIL, sentence
        is_open = any(self.keys[fate] for fate in OPEN)
        return (Verdict.INCONCLUSIVE if is_open else Verdict.PASS), sentence


def validate_object_copy(states: ObjectCopyStates) -> list[CheckResult]:
    """Judge a restored bucket.

    Args:
        states: from `opslib.databases.object_copies.read_object_validation`.

    Returns:
        Results of the checks ``content`` and ``metadata``.
    """
    sides = _sides(states)
    if states.copy is None or not sides or (states.has_baseline and states.baseline is None):
        return [unreadable("content", states.copy_bucket, states.unread)]
    found = current_objects(list_versions(states.copy.versions))
    return [_check_content(states, found, sides), *check_metadata(states.copy_bucket, found, sides)]


def _sides(states: ObjectCopyStates) -> list[Objects]:
    """Return the references: the baseline, the source at the moment, the source now."""
    sides = []
    if states.baseline is not None:
        sides.append(current_objects(list_versions(states.baseline.versions)))
    if states.source is not None:
        versions = list_versions(states.source.versions)
        if states.moment is not None and states.source.versioning == "Enabled":
            sides.append(current_objects(versions, states.moment))
        sides.append(current_objects(versions))
    return sides


def _check_content(
    states: ObjectCopyStates, found: Objects, sides: Sequence[Objects]
) -> CheckResult:
    name, expected = printable(states.copy_bucket), sides[0]
    if not found and expected:
        sentence = f"{name} is empty, {count(len(expected), 'object')} were expected."
        return _result(states, Verdict.FAIL, sentence, expected, found)
    if not found and not any(sides):
        return _result(states, Verdict.PASS, f"{name} is empty, as the source is.", expected, found)
    tally = ObjectTally()
    is_certain, history = _is_certain(states), _history(states)
    for key in sorted({*found, *(key for side in sides for key in side)}):
        references = [side.get(key) for side in sides]
        fate = _fate(found.get(key), references, is_certain=is_certain)
        if fate is not Fate.SAME and _was_once(found.get(key), history.get(key, [])):
            fate = Fate.LATER
        tally.keys[fate].append(key)
    verdict, sentence = tally.judge(name)
    return _result(states, verdict, sentence, expected, found)


def _history(states: ObjectCopyStates) -> dict[str, list[ObjectVersion]]:
    """Return what was written to the source, or deleted, since the baseline."""
    found: dict[str, list[ObjectVersion]] = {}
    if states.source is not None and states.baseline is not None:
        for one in list_versions(states.source.versions):
            if one.modified_at >= states.baseline.captured_at:
                found.setdefault(one.key, []).append(one)
    return found


def _was_once(found: ObjectVersion | None, history: Sequence[ObjectVersion]) -> bool:
    """Say whether an object, or that there is none, is what the source had at some time."""
    if found is None:
        return any(one.is_marker for one in history)
    return any(not one.is_marker and are_same(found, one) for one in history)


def _is_certain(states: ObjectCopyStates) -> bool:
    """Say whether the references, where they agree, tell what must be in the copy.

    One that is alone tells so only if it is the source's version at the very moment; one of before
    may have been written over, one of after may be new.
    """
    too_early = (
        states.moment is not None
        and states.baseline is not None
        and states.moment < states.baseline.captured_until
    )
    source = states.source
    if source is None or too_early:
        return False
    by_versions = states.moment is not None and source.versioning == "Enabled"
    return by_versions or states.baseline is not None


def _fate(
    found: ObjectVersion | None, references: Sequence[ObjectVersion | None], *, is_certain: bool
) -> Fate:
    verdicts = [_same(found, one) for one in references]
    if verdicts[0]:
        return Fate.SAME
    if True in verdicts:
        return Fate.LATER
    if None in verdicts:
        return Fate.UNPROVEN
    agree = all(_same(references[0], one) for one in references[1:])
    if not (agree and is_certain):
        return Fate.UNEXPLAINED
    if found is None:
        return Fate.LOST
    return Fate.EXTRA if references[0] is None else Fate.CHANGED


def _same(one: ObjectVersion | None, other: ObjectVersion | None) -> bool | None:
    if one is None or other is None:
        return one is other
    return are_same(one, other)


def _result(
    states: ObjectCopyStates,
    verdict: Verdict,
    sentence: str,
    expected: Objects,
    found: Objects,
) -> CheckResult:
    return CheckResult(
        check="content",
        subject=states.copy_bucket,
        verdict=verdict,
        sentence=sentence,
        expected=str(len(expected)),
        found=str(len(found)),
    )


def check_metadata(bucket: str, found: Objects, sides: Sequence[Objects]) -> list[CheckResult]:
    """Hold content type, user metadata, tags and the like of objects against the references.

    Args:
        bucket: the copy's name.
        found: its objects.
        sides: the references; those of other content are left out.

    Returns:
        One result; none where no object has a reference of its content.
    """
    other, unknown, alike = [], [], 0
    for key, one in sorted(found.items()):
        same = list(_matching(one, [side.get(key) for side in sides]))
        told = {reference.metadata for reference in same}
        if not same:
            continue
        if one.metadata and one.metadata in told:
            alike += 1
        elif one.metadata and all(told):
            other.append(key)
        else:
            unknown.append(key)
    parts = [(alike, "as it was"), (len(other), "changed"), (len(unknown), "not read")]
    told_parts = (
        join([f"of {count(n, 'object')} {what}" for n, what in parts if n]) or "not compared"
    )
    bad = [*other, *unknown][:SHOWN]
    examples = f", such as {join(bad)}" if bad else ""
    verdict = Verdict.FAIL if other else Verdict.INCONCLUSIVE if unknown else Verdict.PASS
    result = CheckResult(
        check="metadata",
        subject=bucket,
        verdict=verdict,
        sentence=f"Metadata in {printable(bucket)}: {told_parts}{examples}.",
    )
    return [result]


def _matching(
    one: ObjectVersion, references: Sequence[ObjectVersion | None]
) -> Iterator[ObjectVersion]:
    for reference in references:
        if reference is not None and are_same(reference, one):
            yield reference
