"""Files that parameters name, from wherever a kernel was started."""

from __future__ import annotations

from pathlib import Path

__all__ = ["find_named"]


def find_named(path: str) -> Path:
    """Return the file or folder that a parameter names.

    A relative path is looked for in the working folder and in those above it, since the runner
    starts kernels in the project's root and JupyterLab in ``notebooks/``. Where there is none it
    is returned as of the working folder, for the error that its reader raises.
    """
    named = Path(path).expanduser()
    if named.is_absolute():
        return named
    here = Path.cwd()
    found = (folder / named for folder in (here, *here.parents) if (folder / named).exists())
    return next(found, here / named)
