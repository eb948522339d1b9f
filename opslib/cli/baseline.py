"""``opslib baseline``: keep the state of a source, to hold later restores against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from opslib.actions.baseline_capture import capture_baseline, capture_store
from opslib.actions.baseline_target import (
    BucketTarget,
    expand_target,
    fixed_parent,
    parse_bucket_target,
)
from opslib.actions.baseline_upload import BaselineUpload
from opslib.actions.chosen_baselines import LAYOUTS, name_of_database
from opslib.aws.reads import Reads
from opslib.cli import output
from opslib.cli.runs import build_request
from opslib.errors import OpsError, ParameterError
from opslib.parameters.dr import DrParameters
from opslib.parameters.store_copies import StoreCopy, StoreKind
from opslib.run_folder import RunFolder
from opslib.tables.baseline import write_baseline
from opslib.tables.baseline_layout import DATABASE_BASELINE, BaselineLayout

__all__ = ["capture"]

ALL = "all"
HOW_TO_NAME = "Name tables, buckets and folders in parameter copies."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One thing to capture.

    Args:
        subject: what it is, for people.
        target: where its baseline goes, placeholders filled in.
        bucket: the same, where it is in S3.
        layout: of the baseline.
        moment: of the capture.
        write: captures it into a folder that is not there yet, and tells what it holds.
    """

    subject: str
    target: str
    bucket: BucketTarget | None
    layout: BaselineLayout
    moment: datetime
    write: Callable[[Reads, Path], str]


def capture(
    environment: str,
    target: str,
    algorithm: str,
    stores: Sequence[str] = (),
    *,
    write: bool = False,
    **options: Any,
) -> tuple[list[str], int]:
    """Capture the baseline of the source that an environment's parameters name, or of stores.

    Args:
        environment: name of the folder under parameters/.
        target: folder, or ``s3://bucket/prefix``, that holds nothing yet; with placeholders.
        algorithm: of a database's digests.
        stores: sources of ``copies`` to capture in place of the database, or ``all``.
        write: write to S3; without, everything is done but that.
        options: overrides and file, as the command line takes them.

    Returns:
        What was written, and an exit code: of the worst failure where several stores were asked
        for, since one that fails does not keep the others from being captured.

    Raises:
        ParameterError: a target is there already, or a parameter is wrong; nothing was read then.
        ReadError: the only source cannot be read, or S3 refuses.
    """
    parameters = build_request(DrParameters.notebook, environment, **options).parameters
    assert isinstance(parameters, DrParameters)
    jobs = _jobs(parameters, target, algorithm, stores)
    written: list[str] = []
    codes = [0]
    for job in jobs:
        try:
            if _capture(parameters, job, fixed_parent(target), write=write):
                written.append(job.target)
        except OpsError as error:
            if len(jobs) == 1:
                raise
            output.show_error(error)
            codes.append(error.exit_code)
    return written, max(codes)


def _jobs(
    parameters: DrParameters, target: str, algorithm: str, stores: Sequence[str]
) -> list[_Job]:
    moment = datetime.now(UTC)
    if not stores:
        return [_database_job(parameters, target, algorithm, moment)]
    jobs = [_store_job(parameters, copy, target, moment) for copy in _find(parameters, stores)]
    if len({job.target for job in jobs}) < len(jobs):
        raise ParameterError(
            f"{len(jobs)} stores would be written to one place",
            where=target,
            remedy="Put {store}, or {kind} and {store}, into it.",
        )
    return jobs


def _database_job(parameters: DrParameters, target: str, algorithm: str, moment: datetime) -> _Job:
    place = expand_target(target, kind="database", store=parameters.source, moment=moment)

    def write(reads: Reads, folder: Path) -> str:
        state, latencies = capture_baseline(reads, parameters, algorithm)
        write_baseline(state, folder, latencies, of=name_of_database(parameters))
        rows = int(state.tables["Rows"].sum())
        exact = "exactly " if state.is_exact else "about "
        if not state.is_exact:
            output.tell("transactions were under way: a restore to this moment may differ by them")
        return f"{rows:,} rows of {len(state.tables)} tables, {exact}as of {state.captured_at}"

    return _Job(
        subject=name_of_database(parameters),
        target=place,
        bucket=parse_bucket_target(place),
        layout=DATABASE_BASELINE,
        moment=moment,
        write=write,
    )


