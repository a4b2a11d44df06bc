"""Features as the command line reads them: rounded to float32, tiny numbers to zero, and how much of them is rounding."""

from __future__ import annotations

from typing import Iterator, NamedTuple

import numpy as np

from .labels import as_array
from .method import METHOD

#: Digits of the significands that features may come in.
DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}

#: With more features a D x D matrix in float64 and its copies would need more than 4 GiB.
WIDEST = METHOD["probe"]["widest"]

#: Most numbers of a chunk of rows: 64 MiB in float64.
CHUNK = 2**23

#: Smaller float32 numbers count as zero, as in TensorFlow's arithmetic.
SMALLEST = np.float32(2.0**-126)


class Features(NamedTuple):
    """A representation of m samples, D numbers each."""

    #: As given, [m, D].
    stored: np.ndarray
    #: float32 [m, D].
    values: np.ndarray
    #: Of the significands as given.
    digits: int

    @property
    def samples(self) -> int:
        return self.values.shape[0]

    @property
    def width(self) -> int:
        return self.values.shape[1]


def read_features(given, name: str = "features") -> Features:
    """Features [m, D], float16 to float64, of NumPy, PyTorch or anything array-like.

    Raises:
        ValueError: for another shape or type, or numbers that are not finite as float32; says where.
    """
    kind = str(given.dtype).replace("torch.", "") if hasattr(given, "dtype") else None
    stored = as_array(given)
    kind = kind or stored.dtype.name
    if kind not in DIGITS:
        advice = 'If these are features: array.astype("float32").'
        raise ValueError(f"{name}: float16, bfloat16, float32 or float64; found {kind}. {advice}")
    _check_shape(stored, name)
    if stored.dtype.name == "bfloat16":
        stored = stored.astype(np.float32)
    with np.errstate(over="ignore"):
        values = stored.astype(np.float32)
    _check_finite(values, name)
    values[np.abs(values) < SMALLEST] = 0
    return Features(stored, values, DIGITS[kind])


def _check_shape(array: np.ndarray, name: str) -> None:
    found = f"found shape {list(array.shape)}"
    if array.ndim != 2:
        advice = {
            1: "One feature a sample: features.reshape(-1, 1).",
            3: "Average over tokens: features.mean(1).",
            4: "Average over space: features.mean((2, 3)), channels last features.mean((1, 2)).",
        }.get(array.ndim, "Flatten: features.reshape(len(features), -1).")
        raise ValueError(f"{name}: [samples, width]; {found}. {advice}")
    samples, width = array.shape
    if samples < 2 or width < 1:
        raise ValueError(f"{name}: at least two samples of one feature; {found}")
    if width > WIDEST:
        advice = "Average over space or tokens instead of flattening."
        raise ValueError(f"{name}: up to {WIDEST} features a sample; {found}. {advice}")


def _check_finite(values: np.ndarray, name: str) -> None:
    for rows in chunks(len(values), values.shape[1]):
        bad = np.argwhere(~np.isfinite(values[rows]))
        if len(bad) > 0:
            row, column = int(bad[0, 0]) + rows.start, int(bad[0, 1])
            raise ValueError(
                f"{name}: row {row}, column {column} is {values[row, column]} as float32. Features must be finite; "
                "leave such samples out, with their labels."
            )


def chunks(samples: int, widest: int) -> Iterator[slice]:
    """Splits the rows into chunks of at most CHUNK numbers each, or of one row."""
    size = max(1, CHUNK // widest)
    for start in range(0, samples, size):
        yield slice(start, min(samples, start + size))


class Variation(NamedTuple):
    """How features vary from sample to sample."""

    #: Does any differ between samples as float32?
    varies: bool
    #: Does any differ as given?
    varies_as_given: bool
    #: Share of the variance that is due to rounding, to float32 or to the type as given.
    rounded_share: float


def variation_of(features: Features) -> Variation:
    """The error of rounding to float32 is known; one made before has variance ulp^2/12, where a feature varies at all."""
    m, width = features.values.shape
    first = features.stored[0].astype(np.float64)
    total, squares, errors, error_squares = (np.zeros(width) for _ in range(4))
    for rows in chunks(m, width):
        given = features.stored[rows].astype(np.float64)
        difference = given - first
        error = features.values[rows].astype(np.float64) - given
        total += difference.sum(axis=0)
        squares += (difference * difference).sum(axis=0)
        errors += error.sum(axis=0)
        error_squares += (error * error).sum(axis=0)
    varies = (features.values != features.values[0]).any(axis=0)
    variance = float((squares - total**2 / m).sum())
    now = float((error_squares - errors**2 / m).sum())
    size = np.abs(first + total / m)
    known = varies & (size > 0)
    exponents = np.floor(np.log2(size[known])) + 1 - features.digits
    before = float((m * 2.0 ** (2 * exponents)).sum()) / 12
    share = min(1.0, max(now, before) / variance) if variance > 0 else 0.0
    return Variation(bool(varies.any()), bool((squares > 0).any()), share)
