"""The command line: ``opslib``."""

from __future__ import annotations

from opslib.cli.command_line import main

__all__ = ["main"]
