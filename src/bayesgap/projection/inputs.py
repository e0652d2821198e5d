"""The gap as a function of independent inputs: blocks whose draws may be paired anew.

Inputs are the blocks with their own shocks. Two things are shared, and are inputs of their own:
the business cycle, which jobs, participation and migration follow (docs/adr/0007), and the base
year: unfilled jobs, and the assumed split of jobs over sectors, which no data of the sector block
inform, so that it is independent of that block's other draws. Sectors follow the population's
draws through their drivers, whichever population they are paired with.

Random numbers are those of the run: every input from A is the run's own outlook.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.outlook import Rates, project_main
from bayesgap.accounting.population import drivers, project_population
from bayesgap.projection.laws import law_of
from bayesgap.projection.propagate import business_cycle
from bayesgap.study.blocks import block_seed
from bayesgap.study.study import Study

INPUTS = (
    "population",
    "education",
    "participation",
    "commuting",
    "sectors",
    "skill_mix",
    "base_year",
    "cycle",
)
FOLLOWING = {"population": ("population", "people", "sectors")}  # what else another draw changes
SPLIT = "base_log"  # of jobs over sectors in the base year: told by no data of its block


def swap_of(posterior: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Partner of each draw: the first half of all (chain, draw) with the second."""
    sizes = posterior["sectors"].sizes
    number = sizes["chain"] * sizes["draw"]
    return np.roll(np.arange(number), number // 2)


def swapped(values: xr.Dataset, swap: np.ndarray) -> xr.Dataset:
    """Dataset with its draws exchanged for their partners; what has no draws stays."""

    def turned(array: xr.DataArray) -> xr.DataArray:
        if "chain" not in array.dims:
            return array
        ordered = array.transpose(*schema.SAMPLE_DIMS, ...)
        flat = ordered.to_numpy().reshape(len(swap), -1)[swap]
        return ordered.copy(data=flat.reshape(ordered.shape))

    return values.map(turned)


class PairedProjection:
    """Gap of one chunk of draws under any pairing of its inputs with the swapped draws.

    Parameters
    ----------
    posterior : draws of every block, already cut to the chunk
    years : 4th quarters, the base year first; what lies between is passed through
    shocks : number of the future shocks; the chunk's own number gives those of the run
    """

    def __init__(
        self,
        posterior: Mapping[str, xr.Dataset],
        panel: xr.DataTree,
        study: Study,
        years: Sequence[int],
        shocks: int,
    ) -> None:
        """Keep what the forecasts need; everything is drawn when it is asked for."""
        self.posterior, self.panel, self.study = posterior, panel, study
        self.years, self.shocks = list(years), shocks
        self.swap = swap_of(posterior)
        cycle = business_cycle(posterior["sectors"], study, shocks)
        self._cycle = cycle.to_dataset(name="cycle")
        self._kept: dict[tuple[object, ...], xr.Dataset] = {}

    def with_blocks(self, drawn: Mapping[str, xr.Dataset]) -> "PairedProjection":
        """Itself with other draws of some blocks; what does not follow them is kept."""
        other = PairedProjection(
            {**self.posterior, **drawn}, self.panel, self.study, self.years, self.shocks
        )
        stale = {place for block in drawn for place in FOLLOWING.get(block, (block,))}
        other._kept = {key: kept for key, kept in self._kept.items() if key[0] not in stale}
        return other

    def gap(self, own: frozenset[str]) -> xr.DataArray:
        """Gap (chain, draw, region, year, education), inputs outside `own` from the partners."""
        parts = project_main(self.rates(own), self.years).parts
        return (parts.wanted - parts.available).sel(year=self.years[1:])

    def rates(self, own: frozenset[str]) -> Rates:
        """Rates of every block under this pairing, at `years` only."""
        people = self._people(own)
        later = [year + 1 for year in self.years]
        return Rates(
            population=people["people"].sel(year=later),
            education=self._alone("education", own, None, wanted=self.years),
            participation=self._with_cycle("participation", own, self.years),
            commuting=self._alone("commuting", own, self.years),
            sectors=self._sectors(own, people),
            skill_mix=self._alone("skill_mix", own, self.years, options=self.study.options),
            imbalance=self._alone("imbalance", own, None, player="base_year"),
        )

    def _drawn(self, block: str, posterior: xr.Dataset, first: int, **given: object) -> xr.Dataset:
        rng = np.random.default_rng(block_seed(self.study.seed + 1, block, self.shocks))
        years = list(range(first, self.study.horizon + 1))
        return law_of(block).forecast(
            posterior, self.panel[block].to_dataset(), years, rng, **given
        )

    def _turn(self, values: xr.Dataset, stays: bool) -> xr.Dataset:
        return values if stays else swapped(values, self.swap)

    def _alone(
        self,
        block: str,
        own: frozenset[str],
        years: Sequence[int] | None,
        player: str | None = None,
        **given: object,
    ) -> xr.Dataset:
        """Forecast of a block that follows no other."""
        stays = (player or block) in own
        key = (block, stays)
        if key not in self._kept:
            if stays:
                full = self._drawn(block, self.posterior[block], self.study.base_year, **given)
                self._kept[key] = full if years is None else full.sel(year=list(years))
            else:
                first = self._alone(block, own | {player or block}, years, player, **given)
                self._kept[key] = swapped(first, self.swap)
        return self._kept[key]

    def _with_cycle(
        self, block: str, own: frozenset[str], years: Sequence[int] | None
    ) -> xr.Dataset:
        """Forecast of a block that follows the cycle: drawn at the block's places, then turned."""
        stays, cycle = block in own, "cycle" in own
        key = (block, stays, cycle)
        if key not in self._kept:
            shared = self._turn(self._cycle, cycle == stays)["cycle"]
            full = self._drawn(block, self.posterior[block], self.study.base_year, cycle=shared)
            cut = full if years is None else full.sel(year=list(years))
            self._kept[key] = self._turn(cut, stays)
        return self._kept[key]

    def _people(self, own: frozenset[str]) -> xr.Dataset:
        """Residents of the targets (people) and what they mean for sectors (log_driver)."""
        key = ("people", "population" in own, "cycle" in own)
        if key not in self._kept:
            stock = self.panel["population"].to_dataset()["population"]
            first = stock.sel(region=list(self.study.targets), year=self.study.base_year, drop=True)
            people = project_population(first, self._with_cycle("population", own, None))
            self._kept[key] = drivers(people).assign(people=people)
        return self._kept[key]

    def _sectors(self, own: frozenset[str], people: xr.Dataset) -> xr.Dataset:
        """Growth of jobs up to each of `years`, and the base: drawn at the sectors' places."""
        names = ("sectors", "base_year", "population", "cycle")
        stays = "sectors" in own
        key = ("sectors", *(name in own for name in names))
        if key not in self._kept:
            split = self.posterior["sectors"][[SPLIT]]
            turned = self._turn(split, ("base_year" in own) == stays)
            full = self._drawn(
                "sectors",
                self.posterior["sectors"].assign(turned),
                self.study.base_year + 1,
                drivers=self._turn(people[["log_driver"]], stays),
                cycle=self._turn(self._cycle, ("cycle" in own) == stays)["cycle"],
            )
            self._kept[key] = self._turn(self._at_years(full), stays)
        return self._kept[key]

    def _at_years(self, sectors: xr.Dataset) -> xr.Dataset:
        """Growth between one of `years` and the next, instead of from year to year."""
        path = sectors["employment_growth"].cumsum("year").sel(year=self.years[1:])
        start = path.isel(year=[0])
        growth = xr.concat([start, path.diff("year")], "year")
        return sectors.drop_dims("year").assign(employment_growth=growth)
