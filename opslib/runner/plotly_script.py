"""plotly.js for reports: part of each page, or one copy that all share."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = ["Assets", "find_plotly", "hash_scripts"]


class Assets(StrEnum):
    """Where plotly.js is: in every report, or once for all of them."""

    INLINE = "inline"
    SHARED = "shared"


def find_plotly(assets: Assets, reports: Path) -> dict[str, Any]:
    """Return where a page gets plotly.js from: its text, or a relative address."""
    import markupsafe  # noqa: PLC0415

    source = _source()
    if assets is Assets.INLINE:
        return {"address": "", "text": markupsafe.Markup(source.read_text(encoding="utf-8"))}  # noqa: S704
    name = _shared_name()
    shared = reports / name
    if not shared.exists():
        shared.parent.mkdir(parents=True, exist_ok=True)
        unfinished = shared.with_name(f".{shared.name}-{secrets.token_hex(4)}")
        unfinished.write_bytes(source.read_bytes())
        unfinished.replace(shared)
    return {"address": f"../../../{name}", "text": ""}


def hash_scripts(assets: Assets) -> dict[str, str]:
    """Return the scripts that pages share: path below the folder of all reports, and SHA-256.

    It is that of the package's own file, whatever lies among the reports.
    """
    if assets is Assets.INLINE:
        return {}
    return {_shared_name(): hashlib.sha256(_source().read_bytes()).hexdigest()}


def _shared_name() -> str:
    return f"assets/plotly-{importlib.metadata.version('plotly')}.min.js"


def _source() -> Path:
    package = importlib.util.find_spec("plotly")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "package_data" / "plotly.min.js"
