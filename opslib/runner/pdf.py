"""A report as PDF for a binder, printed by Chromium.

The page's own style sheet makes it fit for paper: A4, code folded away, nothing that is for
screens. Here it gets a line that says which run it is of.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from html import escape
from pathlib import Path

from opslib.errors import OpsError
from opslib.runner.history import PastRun

__all__ = ["find_browser", "print_report"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NAMED = "OPSLIB_BROWSER"
SECONDS = 180
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # nothing is asked of a network
    "--no-first-run",
    "--no-pdf-header-footer",
    "--virtual-time-budget=30000",
)


def find_browser() -> str:
    """Return the program that prints: the one that OPSLIB_BROWSER names, or one on the PATH.

    Raises:
        OpsError: there is none.
    """
    named = os.environ.get(NAMED)
    found = [shutil.which(name) for name in ([named] if named else BROWSERS)]
    browser = next((path for path in found if path), None)
    if browser is None:
        raise OpsError(
            "no Chromium to print with",
            where=f"{NAMED}={named}" if named else "PATH",
            remedy=f"Install chromium (make system-packages), or name it by {NAMED}; --zip needs "
            "none.",
        )
    return browser


def print_report(run: PastRun, file: Path) -> None:
    """Print ``report.html`` of a run to ``file``, A4.

    Raises:
        OpsError: there is no Chromium, or it fails; ``file`` is not there then.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="opslib-pdf-") as work:
        page = _page(run, Path(work))
        pdf = Path(work) / "report.pdf"
        _print(browser, page, pdf, Path(work) / "profile")
        unfinished = file.with_name(f".{file.name}-{os.getpid()}")
        shutil.copyfile(pdf, unfinished)
        unfinished.replace(file)


def _page(run: PastRun, work: Path) -> Path:
    """Write the page to print as deep as a report lies, so that it finds what reports share."""
    html = (run.folder / "report.html").read_text(encoding="utf-8")
    shared = run.folder.parents[2] / "assets"
    if shared.is_dir():
        (work / "assets").symlink_to(shared)
    page = work / "date" / "environment" / "run" / "report.html"
    page.parent.mkdir(parents=True)
    body, closed, end = html.rpartition("</footer>")
    page.write_text(f"{body}{_origin(run)}{closed}{end}", encoding="utf-8")
    return page


def _origin(run: PastRun) -> str:
    """Return the line that ties the paper to the run's files."""
    digests = [
        f"{name}, SHA-256 {hashlib.sha256((run.folder / name).read_bytes()).hexdigest()}"
        for name in ("report.html", "run.json")
    ]
    key = run.manifest.keyid
    signed = f"signed with key {key}" if key and not run.manifest.unsigned else "unsigned"
    said = f"Printed from {digests[0]}, listed in {digests[1]} ({signed})."
    return f'<p style="overflow-wrap:anywhere">{escape(said)}</p>'


def _print(browser: str, page: Path, pdf: Path, profile: Path) -> None:
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [browser, *FLAGS, *as_root, f"--user-data-dir={profile}"]
    with subprocess.Popen(  # noqa: S603  the program was found by its name
        [*command, f"--print-to-pdf={pdf}", page.as_uri()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            said = process.communicate(timeout=SECONDS)[1].decode(errors="replace").strip()
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise OpsError(f"it did not print within {SECONDS} s", where=browser) from None
            raise
    if process.returncode or not pdf.exists():
        last = said.splitlines()[-1] if said else f"exit code {process.returncode}"
        raise OpsError(f"it did not print: {last}", where=browser)
