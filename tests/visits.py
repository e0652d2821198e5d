"""One visitor of the explorer's page, who has no network, and what is seen."""

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from playwright.sync_api import BrowserContext, Locator, Page, Route

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Visit:
    """One visitor: the page, and everything that went wrong or out meanwhile."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, link: str = "") -> Page:
        """Load the page afresh at a link and wait until it has drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}#{link}")
        self.page.wait_for_selector("body[data-ready=yes]", state="attached", timeout=20_000)
        return self.page


def visit(context: BrowserContext, file: Path) -> Visit:
    """Visitor of `file` in `context`, with the network cut and everything recorded."""
    address = file.as_uri()
    visitor = Visit(context.new_page(), address)

    def judge(route: Route) -> None:
        own = route.request.url.partition("#")[0] == address
        route.continue_() if own else route.abort()

    context.set_offline(True)
    context.route("**/*", judge)
    visitor.page.on("request", lambda request: visitor.requests.append(request.url))
    visitor.page.on("console", lambda message: visitor.problems.append(message.text))
    visitor.page.on("pageerror", lambda error: visitor.problems.append(str(error)))
    return visitor


def gap_draws(outlook: xr.Dataset, region: str, year: int, group: str | None) -> np.ndarray:
    """All draws of a gap, of one group or of all together."""
    gap = outlook["gap"].sel(region=region, year=year)
    return (gap.sum("education") if group is None else gap.sel(education=group)).to_numpy().ravel()


def open_table(visitor: Visit, name: str) -> Locator:
    """A view's card, its table shown."""
    card = visitor.page.locator(f"#{name}")
    card.locator("details").evaluate("node => (node.open = true)")
    return card


def csv_of(visitor: Visit, name: str) -> pd.DataFrame:
    """The CSV file that a card's button saves."""
    with visitor.page.expect_download() as saved:
        open_table(visitor, name).get_by_role("button", name="CSV").click()
    text = Path(saved.value.path()).read_bytes().decode("utf-8-sig")
    return pd.read_csv(io.StringIO(text), keep_default_na=False)
