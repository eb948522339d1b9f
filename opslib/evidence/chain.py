"""The chain of an environment's signed runs of one notebook: each names the one before it.

A run is published first and the head is written after it. What is killed in between leaves a run
that the head does not know: it follows the head and bears our signature, so the next run takes it
for the one before itself, and its own head covers both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.errors import EvidenceError, ParameterError
from opslib.evidence.envelope import open_envelope
from opslib.evidence.files import ENVELOPE
from opslib.evidence.head import Chain, Head, HeadStore, open_head, seal_head
from opslib.evidence.manifest import ChainLink, Manifest, manifest_of, read_manifest
from opslib.evidence.statement import parse_statement

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signer

__all__ = ["Sealer", "chain_of", "check_head", "next_link", "run_folders", "write_head"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """What an environment signs its runs with.

    Args:
        signer: the key.
        keys: its public part, and those of earlier keys.
        keyid: of the key.
        heads: where the heads of chains are kept.
    """

    signer: Signer
    keys: tuple[Key, ...]
    keyid: str
    heads: HeadStore


def chain_of(manifest: Manifest) -> Chain:
    """Return the chain that a run belongs to."""
    return Chain(environment=manifest.environment, notebook=manifest.notebook)


def run_folders(reports: Path, chain: Chain | None = None) -> list[Path]:
    """Return the folders of ended runs, published and failed: of one chain, or all."""
    inside = f"{chain.environment}/{chain.notebook}-*" if chain else "*/*"
    patterns = (f"[0-9]*/{inside}", f".failed/[0-9]*/{inside}")
    found = [path for pattern in patterns for path in reports.glob(pattern)]
    return sorted(path for path in found if path.is_dir() and path.suffix != ".after")


def check_head(sealer: Sealer, chain: Chain) -> Head | None:
    """Return the head of a chain; None where it has none.

    Raises:
        ParameterError: it is not signed with a key of this environment.
    """
    written = sealer.heads.read(chain)
    if written is None:
        return None
    try:
        head = open_head(written, sealer.keys)
    except EvidenceError as error:
        raise ParameterError(
            f"the head of {chain} does not hold: {error.what}",
            where="signing.yaml",
            remedy="After a change of keys name the public key before it under earlier_keys; "
            "else find out who wrote it.",
        ) from None
    if head.chain != chain:
        raise ParameterError(f"the head of {chain} is that of {head.chain}", where="signing.yaml")
    return head


def next_link(sealer: Sealer, reports: Path, chain: Chain, place: str) -> ChainLink:
    """Return the link of the run that is appended now; the caller holds the chain's lock.

    Args:
        sealer: of the chain's environment.
        reports: where the runs before it are.
        chain: which one.
        place: where the run goes, below ``reports``.

    Raises:
        ParameterError: the head is another key's.
    """
    head = check_head(sealer, chain)
    signed = _signed_runs(sealer, reports, chain, after=head.number if head else 0)
    number, previous = (head.number, head.sha256) if head else (0, "")
    told = "head" if head else "nothing"
    if head is None and signed:
        number, (previous, _) = max(signed.items())
        told = "reports"
    while (number + 1) in signed and signed[number + 1][1] == previous:
        number, previous = number + 1, signed[number + 1][0]
    return ChainLink(number=number + 1, previous=previous, after=told, place=place)


def _signed_runs(
    sealer: Sealer, reports: Path, chain: Chain, *, after: int
) -> dict[int, tuple[str, str]]:
    """Return number, digest and the digest before it of runs beyond ``after`` that we signed."""
    return {
        link.number: (digest, link.previous)
        for folder in run_folders(reports, chain)
        for digest, link in _signed_link(sealer, folder, chain, after)
    }


def _signed_link(
    sealer: Sealer, folder: Path, chain: Chain, after: int
) -> Iterator[tuple[str, ChainLink]]:
    try:
        told = read_manifest(folder)
        if told.chain is None or told.chain.number <= after or chain_of(told) != chain:
            return
        payload = open_envelope((folder / ENVELOPE).read_bytes(), sealer.keys)
        link = manifest_of(parse_statement(payload)).chain
    except (OSError, EvidenceError):
        return
    if link is not None:
        yield hashlib.sha256(payload).hexdigest(), link


def write_head(sealer: Sealer, chain: Chain, link: ChainLink, payload: bytes) -> None:
    """Make a run that was published the head of its chain; the caller holds the chain's lock."""
    head = Head(
        environment=chain.environment,
        notebook=chain.notebook,
        number=link.number,
        place=link.place,
        sha256=hashlib.sha256(payload).hexdigest(),
    )
    sealer.heads.write(chain, seal_head(head, sealer.signer))
