// Marks the section that is being read, and lets the keyboard scroll what is wider than the page.
"use strict";
const contents = document.querySelector("nav");
const links = [...contents.querySelectorAll("a")];
const sections = links.map((link) => document.querySelector(link.getAttribute("href")));

function markSection() {
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
  const passed = sections.filter((section) => section.getBoundingClientRect().top < innerHeight / 3);
  const asked = sections.findIndex((section) => `#${section.id}` === location.hash);
  // A short section that was asked for is read, though the next one has begun below it.
  const top = sections[asked]?.getBoundingClientRect().top ?? -Infinity;
  const isShown = top > -2 && (top < innerHeight / 3 || atEnd);
  const read = isShown ? asked : passed.length - 1;
  links.forEach((link, place) => {
    if (place !== read) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) {
      link.setAttribute("aria-current", "true");
      contents.scrollLeft = link.offsetLeft - 24;
    }
  });
}

// A table in a box of its own is a stop of the tabulator only while it scrolls.
const boxes = [...document.querySelectorAll(".ops-table, .prose table")];
function reachTables() {
  for (const box of boxes) {
    const scrolls = box.scrollWidth > box.clientWidth;
    const named = { tabindex: "0", role: "region", "aria-label": caption(box) };
    for (const [name, value] of Object.entries(named)) {
      if (scrolls) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  }
}

function caption(box) {
  return box.querySelector("caption")?.textContent || "Table";
}

addEventListener("scroll", markSection, { passive: true });
addEventListener("hashchange", markSection);
addEventListener("resize", markSection);
const sizes = new ResizeObserver(reachTables); // fonts, figures and a scroll bar come after loading
for (const box of boxes) [box, ...box.querySelectorAll("table")].forEach((one) => sizes.observe(one));
markSection();
reachTables();
