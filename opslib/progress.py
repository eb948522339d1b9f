"""Lines of progress from inside a run.

A kernel's own output is kept in the notebook. Under the runner a line goes to the terminal instead,
whose standard error the kernel has inherited; in JupyterLab it is printed, and elsewhere dropped.
What passes quickly (one read of hundreds) is one line that changes, in JupyterLab alone.
"""

from __future__ import annotations

import builtins
import os
import threading
from contextlib import suppress
from typing import Any

from opslib.redaction import redact_text

__all__ = ["tell", "tell_passing"]

STDERR = 2
_LOCK = threading.Lock()
_LINES: dict[int, Any] = {}
"""Number of a cell to its line that changes: of the cell that runs."""


def tell(text: str) -> None:
    """Write a line for whoever waits; nothing of it stays in the report."""
    if os.environ.get("OPSLIB_REPLAY"):
        return  # nothing is done again, so there is nothing to wait for
    line = _plain(text)
    if os.environ.get("OPSLIB_PROGRESS"):
        with suppress(OSError):
            os.write(STDERR, f"    {line}\n".encode())
    elif not os.environ.get("OPSLIB_HEADLESS"):
        print(line, flush=True)  # noqa: T201  JupyterLab shows it under the cell


def tell_passing(text: str) -> None:
    """Write a line that the next one takes the place of, for whoever looks at the notebook."""
    watched = getattr(builtins, "__IPYTHON__", False)
    if not watched or any(map(os.environ.get, ("OPSLIB_REPLAY", "OPSLIB_HEADLESS"))):
        return
    from IPython import get_ipython  # noqa: PLC0415  where a kernel is, it is imported already
    from IPython.display import display  # noqa: PLC0415

    shown = {"text/plain": _plain(text)}
    cell = get_ipython().execution_count
    with _LOCK:
        if cell in _LINES:
            _LINES[cell].update(shown, raw=True)
            return
        _LINES.clear()
        _LINES[cell] = display(shown, raw=True, display_id=True)  # type: ignore[no-untyped-call]


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in redact_text(text))
