// A figure of plotly whose code, 5 MB, may take its time: anywidget gives a widget two seconds to
// begin, and leaves it blank for good where a busy machine needs longer.

const MESSAGES = [
  "_py2js_addTraces", "_py2js_restyle", "_py2js_relayout", "_py2js_update", "_py2js_animate",
  "_py2js_deleteTraces", "_py2js_moveTraces", "_py2js_removeLayoutProps", "_py2js_removeTraceProps",
];

// One copy for all figures of the page.
function plotly(code) {
  globalThis.opslibPlotly ??= import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  return globalThis.opslibPlotly;
}

// Keeps what the kernel sends before plotly listens, in its order.
function keepMessages(model) {
  const kept = [];
  const listeners = MESSAGES.map((name) => {
    const keep = () => model.get(name) && kept.push([name, model.get(name)]);
    model.on(`change:${name}`, keep);
    return [name, keep];
  });
  return () => {
    for (const [name, keep] of listeners) model.off(`change:${name}`, keep);
    return kept;
  };
}

async function begin(model) {
  const takeMessages = keepMessages(model);
  // Other widgets first: what they need to begin would wait while plotly is being read.
  await new Promise((isIdle) => (globalThis.requestIdleCallback ?? setTimeout)(isIdle));
  const figure = (await plotly(model.get("_plotly"))).default();
  const missed = takeMessages();
  figure.initialize({ model });
  for (const [name, message] of missed) {
    model.set(name, message);
    model.set(name, null);
  }
  return figure;
}

export default () => {
  let begun;
  return {
    initialize({ model }) {
      begun = begin(model);
    },
    async render(view) {
      return (await begun).render(view);
    },
  };
};
