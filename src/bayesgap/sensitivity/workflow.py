"""What the commands `uncertainty` and `sensitivity` do: from a run's draws to the facts of a page.

Open it to see which analysis follows which. What each analysis is stands in the module it is
taken from; results lie in the run's folder `sensitivity/`.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from bayesgap.projection.propagate import CHUNK
from bayesgap.runs.kept import write_table
from bayesgap.runs.run import SENSITIVITY, Run
from bayesgap.runs.store import is_kept, write_file
from bayesgap.schema import BLOCKS
from bayesgap.sensitivity import (
    checks,
    conditioned,
    page,
    power_scaled,
    powerscale,
    value,
    variance,
)
from bayesgap.sensitivity.page import Findings
from bayesgap.sensitivity.prior_shifts import LARGE, setting
from bayesgap.sensitivity.tables import measured
from bayesgap.study.blocks import block_priors
from bayesgap.study.priors import BlockPriors


@dataclass(frozen=True)
class Question:
    """What is asked of a run, and how much work may go into the answer.

    `large` allows large blocks to be fitted again, `chunks` is the number of chunks of draws whose
    variance is split (all if None), `refits` that of refits with assumed inputs known and of each
    look.
    """

    run: Run
    region: str
    large: bool
    processes: int
    chunks: int | None = None
    refits: int = 0

    @property
    def blocks(self) -> list[str]:
        """Blocks that may be fitted again."""
        return [block for block in BLOCKS if self.large or block not in LARGE]

    @cached_property
    def priors(self) -> dict[str, BlockPriors]:
        """Priors of every block."""
        return {block: block_priors(self.run.study, block) for block in BLOCKS}


def variance_shares(
    run: Run, years: Sequence[int], chunks: int | None
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Shares of the variance over inputs and over origins, and the number of draws.

    Parameters
    ----------
    years : 4th quarters, the base year first
    chunks : chunks of draws to split, all if None; those done before are kept
    """
    study, where = run.study, run.path.absolute() / SENSITIVITY
    number = min(-(-study.sampling.draws // CHUNK), chunks or study.sampling.draws)
    tag = "-".join(map(str, years))
    paths = [where / f"variance99-{tag}-{chunk}.json" for chunk in range(number)]
    missing = [chunk for chunk, path in enumerate(paths) if not is_kept(run, path)]
    if missing:
        gap = run.outlook["gap"].sel(region=list(study.targets), year=list(years[1:]))
        ends = variance.central(variance.flat(gap))
        for chunk in missing:
            cut = variance.cut(run.draws, chunk)
            split = variance.split_chunk(cut, run.panel, study, years, chunk, ends)
            text = variance.to_json(split)
            write_file(run, str(paths[chunk]), lambda p, t=text: p.write_text(t, encoding="utf-8"))
    whole = variance.joined([path.read_text(encoding="utf-8") for path in paths])
    names = variance.columns([*study.targets, study.total], years[1:])
    tables = [variance.effects_table(sums, names) for sums in whole]
    joined = pd.concat([t.assign(game=g) for t, g in zip(tables, whole._fields, strict=True)])
    write_table(run, "uncertainty.csv", joined)
    return tables[0], tables[1], 2 * whole.inputs.pairs


def findings(
    question: Question, rows: pd.DataFrame, years: Sequence[int], start: float
) -> Findings:
    """Everything that the page says.

    Parameters
    ----------
    rows : of every variant of the priors, as `sweep` gives them
    years : of the split of the variance, the base year first
    start : `time.perf_counter` when the command began
    """
    run, region = question.run, question.region
    inputs, origins, draws = variance_shares(run, years, question.chunks)
    gap, names = variance.last_gap(run)
    whole = names.get_locs([slice(None), slice(None), "all"])
    power = power_rows(question)
    sources = value.sources(run.draws, question.priors)
    gains = value.measure_next(sources, gap[:, whole], names[whole], run.prior, run.draws)
    agreement, times = check_rows(question, rows, power)
    known = None
    if question.refits:
        mine = gains[gains["region"] == region]
        known = conditioned.share_known(run, mine, question.refits, question.processes)
    return Findings(
        run=run.id,
        verdict=str(run.health.verdict),
        study=run.study,
        region=region,
        draws=draws,
        inputs=inputs,
        origins=origins,
        moves=rows,
        power=power,
        assumed=names.to_frame(index=False).assign(share=value.assumed_share(sources, gap)),
        gains=gains,
        twice=value.data_twice(run.draws, run.prior, gap[:, whole], names[whole]),
        agreement=agreement,
        times=times,
        told=known,
        seconds=time.perf_counter() - start,
    )


def sections(question: Question, rows: pd.DataFrame, names: Sequence[str]) -> Iterator[list[str]]:
    """Lines of the page's sections `names` (power, checks), made anew."""
    power = power_rows(question)
    for name in names:
        if name == "power":
            yield page.power_lines(power, question.region)
        else:
            yield page.check_lines(*check_rows(question, rows, power), question.region)


def power_rows(question: Question) -> pd.DataFrame:
    """Power-scaling of priors, tables and likelihoods for every region and each part of one."""
    run = question.run
    gap, names = variance.last_gap(run)
    parts = powerscale.components(run.draws, run.panel, question.priors)
    whole = names.get_locs([slice(None), slice(None), "all"])
    wanted = np.union1d(whole, names.get_locs([question.region]))
    scaled = [powerscale.scaled(part, gap[:, wanted], names[wanted]) for part in parts]
    held = setting(run.path)
    for block in question.blocks:
        part = checks.likelihood(run.path, block)
        scaled.append(powerscale.scaled(part, held.base[:, wanted], held.names[wanted]))
    failed = [rows.iloc[0] for rows in scaled if not rows["reached"].all()]
    missed = [(row["block"], row["component"]) for row in failed]
    fresh = power_scaled.by_new_draws(run, missed, question.large, question.processes)
    rows = pd.concat(powerscale.answered(scaled, fresh), ignore_index=True)
    write_table(run, "power.csv", rows)
    return rows


def check_rows(
    question: Question, rows: pd.DataFrame, power: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weights against refits, and `pm.sample` against ours, of the blocks that may be refitted."""
    path, blocks = question.run.path, question.blocks
    summed = power[(power["region"] == question.region) & (power["part"] == "all")]
    both = checks.agreement(path, summed, blocks)
    times = checks.refit_times(path, rows, blocks)
    return measured(pd.concat(both, ignore_index=True)), times
