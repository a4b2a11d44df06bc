"""The random labels: a pure function of (seed, label space, draw, sample), as docs/method.md section 2 defines it."""

from __future__ import annotations

from hashlib import sha256
from typing import Iterable, List, Union

import numpy as np

from .method import METHOD

#: What a labelling is for: heads learn ``random-label``; a trained head is scored against ``unseen-label``; ridge
#: regressions are fitted to ``redraw``, which meets no head.
KINDS = tuple(METHOD["randomLabels"]["kinds"])

LARGEST_N = METHOD["randomLabels"]["largestN"]

Index = Union[int, Iterable[int]]


def random_labels(
    seed: int, n: int, draw: int = 0, index: Index = 0, kind: str = "random-label"
) -> np.ndarray:
    """Labels in [0, n), int64 [m].

    h = the first 8 bytes, big-endian, of SHA-256 of ``rademark/KIND/SEED/n/draw/i/ATTEMPT``; the first ATTEMPT from 0
    with h < n floor(2^64/n) decides, and the label is h mod n.

    Args:
        seed: a whole number from 0 to 2^53 - 1.
        n: size of the label space, from 2.
        draw: which independent labelling, from 0.
        index: the number of each sample in the full training set, [m]; a number m stands for 0..m-1.
        kind: one of KINDS.

    Raises:
        ValueError: naming what is out of range.

    >>> random_labels(1, 100, 0, 3).tolist()
    [20, 23, 28]
    """
    if kind not in KINDS:
        raise ValueError(f"kind: one of {', '.join(KINDS)}; found {kind!r}")
    seed, n, draw = whole("seed", seed), whole("n", n, 2, LARGEST_N), whole("draw", draw)
    prefix = f"rademark/{kind}/{seed}/{n}/{draw}/"
    samples = sample_numbers(index)
    return np.fromiter((_label(f"{prefix}{i}/", n) for i in samples), np.int64, len(samples))


def sample_numbers(index: Index) -> List[int]:
    """Numbers of samples as Python's own: 0..m-1 for a number m. Raises ValueError for a fraction or a negative one."""
    if isinstance(index, (int, np.integer)):
        return list(range(whole("index", index)))
    given = as_array(index)
    if given.size > 0 and given.dtype.kind not in "iu":
        advice = "np.flatnonzero(mask)" if given.dtype.kind == "b" else 'index.astype("int64")'
        raise ValueError(f"index: whole numbers; found {given.dtype}. {advice} may be meant.")
    if given.ndim != 1:
        raise ValueError(f"index: [samples]; found shape {list(given.shape)}")
    samples: List[int] = given.tolist()
    wrong = next((row for row, i in enumerate(samples) if not 0 <= i < 2**53), None)
    if wrong is not None:
        raise ValueError(f"index: from 0 to 2^53 - 1; found {samples[wrong]} in row {wrong}")
    return samples


def as_array(values) -> np.ndarray:
    """A NumPy array of anything array-like; a PyTorch tensor from any device, bfloat16 as float32 of the same values."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        if str(values.dtype) == "torch.bfloat16":
            values = values.float()
        return values.numpy()
    return np.asarray(values if hasattr(values, "__array__") else list(values))


def whole(name: str, value: int, least: int = 0, most: int = 2**53 - 1) -> int:
    """The number as Python's own int. Raises ValueError, naming it, for a fraction or one out of range."""
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))
    if not is_whole or not least <= value <= most:
        bound = "2^53 - 1" if most == 2**53 - 1 else most
        raise ValueError(f"{name}: a whole number from {least} to {bound}; found {value!r}")
    return int(value)


def _label(prefix: str, n: int) -> int:
    accepted = 2**64 - 2**64 % n
    attempt = 0
    while True:
        h = int.from_bytes(sha256(f"{prefix}{attempt}".encode()).digest()[:8], "big")
        if h < accepted:
            return h % n
        attempt += 1
