"""Links to the files that lie beside a published report."""

from __future__ import annotations

from collections.abc import Mapping

from opslib.present.html import Html, text

__all__ = ["link_files"]


def link_files(meant_for: Mapping[str, str]) -> Html:
    """Return links to files in the run's folder, each with what it is meant for.

    Args:
        meant_for: path below the report's folder, to words.
    """
    items = "".join(
        f'<li><a href="{text(path)}">{text(path)}</a>: {text(what)}</li>'
        for path, what in meant_for.items()
    )
    plain = "\n".join(f"{path}: {what}" for path, what in meant_for.items())
    return Html(f"<p>In the folder of the run, beside its report:</p><ul>{items}</ul>", plain)
