"""Lines of progress from inside a run.

A kernel's own output is kept in the notebook. Under the runner a line goes to the terminal instead,
whose standard error the kernel has inherited; in JupyterLab it is printed, and elsewhere dropped.
"""

from __future__ import annotations

import os
from contextlib import suppress

from opslib.redaction import redact_text

__all__ = ["tell"]

STDERR = 2


def tell(text: str) -> None:
    """Write a line for whoever waits; nothing of it stays in the report."""
    if os.environ.get("OPSLIB_REPLAY"):
        return  # nothing is done again, so there is nothing to wait for
    line = "".join(c if c.isprintable() else " " for c in redact_text(text))
    if os.environ.get("OPSLIB_PROGRESS"):
        with suppress(OSError):
            os.write(STDERR, f"    {line}\n".encode())
    elif not os.environ.get("OPSLIB_HEADLESS"):
        print(line, flush=True)  # noqa: T201  JupyterLab shows it under the cell
