"""Verification of a run, or of all reports: offline, against keys that the caller trusts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.errors import EvidenceError, ParameterError
from opslib.evidence.chain import chain_of, run_folders
from opslib.evidence.examination import Examined, examine_run
from opslib.evidence.files import hash_file
from opslib.evidence.head import Chain, Head, open_head
from opslib.evidence.succession import Gap, Link, check_links, check_tail

if TYPE_CHECKING:
    from securesystemslib.signer import Key

__all__ = ["RunVerdict", "Standing", "exit_code_of", "verify_reports", "verify_run"]


class Standing(StrEnum):
    """What verification comes to, for one run."""

    INTACT = "intact"
    PRUNED = "pruned"
    TAIL_UNPROVEN = "tail unproven"
    UNSIGNED = "unsigned"
    MISSING = "missing"
    TAMPERED = "tampered"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunVerdict:
    """What is to be said of one run, of runs that are missing, or of a head.

    Args:
        what: the run's folder as it was found, or what is missing.
        standing: what it comes to.
        because: what is wrong, or worth knowing.
    """

    what: str
    standing: Standing
    because: tuple[str, ...] = ()


def exit_code_of(verdicts: Sequence[RunVerdict]) -> int:
    """Return 0 where all holds, 1 where something was tampered with or is missing, else 5."""
    standings = {verdict.standing for verdict in verdicts}
    if standings & {Standing.TAMPERED, Standing.MISSING}:
        return 1
    return 5 if standings - {Standing.INTACT, Standing.PRUNED} else 0


def verify_reports(
    reports: Path, keys: Sequence[Key], heads: Mapping[str, bytes]
) -> list[RunVerdict]:
    """Verify every run under ``reports``: each by itself, and that none is missing.

    Args:
        reports: the folder of all reports.
        keys: public keys that the caller trusts.
        heads: name and envelope of each head that the caller brings along.

    Raises:
        ParameterError: there is no run.
    """
    examined = [examine_run(folder, keys) for folder in run_folders(reports)]
    if not examined:
        raise ParameterError(
            "there is no run to verify",
            where=str(reports),
            remedy="Name the folder of a run, or reports/.",
        )
    trusted, faults = _open_heads(heads, keys)
    return [*_judge(examined, reports, trusted), *faults]


def verify_run(folder: Path, keys: Sequence[Key], heads: Mapping[str, bytes]) -> list[RunVerdict]:
    """Verify one run, and, where it lies among the others, that its chain is whole.

    Args:
        folder: of the run.
        keys: public keys that the caller trusts.
        heads: as for `verify_reports`.
    """
    own = examine_run(folder, keys)
    trusted, faults = _open_heads(heads, keys)
    reports = _reports_of(own)
    if own.manifest is None or reports is None:
        return [*_judge([own], None, trusted), *faults]
    chain = chain_of(own.manifest)
    others = [
        examine_run(each, keys, deep=False)
        for each in run_folders(reports, chain)
        if each != folder
    ]
    judged = _judge([own, *others], reports, {c: h for c, h in trusted.items() if c == chain})
    theirs = {str(other.folder) for other in others}
    return [*(each for each in judged if each.what not in theirs), *faults]


def _open_heads(
    heads: Mapping[str, bytes], keys: Sequence[Key]
) -> tuple[dict[Chain, Head], list[RunVerdict]]:
    trusted: dict[Chain, Head] = {}
    faults = []
    for name, written in heads.items():
        try:
            head = open_head(written, keys)
        except EvidenceError as error:
            faults.append(_tampered(name, error.what))
        else:
            trusted[head.chain] = head
    return trusted, faults


def _reports_of(run: Examined) -> Path | None:
    """Return the folder of all reports that a run lies in; None where it was taken out of it."""
    if run.manifest is None or run.manifest.chain is None:
        return None
    place = Path(run.manifest.chain.place).parts
    parts = run.folder.parts
    return Path(*parts[: -len(place)]) if parts[-len(place) :] == place else None


def _judge(
    examined: Sequence[Examined], reports: Path | None, heads: Mapping[Chain, Head]
) -> Iterator[RunVerdict]:
    """Yield a verdict on each run, in their order, and on what is missing.

    Args:
        examined: the runs.
        reports: the folder of all reports; None for a run that was taken out of it.
        heads: of their chains.
    """
    chains: dict[Chain, list[Link]] = defaultdict(list)
    for run in examined:
        if run.sha256 and run.manifest is not None and run.manifest.chain is not None:
            chains[chain_of(run.manifest)].append(Link(run=run, link=run.manifest.chain))
    problems: dict[Path, list[str]] = defaultdict(list)
    unproven: dict[Path, str] = {}
    gone = []
    for chain in sorted(chains.keys() | heads.keys()):
        links = sorted(chains[chain], key=lambda each: each.link.number)
        if reports is not None:
            gone += _judge_links(chain, links, problems)
        gone += _judge_tail(chain, links, heads.get(chain), unproven, alone=reports is None)
    for run in examined:
        place = _place_problems(run, reports)
        shared = _asset_problems(run, reports)
        yield _verdict(run, [*run.problems, *shared, *place, *problems[run.folder]], unproven)
    yield from gone


def _judge_links(
    chain: Chain, links: Sequence[Link], problems: dict[Path, list[str]]
) -> list[RunVerdict]:
    found, gaps = check_links(links)
    for place, sentences in found.items():
        problems[links[place].run.folder] += sentences
    return [_missing(chain, gap) for gap in gaps]


def _judge_tail(
    chain: Chain,
    links: Sequence[Link],
    head: Head | None,
    unproven: dict[Path, str],
    *,
    alone: bool,
) -> list[RunVerdict]:
    """Say of the last run what its head proves; of a run alone its head need not be the next."""
    if head is None or (alone and links and head.number != links[-1].link.number):
        if links:
            unproven[links[-1].run.folder] = "no head says that it was the last"
        return []
    fault, gap, proven = check_tail(links, head)
    if links and not (proven or gap or fault):
        unproven[links[-1].run.folder] = (
            "the head of its chain is a run behind; the next run puts that right"
        )
    judged = [_tampered(f"head of {chain}", fault)] if fault else []
    return [*judged, *([_missing(chain, gap)] if gap else [])]


def _asset_problems(run: Examined, reports: Path | None) -> list[str]:
    """Return the scripts that a page shares with others and that are not those of its run.

    One that is absent draws nothing, and so hides nothing.
    """
    if run.manifest is None or reports is None or run.pruned or not run.sha256:
        return []
    return [
        f"{name}, which draws its figures, was changed"
        for name, sha256 in run.manifest.assets.items()
        if (reports / name).exists() and hash_file(reports / name) != sha256
    ]


def _place_problems(run: Examined, reports: Path | None) -> list[str]:
    """Return whether a run lies where it was published, or was swapped with another."""
    if run.manifest is None or run.manifest.chain is None or not run.sha256:
        return []
    place = run.manifest.chain.place
    if reports is None:
        return [] if run.folder.name == Path(place).name else [f"it was published as {place}"]
    here = run.folder.relative_to(reports).as_posix()
    return [] if here == place else [f"it was published as {place}"]


def _verdict(run: Examined, problems: Sequence[str], unproven: Mapping[Path, str]) -> RunVerdict:
    what = str(run.folder)
    if problems:
        return RunVerdict(what=what, standing=Standing.TAMPERED, because=(*problems, *run.notes))
    if not run.sha256:
        return RunVerdict(what=what, standing=Standing.UNSIGNED, because=run.notes)
    if run.folder in unproven:
        because = (unproven[run.folder], *run.notes)
        return RunVerdict(what=what, standing=Standing.TAIL_UNPROVEN, because=because)
    standing = Standing.PRUNED if run.pruned else Standing.INTACT
    return RunVerdict(what=what, standing=standing, because=run.notes)


def _missing(chain: Chain, gap: Gap) -> RunVerdict:
    return RunVerdict(
        what=f"{chain} {gap}",
        standing=Standing.MISSING,
        because=("signed, and not here",),
    )


def _tampered(what: str, because: str) -> RunVerdict:
    return RunVerdict(what=what, standing=Standing.TAMPERED, because=(because,))
