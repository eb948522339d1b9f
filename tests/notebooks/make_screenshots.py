"""Make the README's pictures again: the first screens of two samples.

make screenshots
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.notebooks.sample_pages import write_page

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SHOWN = ("cost_analysis", "dr_restore_validation")


def main() -> None:
    """Take a picture of each, as large as a small laptop's screen."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, offline=True)
        for notebook in SHOWN:
            page.goto(write_page(notebook, Path(folder)).as_uri())
            page.screenshot(path=IMAGES / f"{notebook}.png")
            sys.stderr.write(f"made {IMAGES / notebook}.png\n")
        browser.close()


if __name__ == "__main__":
    main()
