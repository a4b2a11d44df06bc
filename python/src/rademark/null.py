"""The null: what ridge regression gives on random labels of a cloud of points without structure, and the width of the
cloud that gives as much as some features do (docs/method.md section 4).

C is the centred ridge hat matrix, c_k the number of samples with label k, and score_k(i) = c_k/m + the sum of C_ij over
the j with label k. The entries C_ij, j != i, are taken as Gaussian with mean mu = -C_ii/(m-1) and variance
v = ((C^2)_ii - C_ii^2)/(m-1) - mu^2.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Callable, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from .method import METHOD


class Leverage(NamedTuple):
    """Samples whose rows of the hat matrix are taken to look alike."""

    #: Share of the samples, in (0, 1].
    share: float
    #: C_ii, the pull of a sample's own label on its fit, in [0, 1).
    own: float
    #: (C^2)_ii, in [own^2, own].
    square: float


Cloud = Tuple[Leverage, ...]


def cloud_of_width(width: float, samples: int) -> Cloud:
    """A shapeless cloud: C is a projection of rank `width` whose diagonal is constant."""
    return (Leverage(1.0, width / samples, width / samples),)


def cloud_of_spectrum(eigenvalues: np.ndarray, penalty: float, samples: int) -> Cloud:
    """C_ii = d1/m and (C^2)_ii = d2/m, d1 = sum e/(e+l), d2 = sum (e/(e+l))^2; a negative eigenvalue is rounding."""
    e = np.maximum(eigenvalues, 0.0)
    kept = e / (e + penalty)
    return (Leverage(1.0, float(kept.sum()) / samples, float((kept * kept).sum()) / samples),)


#: Bins that samples are put into by their C_ii.
BINS = METHOD["null"]["bins"]


def cloud_of_leverages(own: np.ndarray, square: np.ndarray) -> Cloud:
    """Samples in the order of C_ii, in bins as equal in size as can be; a bin stands for its samples by their means."""
    samples = len(own)
    order = np.argsort(own, kind="stable")
    bins = min(BINS, samples)
    edges = [bin * samples // bins for bin in range(bins + 1)]
    members = [order[start:end] for start, end in zip(edges, edges[1:])]
    return tuple(
        Leverage(len(rows) / samples, float(own[rows].mean()), float(square[rows].mean()))
        for rows in members
    )


def null_accuracy(samples: int, n: int, cloud: Sequence[Leverage]) -> float:
    """Expected training accuracy, in [0, 1], of a ridge refit on random labels.

    Args:
        samples: m, at least 2.
        n: size of the label space, at least 2.
        cloud: with shares that add up to 1.

    >>> round(null_accuracy(2500, 100, cloud_of_width(256, 2500)), 4)
    0.7699
    """
    return float(sum(each.share * _accuracy_at(samples, n, each) for each in cloud))


@lru_cache(maxsize=128)
def _label_counts(samples: int, n: int) -> Tuple[np.ndarray, np.ndarray]:
    """Binomial(m, 1/n): how many samples share a label; neighbours within a twelfth of a deviation are taken together."""
    spread = math.sqrt(samples / n * (1 - 1 / n))
    together = max(1, int(spread / 12))
    p, q, every = math.log(1 / n), math.log1p(-1 / n), math.lgamma(samples + 1)
    reach = math.ceil(8 * spread) + 8
    first = max(0, samples // n - reach)
    last = min(samples, -(-samples // n) + reach)

    def chance(c: int) -> float:
        ways = every - math.lgamma(c + 1) - math.lgamma(samples - c + 1)
        return math.exp(ways + c * p + (samples - c) * q)

    counts, probabilities = [], []
    for start in range(first, last + 1, together):
        group = range(start, min(start + together, last + 1))
        chances = [chance(c) for c in group]
        weight = sum(chances)
        if weight > 1e-12:
            counts.append(sum(c * each for c, each in zip(group, chances)) / weight)
            probabilities.append(weight)
    return np.array(counts), np.array(probabilities)


#: Nodes of a quadrature per standard deviation, and how many standard deviations it reaches.
DENSITY, REACH = 4, 7


def _accuracy_at(m: int, n: int, leverage: Leverage) -> float:
    """Sum over r of (c_r/m) P_r: a quadrature for each count c_r, on nodes that all of them share."""
    counts, probabilities = _label_counts(m, n)
    own, square = leverage.own, leverage.square
    mu = -own / (m - 1)
    found = (square - own * own) / (m - 1) - mu * mu
    v = found if found * m * m > 1e-20 else 0.0  # scores differ by whole samples: less is rounding
    wins = _Wins(n, probabilities, counts / m + counts * mu, np.sqrt(counts * v))
    narrow = counts[(counts >= 1.5) & (probabilities > 1e-6)]
    step = math.sqrt(v * ((narrow[0] if len(narrow) else 2.0) - 1)) / DENSITY
    present = counts > 0
    means = counts[present] / m + own + (counts[present] - 1) * mu
    deviations = np.sqrt(np.maximum(0.0, (counts[present] - 1) * v))
    won = np.empty(len(means))
    spread = deviations > 0
    won[spread] = _integrals(means[spread], deviations[spread], step, wins)
    won[~spread] = np.exp(wins.log(means[~spread]))
    return min(1.0, float((n * probabilities[present] * counts[present] / m * won).sum()))


def _integrals(means: np.ndarray, deviations: np.ndarray, step: float, wins: _Wins) -> np.ndarray:
    """Of the density N(mean, deviation^2) times exp(log), over nodes u = i step; a wide one needs no more nodes."""
    strides = np.maximum(1, (deviations / (step * DENSITY)).astype(np.int64))
    first = np.ceil((means - REACH * deviations) / step)
    last = np.floor((means + REACH * deviations) / step)
    grids = [
        np.arange(math.ceil(start / stride) * stride, end + 1, stride, dtype=np.int64)
        for start, end, stride in zip(first, last, strides)
    ]
    if not grids:
        return np.zeros(0)
    nodes, places = np.unique(np.concatenate(grids), return_inverse=True)
    log = wins.log(nodes * step)[places.ravel()]
    of = np.repeat(np.arange(len(grids)), [len(grid) for grid in grids])
    u = np.concatenate(grids) * step
    density = np.exp(-0.5 * ((u - means[of]) / deviations[of]) ** 2 + log)
    sums = np.bincount(of, weights=density, minlength=len(grids))
    return sums * strides * step / (deviations * math.sqrt(2 * math.pi))


class _Wins:
    """The chance that the right label wins, over the counts of all others; of equal scores the lowest label does."""

    def __init__(
        self, n: int, probabilities: np.ndarray, means: np.ndarray, deviations: np.ndarray
    ) -> None:
        spread = deviations > 0
        self.n = n
        self.spread = (probabilities[spread], means[spread], deviations[spread])
        self.points = (probabilities[~spread], means[~spread])

    def log(self, u: np.ndarray) -> np.ndarray:
        """ln of the chance with each score u, [U]."""
        u = u[:, None]
        weights, means, deviations = self.spread
        higher = _tail((u - means) / deviations) @ weights
        weights, points = self.points
        higher = higher + (u < points) @ weights
        equal = (u == points) @ weights
        not_higher = np.maximum(0.0, 1 - higher)
        lower = np.maximum(0.0, not_higher - equal)
        with np.errstate(divide="ignore"):
            alone = (self.n - 1) * np.log1p(-np.minimum(1.0, higher))
            # one over the number of labels that share the score, averaged over it
            shares = (not_higher**self.n - lower**self.n) / (self.n * np.where(equal > 0, equal, 1))
            return np.where(equal > 0, np.log(shares), alone)


NODES, LARGEST = 256, 9


def _tail(u: np.ndarray) -> np.ndarray:
    """P(Z > u) to 1e-12, by cubic Hermite interpolation: the slope at a node is the density."""
    tails, slopes = _tail_table()
    size = np.abs(u)
    place = np.minimum(size, LARGEST - 1e-12) * NODES
    i = place.astype(np.int64)
    x = place - i
    left, here, after = tails[i], slopes[i], slopes[i + 1]
    change = tails[i + 1] - left
    bend = 3 * change - 2 * here - after + x * (here + after - 2 * change)
    value = np.where(size >= LARGEST, 0.0, left + x * (here + x * bend))
    return np.where(u < 0, 1 - value, value)


@lru_cache(maxsize=1)
def _tail_table() -> Tuple[np.ndarray, np.ndarray]:
    u = np.arange(LARGEST * NODES + 1) / NODES
    tails = np.array([0.5 * math.erfc(each / math.sqrt(2)) for each in u])
    return tails, -np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi) / NODES


class EquivalentWidth(NamedTuple):
    """The D in (0, m - 1) of a shapeless cloud; comparable at one (n, m) only."""

    width: float
    #: None unless no cloud gives the accuracy: then the width is 0, or that of accuracy 1 - 1/m, and a bound.
    bound: Optional[str]


#: ln D of a cloud that is no width at all: its accuracy is that of D -> 0 to rounding.
NARROWEST = math.log(1e-6)


@lru_cache(maxsize=4096)
def equivalent_width(samples: int, n: int, accuracy: float) -> EquivalentWidth:
    """The width of the shapeless cloud with this accuracy (not normalized).

    Between two knots, by secants (the Illinois method) of the accuracy's logit, which is nearly straight in ln D.

    >>> round(equivalent_width(2500, 100, 0.77).width, 2)
    256.07
    """
    largest = 1 - 1 / samples
    sought = _logit(min(accuracy, largest))

    def off(log_width: float) -> float:
        return _cloud_logit(samples, n, log_width) - sought

    knots = [NARROWEST, *(math.log(samples - 1) * k / KNOTS for k in range(KNOTS + 1))]
    if off(knots[0]) >= 0:
        return EquivalentWidth(0.0, "at most")
    low, high = 0, len(knots) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if off(knots[middle]) < 0 else (low, middle)
    root = _root(off, knots[low], knots[high])
    return EquivalentWidth(math.exp(root), "at least" if accuracy > largest else None)


KNOTS = 64


@lru_cache(maxsize=65536)
def _cloud_logit(samples: int, n: int, log_width: float) -> float:
    return _logit(null_accuracy(samples, n, cloud_of_width(math.exp(log_width), samples)))


def _root(off: Callable[[float], float], low: float, high: float) -> float:
    """To 1e-8, between a place where `off` is negative and one where it is not."""
    below, above, side = off(low), off(high), 0
    for i in range(200):
        if high - low < 1e-8:
            break
        middle = (low + high) / 2
        if i % 8 != 7 and above > below:
            secant = low - below * (high - low) / (above - below)
            middle = secant if low < secant < high else middle
        value = off(middle)
        if abs(value) < 1e-9:
            return middle
        if value < 0:
            low, below, above, side = middle, value, above / (2 if side < 0 else 1), -1
        else:
            high, above, below, side = middle, value, below / (2 if side > 0 else 1), 1
    return (low + high) / 2


def _logit(share: float) -> float:
    """Finite for accuracies that rounding makes 0 or 1."""
    return math.log((share + 1e-15) / (1 - share + 1e-15))
