"""Shapley effects by re-pairing draws (pick-freeze), with their Monte Carlo error.

Inputs X1..Xn are independent; draws are paired by a swap of two halves, A_j with B_j = A_swap(j).

H1  F[u] = f with the inputs in u from A and the others from B
H2  change[i] = sum over u without i of (F[u + i] - F[u]) / (n C(n-1, |u|));  sum_i = f(A) - f(B)
H3  effect[i] = E[(f(A) - f(B)) change[i]] / E[(f(A) - f(B))^2]

H3 is the Shapley value of the game Var(E[f | X_u]), in which an interaction goes to its inputs in
equal parts; effects sum to one whatever the number of draws, so the error is what is judged.
Since f(B) is f(A) of the swapped draw, F of a complement is F swapped: half of the subsets do.
Source: Song, Nelson & Staum (2016); Owen (2014).
"""

from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import Any

import numpy as np

Floats = np.ndarray
PARTS = ("first", "second", "cross", "whole", "square")


class Sums:
    """Sums over pairs of draws that give effects and their errors; chunks add up."""

    def __init__(self, inputs: Sequence[str] = ()) -> None:
        """Nothing summed yet."""
        self.inputs, self.pairs = tuple(inputs), 0
        self.first = self.second = self.cross = self.whole = self.square = np.zeros(())

    def add(self, terms: Floats) -> None:
        """Take in products of H3 (input, pair, quantity)."""
        whole = terms.sum(0)
        self.pairs += terms.shape[1]
        self.first = self.first + terms.sum(1)
        self.second = self.second + (terms**2).sum(1)
        self.cross = self.cross + (terms * whole).sum(1)
        self.whole = self.whole + whole.sum(0)
        self.square = self.square + (whole**2).sum(0)

    def join(self, other: "Sums") -> None:
        """Take in the sums of other pairs."""
        self.inputs, self.pairs = other.inputs, self.pairs + other.pairs
        for name in PARTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers."""
        held = {name: getattr(self, name).tolist() for name in PARTS}
        return {"inputs": list(self.inputs), "pairs": self.pairs, **held}

    @staticmethod
    def from_dict(content: Mapping[str, Any]) -> "Sums":
        """What `to_dict` gave."""
        sums = Sums(content["inputs"])
        sums.pairs = content["pairs"]
        for name in PARTS:
            setattr(sums, name, np.array(content[name]))
        return sums

    def effects(self) -> tuple[Floats, Floats]:
        """Effects (input, quantity) and the standard errors of these ratios of means."""
        share = self.first / self.whole
        rest = self.second - 2 * share * self.cross + share**2 * self.square
        return share, np.sqrt(np.maximum(rest, 0.0)) / self.whole


def weight(inputs: int, size: int) -> float:
    """Weight of a subset of `size` inputs to which one more comes (H2)."""
    return 1.0 / (inputs * comb(inputs - 1, size))


def changes(
    evaluate: Callable[[frozenset[str]], Floats], inputs: Sequence[str], swap: Floats
) -> Floats:
    """What each input changes between f(B) and f(A) (input, draw, quantity): H2.

    Parameters
    ----------
    evaluate : F[u] (draw, quantity) for the inputs u taken from A; always holds the first input
    swap : index (draw) of the partner of each draw; swapping twice gives the draw again
    """
    number, out = len(inputs), None
    for code in range(2 ** (number - 1)):
        chosen = [True, *(bool(code >> k & 1) for k in range(number - 1))]
        value = evaluate(frozenset(name for name, on in zip(inputs, chosen, strict=True) if on))
        if out is None:
            out = np.zeros((number, *value.shape))
        size = sum(chosen)
        swapped = value[swap]
        for place, on in enumerate(chosen):
            share = weight(number, size - 1) if on else -weight(number, size)
            other = -weight(number, number - size) if on else weight(number, number - size - 1)
            out[place] += share * value + other * swapped
    assert out is not None
    return out


def add_chunk(
    sums: Sums,
    evaluate: Callable[[frozenset[str]], Floats],
    inputs: Sequence[str],
    swap: Floats,
) -> None:
    """Add one chunk of draws to `sums`: H3, each pair once."""
    change = changes(evaluate, inputs, swap)
    once = np.flatnonzero(np.arange(len(swap)) < swap)
    terms = change[:, once] * change[:, once].sum(0)
    sums.inputs = tuple(inputs)
    sums.add(terms)
