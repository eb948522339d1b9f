"""How far several runs are: a line each, drawn again on a terminal, told twice in a pipe."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from opslib.cli import output
from opslib.findings import Severity, Verdict
from opslib.runner.page import minutes_text

__all__ = ["RunBoard", "print_summary"]

UP, CLEAR = "\033[{}A", "\033[2K"
COLUMNS = ("notebook", "answers", "findings", "took", "report or error")


@dataclass(slots=True, kw_only=True)
class _Line:
    """How far one run is."""

    state: str = "waits"
    begun: float | None = None
    took: float | None = None


class RunBoard:
    """The lines of several runs.

    On a terminal each has a line that is drawn again; in a pipe or a log each has one line when it
    begins and one when it ends.
    """

    def __init__(self, names: Sequence[str], clock: Callable[[], float]) -> None:
        """Hold a line for each name; ``clock`` gives seconds."""
        self._clock = clock
        self._lines = {name: _Line() for name in names}
        self._is_terminal = sys.stderr.isatty()
        self._drawn: list[str] = []
        self._width = max(map(len, names))

    def begin(self, name: str) -> None:
        """Say that a run begins."""
        self._lines[name] = _Line(state="begins", begun=self._clock())
        if not self._is_terminal:
            output.tell(f"{name:{self._width}}  begins")

    def progress(self, name: str, number: int, total: int, label: str) -> None:
        """Note which of its cells a run has come to."""
        self._lines[name].state = f"{number:2}/{total}  {label}"

    def end(self, name: str, result: Mapping[str, Any]) -> None:
        """Say that a run has ended, and how."""
        line = self._lines[name]
        line.took = 0.0 if line.begun is None else self._clock() - line.begun
        line.state = output.one_line(result.get("error") or _found(result))
        self.draw()
        if not self._is_terminal:
            output.tell(f"{name:{self._width}}  {minutes_text(line.took)}  {line.state}")

    def draw(self) -> None:
        """Draw every line again, where that can be done and any of them changed."""
        if not self._is_terminal:
            return
        room = shutil.get_terminal_size().columns - 1
        told = [output.plain_line(self._text(name))[:room] for name in self._lines]
        if told == self._drawn:
            return
        up = UP.format(len(self._drawn)) if self._drawn else ""
        click.echo(up + "\n".join(f"{CLEAR}{line}" for line in told), err=True)
        self._drawn = told

    def _text(self, name: str) -> str:
        line = self._lines[name]
        took = line.took
        if took is None and line.begun is not None:
            took = self._clock() - line.begun
        seconds = "" if took is None else f"{took:.0f} s"
        return f"{name:{self._width}}  {seconds:>6}  {line.state}"


def print_summary(results: Sequence[Mapping[str, Any]]) -> None:
    """Write one table of all runs to stderr: answers, findings, duration, and report or error."""
    rows = [COLUMNS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    output.tell("")
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        output.tell("  ".join([*cells, row[-1]]).rstrip())
    for result in results:
        for note in result.get("notes", ()):
            output.tell(f"  {result['notebook']}: {note}")


def _row(result: Mapping[str, Any]) -> tuple[str, ...]:
    if "error" in result:
        error = output.one_line(result["error"])
        return (result["notebook"], "", "", "", f"exit {result['exit_code']}: {error}")
    return (
        result["notebook"],
        _counts(result["verdicts"], [verdict.value for verdict in Verdict]),
        _found(result),
        minutes_text(result["seconds"]),
        output.short_path(result["report"]),
    )


def _found(result: Mapping[str, Any]) -> str:
    found = _counts(result["findings"], [severity.value for severity in reversed(Severity)])
    more = [(result["suppressed"], "suppressed"), (result["gaps"], "not seen")]
    return ", ".join(
        [found or "no finding", *(f"{number} {word}" for number, word in more if number)]
    )


def _counts(counts: Mapping[str, int], order: Sequence[str]) -> str:
    return ", ".join(f"{counts[word]} {word}" for word in order if counts.get(word))
