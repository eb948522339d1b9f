"""Whether a restored folder holds the files that were there.

Method: entries are compared by the hash of their path: kind, size and SHA-256 of the content (or of
a link's target) as ``content``; mode, owner and time of modification, in whole seconds, as
``attributes``. An entry equal to the baseline, or to the source now, is explained; one that differs
though the source still has what the baseline had was not restored; what is unlike both is
unexplained. An entry that could not be read, or that may lie in a folder that could not, is left
out and told: never a pass.

Extended attributes, access control lists and hard links are not compared; nor is the time of a
folder, which a restore sets by filling it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.store_copy import explain_differences, judge_differences, unreadable
from opslib.findings import Verdict
from opslib.tables.store_states import FileCopyStates, TreeState
from opslib.wording import count, join, printable

__all__ = ["validate_file_copy"]

SHOWN = 3
UNKNOWN = "unknown"
Entry = dict[Any, Any]
Telling = Callable[[Entry], str]


@dataclass(frozen=True, slots=True)
class _Tree:
    """The entries of one side, by path, and whether some lie in folders that were not read."""

    entries: dict[str, Entry]
    is_partial: bool

    @classmethod
    def of(cls, state: TreeState) -> _Tree:
        entries = {row["Path"]: row for row in state.entries.to_dict("records")}
        unread = [e for e in entries.values() if e["Problem"] and e["Kind"] != "file"]
        return cls(entries, bool(unread))

    def is_blind_to(self, path: str) -> bool:
        if path not in self.entries:
            return self.is_partial
        return bool(self.entries[path]["Problem"])

    def tell(self, paths: Collection[str], telling: Telling) -> list[tuple[str, str]]:
        """Return what stands at the paths that are there, and `UNKNOWN` where it was not read."""
        told = ((path, self._tell(path, telling)) for path in sorted(paths))
        return [(path, text) for path, text in told if text]

    def _tell(self, path: str, telling: Telling) -> str:
        if self.is_blind_to(path):
            return UNKNOWN
        return telling(self.entries[path]) if path in self.entries else ""


def validate_file_copy(states: FileCopyStates) -> list[CheckResult]:
    """Judge a restored folder.

    Args:
        states: from `opslib.databases.file_copies.read_file_validation`.

    Returns:
        Results of the checks ``content``, ``attributes`` and, where entries could not be read,
        ``unread``.
    """
    if states.baseline is None or states.copy is None:
        return [unreadable("content", states.restored, states.unread)]
    before, after = _Tree.of(states.baseline), _Tree.of(states.copy)
    now = _Tree.of(states.now) if states.now is not None else None
    every = before.entries.keys() | after.entries.keys()
    blind = {path for path in every if before.is_blind_to(path) or after.is_blind_to(path)}
    both = {
        path
        for path in before.entries.keys() & after.entries.keys() - blind
        if _content(before.entries[path]) == _content(after.entries[path])
    }
    return [
        _check(states, "content", (before, after, now), every - blind, _content),
        _check(states, "attributes", (before, after, now), both, _attributes),
        *_tell_unread(states, (before, after), blind),
    ]


def _content(entry: Entry) -> str:
    return f"{entry['Kind']} {entry['Size']} {entry['Content']}"


def _attributes(entry: Entry) -> str:
    is_folder = entry["Kind"] == "directory"
    return f"{entry['Mode']} {entry['Owner']} {'' if is_folder else entry['ModifiedSecond']}"


def _check(
    states: FileCopyStates,
    check: str,
    trees: tuple[_Tree, _Tree, _Tree | None],
    paths: Collection[str],
    telling: Telling,
) -> CheckResult:
    before, after, _ = trees
    verdict, sentence = _judge(states, check, trees, paths, telling)
    return CheckResult(
        check=check,
        subject=states.restored,
        verdict=verdict,
        sentence=sentence,
        expected=str(len(before.entries)),
        found=str(len(after.entries)),
        seconds=states.copy.seconds if states.copy and check == "content" else None,
    )


def _judge(
    states: FileCopyStates,
    check: str,
    trees: tuple[_Tree, _Tree, _Tree | None],
    paths: Collection[str],
    telling: Telling,
) -> tuple[Verdict, str]:
    before, after, now = trees
    name = printable(states.restored)
    if check == "content" and not after.entries:
        if before.entries:
            number = f"{len(before.entries):,} entries were expected"
            return Verdict.FAIL, f"{name} is empty, {number}."
        return Verdict.PASS, f"{name} is empty, as the baseline is."
    delta = explain_differences(
        before.tell(paths, telling),
        after.tell(paths, telling),
        None if now is None else now.tell(paths, telling),
        "path",
    )
    if not (delta.wrong or delta.unexplained or delta.explained):
        verdict = Verdict.PASS if paths or check == "attributes" else Verdict.INCONCLUSIVE
        return (
            verdict,
            f"{check.capitalize()} of {count(len(paths), 'path')} of {name}: as expected.",
        )
    return judge_differences(f"{check.capitalize()} of {name}", delta, is_too_early=False)


def _tell_unread(
    states: FileCopyStates, trees: tuple[_Tree, _Tree], blind: Collection[str]
) -> Iterator[CheckResult]:
    if not blind:
        return
    reasons = sorted(
        {e["Problem"] for tree in trees for e in tree.entries.values() if e["Problem"]}
    )
    examples = join(sorted(blind)[:SHOWN])
    yield CheckResult(
        check="unread",
        subject=states.restored,
        verdict=Verdict.INCONCLUSIVE,
        sentence=f"{count(len(blind), 'path')} of {printable(states.restored)} could not be "
        f"compared ({join([printable(reason) for reason in reasons])}), such as {examples}.",
    )
