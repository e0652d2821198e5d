"""Evidence on the explorer: pictures, weight, times and axe, in a browser without a network.

Usage: ./dev python scripts/explorer_evidence.py RUN  (writes docs/explorer.md, docs/figures/)
"""

import io
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from bayesgap.cli.explore import explore

ROOT = Path(__file__).parents[1]
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
LINKS = {
    "nb": "lang=nb&scenario=growth_and_three_measures&least=5000"
    "&a=growth_and_three_measures&b=main",
    "en": "lang=en&region=Buskerud&part=education.bachelor:health_care&year=2035&least=500"
    "&split=education&level=95&a=high_immigration&b=low_immigration",
}
LOADS, ROUNDS, MOST_BYTES, COLOURS = 7, 4, 150_000, 96
OCTREE = Image.Quantize.FASTOCTREE  # keeps rare hues, which the default merges
CHANGES = {  # control: values that it is given in turn
    "region": ("0", "1", "2", "3", "4"),
    "part": ("5", "17", "24", "37"),
    "scenario": ("less_exclusion", "growth_and_three_measures", "main"),
    "year": ("3", "9", "16"),
    "least": ("500", "1000", "0"),
    "a": ("low_immigration", "reskilling", "growth"),
    "b": ("high_immigration", "ict_growth", "main"),
}
CHANGE = """([id, value]) => new Promise((done) => {
  const control = document.getElementById(id);
  const began = performance.now();
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  document.body.getBoundingClientRect();
  const drawn = performance.now() - began;
  requestAnimationFrame(() => setTimeout(() => done([drawn, performance.now() - began])));
})"""


def visited(browser: Browser, file: Path, size: tuple[int, int], link: str) -> Page:
    """The page at `link`, drawn, in a window of its own without a network."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_offline(True)
    page = context.new_page()
    page.goto(f"{file.as_uri()}#{link}")
    page.wait_for_function("document.body.dataset.ready === 'yes'", timeout=60_000)
    return page


def halves(image: bytes, stem: str) -> list[str]:
    """Write both halves of a page as small pictures of few colours, and name them."""
    page = Image.open(io.BytesIO(image)).convert("RGB")
    middle = page.height // 2
    names = []
    for part, (top, bottom) in enumerate(((0, middle), (middle, page.height)), 1):
        names.append(f"explorer_{stem}_{part}.png")
        half = page.crop((0, top, page.width, bottom))
        small(half, ROOT / "docs" / "figures" / names[-1])
    return names


def small(picture: Image.Image, path: Path) -> None:
    """Write a picture, its scale reduced until the file is below the limit."""
    for scale in (1.0, 0.85, 0.7, 0.6):
        size = (int(picture.width * scale), int(picture.height * scale))
        scaled = picture if scale == 1 else picture.resize(size, Image.Resampling.LANCZOS)
        scaled.quantize(COLOURS, OCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return


def pictures(browser: Browser, file: Path) -> list[dict[str, Any]]:
    """Whole pages in both languages and widths, and what axe says about each."""
    rows = []
    for language, link in LINKS.items():
        for name, size in SIZES.items():
            page = visited(browser, file, size, link)
            names = halves(page.screenshot(full_page=True), f"{language}_{name}")
            page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
            found = Axe().run(page).violations_count
            rows.append({"language": language, "width": name, "axe": found, "pictures": names})
            page.context.close()
    return rows


def first_plots(browser: Browser, file: Path) -> list[float]:
    """Milliseconds from navigation to the first whole drawing, of fresh windows."""
    script = "performance.getEntriesByName('first-plot')[0].startTime"
    found = []
    for _ in range(LOADS):
        page = visited(browser, file, SIZES["desktop"], "lang=en")
        found.append(page.evaluate(script))
        page.context.close()
    return found


def interactions(browser: Browser, file: Path) -> dict[str, list[list[float]]]:
    """Milliseconds of every change: to the new layout, to the frame after it, of the processor.

    The last are of the page's main thread alone, and do not count waiting for other programs.
    """
    page = visited(browser, file, SIZES["desktop"], "lang=en&split=education")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(m["value"] for m in told if m["name"] == "TaskDuration")

    found = {}
    for name, values in CHANGES.items():
        told = []
        for value in values * ROUNDS:
            before = spent()
            waited = page.evaluate(CHANGE, [name, value])
            told.append([*waited, spent() - before])
        found[name] = told[len(values) :]  # the first round still compiles
    page.context.close()
    return found


def written(file: Path, run: str, loads: list[float], changes: dict, shots: list[dict]) -> str:
    """The page of evidence."""
    table = [
        f"| {name} | "
        + " | ".join(f"{statistics.median(column):.0f}" for column in zip(*told, strict=True))
        + f" | {min(layout for layout, *_ in told):.0f} |"
        for name, told in changes.items()
    ]
    shown = [
        f"| {row['language']} | {row['width']} | {row['axe']} | "
        + ", ".join(f"[{part}](figures/{part})" for part in row["pictures"])
        + " |"
        for row in shots
    ]
    load = os.getloadavg()[0]
    return f"""# The explorer

`bayesgap explore RUN [--out FILE]` writes one HTML file: no server, no outside request, nothing
to install. Send it by mail, open it, choose; the link in the address bar restores what is seen.

- **Answer in words**, with odds and the health verdict, for any region, year, education, scenario.
- **Fan** of gap, supply and demand; **dots** with the chance of a shortage of at least N people;
  **groups** with intervals; **tiles** of the regions; **first year** of shortage; **two
  scenarios** on the same draws, with what each measure of a combination contributes.
- Every view has its table and its CSV. Bokmål and English, keyboard, screen reader, phone, print.

How it is made: `adr/0025-explorer-is-hand-drawn.md`,
`adr/0026-explorer-carries-quantiles-of-all-draws.md`. Tests: `tests/browser/`.

## Evidence

Run `{run}`, all scenarios. Made by `./dev python scripts/explorer_evidence.py RUN`
in headless chromium without a network, on a machine of {os.cpu_count()} cores that others used too
(load average {load:.1f}); times are of the wall clock.

- Page weight: **{file.stat().st_size / 1e6:.2f} MB** (limit 3 MB).
- First plot after navigation: median **{statistics.median(loads):.0f} ms**, fastest
  {min(loads):.0f} ms, slowest {max(loads):.0f} ms of {len(loads)} fresh windows (limit 1 s).
- Interaction (limit 100 ms), milliseconds: medians from the event to the new layout of all views,
  to the frame after it, and of processor time of the page's main thread; and the fastest layout:

| control | to layout | to frame | processor | fastest |
|---|---:|---:|---:|---:|
{chr(10).join(table)}

| language | width | axe violations | whole page, in two halves |
|---|---|---:|---|
{chr(10).join(shown)}
"""


def started(playwright: Playwright) -> Browser:
    """The browser that `CHROMIUM` names, else chromium."""
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def main() -> None:
    """Make the page of a run, look at it, measure it, write what was found."""
    run = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "explorer.html"
        explore(run, file)
        browser = started(playwright)
        shots = pictures(browser, file)
        loads, changes = first_plots(browser, file), interactions(browser, file)
        text = written(file, run.name, loads, changes, shots)
        browser.close()
    (ROOT / "docs" / "explorer.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
