"""What moved between two runs, by how many intervals, and what of theirs differs."""

from collections.abc import Iterator, Mapping
from typing import Any

from bayesgap.runs.run import Run

MAKERS = {  # of provenance: what a person calls it
    "study_hash": "study",
    "data_hash": "data",
    "code_hash": "code",
    "seed": "seed",
}
SETTINGS = ("targets", "pooling", "window", "base_year", "horizon", "sampling", "options")


def reasons(a: Run, b: Run) -> list[str]:
    """What the second run depends on otherwise: data, code, seed, settings and each prior."""
    kinds = [told for key, told in MAKERS.items() if a.provenance.get(key) != b.provenance.get(key)]
    found = [f"{kind} differs" for kind in kinds if kind in ("data", "code")]
    if "seed" in kinds:
        found.append(f"seed: {a.provenance.get('seed')} became {b.provenance.get('seed')}")
    found += [*_settings(a, b), *_priors(a, b)] if "study" in kinds else []
    return found or ["nothing that numbers depend on differs"]


def _settings(a: Run, b: Run) -> Iterator[str]:
    for name in SETTINGS:
        before, after = (str(getattr(run.study, name)) for run in (a, b))
        if before != after:
            yield f"{name}: {before} became {after}"


def _priors(a: Run, b: Run) -> Iterator[str]:
    before, after = (_named(run.study.priors) for run in (a, b))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"prior {name}: {before.get(name, 'none')} became {after.get(name, 'none')}"


def _named(priors: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Each prior as text."""
    return {
        f"{block}.{name}": _written(spec)
        for block, named in priors.items()
        for name, spec in named.items()
    }


def _written(spec: Any) -> str:
    inside = ", ".join(f"{key} {value:g}" for key, value in spec.params().items())
    return f"{spec.dist}({inside})"


def shifts(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that both runs have: medians, and the change in widths of the first's 80 % interval."""
    then = {(row["region"], row["part"]): row for row in a}
    rows = []
    for row in b:
        before = then.get((row["region"], row["part"]))
        if before is not None:
            wide = before["0.9"] - before["0.1"]
            shift = row["median"] - before["median"]
            share = shift / wide if wide else 0.0
            rows.append({"before": before, "after": row, "shift": shift, "widths": share,
                         "width": (row["0.9"] - row["0.1"]) / wide if wide else 1.0})  # fmt: skip
    return sorted(rows, key=lambda found: -abs(found["widths"]))
