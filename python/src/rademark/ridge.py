"""Ridge regression of labels on fixed features, in float64: one factorisation, then any number of labellings
(docs/method.md section 4)."""

from __future__ import annotations

from itertools import islice
from typing import Iterable, Iterator, List, NamedTuple, Sequence, Tuple

import numpy as np

from .features import Features, chunks

#: Two scores nearer than this may come in either order on another machine.
NEAR = 1e-9


class Correct(NamedTuple):
    """What a fit gets right among some samples."""

    #: Samples whose label is the highest score; the lowest of equal ones.
    count: int
    #: Samples whose two highest scores are nearer than NEAR.
    near_ties: int


class Ridge:
    """Features standardized by mean and one scalar, the root mean square of the centred entries.

    W = (Z'Z/m + l I)^-1 Z'(Y - mean)/m; a fit predicts the argmax of ZW + mean, the lowest label among equals. Computed
    with rows c that are centred alone, in units of q, their mean sum of squares: z = c sqrt(m/q).

    Args:
        features: [m, D].
        penalty: l.
    """

    def __init__(self, features: Features, penalty: float) -> None:
        self._x = features.values
        self.penalty = penalty
        self.samples, self.width = self._x.shape
        # sums around a row, so that a constant feature is exactly zero once centred
        self._origin = self._x[0].astype(np.float64)
        total = np.zeros(self.width)
        for rows in self._chunks(self.width):
            total += (self._x[rows] - self._origin).sum(axis=0)
        self._mean = total / self.samples
        gram = np.zeros((self.width, self.width))
        for rows in self._chunks(self.width):
            c = self._centred(self._x[rows])
            gram += c.T @ c
        self._q = float(np.trace(gram)) / self.width
        self._gram = gram / self._q if self._q > 0 else np.zeros_like(gram)
        self._damped = self._gram + penalty * np.eye(self.width)

    def eigenvalues(self) -> np.ndarray:
        """Of Z'Z/m, [D], ascending."""
        return np.linalg.eigvalsh(self._gram)

    def diagonals(self) -> Tuple[np.ndarray, np.ndarray]:
        """Diagonals of the centred ridge hat matrix C = Z(Z'Z + m l I)^-1 Z' and of its square, [m] each."""
        own, square = np.zeros(self.samples), np.zeros(self.samples)
        if self._q == 0:
            return own, square
        inverse = np.linalg.inv(self._damped)
        for rows in self._chunks(self.width):
            c = self._centred(self._x[rows])
            solved = c @ inverse
            own[rows] = (c * solved).sum(axis=1) / self._q
            square[rows] = own[rows] - self.penalty * (solved * solved).sum(axis=1) / self._q
        return own, square

    def correct(self, n: int, labellings: Iterable[np.ndarray]) -> List[Correct]:
        """For each labelling, [m] in [0, n), the samples whose label its fit predicts."""
        found: List[Correct] = []
        for block in _blocks(labellings, self._block_size(n)):
            weights, shares = self._fit(n, block)
            found += self._score(self._x, weights, shares, block)
        return found

    def correct_beyond(
        self, n: int, labels: np.ndarray, others: np.ndarray, theirs: np.ndarray
    ) -> Tuple[int, int]:
        """Fits one labelling; counts its own samples and others, [m', D], that are right; a label of -1 never is."""
        weights, shares = self._fit(n, [labels])
        own = self._score(self._x, weights, shares, [labels])
        other = self._score(others, weights, shares, [theirs])
        return own[0].count, other[0].count

    def _block_size(self, n: int) -> int:
        """Labellings that are fitted at once: few enough for their weights, scores and labels."""
        return max(1, min(2**23 // (n * self.width), 2**14 // n, 2**25 // self.samples))

    def _fit(self, n: int, block: Sequence[np.ndarray]) -> Tuple[np.ndarray, np.ndarray]:
        """Weights [D, B n] and shares of each label [B, n]."""
        sums = np.zeros((len(block), n, self.width))
        for rows in self._chunks(self.width):
            c = self._centred(self._x[rows])
            for into, labels in zip(sums, block):
                _add_by_label(into, c, labels[rows])
        shares = np.stack([np.bincount(labels, minlength=n) for labels in block]) / self.samples
        right = sums.reshape(-1, self.width).T / (self._q if self._q > 0 else 1.0)
        return np.linalg.solve(self._damped, right), shares

    def _score(
        self, x: np.ndarray, weights: np.ndarray, shares: np.ndarray, block: Sequence[np.ndarray]
    ) -> List[Correct]:
        counts, near = np.zeros((2, len(block)), dtype=np.int64)
        for rows in chunks(len(x), max(self.width, weights.shape[1])):
            product = self._centred(x[rows]) @ weights
            scores = product.reshape(-1, *shares.shape) + shares
            best = scores.max(axis=2, keepdims=True)
            labels = np.stack([each[rows] for each in block], axis=1)
            counts += (scores.argmax(axis=2) == labels).sum(axis=0)
            near += ((scores >= best - NEAR).sum(axis=2) > 1).sum(axis=0)
        return [Correct(int(c), int(k)) for c, k in zip(counts, near)]

    def _centred(self, x: np.ndarray) -> np.ndarray:
        return (x - self._origin) - self._mean

    def _chunks(self, widest: int) -> Iterator[slice]:
        return chunks(self.samples, widest)


def _blocks(labellings: Iterable[np.ndarray], size: int) -> Iterator[List[np.ndarray]]:
    left = iter(labellings)
    while True:
        block = list(islice(left, size))
        if not block:
            return
        yield block


def _add_by_label(sums: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> None:
    """Adds each row, [D], to the sum of its label, in the order of the rows."""
    order = np.argsort(labels, kind="stable")
    of = labels[order]
    starts = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1])))
    sums[of[starts]] += np.add.reduceat(rows[order], starts, axis=0)


def spectrum_of(eigenvalues: np.ndarray, penalties: Sequence[float]) -> dict:
    """Effective rank (Roy & Vetterli 2007), participation ratio, ridge effective dimensions; 0 where nothing varies."""
    e = eigenvalues[eigenvalues > 0]
    total = float(e.sum())
    shares = e / total if total > 0 else e
    return {
        "effectiveRank": float(np.exp(-(shares * np.log(shares)).sum())) if total > 0 else 0.0,
        "participationRatio": total**2 / float((e * e).sum()) if total > 0 else 0.0,
        "ridge": [{"l": l, "dimension": float((e / (e + l)).sum())} for l in penalties],
    }
