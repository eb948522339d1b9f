// Makes the controls of a panel fit for the keyboard, and says when the page is ready for a figure.

const LOOK_MS = 50;

// Sliders are drawn without a name, so that a screen reader would only say "slider".
function nameSliders(panel) {
  for (const slider of panel.querySelectorAll(".widget-slider")) {
    const label = slider.querySelector(".widget-label")?.textContent ?? "";
    const handles = slider.querySelectorAll(".noUi-handle");
    const ends = handles.length > 1 ? [", from", ", to"] : [""];
    handles.forEach((handle, place) => handle.setAttribute("aria-label", label + ends[place]));
    const typed = slider.querySelector(".widget-readout[contenteditable=true]");
    typed?.setAttribute("role", "textbox");
    typed?.setAttribute("aria-label", `${label}, as a number`);
  }
  for (const status of panel.querySelectorAll(".ops-status")) status.setAttribute("role", "status");
}

function render({ model, el }) {
  const ended = new AbortController();
  let panel = null;
  let search = 0;
  const named = new MutationObserver(() => nameSliders(panel));
  // The panel comes into the page, and has its class, after this is drawn.
  const findPanel = () => {
    panel = el.closest(".ops-controls");
    if (!panel) {
      search = setTimeout(findPanel, LOOK_MS);
      return;
    }
    nameSliders(panel);
    named.observe(panel, { childList: true, subtree: true });
    // Where the page is busy, anywidget gives a figure up that has just come: when it is idle, then.
    (globalThis.requestIdleCallback ?? setTimeout)(() => model.send({ is_ready: true }));
  };
  // JupyterLab takes plain keys for its own: an arrow on a slider would select the next cell, and a
  // letter in a list would insert or delete one. Keys with a modifier stay JupyterLab's.
  const keep = (event) => {
    if (!panel?.contains(event.target)) return;
    const isPlain = !(event.ctrlKey || event.metaKey || event.altKey);
    event.target.toggleAttribute("data-lm-suppress-shortcuts", isPlain);
  };
  window.addEventListener("keydown", keep, { capture: true, signal: ended.signal });
  findPanel();
  return () => {
    ended.abort();
    named.disconnect();
    clearTimeout(search);
  };
}

export default { render };
