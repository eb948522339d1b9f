// Draws the figures of a report in the colours of the page, and again when those change.
"use strict";
const PAPER = { width: 680, height: 800 };
const dark = matchMedia("(prefers-color-scheme: dark)");
const figures = [...document.querySelectorAll(".plot")].map((place) => {
  const source = place.firstElementChild;
  const { data, layout } = JSON.parse(source.textContent);
  source.remove();
  place.style.height = layout.height ? `${layout.height}px` : "";
  return { place, data, layout };
});

function colours(ink) {
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    "font.color": ink,
    "hoverlabel.font.color": ink,
    "hoverlabel.bgcolor": page("--ops-panel"),
  };
}

function page(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

function recolour() {
  for (const { place } of figures) Plotly.relayout(place, colours(page("--ops-ink")));
}

// Drawn in its colours at once: to recolour a figure is to draw it again.
function coloured(layout) {
  const dressed = structuredClone(layout);
  for (const [path, colour] of Object.entries(colours(page("--ops-ink")))) {
    const names = path.split(".");
    const last = names.pop();
    names.reduce((part, name) => (part[name] ??= {}), dressed)[last] = colour;
  }
  return dressed;
}

for (const { place, data, layout } of figures) {
  Plotly.newPlot(place, data, { ...coloured(layout), autosize: true, width: undefined }, {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
  });
}
dark.addEventListener("change", recolour);

// Paper is narrower than the window and always light, and a page holds a figure of its height.
addEventListener("beforeprint", () => {
  for (const { place, layout } of figures) {
    const height = Math.min(layout.height ?? PAPER.height, PAPER.height);
    place.style.height = `${height}px`;
    Plotly.relayout(place, { ...colours("#1c2430"), width: PAPER.width, height });
  }
});
addEventListener("afterprint", () => {
  for (const { place, layout } of figures) {
    place.style.height = layout.height ? `${layout.height}px` : "";
    const height = layout.height ?? null;
    Plotly.relayout(place, { ...colours(page("--ops-ink")), width: null, height, autosize: true });
  }
});
