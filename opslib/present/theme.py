"""How figures look: one template, colours that colour-blind readers and printers tell apart.

Colours: Okabe and Ito, "Color Universal Design" (2008), black left out so that dark pages work.
"""

from __future__ import annotations

import plotly.graph_objects as go
import plotly.io

# Only the figure's JSON goes into the notebook: reports draw it, and JupyterLab knows how.
plotly.io.renderers.default = "plotly_mimetype"

__all__ = ["DOWN", "MUTED", "PALETTE", "TOTAL", "UP", "figure", "plain_text"]

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800")
MUTED = "#9AA5B1"
UP = "#D55E00"
DOWN = "#009E73"
TOTAL = "#5B7083"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


def figure(title: str, *, height: int = 360, unit: str = "") -> go.Figure:
    """Return an empty figure in the house style.

    Args:
        title: what the figure shows.
        height: in pixels.
        unit: written at the value axis.
    """
    # Without a template of ours plotly puts 8 kB of its own into every figure.
    empty = go.Figure(layout={"template": {"layout": {}}})
    empty.update_layout(
        title={"text": title, "x": 0, "xanchor": "left", "font": {"size": 16}},
        height=height,
        margin={"l": 64, "r": 16, "t": 48, "b": 48},
        font={"family": FONT, "size": 13, "color": MUTED},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        colorway=list(PALETTE),
        hoverlabel={"font": {"family": FONT}},
        legend={"orientation": "h", "y": -0.18, "x": 0},
        xaxis={"gridcolor": "rgba(128,128,128,0.2)", "zeroline": False},
        yaxis={
            "gridcolor": "rgba(128,128,128,0.2)",
            "zerolinecolor": "rgba(128,128,128,0.5)",
            "title": {"text": unit},
        },
    )
    return empty


def plain_text(name: str) -> str:
    """Return ``name`` so that plotly does not read markup in it (it knows <b>, <a>, ...)."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
