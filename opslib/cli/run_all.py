"""``opslib run-all``: every notebook of an environment, some at once, each in its own process.

A run's process has a session of its own: Ctrl-C reaches this one alone, which then ends each run
once, and waits until it has kept or torn down what it had. A run ends too when this process is
gone. What a run says goes to a file; this process tells how far each is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import IO, Any

from opslib.cli import output
from opslib.cli.run_board import RunBoard
from opslib.cli.runs import begin_now, run_request
from opslib.cli.sealing import sealing_of
from opslib.errors import OpsError
from opslib.runner.failure import INTERRUPTED, sweep_abandoned
from opslib.runner.html import load_exporter
from opslib.runner.kernel import import_client
from opslib.runner.request import RunRequest

__all__ = ["run_requests"]

REDRAW_SECONDS = 0.2
PARENT_SECONDS = 0.5
KILLED = 3
LAST_LINES = 3
FORK = multiprocessing.get_context("fork")
"""A forked process has papermill and nbconvert imported already."""

Result = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class _Running:
    """One run under way."""

    name: str
    process: ForkProcess
    pipe: Connection
    log: IO[str]
    result: Result | None = field(default=None)


def run_requests(
    requests: Sequence[RunRequest],
    aws: Mapping[str, str] | None,
    *,
    jobs: int,
    board: RunBoard,
    deliver: bool,
) -> dict[str, Result]:
    """Run all of them, at most ``jobs`` at once; return what became of each, by notebook.

    Args:
        requests: in the order to begin them.
        aws: AWS variables that replace the ambient ones; None for the ambient ones.
        jobs: how many at once.
        board: told how far each is.
        deliver: send each report to the targets of its environment.

    Raises:
        KeyboardInterrupt: a person or the system ended it; every run has ended by then.
    """
    import papermill  # noqa: F401, PLC0415  here, so that no run has to

    import_client()
    load_exporter()
    waiting, running, results = list(requests), list[_Running](), dict[str, Result]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                request = waiting.pop(0)
                board.begin(request.notebook.name)
                running.append(_start(request, aws, deliver=deliver))
            _listen(running, board)
            for ended in [one for one in running if not one.process.is_alive()]:
                running.remove(ended)
                results[ended.name] = _end(ended, board)
    except KeyboardInterrupt:
        for one in _ended_by_hand(running, board):
            for note in _end(one, board).get("notes", ()):
                output.tell(f"  {one.name}: {note}")
        raise
    finally:
        project = requests[0].project
        sweep_abandoned(project.reports, sealing_of(project, aws))
    return results


def _start(request: RunRequest, aws: Mapping[str, str] | None, *, deliver: bool) -> _Running:
    ours, theirs = FORK.Pipe()
    log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  until its end
    told = (request, aws, deliver, theirs, log, os.getpid())
    process = FORK.Process(target=_run, args=told)
    process.start()
    theirs.close()
    return _Running(name=request.notebook.name, process=process, pipe=ours, log=log)


def _run(
    request: RunRequest,
    aws: Mapping[str, str] | None,
    deliver: bool,  # noqa: FBT001  an argument of a process
    pipe: Connection,
    log: IO[str],
    parent: int,
) -> None:
    """Run one notebook in a process of its own, and send what became of it."""
    os.setsid()
    for stream in (1, 2):
        os.dup2(log.fileno(), stream)
    threading.Thread(target=_end_without, args=(parent,), daemon=True).start()

    def progress(number: int, total: int, label: str) -> None:
        with suppress(BrokenPipeError):
            pipe.send((number, total, label))

    def run() -> Result:
        finished = run_request(begin_now(request), aws, progress, deliver=deliver)
        notes = [str(finished.fault)] if finished.fault else []
        return {**output.describe_result(finished), "notes": [*notes, *finished.undelivered]}

    result = _outcome(run)
    sys.stderr.flush()
    with suppress(BrokenPipeError):
        pipe.send({"notebook": request.notebook.name, **result})


def _outcome(run: Callable[[], Result]) -> Result:
    try:
        return run()
    except OpsError as error:
        return {"exit_code": error.exit_code, "error": str(error), "notes": _notes(error)}
    except KeyboardInterrupt as error:
        return {"exit_code": INTERRUPTED, "error": "interrupted", "notes": _notes(error)}
    except Exception as error:  # noqa: BLE001  the other runs go on; it is shown whole
        traceback.print_exc()
        told = f"{type(error).__name__}: {error}"
        return {"exit_code": KILLED, "error": told, "notes": [traceback.format_exc()]}


def _notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", []))


def _end_without(parent: int) -> None:
    """End this process as Ctrl-C would, once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _listen(running: Sequence[_Running], board: RunBoard) -> None:
    """Take what runs send until something happened or it is time to draw again."""
    pipes = {one.pipe: one for one in running if not one.pipe.closed}
    sentinels = [one.process.sentinel for one in running]
    ready = wait([*pipes, *sentinels], timeout=REDRAW_SECONDS)
    for pipe, one in pipes.items():
        if pipe in ready:
            _take(one, board)
    board.draw()


def _take(one: _Running, board: RunBoard) -> None:
    try:
        while one.pipe.poll():
            sent = one.pipe.recv()
            if isinstance(sent, dict):
                one.result = sent
            else:
                board.progress(one.name, *sent)
    except EOFError:
        one.pipe.close()


def _end(one: _Running, board: RunBoard) -> Result:
    """Return what became of a run whose process is gone."""
    one.process.join()
    if not one.pipe.closed:
        _take(one, board)
        one.pipe.close()
    result = one.result or {
        "notebook": one.name,
        "exit_code": KILLED,
        "error": f"its process ended with {one.process.exitcode} and said nothing",
        "notes": _last_lines(one.log),
    }
    one.log.close()
    board.end(one.name, result)
    return result


def _last_lines(log: IO[str]) -> list[str]:
    log.seek(0)
    return log.read().splitlines()[-LAST_LINES:]


def _ended_by_hand(running: Sequence[_Running], board: RunBoard) -> Iterator[_Running]:
    """End every run, and give each when it is gone; another Ctrl-C is passed on to all."""
    output.tell("ending the runs: each keeps what it has read")
    _signal(running)
    for one in running:
        while one.process.is_alive():
            with _passed_on(running):
                _listen([one], board)
        yield one


@contextmanager
def _passed_on(running: Sequence[_Running]) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        _signal(running)


def _signal(running: Sequence[_Running]) -> None:
    for one in running:
        if one.process.is_alive() and one.process.pid:
            with suppress(ProcessLookupError):
                os.kill(one.process.pid, signal.SIGTERM)
