"""How long the report of an incident with many events takes to open in a browser.

    python -m benchmarks.large_timeline [--events 20000] [--rounds 5]

Makes CloudTrail log files of so many events within the window of the sandbox's incident, runs
``opslib run incident_timeline -e sandbox -p trail=...`` on them and opens its report.html in
headless Chromium, each time in a new browser: seconds from the request of the page until every
figure of it is drawn, by the clock and of the page's processor time, which says the same on a
machine that is busy with other things. In turn with it a page with one figure of two points,
rendered likewise: what the browser and plotly.js take by themselves. Exits 1 where the report takes
more than two seconds of processor time (median), or an event is not in the table beside it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat.v4
import pandas as pd
from playwright.sync_api import sync_playwright

from benchmarks.timeline import record
from opslib.parameters.incident_file import incident_path, load_incident
from opslib.runner.html import Page, render_report
from opslib.runner.plotly_script import Assets

ROOT = Path(__file__).parents[1]
FILES = 20
MOST_SECONDS = 2.0
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DRAWN = """() => {
  const places = [...document.querySelectorAll('.plot')];
  const drawn = places.length && places.every(place => place.querySelector('.main-svg'));
  return drawn && document.querySelector('.plot .point') ? performance.now() / 1000 : 0;
}"""


def make_trail(folder: Path, events: int) -> None:
    """Write log files of events that are spread over the incident's window."""
    window = load_incident(incident_path(ROOT, "sandbox", "shop"))
    chance = random.Random(1)  # noqa: S311  made-up data
    step = (window.end - window.start) / events
    for number in range(FILES):
        places = range(number * events // FILES, (number + 1) * events // FILES)
        records = [_changing(chance, window.start + step * place) for place in places]
        delivered = window.start + step * places[-1] + timedelta(minutes=5)
        name = f"111122223333_CloudTrail_eu-west-1_{delivered:%Y%m%dT%H%M}Z_{number:05d}.json.gz"
        with gzip.open(folder / name, "wt", compresslevel=4) as file:
            json.dump({"Records": records}, file, separators=(",", ":"))


def _changing(chance: random.Random, moment: datetime) -> dict[str, Any]:
    """Return a record of a call that changes something: others are no events of a timeline."""
    made = record(chance, moment)
    while made["readOnly"]:
        made = record(chance, moment)
    return made


def run_report(trail: Path) -> Path:
    """Return the folder of the report of an incident with these events."""
    command = ["run", "incident_timeline", "-e", "sandbox", "--no-strict", "--json"]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("opslib")), *command, "-p", f"trail={trail}"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Path(json.loads(done.stdout)["report"])


def render_least(folder: Path) -> str:
    """Return a page with the least figure, rendered as reports are."""
    nb: Any = nbformat.v4
    data = {"type": "scatter", "mode": "markers", "x": [1, 2], "y": [1, 2]}
    figure = {"data": [data], "layout": {"title": {"text": "two points"}}}
    shown = nb.new_output("display_data", {"application/vnd.plotly.v1+json": figure})
    notebook = nb.new_notebook(cells=[nb.new_code_cell("", outputs=[shown])])
    return render_report(notebook, Page(title="least"), assets=Assets.INLINE, reports=folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What it took to open a page, in seconds, and the title of its first figure."""

    clock: float
    processor: float
    title: str


def open_page(file: Path) -> Opened:
    """Open a page in a new browser and wait until every figure is drawn."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(file.as_uri(), wait_until="commit")
        clock = page.wait_for_function(DRAWN, polling="raf", timeout=60_000).json_value()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        metrics = session.send("Performance.getMetrics")["metrics"]
        processor = next(one["value"] for one in metrics if one["name"] == "ProcessTime")
        title = page.locator(".plot .gtitle").first.text_content() or ""
        browser.close()
    return Opened(clock=clock, processor=processor, title=title)


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s, {min(seconds):.2f} to {max(seconds):.2f}"


def main() -> None:
    """Print the figures; exit 1 where the page is slow or an event is lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="opslib-large-") as folder:
        make_trail(Path(folder), options.events)
        started = time.perf_counter()
        report = run_report(Path(folder))
        took = time.perf_counter() - started
        least = Path(folder) / "least.html"
        least.write_text(render_least(Path(folder)), encoding="utf-8")
        opened = [
            (open_page(report / "report.html"), open_page(least)) for _ in range(options.rounds)
        ]
    large, small = zip(*opened, strict=True)
    title, median = large[0].title, statistics.median(one.processor for one in large)
    kept = len(pd.read_parquet(report / "tables" / "timeline.parquet"))
    thinned = re.search(r"of ([\d,]+) events", title)
    told = int(thinned[1].replace(",", "")) if thinned else kept
    print(title)
    print(f"events in tables/timeline.parquet  {kept:,}")
    print(f"report.html                        {(report / 'report.html').stat().st_size:,} bytes")
    print(f"the run, sandbox included          {took:.1f} s")
    for name, pages in (("report, until drawn", large), ("a page with two points", small)):
        print(f"{name:<35}{_spread([one.processor for one in pages])} of processor time; ", end="")
        print(f"{_spread([one.clock for one in pages])} by the clock")
    raise SystemExit(int(median > MOST_SECONDS or kept < options.events or told != kept))


if __name__ == "__main__":
    main()
