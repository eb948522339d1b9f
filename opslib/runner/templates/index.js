// Filters the index by environment, notebook and owner; without it everything is shown.
"use strict";
const form = document.querySelector(".filter");
const names = ["environment", "notebook", "owner"];

function matches(run, chosen) {
  const { environment, notebook, owner } = chosen;
  return (
    (!environment || run.dataset.environment === environment) &&
    (!notebook || run.dataset.notebook === notebook) &&
    (!owner || JSON.parse(run.dataset.owners).includes(owner))
  );
}

function choices() {
  return Object.fromEntries(names.map((name) => [name, form.elements[name]?.value ?? ""]));
}

function show() {
  const chosen = choices();
  const runs = [...document.querySelectorAll("[data-run]")];
  const shown = runs.filter((run) => {
    run.hidden = !matches(run, chosen);
    return !run.hidden;
  });
  const isFiltered = names.some((name) => chosen[name]);
  form.querySelector("output").textContent = isFiltered ? `${shown.length} of ${runs.length} runs` : "";
  const kept = new URLSearchParams(names.filter((name) => chosen[name]).map((name) => [name, chosen[name]]));
  history.replaceState(null, "", `#${kept}`);
}

// An address such as index.html#environment=prod opens filtered.
function restore() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const name of names) {
    const select = form.elements[name];
    const value = wanted.get(name);
    if (select && [...select.options].some((option) => option.value === value)) select.value = value;
  }
  show();
}

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

function tellAges() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  for (const time of document.querySelectorAll(".age time")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const step = STEPS.find(([, length]) => seconds >= length);
    if (!step) continue;
    time.title = time.textContent;
    time.textContent = words.format(-Math.floor(seconds / step[1]), step[0]);
  }
}

if (form) {
  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(show));
  restore();
}
tellAges();
