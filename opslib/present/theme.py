"""How figures look: one template, colours that colour-blind readers and printers tell apart.

Colours: blue, green and vermilion are about those of Okabe and Ito, "Color Universal Design"
(2008); the others were searched for. Each has a contrast of 3:1 and more with white and with the
dark page (WCAG 2.2, 1.4.11), and two of them stay 0.07 and more apart in OKLab as protanopes,
deuteranopes and tritanopes see them (Machado et al., 2009, severity 1).
"""

from __future__ import annotations

import plotly.graph_objects as go
import plotly.io

# Only the figure's JSON goes into the notebook: reports draw it, and JupyterLab knows how.
plotly.io.renderers.default = "plotly_mimetype"

__all__ = ["DOWN", "MUTED", "PALETTE", "TOTAL", "UP", "figure", "plain_text"]

PALETTE = ("#0072B2", "#9C4F3A", "#009E73", "#BA81BF", "#847CF0", "#CF5E05", "#6C6078")
MUTED = "#8793A1"
UP = "#CF5E05"
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
        xaxis={
            "gridcolor": "rgba(128,128,128,0.2)",
            "zeroline": False,
            "ticks": "outside",
            "ticklen": 6,
            "tickcolor": "rgba(0,0,0,0)",
            "title": {"font": {"size": 13}},
        },
        yaxis={
            "gridcolor": "rgba(128,128,128,0.2)",
            "zerolinecolor": "rgba(128,128,128,0.5)",
            "title": {"text": unit, "font": {"size": 13}},
        },
    )
    return empty


def plain_text(name: str) -> str:
    """Return ``name`` so that plotly does not read markup in it (it knows <b>, <a>, ...)."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
