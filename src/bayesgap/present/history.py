"""Observed employment of the target regions, as points beside the forecasts."""

from collections.abc import Mapping

import pandas as pd

from bayesgap.study.study import Study

WORKPLACE = "employed, by workplace"
RESIDENCE = "employed, by residence"
_MEASURES = {"employed_by_workplace": WORKPLACE, "employed_by_residence": RESIDENCE}


def employment_history(
    tables: Mapping[str, pd.DataFrame], study: Study, first: int = 2013
) -> pd.DataFrame:
    """Persons employed in the 4th quarter: columns region, year, series, persons.

    Years of SSB 11618 come as they are. Outside them, the sum of the municipalities that SSB 07984
    gives by residence stands in, but only for regions that they cover whole (their sum equals
    11618 within 2 % where both exist; the two differ by 1.4 % in Hallingdal before 2018). The
    total region has the years that all its parts have.
    """
    status = tables["employment_status"]
    status = status[status["region"].isin(study.targets) & status["measure"].isin(_MEASURES)]
    known = status.assign(series=status["measure"].map(_MEASURES))
    known = known[["region", "year", "series", "persons"]]
    municipal = tables.get("employment_residence_by_municipality")
    older = [] if municipal is None else [_whole_municipal_sums(municipal, known)]
    history = pd.concat([known, *older], ignore_index=True)
    history = history[history["year"] >= first]
    total = history.groupby(["series", "year"])["persons"].agg(["sum", "size"]).reset_index()
    total = total[total["size"] == len(study.targets)].rename(columns={"sum": "persons"})
    total = total.assign(region=study.total)[list(history.columns)]
    history = pd.concat([history, total], ignore_index=True)
    return history.sort_values(["region", "series", "year"], ignore_index=True)


def _whole_municipal_sums(municipal: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Sums of municipalities for the years that `known` lacks, where they are the whole region."""
    every = municipal[municipal["sector"] == "00-99"]
    summed = every.groupby(["region", "year"])["employed"].agg(["sum", "size"]).reset_index()
    full = summed.groupby("region")["size"].transform("max")
    summed = summed[summed["size"] == full].rename(columns={"sum": "persons"})
    residence = known[known["series"] == RESIDENCE]
    both = summed.merge(residence, on=["region", "year"], suffixes=("", "_known"))
    off = (both["persons"] / both["persons_known"] - 1).abs().groupby(both["region"]).max()
    whole = summed[summed["region"].isin(off.index[off < 0.02])]
    new = ~whole["year"].isin(residence["year"])
    return whole[new].assign(series=RESIDENCE)[["region", "year", "series", "persons"]]
