"""Gibbs steps of a linear model whose regions share some coefficients and own some.

y = A x + B[r] u[r] + error;  x ~ Normal(centre, 1 / precision);  u[r, k] ~ Normal(0, scale[k]^2)

Given scales, x and all u are one normal, drawn together: x with every u integrated out, then each
u given x. A scale given what it scales is drawn on a grid of its prior, where it is unbounded.
"""

from dataclasses import dataclass

import numpy as np

from bayesgap.inference.laplace import bounded, log_prior
from bayesgap.study.priors import PriorSpec

NODES = 600
REACH = 5.0  # of the grid, in units of the prior's own spread


class Grid:
    """Values of one parameter on a grid, with the density of its prior."""

    def __init__(self, spec: PriorSpec) -> None:
        """Lay the grid where the parameter is unbounded."""
        p = spec.params()
        if spec.dist in ("normal", "log_normal"):
            ends = p["mu"] - REACH * p["sigma"], p["mu"] + REACH * p["sigma"]
        elif spec.dist == "half_normal":
            ends = np.log(p["sigma"]) - 2 * REACH, np.log(p["sigma"]) + np.log(REACH)
        else:
            ends = -2 * REACH, 2 * REACH
        free = np.linspace(*ends, NODES)
        self.values = bounded(spec, free)
        self.log = np.array([log_prior(spec, point)[0] for point in free])

    def draw(
        self, rng: np.random.Generator, log: np.ndarray | float = 0.0, size: int = 1
    ) -> np.ndarray:
        """Draws (size) from prior times likelihood, whose log (node) is given."""
        total = self.log + log
        reach = np.cumsum(np.exp(total - total.max()))
        place = np.searchsorted(reach, rng.random(size) * reach[-1])
        return self.values[np.minimum(place, NODES - 1)]

    def scale(self, rng: np.random.Generator, values: np.ndarray, least: float = 0.0) -> float:
        """One draw of the scale of zero-mean normal `values`: the parameter plus `least`."""
        scale = self.values + least
        log = -values.size * np.log(scale) - 0.5 * (values**2).sum() / scale**2
        return float(self.draw(rng, log)[0]) + least


@dataclass(frozen=True)
class Rows:
    """Rows of the linear model, and which of them belong to each region."""

    shared: np.ndarray  # A (row, coefficient)
    own: np.ndarray  # B (row, coefficient of the row's region)
    places: np.ndarray  # (region, most rows): rows of each region; the number of rows where none


def places_of(region: np.ndarray, regions: int) -> np.ndarray:
    """`Rows.places` from the region of each row, below 0 where it has none."""
    found = [np.flatnonzero(region == place) for place in range(regions)]
    most = max(map(len, found))
    out = np.full((regions, most), len(region))
    for place, rows in enumerate(found):
        out[place, : len(rows)] = rows
    return out


def coefficients(
    rows: Rows,
    value: np.ndarray,
    prior: tuple[np.ndarray, np.ndarray],
    scale: np.ndarray,
    rng: np.random.Generator,
    bound: tuple[int, Grid] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """One draw of x and u (region, coefficient), given scales.

    Parameters
    ----------
    rows, value : every row divided by the standard deviation of its error
    prior : centre and precision of x
    scale : of u (coefficient)
    bound : the place in x of a coefficient whose prior is that of a grid instead, if any
    """
    shared, own, told = (
        np.concatenate([part, np.zeros_like(part[:1])])[rows.places]
        for part in (rows.shared, rows.own, value)
    )
    turned = own.transpose(0, 2, 1)
    inner = turned @ own + np.eye(len(scale)) / scale**2
    cross, pull = turned @ shared, (turned @ told[..., None])[..., 0]
    inverse = np.linalg.inv(inner)
    width = rows.shared.shape[1]
    flat = (inverse @ cross).reshape(-1, width)
    centre, precision = prior
    outer = rows.shared.T @ rows.shared + np.diag(precision) - cross.reshape(-1, width).T @ flat
    total = rows.shared.T @ value + precision * centre - flat.T @ pull.ravel()
    root = np.linalg.cholesky(outer)
    centre = np.linalg.solve(outer, total)
    x = centre + np.linalg.solve(root.T, rng.standard_normal(width))
    if bound:
        place, grid = bound
        moved = np.linalg.solve(outer, np.eye(width)[place])
        log = -0.5 * (grid.values - centre[place]) ** 2 / moved[place]
        x = x + moved / moved[place] * (grid.draw(rng, log)[0] - x[place])
    mean = (inverse @ (pull - cross @ x)[..., None])[..., 0]
    loose = np.linalg.cholesky(inverse) @ rng.standard_normal((*mean.shape, 1))
    return x, mean + loose[..., 0]