def _store_job(parameters: DrParameters, copy: StoreCopy, target: str, moment: datetime) -> _Job:
    kind = copy.kind.value
    place = expand_target(target, kind=kind, store=copy.source, moment=moment)
    return _Job(
        subject=f"{kind} {copy.source}",
        target=place,
        bucket=parse_bucket_target(place),
        layout=LAYOUTS[copy.kind],
        moment=moment,
        write=lambda reads, folder: capture_store(reads, parameters, copy, folder),
    )


def _find(parameters: DrParameters, stores: Sequence[str]) -> list[StoreCopy]:
    """Return the stores of ``copies`` that are named, each once."""
    replicas = [copy for copy in parameters.copies if copy.kind is StoreKind.REPLICA]
    known = {(c.kind, c.source): c for c in parameters.copies if c.kind is not StoreKind.REPLICA}
    names = {source for _, source in known}
    for name in stores:
        if name not in {*names, ALL}:
            raise _unknown(name, names, {replica.source for replica in replicas})
    if ALL not in stores:
        return [copy for (_, source), copy in known.items() if source in stores]
    for replica in replicas:
        output.tell(f"{_about_replica(replica.source)}: passed over")
    if not known:
        raise ParameterError(
            "no store of copies takes a baseline", where="--store all", remedy=HOW_TO_NAME
        )
    return list(known.values())


def _about_replica(source: str) -> str:
    return f"{source} is validated with its replica, which is held against it and needs no baseline"


def _unknown(name: str, names: set[str], replicas: set[str]) -> ParameterError:
    where = f"--store {name}"
    if name in replicas:
        return ParameterError(_about_replica(name), where=where, remedy="Leave it out.")
    nearest = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    known = f"Known are {', '.join(sorted(names))}, and all." if names else HOW_TO_NAME
    return ParameterError(f"no store {name!r} in copies{hint}", where=where, remedy=known)


def _capture(parameters: DrParameters, job: _Job, parent: Path, *, write: bool) -> bool:
    """Capture one thing, whole before anything is put in its place; say whether it was put."""
    with _work_folder(None if job.bucket else parent) as work:
        reads = Reads(parameters, RunFolder(path=work))
        upload = None
        if job.bucket is None:
            _check_folder(Path(job.target))
        else:
            upload = BaselineUpload(
                reads.connection, parameters.account, job.bucket, job.layout, job.moment
            )
            upload.check()
        output.tell(f"reading {job.subject}")
        folder = work / "baseline"
        output.tell(job.write(reads, folder))
        if upload is None:
            Path(job.target).absolute().parent.mkdir(parents=True, exist_ok=True)
            folder.rename(job.target)
            return True
        if not write:
            output.tell(f"would write {upload.plan(folder)}; nothing was written: add --write")
            return False
        upload.write(folder)
        output.tell(f"wrote {upload.plan(folder)}")
        return True


@contextmanager
def _work_folder(parent: Path | None) -> Iterator[Path]:
    """Make a folder to capture into, beside the target where that is a folder."""
    if parent is not None and not parent.is_dir():
        raise ParameterError("there is no such folder", where=str(parent), remedy="Make it first.")
    with TemporaryDirectory(prefix=".opslib-baseline-", dir=parent) as work:
        yield Path(work)


def _check_folder(folder: Path) -> None:
    if folder.exists():
        raise ParameterError(
            "there is something already, and nothing is overwritten",
            where=str(folder),
            remedy="Name another folder; {time} in it makes one for each capture.",
        )
