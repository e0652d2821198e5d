"""First pages of the report in both languages, as docs/figures/report_{nb,en}.png.

Usage: ./dev python scripts/report_pictures.py RUN
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from explorer_evidence import started
from playwright.sync_api import sync_playwright

from bayesgap.cli.report import Language, report

FIGURES = Path(__file__).parents[1] / "docs" / "figures"
SIZE = {"width": 1000, "height": 1050}


def main() -> None:
    """Write the report of a run in each language, open it without a network, take its picture."""
    run = Path(sys.argv[1])
    with TemporaryDirectory() as folder, sync_playwright() as play:
        browser = started(play)
        page = browser.new_context(offline=True).new_page()
        page.set_viewport_size(SIZE)  # pyright: ignore[reportArgumentType]
        for language in Language:
            path = Path(folder) / f"{language}.html"
            report(run, lang=language, out=path)
            page.goto(path.as_uri())
            page.screenshot(path=FIGURES / f"report_{language}.png")
        browser.close()


if __name__ == "__main__":
    main()
