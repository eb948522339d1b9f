"""What the command line says: progress and logs to stderr, results to stdout."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from opslib.coverage import distinct_gaps
from opslib.findings import open_findings
from opslib.redaction import redact_text
from opslib.wording import count

if TYPE_CHECKING:
    from opslib.parameters.base import NotebookParameters
    from opslib.runner.catalog import Notebook
    from opslib.runner.replay import Replay
    from opslib.runner.request import FinishedRun

__all__ = [
    "CheckLine",
    "announce_run",
    "describe_result",
    "one_line",
    "plain_line",
    "print_checks",
    "print_finished",
    "print_leftovers",
    "print_replay",
    "progress_printer",
    "short_path",
    "show_error",
    "show_interrupt",
    "tell",
]

TOP = 5
LONGEST = 600
KERNEL_SECONDS = 10
SECONDS_A_CALL = 1
MARKS = {True: "ok", False: "MISSING", None: "unknown"}


class CheckLine(Protocol):
    """One thing that ``doctor`` looked at."""

    @property
    def name(self) -> str:
        """Return what was looked at."""

    @property
    def ok(self) -> bool | None:
        """Return whether it is as it should be; None where it could not be told."""

    @property
    def detail(self) -> str:
        """Return what was seen."""

    @property
    def remedy(self) -> str:
        """Return what to do, where it is not."""


class LeftoverLine(Protocol):
    """One thing that a drill left behind."""

    @property
    def kind(self) -> str:
        """Return what it is."""

    @property
    def identifier(self) -> str:
        """Return its name."""

    @property
    def because(self) -> str:
        """Return why it may be deleted, or may not."""

    @property
    def deletable(self) -> bool:
        """Return whether its run is over."""


def tell(text: str) -> None:
    """Write a line for people to stderr; names from outside cannot steer the terminal."""
    try:
        click.echo(plain_line(text), err=True)
    except BrokenPipeError:
        # Whoever read the progress is gone; the run is not theirs to end.
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  until the end


def show_error(error: BaseException) -> None:
    """Write an error as one line without secrets, and its notes below."""
    tell(f"opslib: error: {one_line(str(error))}")
    for note in getattr(error, "__notes__", []):
        tell(f"  {note}")


def one_line(text: str) -> str:
    """Return a text on one line, without secrets, and cut where it is very long."""
    said = " ".join(redact_text(text).split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} ..."


def show_interrupt(error: BaseException | None) -> None:
    """Say that a person or the system ended the run, and where what there was is kept."""
    tell("opslib: interrupted")
    for note in getattr(error, "__notes__", []):
        tell(f"  {note}")


def announce_run(
    notebook: Notebook, parameters: NotebookParameters, usual_seconds: float | None
) -> None:
    """Say what a run asks of AWS, what that costs and how long it takes.

    Args:
        notebook: which one.
        parameters: of the run.
        usual_seconds: median of earlier runs; without any, ten seconds for the kernel and a
            second a call are assumed.
    """
    reads = notebook.expect(parameters)
    seconds = usual_seconds or KERNEL_SECONDS + SECONDS_A_CALL * reads.calls
    basis = "from earlier runs" if usual_seconds else "estimated"
    minutes = "under a minute" if seconds < 55 else f"about {round(seconds / 60) or 1} min"  # noqa: PLR2004
    tell(f"{notebook.name} in {parameters.environment}, as of {parameters.as_of:%Y-%m-%d %H:%M}Z")
    asked = f"at least {count(reads.calls, 'call')} to AWS and {reads.usd} USD"
    tell(f"  expects {asked}, {minutes} ({basis})")


def progress_printer(clock: Callable[[], float]) -> Callable[[int, int, str], None]:
    """Return a progress callback that writes a line for each code cell, with the time so far."""
    begun = clock()

    def progress(number: int, total: int, label: str) -> None:
        tell(f"  {clock() - begun:5.1f} s  {number:2}/{total}  {label}")

    return progress


def print_finished(run: FinishedRun, index: Path) -> None:
    """Write the top findings, the verdicts, what was not seen, and where the report is."""
    counted = open_findings(run.findings.findings)
    findings = sorted(counted, key=lambda finding: -finding.severity.rank)
    for finding in findings[:TOP]:
        tell(f"  {finding.severity.value:8} {finding.sentence}")
        tell(f"           {finding.action}")
    if len(findings) > TOP:
        tell(f"  and {count(len(findings) - TOP, 'more finding')}")
    suppressed = len(run.findings.findings) - len(counted)
    if suppressed:
        tell(f"  suppressed   {count(suppressed, 'finding')}, named in the report")
    for conclusion in run.findings.conclusions:
        tell(f"  {conclusion.verdict.value:12} {conclusion.question} {conclusion.sentence}")
    unseen = distinct_gaps(run.findings.coverage)
    for line in unseen[:TOP]:
        account = f" of {line.account}" if line.account else ""
        tell(f"  not seen     {line.table}{account}: {line.detail or line.status.value}")
    if len(unseen) > TOP:
        tell(f"  and {count(len(unseen) - TOP, 'more gap')}")
    tell(f"  report  {short_path(run.folder / 'report.html')}")
    tell(f"  index   {short_path(index)}")


def describe_result(run: FinishedRun) -> dict[str, Any]:
    """Return what ``--json`` prints of a run."""
    document = run.findings
    counted = open_findings(document.findings)
    return {
        "report": str(run.folder),
        "notebook": run.manifest.notebook,
        "environment": run.manifest.environment,
        "exit_code": run.exit_code,
        "signed": run.manifest.chain is not None,
        "seconds": run.manifest.seconds,
        "findings": _count(finding.severity.value for finding in counted),
        "suppressed": len(document.findings) - len(counted),
        "verdicts": _count(conclusion.verdict.value for conclusion in document.conclusions),
        "gaps": len(distinct_gaps(document.coverage)),
    }


def print_leftovers(left: Sequence[LeftoverLine], *, as_json: bool) -> None:
    """Write what drills have left behind."""
    if as_json:
        keys = ("kind", "identifier", "run", "because", "deletable")
        click.echo(json.dumps([{key: getattr(each, key) for key in keys} for each in left]))
        return
    for each in left:
        mark = "to delete" if each.deletable else "kept"
        click.echo(plain_line(f"{mark:10} {each.kind:12} {each.identifier}  {each.because}"))
    click.echo(count(len(left), "thing") + " left" if left else "nothing is left of any drill")


def print_replay(replay: Replay, *, as_json: bool) -> None:
    """Write how a run made again compares with the recorded one; of each part the first few."""
    if as_json:
        told = {"equal": replay.is_equal, "changed_files": list(replay.changed_files)}
        listed = [asdict(difference) for difference in replay.differences]
        click.echo(json.dumps({**told, "differences": listed}))
        return
    for name in replay.changed_files:
        click.echo(plain_line(f"changed since the run: {name}"))
    for part, group in groupby(replay.differences, key=lambda difference: difference.part):
        differences = list(group)
        for each in differences[:TOP]:
            place = f"{part}: {each.place}" if each.place else part
            click.echo(plain_line(f"{place}: {each.recorded} -> {each.now}"))
        if len(differences) > TOP:
            click.echo(plain_line(f"{part}: and {len(differences) - TOP:,} more"))
    click.echo("equal" if replay.is_equal else "not equal")


def print_checks(checks: Sequence[CheckLine]) -> None:
    """Write what ``doctor`` saw."""
    width = max(len(check.name) for check in checks)
    for check in checks:
        click.echo(plain_line(f"{MARKS[check.ok]:8} {check.name:{width}}  {check.detail}"))
        if check.ok is not True and check.remedy:
            click.echo(plain_line(f"{'':8} {'':{width}}  {check.remedy}"))


def _count(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def short_path(place: Path | str) -> str:
    """Return a path as seen from the working folder."""
    path, here = Path(place), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def plain_line(text: str) -> str:
    """Return ``text`` with control characters and escape sequences made harmless."""
    return "".join(
        c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
