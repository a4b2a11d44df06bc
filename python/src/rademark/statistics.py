"""Intervals and exact tests over counts (docs/method.md section 4, docs/trust.md section 4)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple, Optional, Sequence, Tuple

import numpy as np


def normalized(accuracy: float, n: int) -> float:
    """A = (accuracy - 1/n) / (1 - 1/n): 0 is chance, 1 is everything; for n = 2 the Rademacher correlation."""
    return (accuracy - 1 / n) / (1 - 1 / n)


def mean(values: Sequence[float]) -> float:
    """x_0 + sum(x_i - x_0) / k, so that the mean of equal values is exactly that value."""
    return values[0] + sum(value - values[0] for value in values) / len(values)


class Interval(NamedTuple):
    """A mean and the ends of its 95 % t-interval; None where nothing tells how far values spread."""

    mean: float
    low: Optional[float]
    high: Optional[float]


def t_interval(values: Sequence[float], least: float = 0.0) -> Interval:
    """mean -+ t s / sqrt(count), count - 1 degrees of freedom.

    Args:
        values: at least one.
        least: what their variance is at least, as counts move in steps: g^2/12 for steps of g.

    >>> round(t_interval([1, 2, 3]).high, 6)
    4.484138
    """
    center = mean(values)
    count = len(values)
    if count < 2:
        return Interval(center, None, None)
    spread = max(least, sum((value - center) ** 2 for value in values) / (count - 1))
    if spread == 0:
        return Interval(center, None, None)
    half = t_quantile(0.95, count - 1) * math.sqrt(spread / count)
    return Interval(center, center - half, center + half)


@lru_cache(maxsize=256)
def t_quantile(level: float, df: float) -> float:
    """t with P(|T| <= t) = level, by bisection to the last bit."""

    def beyond(t: float) -> float:
        return _incomplete_beta(df / (df + t * t), df / 2, 0.5)

    low, high = 0.0, 1.0
    while beyond(high) > 1 - level:
        high *= 2
    middle = high / 2
    while low < middle < high:
        low, high = (middle, high) if beyond(middle) > 1 - level else (low, middle)
        middle = (low + high) / 2
    return high


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """I_x(a, b), by its continued fraction (Lentz's algorithm; Numerical Recipes, section 6.4)."""
    if x <= 0 or x >= 1:
        return float(x > 0)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
    )
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for i in range(1, 500):
        even = i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i))
        odd = -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1))
        for term in (even, odd):
            d, c = 1 / (1 + term * d), 1 + term / c
            fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * fraction / a


def selectivity_p(runs: Sequence[Tuple[int, Sequence[int]]]) -> Optional[float]:
    """Exact two-sided p of the told labelling's rank sum.

    If the features know nothing of the labels that were told, each run's told labelling is one of its R + 1 like any
    other, so its mid-rank is uniform over theirs; sums over runs are convolved, ties and all.

    Args:
        runs: correct samples under the told labelling, and under each redraw.

    Returns:
        None without runs.

    >>> selectivity_p([(3, [5, 6, 7])])
    0.5
    """
    if len(runs) == 0:
        return None
    sums = np.ones(1)
    observed = most = 0
    for told, redraws in runs:
        counts = np.array([told, *redraws], dtype=np.int64)
        # twice (mid-rank - mean rank), a whole number
        ranks = np.sign(counts[:, None] - counts[None, :]).sum(axis=1)
        observed += int(ranks[0])
        most += len(redraws)
        ways = np.bincount(ranks + len(redraws), minlength=2 * len(redraws) + 1)
        sums = np.convolve(sums, ways / len(counts))
    far = np.abs(np.arange(2 * most + 1) - most) >= abs(observed)
    return min(1.0, float(sums[far].sum()))
