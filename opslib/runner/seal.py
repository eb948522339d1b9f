"""The last step of a run: its manifest is signed, its folder gets its name, its chain its head.

What cannot be signed any more is published all the same, and says why it is unsigned: what a run
has found is not thrown away because a key could not be reached at its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from opslib.errors import EvidenceError, OpsError
from opslib.evidence.chain import Sealer, chain_of, next_link, write_head
from opslib.evidence.envelope import seal_payload
from opslib.evidence.files import ENVELOPE, hash_files, odd_files
from opslib.evidence.manifest import Manifest, write_manifest
from opslib.runner.publish import flush_to_disk, free_place, rename_to

__all__ = ["Published", "Sealing", "publish_run", "unsealed"]

Sealing = Callable[[str], Sealer | None]
"""Takes an environment's name; returns what it signs with, or None where it signs nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A run in its place.

    Args:
        folder: where it is.
        manifest: its ``run.json``.
        fault: why it is unsigned though it should not be, or its chain without its new head.
    """

    folder: Path
    manifest: Manifest
    fault: OpsError | None = None


def unsealed(environment: str) -> Sealer | None:  # noqa: ARG001  it is the same for all
    """Sign nothing, in any environment."""
    return None


def publish_run(
    folder: Path, reports: Path, place: Path, manifest: Manifest, sealer: Sealer | None
) -> Published:
    """Hash what a run has written, sign it, and rename its folder to its place.

    Args:
        folder: where the run has written.
        reports: the folder of all reports.
        place: where it goes; where a run is already, to the next free name.
        manifest: of the run, without its files.
        sealer: signs it; None where the environment signs nothing.

    Raises:
        EvidenceError: the run has left a link, or something else without content of its own.
    """
    odd = odd_files(folder)
    if odd:
        raise EvidenceError(f"{odd[0]} is no plain file", where=folder.name)
    hashed = replace(manifest, files=hash_files(folder))
    if sealer is None:
        return _publish_unsigned(folder, place, hashed)
    try:
        return _publish_signed(folder, reports, place, hashed, sealer)
    except OpsError as fault:
        unsigned = replace(hashed, unsigned=fault.what)
        return replace(_publish_unsigned(folder, place, unsigned), fault=fault)


def _publish_unsigned(folder: Path, place: Path, manifest: Manifest) -> Published:
    write_manifest(folder, manifest)
    return Published(folder=rename_to(folder, place), manifest=manifest)


def _publish_signed(
    folder: Path, reports: Path, place: Path, manifest: Manifest, sealer: Sealer
) -> Published:
    chain = chain_of(manifest)
    with sealer.heads.locked(chain):
        free = free_place(place)
        link = next_link(sealer, reports, chain, free.relative_to(reports).as_posix())
        linked = replace(manifest, chain=link)
        payload = write_manifest(folder, linked)
        (folder / ENVELOPE).write_bytes(seal_payload(payload, sealer.signer))
        published = rename_to(folder, free)
        flush_to_disk(published)
        try:
            write_head(sealer, chain, link, payload)
        except OpsError as fault:
            return Published(folder=published, manifest=linked, fault=fault)
        return Published(folder=published, manifest=linked)
