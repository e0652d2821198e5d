"""What a run rests on: sources, priors with reasons, checks; published figures beside it."""

import math
from typing import Any

import pandas as pd
from scipy import stats

from bayesgap.document.facts import Facts
from bayesgap.document.parts import Item, Section, Table
from bayesgap.present.table import as_csv
from bayesgap.present.words import Words
from bayesgap.published_study.comparison import compare, plain
from bayesgap.published_study.words import Voice, figure_name
from bayesgap.study.priors import Beta, Gamma, HalfNormal, LogNormal, Normal, PriorSpec


def published(facts: Facts, words: Words) -> Section:
    """The report's single numbers with the percentile of our draws at which they lie."""
    heading = words("sections.published")
    known = facts.published
    if known is not None:
        known = known[known["region"].isin(facts.regions)]
    found = pd.DataFrame() if known is None or known.empty else _compared(facts, known)
    if found.empty:
        return Section("published", heading, [words("text.no_published")])
    rows, voice = [], Voice(words.language)
    for row in found.to_dict("records"):
        bounds = [plain(row[f"{end}80"], row["unit"]) for end in ("lower", "upper")]
        middle, theirs = (plain(row[name], row["unit"]) for name in ("median", "published"))
        cells = [theirs, middle, words("table.to").join(bounds), f"{row['percentile']:.0f}"]
        unit = words.name("units", row["unit"])
        name = figure_name({**row, "quantity": row["told"]}, voice)
        rows.append([row["region"], name, unit, *cells])
    names = ("region", "figure", "unit", "published", "median", "i80", "percentile")
    head = [words(f"table.{name}") for name in names]
    csv = found.drop(columns=["group", "told"]).assign(run_id=facts.run_id).to_csv(index=False)
    caption = words("captions.published_table")
    table = Table("published_figures", caption, head, rows, csv, left=3, foreign=True)
    return Section("published", heading, [words("text.published"), table])


def _compared(facts: Facts, known: pd.DataFrame) -> pd.DataFrame:
    """Published figures beside ours, with the region that each is about."""
    told = known[["id", "region", "group"]].assign(told=known["quantity"])
    return compare(facts.outlook, known).merge(told, on="id", how="left")


def sources(facts: Facts, words: Words) -> Section:
    """Every table behind the run with its source and standing."""
    heading, said = words("sections.sources"), words("text.sources")
    if facts.sources is None:
        return Section("sources", heading, [said, words("text.no_sources")])
    rows, records, voice = [], [], Voice(words.language)
    for name, entry in facts.sources.items():
        years = "–".join(map(str, dict.fromkeys(entry.years))) if entry.years else ""
        status = words.name("statuses", entry.status)
        rows.append([status, voice.say(entry.title), voice.say(entry.source), years])
        records.append({"table": name, **entry.model_dump(include={"status", "title", "source"})})
    order = [words("statuses." + name) for name in ("observed", "published", "assumed")]
    rows.sort(key=lambda row: order.index(row[0]))
    head = [words(f"table.{name}") for name in ("status", "what", "source", "years")]
    caption = words("captions.sources_table")
    table = Table("sources", caption, head, rows, as_csv(records), left=3, foreign=True)
    return Section("sources", heading, [said, table])


def prior_interval(spec: PriorSpec) -> tuple[float, float]:
    """Central 80 % of a prior, on the parameter's own scale."""
    match spec:
        case Normal():
            law: Any = stats.norm(spec.mu, spec.sigma)
        case HalfNormal():
            law = stats.halfnorm(scale=spec.sigma)
        case LogNormal():
            law = stats.lognorm(spec.sigma, scale=math.exp(spec.mu))
        case Beta():
            law = stats.beta(spec.alpha, spec.beta)
        case Gamma():
            law = stats.gamma(spec.alpha, scale=1 / spec.beta)
    low, high = law.ppf([0.1, 0.9])
    return float(low), float(high)


def priors(facts: Facts, words: Words) -> Section:
    """Every prior of the study: its 80 % interval, its reason, what the data told."""
    told = {(row["block"], row["parameter"]): row["median"] for row in facts.contraction}
    items: list[Item] = [words("text.priors"), words("page.english")]
    for block, specs in facts.study.priors.items():
        rows, records = [], []
        for name, spec in specs.items():
            low, high = prior_interval(spec)
            known = told.get((block, name))
            narrowed = "" if known is None else f"{known:.2f}"
            law = f"{spec.dist}({', '.join(f'{v:g}' for v in spec.params().values())})"
            span = words("table.to").join((f"{low:.3g}", f"{high:.3g}"))
            rows.append([name, law, span, narrowed, spec.why])
            records.append(
                {"parameter": name, "prior": law, "lower80": low, "upper80": high,
                 "contraction": known, "role": spec.role, "why": spec.why}
            )  # fmt: skip
        names = ("parameter", "distribution", "prior80", "contraction", "why")
        caption = words("captions.priors_table", block=words.name("blocks", block))
        head = [words(f"table.{name}") for name in names]
        csv = as_csv(records)
        table = Table(f"priors_{block}", caption, head, rows, csv, left=2, foreign=True, prose=True)
        items.append(table)
    return Section("priors", words("sections.priors"), items)
