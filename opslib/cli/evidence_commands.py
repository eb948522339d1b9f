"""Commands about what makes runs trustworthy: keygen, verify, signoff, hold, release."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from opslib.cli import output
from opslib.cli.options import examples, json_option
from opslib.errors import ParameterError
from opslib.wording import printable

if TYPE_CHECKING:
    from opslib.evidence.chain import Sealer

__all__ = ["hold", "keygen", "release", "signoff", "verify"]


@click.command(
    short_help="Make a key that signs runs.",
    epilog=examples("opslib keygen ~/.config/opslib/prod.pem"),
)
@click.argument("path", type=click.Path(path_type=Path))
def keygen(path: Path) -> None:
    """Make an Ed25519 key in PATH, mode 0600, and the public key for auditors beside it.

    Nothing is overwritten, and no key is made inside the project: it would be committed, or lie
    among the reports that it is to prove. Print the lines for signing.yaml.
    """
    from opslib.evidence.keys import make_key, public_path
    from opslib.runner.project import find_project

    file = path.expanduser().resolve()
    try:
        root = find_project(Path.cwd()).root
    except ParameterError:
        root = None
    if root is not None and file.is_relative_to(root):
        raise ParameterError(
            "a private key does not belong in the project",
            where=str(path),
            remedy="Name a place outside, such as ~/.config/opslib/prod.pem.",
        )
    key = make_key(file)
    click.echo(f"key: {file}\nstate: {file.with_suffix('.heads')}")
    click.echo(f"public key for auditors: {public_path(file)}, id {key.keyid[:12]}", err=True)


@click.command(
    short_help="Verify runs against a public key.",
    epilog=examples(
        "opslib verify reports/ --key prod.pub.pem --head heads/",
        "opslib verify reports/2026-03-02/prod/cost_analysis-060000Z --key prod.pub.pem",
        "opslib verify reports/ --key 2025.pub.pem --key 2026.pub.pem --head heads/",
    ),
)
@click.argument("path", metavar="RUN|REPORTS", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="PUBLIC.pem",
    help="Public key that you trust, from outside RUN; again for an earlier one.",
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Signed head of a chain, or the folder of heads; without, no end of a chain is proven.",
)
@json_option
def verify(path: Path, keys: tuple[Path, ...], heads: tuple[Path, ...], *, as_json: bool) -> int:
    """Verify files, signature, chain and schema of a run, or of all: offline, a line each.

    Exit codes: 0 all is intact or pruned; 1 something was tampered with, or is missing; 2 bad
    input; 5 nothing is wrong, but something is unsigned or the end of a chain unproven.
    """
    from opslib.evidence.keys import read_public_keys
    from opslib.evidence.verification import exit_code_of, verify_reports, verify_run

    place = path.resolve()
    for key in keys:
        if key.resolve().is_relative_to(place):
            raise ParameterError(
                "a key found beside what it is to prove, proves nothing",
                where=str(key),
                remedy="Ask those who sign for their public key.",
            )
    trusted, brought = read_public_keys(keys), _read_heads(heads)
    if (place / "run.json").exists() or (place / "run.dsse.json").exists():
        verdicts = verify_run(place, trusted, brought)
    else:
        verdicts = verify_reports(place, trusted, brought)
    told = [
        {
            "run": each.what.removeprefix(f"{place}/"),
            "standing": each.standing.value,
            "because": list(each.because),
        }
        for each in verdicts
    ]
    if as_json:
        click.echo(json.dumps(told))
    else:
        for line in told:
            because = "; ".join(line["because"])
            click.echo(printable(f"{line['standing']:13}  {line['run']}  {because}".rstrip(), 2000))
    return exit_code_of(verdicts)


def _read_heads(paths: tuple[Path, ...]) -> dict[str, bytes]:
    from opslib.evidence.head import HEAD_ENDING

    files = [
        file
        for path in paths
        for file in (sorted(path.rglob(f"[!.]*{HEAD_ENDING}")) if path.is_dir() else [path])
    ]
    if paths and not files:
        raise ParameterError(
            "there is no head of a chain",
            where=", ".join(map(str, paths)),
            remedy="Name the folder that signing.yaml names under state, or a copy of it.",
        )
    try:
        return {str(file): file.read_bytes() for file in files}
    except OSError as error:
        raise ParameterError(
            f"the head cannot be read: {error.strerror}", where=str(error.filename)
        ) from None


@click.command(
    short_help="Sign off a run.",
    epilog=examples(
        "opslib signoff reports/2026-03-02/prod/dr_restore_validation-060000Z --as Eve"
    ),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--as", "by", required=True, metavar="NAME", help="Who signs off.")
@click.option("--note", default="", help="What they add.")
def signoff(folder: Path, by: str, note: str) -> None:
    """Record in the name of NAME that they have read a run and stand for it.

    The key of the environment signs that; whether it is NAME who says so, opslib cannot check. The
    run stays as it is.
    """
    from opslib.evidence.hold import sign_off

    if not by.strip():
        raise ParameterError("a sign-off needs a name", where="--as")
    run, sealer = _run_and_sealer(folder)
    click.echo(sign_off(run, by.strip(), note.strip(), _now(), sealer))


@click.command(
    short_help="Keep a run from being pruned.",
    epilog=examples("opslib hold reports/2026-03-02/prod/cost_analysis-060000Z --reason 'case 12'"),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Why, for whoever releases it.")
def hold(folder: Path, reason: str) -> None:
    """Record that a run is not to be pruned, until it is released."""
    from opslib.evidence.hold import hold_run

    if not reason.strip():
        raise ParameterError("a hold needs a reason", where="--reason")
    run, sealer = _run_and_sealer(folder)
    _tell_unsigned(sealer)
    click.echo(hold_run(run, reason.strip(), _now(), sealer))


@click.command(
    short_help="Let a held run be pruned again.",
    epilog=examples("opslib release reports/2026-03-02/prod/cost_analysis-060000Z"),
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
def release(folder: Path) -> None:
    """Record that a run is no longer held."""
    from opslib.evidence.hold import release_run

    run, sealer = _run_and_sealer(folder)
    _tell_unsigned(sealer)
    click.echo(release_run(run, _now(), sealer))


def _run_and_sealer(folder: Path) -> tuple[Path, Sealer | None]:
    """Return the folder of a run, whole, and what its environment signs with."""
    from opslib.cli.sealing import open_sealer
    from opslib.runner.history import find_run
    from opslib.runner.project import find_project

    run = find_run(folder.resolve())
    project = find_project(Path.cwd())
    return run.folder, open_sealer(project, run.manifest.environment)


def _tell_unsigned(sealer: Sealer | None) -> None:
    if sealer is None:
        output.tell("the run's environment signs nothing: this is unsigned too")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
